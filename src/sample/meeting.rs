//! A meeting: who joined which of its conference servers, and when they left.

use super::clock::{HOUR, MINUTE, SECOND, Tick};
use super::media::{AUDIO, IM, SHARING, VIDEO};
use super::outcome::{self, OK, Outcome};
use super::random::Random;
use super::session::{Key, Seat};
use super::world::World;
use super::world::network::Place;
use super::world::parties::Kind;
use super::world::servers::Machine;
use super::world::sites::SITES;

/// What a leg of a meeting connects to; the order in which clients join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    Focus,
    Chat,
    AudioVideo,
    Sharing,
}

pub const COMPONENTS: [Component; 4] =
    [Component::Focus, Component::Chat, Component::AudioVideo, Component::Sharing];

impl Component {
    /// The label of its URIs in `UriTypes` and inside them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Focus => "conf:focus",
            Self::Chat => "conf:chat",
            Self::AudioVideo => "conf:audio-video",
            Self::Sharing => "conf:applicationsharing",
        }
    }
}

/// One dialog between a participant and a component.
#[derive(Debug, Clone, Copy)]
pub struct Leg {
    pub participant: u32,
    pub component: Component,
    /// The dialog; its time is that of joining.
    pub key: Key,
    pub left: Tick,
    pub outcome: Outcome,
    /// Milliseconds that this component took to join.
    pub setup_ms: i64,
    pub media: u8,
    pub salt: u64,
}

#[derive(Debug, Clone, Copy)]
pub struct Participant {
    pub seat: Seat,
    pub presenter: bool,
    /// Dialled in from the telephone network.
    pub by_telephone: bool,
    pub messages: i64,
}

/// One instance of a meeting.
#[derive(Debug)]
pub struct Meeting {
    pub key: Key,
    /// Position among all meetings of the sample.
    pub ordinal: u64,
    pub salt: u64,
    pub organizer: usize,
    /// The organizer's standing meeting, held again and again under one address.
    pub standing: bool,
    pub end: Tick,
    pub participants: Vec<Participant>,
    /// In order of joining.
    pub legs: Vec<Leg>,
}

/// Meetings end before this.
const LONGEST: i64 = 2 * HOUR;

impl Meeting {
    /// A meeting at `at` whose joins all fall before `day_end`.
    pub fn new(
        world: &World,
        at: Tick,
        day_end: Tick,
        ordinal: u64,
        site: usize,
        random: &mut Random,
    ) -> Self {
        let staff = &world.by_site[site];
        let organizer = staff[random.index(staff.len())] as usize;
        let length = (20 + random.long_tail(22.0, 5.0) as i64) * MINUTE;
        let mut meeting = Self {
            key: Key { at, seq: 1 },
            ordinal,
            salt: random.bits(),
            organizer,
            standing: random.percent(45),
            end: at.plus(length.min(LONGEST)),
            participants: participants(world, organizer, at, random),
            legs: Vec::new(),
        };
        meeting.join_all(day_end, random);
        meeting
    }

    fn join_all(&mut self, day_end: Tick, random: &mut Random) {
        let with_chat = random.percent(45);
        let with_video = random.percent(30);
        let with_sharing = random.percent(55);
        for n in 0..self.participants.len() {
            let arrival = self.key.at.plus(self.lateness(n, random)).min(day_end.plus(-MINUTE));
            let left = self.end.plus(-random.between(0, 3 * MINUTE)).max(arrival.plus(MINUTE));
            let components = self.components(n, with_chat, with_sharing);
            let mut joined = arrival;
            for component in components {
                let leg = self.leg(n, component, joined, left, with_video, random);
                joined = joined.plus(leg.setup_ms * SECOND / 1000 + random.between(30, 200));
                let failed = !leg.outcome.is_success();
                self.legs.push(leg);
                if failed {
                    break;
                }
            }
        }
        self.legs.sort_by_key(|l| (l.key.at, l.participant, l.component));
    }

    /// The organizer opens the meeting; the others come in the first minutes.
    fn lateness(&self, n: usize, random: &mut Random) -> i64 {
        let base = 2 * SECOND;
        if n == 0 { base } else { base + (random.long_tail(1.5, 8.0) * MINUTE as f64) as i64 }
    }

    fn components(&self, n: usize, chat: bool, sharing: bool) -> Vec<Component> {
        let telephone = self.participants[n].by_telephone;
        COMPONENTS
            .into_iter()
            .filter(|c| match c {
                Component::Focus | Component::AudioVideo => true,
                Component::Chat => chat && !telephone,
                Component::Sharing => sharing && !telephone,
            })
            .collect()
    }

    fn leg(
        &self,
        n: usize,
        component: Component,
        joined: Tick,
        left: Tick,
        video: bool,
        random: &mut Random,
    ) -> Leg {
        let fails = component == Component::Focus && n > 0 && random.percent(3);
        let telephone = self.participants[n].by_telephone;
        Leg {
            participant: n as u32,
            component,
            key: Key { at: joined, seq: 1 },
            left,
            outcome: if fails { *random.pick(&outcome::MEETING_FAILURES) } else { OK },
            setup_ms: 350 + random.long_tail(900.0, 15.0) as i64,
            media: match component {
                Component::Focus => 0,
                Component::Chat => IM,
                Component::AudioVideo if video && !telephone && random.percent(60) => AUDIO | VIDEO,
                Component::AudioVideo => AUDIO,
                Component::Sharing => SHARING,
            },
            salt: random.bits(),
        }
    }

    pub fn participant(&self, leg: &Leg) -> &Participant {
        &self.participants[leg.participant as usize]
    }
}

/// The organizer, some of their contacts, now and then somebody by telephone or anonymous.
fn participants(
    world: &World,
    organizer: usize,
    at: Tick,
    random: &mut Random,
) -> Vec<Participant> {
    let wanted = 2 + random.long_tail(2.2, 8.0) as usize;
    let mut parties = vec![organizer];
    for _ in 0..2 * wanted {
        let contact = world.contacts.draw(organizer, random).unwrap_or(organizer);
        let joins = world.parties[contact].kind != Kind::PublicIm;
        if joins && parties.len() < wanted && !parties.contains(&contact) {
            parties.push(contact);
        }
    }
    if random.percent(6) {
        parties.extend(world.parties.iter().position(|p| p.kind == Kind::Anonymous));
    }
    parties
        .into_iter()
        .enumerate()
        .map(|(n, party)| participant(world, n, party, at, random))
        .collect()
}

fn participant(
    world: &World,
    n: usize,
    party: usize,
    at: Tick,
    random: &mut Random,
) -> Participant {
    let p = &world.parties[party];
    let office = at.is_office_time(SITES[p.site].zone);
    let place = match p.kind {
        Kind::Telephone => Place::ServerRoom(Machine::Mediation),
        Kind::Employee if random.below(100) < p.wireless_percent => Place::Wireless,
        Kind::Employee if office => Place::Desk,
        _ => Place::Outside,
    };
    Participant {
        seat: Seat { party, place },
        presenter: n == 0 || (p.is_employee() && random.percent(40)),
        by_telephone: p.is_telephone(),
        messages: random.long_tail(1.2, 12.0) as i64,
    }
}
