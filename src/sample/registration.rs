//! A sign-in of an employee's client, open until it signs out, possibly days later.

use super::clock::{DAY, HOUR, MINUTE, Tick};
use super::outcome::{self, OK, Outcome};
use super::random::Random;
use super::script::wall;
use super::session::{Key, Seat};
use super::world::World;
use super::world::equipment::PHONE_EDITION;
use super::world::network::Place;

#[derive(Debug)]
pub struct Registration {
    pub key: Key,
    pub salt: u64,
    pub seat: Seat,
    pub outcome: Outcome,
    /// When it ended, and why (`DeRegisterType`).
    pub ended: Option<(Tick, i64)>,
    /// The employee has a desk phone, listed in `Devices`.
    pub desk_phone: bool,
}

/// Of 100 working mornings, on how many a client signs in anew; the others stay signed in.
const SIGNS_IN: u64 = 14;

/// When an employee's client signs in on a day, if it does.
pub fn sign_in_time(world: &World, employee: usize, midnight: Tick) -> Option<Tick> {
    let mut random = Random::at(&[world.seed, 6, midnight.day_number() as u64, employee as u64]);
    let zone = super::world::sites::SITES[world.parties[employee].site].zone;
    let minutes = random.bell(8.0 * 60.0 + 25.0, 75.0) as u32;
    let local_day = midnight.plus(12 * HOUR).local(zone).date();
    // The same time of day on this UTC day: mornings in Sydney fall on the evening before.
    let at = midnight
        .plus((wall(local_day, zone, minutes / 60, minutes % 60).0 - midnight.0).rem_euclid(DAY));
    let wanted = if at.plus(2 * HOUR).is_office_time(zone) { SIGNS_IN } else { 1 };
    random.percent(wanted).then_some(at.plus(random.between(0, MINUTE - 1)))
}

impl Registration {
    pub fn new(world: &World, key: Key, employee: usize) -> Self {
        let mut random = Random::at(&[world.seed, 7, key.at.0 as u64, employee as u64]);
        let p = &world.parties[employee];
        let outside = random.below(100) < p.outside_percent;
        let wireless = random.below(100) < p.wireless_percent;
        let place = if outside {
            Place::Outside
        } else if wireless {
            Place::Wireless
        } else {
            Place::Desk
        };
        let outcome = if random.percent(2) { *random.pick(&outcome::SIGN_IN_FAILURES) } else { OK };
        Self {
            key,
            salt: random.bits(),
            seat: Seat { party: employee, place },
            outcome,
            ended: outcome.is_success().then(|| end(key.at, &mut random)),
            desk_phone: p.client == PHONE_EDITION,
        }
    }
}

/// Most sign out themselves in the evening, some days later; a few expire or crash.
fn end(start: Tick, random: &mut Random) -> (Tick, i64) {
    let days = *random.pick(&[0, 0, 0, 1, 1, 2, 4]);
    let length = days * DAY + (random.bell(9.2, 1.6) * HOUR as f64) as i64;
    let reason = [1, 2, 3, 4, 5][random.weighted(&[82, 12, 4, 1, 1])];
    (start.plus(length.max(MINUTE)), reason)
}
