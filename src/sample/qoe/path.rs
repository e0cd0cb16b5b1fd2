//! What the network between two seats does to packets: the source of every metric of a call.

use super::call::MediaCall;
use crate::sample::random::Random;
use crate::sample::session::Seat;
use crate::sample::stories::{subnet, wan_link};
use crate::sample::world::World;
use crate::sample::world::network::Place;
use crate::sample::world::sites;

/// One end's access to the network. Jitter and delay in ms, loss as a fraction.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    pub jitter: f64,
    pub loss: f64,
    pub delay: f64,
}

/// Both accesses and what lies between.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    pub ends: [Access; 2],
    pub between: Access,
    /// The link between the sites is full.
    pub congested: bool,
    /// bit/s that the path would carry, as the clients estimate it: in steps.
    pub bandwidth: i64,
}

/// One direction as its receiver measured it, in the units that the tables store.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    pub jitter: i64,
    pub jitter_max: i64,
    /// Ten-thousandths.
    pub loss: i64,
    pub loss_max: i64,
    pub round_trip: i64,
    pub round_trip_max: i64,
}

impl Path {
    /// `week` counts whole weeks since the first day of the sample.
    pub fn new(world: &World, call: &MediaCall, week: i64) -> Self {
        let mut random = Random::at(&[0x50, call.salt]);
        let seats = [call.caller, call.callee];
        let ends = seats.map(|seat| access(world, seat, week, &mut random));
        let sites = seats.map(|seat| world.parties[seat.party].site);
        let offices = seats.iter().all(|s| matches!(s.place, Place::Desk | Place::Wireless));
        let congested = offices && wan_link::is_full(sites, call.start);
        Self {
            ends,
            between: link(sites, congested, &mut random),
            congested,
            bandwidth: 20_000
                * if congested { random.between(13, 29) } else { random.between(60, 200) },
        }
    }

    /// What reaches the end `receiver` (0 caller, 1 callee) from the other.
    pub fn flow(&self, receiver: usize, random: &mut Random) -> Flow {
        let (own, other) = (self.ends[receiver], self.ends[1 - receiver]);
        let jitter = own.jitter + 0.35 * other.jitter + self.between.jitter + random.bell(0.0, 1.0);
        let loss = own.loss + 0.5 * other.loss + self.between.loss * (0.7 + 0.6 * random.unit());
        let round_trip =
            own.delay + other.delay + self.between.delay * (0.95 + 0.1 * random.unit());
        let (jitter, loss) = (jitter.max(0.0) as i64, (loss.min(0.6) * 10_000.0) as i64);
        let round_trip = round_trip.max(1.0) as i64;
        let peak = 1.3 + random.long_tail(0.8, 6.0);
        Flow {
            jitter,
            jitter_max: jitter + 1 + (jitter as f64 * (peak - 1.0)) as i64,
            loss,
            loss_max: (loss + (loss as f64 * peak) as i64 + random.between(0, 30)).min(10_000),
            round_trip,
            round_trip_max: round_trip + 2 + (round_trip as f64 * (peak - 1.0) * 0.6) as i64,
        }
    }
}

/// Wires are quiet, Wi-Fi and homes are not, and now and then have a bad spell.
fn access(world: &World, seat: Seat, week: i64, random: &mut Random) -> Access {
    let party = &world.parties[seat.party];
    let (mut access, bad_spells) = match seat.place {
        Place::ServerRoom(_) => (draw([0.8, 0.7], 0.000_02, [0.8, 0.6], random), 0),
        Place::Desk => (draw([2.4, 1.8], 0.000_25, [2.0, 1.4], random), 4),
        Place::Wireless => (draw([5.5, 3.5], 0.001_2, [6.0, 4.0], random), 28),
        Place::Outside => (draw([7.5, 5.0], 0.002, [36.0, 26.0], random), 40),
    };
    if random.below(1000) < bad_spells {
        access.jitter += random.bell(28.0, 16.0);
        access.loss += random.bell(0.055, 0.045);
        access.delay += random.long_tail(40.0, 12.0);
    }
    if let Some(n) = world.network.access(party, seat.place) {
        access.jitter += subnet::added_jitter(world.network.accesses[n], week);
    }
    access
}

fn draw(jitter: [f64; 2], loss: f64, delay: [f64; 2], random: &mut Random) -> Access {
    Access {
        jitter: random.bell(jitter[0], jitter[1]),
        loss: random.long_tail(loss, 8.0),
        delay: random.bell(delay[0], delay[1]),
    }
}

/// The company's network between two sites.
fn link([a, b]: [usize; 2], congested: bool, random: &mut Random) -> Access {
    let delay = sites::distance(a, b);
    let calm = Access { jitter: delay / 70.0, loss: random.long_tail(0.000_1, 5.0), delay };
    if !congested {
        return calm;
    }
    Access {
        jitter: calm.jitter + random.bell(9.0, 4.0),
        loss: calm.loss + random.bell(0.045, 0.02),
        delay: delay + random.bell(70.0, 30.0),
    }
}
