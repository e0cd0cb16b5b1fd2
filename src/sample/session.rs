//! A peer-to-peer session: who, when, how, and how it ended.

use super::clock::{HOUR, MINUTE, SECOND, Tick};
use super::media::{self, APP_INVITE, ASSISTANCE, AUDIO, FILE, IM, SHARING, VIDEO};
use super::outcome::{self, OK, Outcome};
use super::random::Random;
use super::rows::Guid;
use super::script::Scripted;
use super::world::World;
use super::world::equipment;
use super::world::network::Place;
use super::world::parties::Kind;

/// `SessionIdTime` and `SessionIdSeq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub at: Tick,
    pub seq: i32,
}

/// A party and where it sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub party: usize,
    pub place: Place,
}

impl Seat {
    /// What software it runs there: people outside often use their mobile.
    pub fn client(self, world: &World) -> usize {
        let party = &world.parties[self.party];
        match self.place {
            Place::ServerRoom(machine) => equipment::client_of(machine),
            Place::Outside if self.on_mobile(world) && party.endpoint.is_multiple_of(2) => {
                equipment::IPHONE
            }
            Place::Outside if self.on_mobile(world) => equipment::ANDROID,
            _ => party.client,
        }
    }

    pub fn on_mobile(self, world: &World) -> bool {
        let party = &world.parties[self.party];
        self.place == Place::Outside && party.is_employee() && party.endpoint % 5 < 2
    }

    pub fn is_inside(self) -> bool {
        self.place != Place::Outside
    }
}

/// What the legs of one call share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correlation {
    pub id: u64,
    /// `SessionCorrelation.CorrelationKey`.
    pub key: i64,
    /// The leg that comes first; it brings the shared row.
    pub first: bool,
}

impl Correlation {
    pub fn guid(self) -> Guid {
        Guid(Random::at(&[0xC0, self.id]).wide())
    }
}

/// One row of `SessionDetails` and all that hangs off it.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    pub key: Key,
    /// Position among all sessions of the sample; gives ids and the randomness of what follows.
    pub ordinal: u64,
    pub salt: u64,
    pub caller: Seat,
    pub callee: Seat,
    pub dialled: usize,
    pub referred_by: Option<usize>,
    pub on_behalf_of: Option<usize>,
    pub media: u8,
    pub outcome: Outcome,
    /// Ticks from the invitation to its final response.
    pub ring: i64,
    /// Ticks from the response to the end; 0 where nobody answered.
    pub talk: i64,
    pub messages: [i64; 2],
    /// User1 is the caller; the databases promise neither.
    pub caller_first: bool,
    pub retried: bool,
    /// Legs of one call share it.
    pub correlation: Option<Correlation>,
    /// The number of an incoming call is withheld.
    pub withheld: bool,
    /// It belongs to a story; both ends report on its quality.
    pub planted: bool,
}

/// No session is longer, so that all that follows from a day is known a few hours after it.
pub const LONGEST: i64 = 3 * HOUR;

impl Session {
    /// A session of ordinary traffic, started by somebody of `site`.
    pub fn ordinary(
        world: &World,
        key: Key,
        ordinal: u64,
        site: usize,
        random: &mut Random,
    ) -> Self {
        let staff = &world.by_site[site];
        let initiator = staff[random.index(staff.len())] as usize;
        let office = key.at.is_office_time(super::world::sites::SITES[site].zone);
        let contact = world.contacts.draw(initiator, random).unwrap_or(initiator);
        let (caller, callee) = direction(world, initiator, contact, random);
        let media = ordinary_media(world, caller, callee, random);
        let callee = redirect(world, caller, callee, media, random);
        let seats = [caller, callee]
            .map(|party| Seat { party, place: place(world, party, office, random) });
        let outcome = ordinary_outcome(world, seats, media, random);
        Self { outcome, ..Self::between(key, ordinal, seats, media, random) }
            .with_length(world, random)
    }

    /// A session of a story.
    pub fn scripted(
        world: &World,
        key: Key,
        ordinal: u64,
        script: &Scripted,
        call: Option<Correlation>,
        random: &mut Random,
    ) -> Self {
        let seats = [script.caller, script.callee]
            .map(|party| Seat { party, place: usual_place(world, party) });
        let mut session =
            Self::between(key, ordinal, seats, script.media, random).with_length(world, random);
        session.dialled = script.dialled.unwrap_or(script.callee);
        session.referred_by = script.referred_by;
        session.correlation = call.or(session.correlation);
        session.talk = script.seconds * SECOND;
        session.planted = true;
        session.withheld = false;
        if script.seconds == 0 {
            session.outcome = outcome::UNANSWERED;
            session.messages = [0, 0];
        }
        session
    }

    fn between(
        key: Key,
        ordinal: u64,
        [caller, callee]: [Seat; 2],
        media: u8,
        random: &mut Random,
    ) -> Self {
        Self {
            key,
            ordinal,
            salt: random.bits(),
            caller,
            callee,
            dialled: callee.party,
            referred_by: None,
            on_behalf_of: None,
            media,
            outcome: OK,
            ring: random.between(SECOND / 4, 2 * SECOND),
            talk: 0,
            messages: [0, 0],
            caller_first: random.percent(72),
            retried: random.percent(1),
            correlation: None,
            withheld: false,
            planted: false,
        }
    }

    fn with_length(mut self, world: &World, random: &mut Random) -> Self {
        if media::has(self.media, AUDIO) {
            self.ring = random.between(2 * SECOND, 18 * SECOND);
        }
        if self.outcome.is_success() {
            self.talk = (SECOND + length(self.media, random)).min(LONGEST);
        }
        if media::has(self.media, IM) && self.outcome.is_success() {
            let turns = 1 + random.long_tail(4.0, 20.0) as i64;
            self.messages = [turns, random.between(turns / 2, turns)];
        }
        let telephones = [self.caller, self.callee].map(|s| world.parties[s.party].is_telephone());
        self.correlation = (telephones != [false, false]).then(|| Correlation {
            id: self.salt,
            key: self.ordinal as i64 + 1,
            first: true,
        });
        self.withheld = telephones[0] && random.percent(4);
        self
    }

    pub fn is_emergency(&self, world: &World) -> bool {
        self.callee.party == world.emergency
    }

    pub fn answered(&self) -> bool {
        self.outcome.is_success()
    }

    pub fn responded_at(&self) -> Tick {
        self.key.at.plus(self.ring)
    }

    pub fn ended_at(&self) -> Tick {
        self.responded_at().plus(self.talk)
    }
}

/// Employees call and are called back; outsiders call in less often than they are called.
fn direction(
    world: &World,
    initiator: usize,
    contact: usize,
    random: &mut Random,
) -> (usize, usize) {
    let back = match world.parties[contact].kind {
        Kind::Telephone => 44,
        Kind::Employee | Kind::Partner | Kind::PublicIm => 38,
        Kind::Anonymous | Kind::Service(_) => 0,
    };
    if random.percent(back) { (contact, initiator) } else { (initiator, contact) }
}

fn ordinary_media(world: &World, caller: usize, callee: usize, random: &mut Random) -> u8 {
    let kinds = [caller, callee].map(|n| world.parties[n].kind);
    if kinds.contains(&Kind::Telephone) {
        return AUDIO;
    }
    if kinds.contains(&Kind::PublicIm) {
        return IM;
    }
    const MIXES: [u8; 10] = [
        IM,
        AUDIO,
        AUDIO | VIDEO,
        IM | AUDIO,
        AUDIO | SHARING,
        IM | SHARING,
        IM | FILE,
        AUDIO | VIDEO | SHARING,
        IM | APP_INVITE,
        ASSISTANCE | AUDIO,
    ];
    MIXES[random.weighted(&[540, 235, 65, 45, 40, 15, 38, 12, 6, 4])]
}

/// A few audio calls to colleagues go to the mailbox instead, very few for help.
fn redirect(world: &World, caller: usize, callee: usize, media: u8, random: &mut Random) -> usize {
    let draw = random.below(1000);
    match world.parties[callee].kind {
        Kind::Employee if media == AUDIO && draw < 90 => world.voicemail,
        Kind::Employee if media == AUDIO && draw < 93 && world.parties[caller].is_employee() => {
            world.emergency
        }
        _ => callee,
    }
}

/// Where a party sits during a session; nights and weekends are spent outside the office.
fn place(world: &World, party: usize, office: bool, random: &mut Random) -> Place {
    let p = &world.parties[party];
    let draw = random.below(100);
    match p.kind {
        Kind::Service(machine) => Place::ServerRoom(machine),
        Kind::Telephone => Place::ServerRoom(super::world::servers::Machine::Mediation),
        Kind::Partner | Kind::PublicIm | Kind::Anonymous => Place::Outside,
        Kind::Employee if draw < p.outside_percent || (!office && draw < 80) => Place::Outside,
        Kind::Employee if draw < p.outside_percent + p.wireless_percent => Place::Wireless,
        Kind::Employee => Place::Desk,
    }
}

/// Where stories find somebody: at the desk.
fn usual_place(world: &World, party: usize) -> Place {
    match world.parties[party].kind {
        Kind::Employee => Place::Desk,
        Kind::Service(machine) => Place::ServerRoom(machine),
        Kind::Telephone => Place::ServerRoom(super::world::servers::Machine::Mediation),
        Kind::Partner | Kind::PublicIm | Kind::Anonymous => Place::Outside,
    }
}

/// About a fifth of all calls fail, of messages a twentieth; mailboxes always answer.
fn ordinary_outcome(
    world: &World,
    [caller, callee]: [Seat; 2],
    media: u8,
    random: &mut Random,
) -> Outcome {
    let outgoing_to_network = world.parties[callee.party].is_telephone();
    let fails = match world.parties[callee.party].kind {
        Kind::Service(_) => 0,
        _ if media == IM => 5,
        Kind::Telephone => 22,
        _ if world.parties[caller.party].is_telephone() => 24,
        _ => 14,
    };
    match random.percent(fails) {
        true if outgoing_to_network => outcome::gateway_failure(random),
        true => outcome::call_failure(random),
        false => OK,
    }
}

/// Calls last some minutes, chats longer, with a long tail.
fn length(media: u8, random: &mut Random) -> i64 {
    let typical = match media {
        IM => 5.0,
        AUDIO => 3.2,
        _ if media::has(media, SHARING) => 12.0,
        _ => 6.0,
    };
    (random.long_tail(typical, 24.0) * MINUTE as f64) as i64
}
