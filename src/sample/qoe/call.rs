//! A call as its endpoints report it: between two people, through a gateway, into a meeting.

use crate::sample::clock::{SECOND, Tick};
use crate::sample::media::{AUDIO, SHARING, VIDEO};
use crate::sample::meeting::{Component, Leg, Meeting};
use crate::sample::random::{Random, scatter};
use crate::sample::session::{Correlation, Seat, Session};
use crate::sample::world::World;
use crate::sample::world::network::Place;
use crate::sample::world::parties::Kind;
use crate::sample::world::servers::Machine;

/// The media of one dialog and who reported on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaCall {
    /// Names the dialog and seeds its metrics.
    pub salt: u64,
    /// When the first report reached the server.
    pub arrived: Tick,
    pub start: Tick,
    pub end: Tick,
    pub caller: Seat,
    pub callee: Seat,
    pub media: u8,
    /// `Conference.ConferenceKey`: the dialog's own, or the meeting's.
    pub conference_key: i64,
    pub correlation: Option<Correlation>,
    /// The leg between mediation server and gateway.
    pub gateway_leg: bool,
    /// Some reach the telephone network past the mediation server; None where there is no such leg.
    pub bypass: Option<bool>,
    /// Whether the caller's and the callee's report came in.
    pub reported: [bool; 2],
    pub priority: i64,
    pub in_meeting: bool,
}

/// Calls shorter than this send no report.
const SHORTEST: i64 = 5 * SECOND;
/// Modalities that the endpoints report on.
const REPORTED: u8 = AUDIO | VIDEO | SHARING;

impl MediaCall {
    /// The one or two reported legs of a session.
    pub fn of_session(world: &World, session: &Session) -> [Option<Self>; 2] {
        let media = session.media & REPORTED;
        if !session.answered() || session.talk < SHORTEST || media == 0 {
            return [None, None];
        }
        let mut random = Random::at(&[0x40, session.salt]);
        let telephone =
            [session.caller, session.callee].map(|s| world.parties[s.party].is_telephone());
        let through_gateway = telephone != [false, false];
        let bypass = through_gateway && random.percent(12);
        let call = Self {
            salt: session.salt,
            arrived: session.ended_at().plus(random.between(2 * SECOND, 40 * SECOND)),
            start: session.responded_at(),
            end: session.ended_at(),
            caller: session.caller,
            callee: session.callee,
            media,
            conference_key: session.ordinal as i64 + 1,
            correlation: session.correlation,
            gateway_leg: false,
            bypass: through_gateway.then_some(bypass),
            reported: reports(world, session, &mut random),
            priority: if session.is_emergency(world) { 4 } else { 2 },
            in_meeting: false,
        };
        let gateway_leg = (through_gateway && !bypass).then(|| call.to_gateway(telephone));
        [(call.reported != [false, false]).then_some(call), gateway_leg]
    }

    /// The other side of the mediation server: a dialog of its own that LcsCDR does not know.
    fn to_gateway(self, telephone: [bool; 2]) -> Self {
        let place = |mut seat: Seat, is_telephone: bool| {
            seat.place =
                Place::ServerRoom(if is_telephone { Machine::Gateway } else { Machine::Mediation });
            seat
        };
        Self {
            salt: scatter(self.salt),
            arrived: self.arrived.plus(SECOND),
            caller: place(self.caller, telephone[0]),
            callee: place(self.callee, telephone[1]),
            media: AUDIO,
            gateway_leg: true,
            bypass: Some(false),
            // Gateways do not report; the mediation server does, for its own side.
            reported: telephone.map(|is_telephone| !is_telephone),
            ..self
        }
    }

    /// The audio, video or sharing of a participant in a meeting.
    pub fn of_leg(
        world: &World,
        meeting: &Meeting,
        leg: &Leg,
        conference_key: i64,
    ) -> Option<Self> {
        let media = leg.media & REPORTED;
        let start = leg.key.at.plus(leg.setup_ms * SECOND / 1000);
        if !leg.outcome.is_success() || media == 0 || leg.left.0 - start.0 < SHORTEST {
            return None;
        }
        let mut random = Random::at(&[0x41, leg.salt]);
        let pool = world.parties[meeting.organizer].pool();
        let server = world.machine(Machine::AvMcu, pool);
        debug_assert!(leg.component != Component::Focus);
        Some(Self {
            salt: leg.salt,
            arrived: leg.left.plus(random.between(2 * SECOND, 40 * SECOND)),
            start,
            end: leg.left,
            caller: meeting.participant(leg).seat,
            callee: Seat { party: server, place: Place::ServerRoom(Machine::AvMcu) },
            media,
            conference_key,
            correlation: None,
            gateway_leg: false,
            bypass: None,
            // Conference servers always report; clients mostly.
            reported: [random.percent(92), true],
            priority: 2,
            in_meeting: true,
        })
    }

    pub fn seconds(&self) -> i64 {
        (self.end.0 - self.start.0) / SECOND
    }

    /// Caller and callee, with whether each reported.
    pub fn sides(&self) -> [(Seat, bool); 2] {
        [(self.caller, self.reported[0]), (self.callee, self.reported[1])]
    }

    /// Whether audio goes to or comes from the telephone network.
    pub fn is_telephony(&self) -> bool {
        self.bypass.is_some()
    }
}

/// Partners report to their own servers; our clients nearly always to ours, machines always.
fn reports(world: &World, session: &Session, random: &mut Random) -> [bool; 2] {
    [session.caller, session.callee].map(|seat| match world.parties[seat.party].kind {
        Kind::Partner | Kind::PublicIm => false,
        Kind::Telephone | Kind::Service(_) => true,
        Kind::Employee | Kind::Anonymous => session.planted || random.percent(93),
    })
}
