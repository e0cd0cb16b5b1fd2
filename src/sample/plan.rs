//! What happens on which day: the calendar that every row follows from.

use chrono::NaiveDate;

use super::Sample;
use super::clock::{DAY, HOUR, Tick, day_after};
use super::meeting::Meeting;
use super::random::Random;
use super::registration;
use super::script::{Script, Scripted};
use super::session::{Correlation, Key, Session};
use super::stories;
use super::world::World;
use super::world::sites::SITES;
use crate::{Error, Result};

/// One meeting for this many sessions between two people.
const SESSIONS_PER_MEETING: u64 = 33;

/// The whole sample in outline. Any day of it can be worked out alone.
pub struct Plan {
    pub world: World,
    pub start: NaiveDate,
    pub days: u32,
    script: Vec<Scripted>,
    /// Ordinary sessions and meetings before each day; one more entry for their total.
    sessions_before: Vec<u64>,
    meetings_before: Vec<u64>,
}

/// What happens at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A meeting begins: position in the day's list.
    Meeting(usize),
    /// Somebody joins a part of it: meeting and leg.
    Leg(usize, usize),
    /// A session of ordinary traffic, by its position among all.
    Ordinary(u64),
    /// A session of the script.
    Scripted(usize),
    /// An employee's client signs in.
    SignIn(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub key: Key,
    pub what: What,
}

/// One day: everything that starts on it, in order of time.
pub struct DayPlan {
    slots: Slots,
    pub events: Vec<Event>,
    pub meetings: Vec<Meeting>,
}

/// How traffic spreads over the sites and hours of a day.
struct Slots {
    midnight: Tick,
    /// Running totals over site by site, hour by hour.
    totals: Vec<u64>,
}

impl Plan {
    pub fn new(sample: &Sample) -> Result<Self> {
        let world = World::new(sample.user_count(), sample.seed);
        let script = stories::plant(Script::new(&world, sample.start, sample.days))?;
        let ordinary = sample
            .sessions
            .checked_sub(script.len() as u64)
            .ok_or_else(|| too_few(script.len()))?;
        let loads: Vec<u64> = (0..sample.days)
            .map(|d| Slots::new(&world, day_after(sample.start, d)).load())
            .collect();
        Ok(Self {
            start: sample.start,
            days: sample.days,
            sessions_before: apportion(ordinary, &loads),
            meetings_before: apportion(sample.sessions / SESSIONS_PER_MEETING, &loads),
            script,
            world,
        })
    }

    pub fn midnight(&self, day: u32) -> Tick {
        Tick::midnight(day_after(self.start, day))
    }

    /// Ordinary sessions in all; the script's come after them in numbering.
    fn ordinary(&self) -> u64 {
        self.sessions_before.last().copied().unwrap_or_default()
    }

    pub fn meetings_in_all(&self) -> u64 {
        self.meetings_before.last().copied().unwrap_or_default()
    }

    /// Sessions in all.
    pub fn sessions(&self) -> u64 {
        self.ordinary() + self.script.len() as u64
    }

    /// Everything that starts on a day.
    pub fn day(&self, day: u32) -> DayPlan {
        let slots = Slots::new(&self.world, day_after(self.start, day));
        let mut meetings = self.meetings(day, &slots);
        let mut events: Vec<Event> = self
            .ordinary_events(day, &slots)
            .chain(self.scripted_events(day))
            .chain(self.sign_ins(day))
            .chain(meetings.iter().enumerate().flat_map(|(n, m)| meeting_events(n, m)))
            .collect();
        events.sort_unstable_by_key(|e| (e.key.at, e.what));
        number_dialogs(&mut events);
        for e in &events {
            if let What::Leg(meeting, leg) = e.what {
                meetings[meeting].legs[leg].key = e.key;
            }
        }
        DayPlan { slots, events, meetings }
    }

    fn ordinary_events<'a>(
        &'a self,
        day: u32,
        slots: &'a Slots,
    ) -> impl Iterator<Item = Event> + 'a {
        let day = day as usize;
        (self.sessions_before[day]..self.sessions_before[day + 1]).map(move |ordinal| {
            let (_, at) = slots.draw(&mut self.session_random(ordinal));
            event(at, What::Ordinary(ordinal))
        })
    }

    fn scripted_events(&self, day: u32) -> impl Iterator<Item = Event> + '_ {
        let today = self.midnight(day)..self.midnight(day).plus(DAY);
        let planted = self.script.iter().enumerate().filter(move |(_, s)| today.contains(&s.start));
        planted.map(|(n, s)| event(s.start, What::Scripted(n)))
    }

    fn sign_ins(&self, day: u32) -> impl Iterator<Item = Event> + '_ {
        let midnight = self.midnight(day);
        (0..self.world.employees).filter_map(move |n| {
            registration::sign_in_time(&self.world, n, midnight)
                .map(|at| event(at, What::SignIn(n)))
        })
    }

    fn meetings(&self, day: u32, slots: &Slots) -> Vec<Meeting> {
        let end = self.midnight(day).plus(DAY);
        let of_day = self.meetings_before[day as usize]..self.meetings_before[day as usize + 1];
        let mut meetings: Vec<Meeting> = of_day
            .map(|ordinal| {
                let mut random = Random::at(&[self.world.seed, 8, ordinal]);
                let (site, at) = slots.draw(&mut random);
                Meeting::new(&self.world, at, end, ordinal, site, &mut random)
            })
            .collect();
        meetings.sort_unstable_by_key(|m| (m.key.at, m.ordinal));
        number_meetings(&mut meetings);
        meetings
    }

    fn session_random(&self, ordinal: u64) -> Random {
        Random::at(&[self.world.seed, 5, ordinal])
    }

    /// Calls of several planted legs are numbered after all sessions.
    fn correlation(&self, script: &Scripted) -> Option<Correlation> {
        let call = script.call?;
        Some(Correlation {
            id: call,
            key: (self.sessions() + call) as i64 + 1,
            first: script.referred_by.is_none(),
        })
    }

    /// The session behind an event of a day, if it is one.
    pub fn session(&self, day: &DayPlan, event: &Event) -> Option<Session> {
        match event.what {
            What::Ordinary(ordinal) => {
                let mut random = self.session_random(ordinal);
                let (site, _) = day.slots.draw(&mut random);
                Some(Session::ordinary(&self.world, event.key, ordinal, site, &mut random))
            }
            What::Scripted(n) => {
                let ordinal = self.ordinary() + n as u64;
                let mut random = self.session_random(ordinal);
                let call = self.correlation(&self.script[n]);
                Some(Session::scripted(
                    &self.world,
                    event.key,
                    ordinal,
                    &self.script[n],
                    call,
                    &mut random,
                ))
            }
            What::Meeting(_) | What::Leg(..) | What::SignIn(_) => None,
        }
    }
}

impl Slots {
    fn new(world: &World, date: NaiveDate) -> Self {
        let weights = SITES.iter().zip(&world.by_site).flat_map(|(site, staff)| {
            site.rhythm(date).into_iter().map(move |weight| weight * staff.len() as u64)
        });
        let totals = weights.scan(0, |total, weight| {
            *total += weight;
            Some(*total)
        });
        Self { midnight: Tick::midnight(date), totals: totals.collect() }
    }

    fn load(&self) -> u64 {
        self.totals.last().copied().unwrap_or_default()
    }

    /// The site that starts something, and when.
    fn draw(&self, random: &mut Random) -> (usize, Tick) {
        let chosen = random.below(self.load().max(1));
        let slot = self.totals.partition_point(|&total| total <= chosen);
        let hour = (slot % 24) as i64;
        (slot / 24, self.midnight.plus(hour * HOUR + random.below(HOUR as u64) as i64))
    }
}

fn event(at: Tick, what: What) -> Event {
    Event { key: Key { at, seq: 0 }, what }
}

fn meeting_events(n: usize, meeting: &Meeting) -> impl Iterator<Item = Event> + '_ {
    let legs =
        meeting.legs.iter().enumerate().map(move |(leg, l)| event(l.key.at, What::Leg(n, leg)));
    std::iter::once(event(meeting.key.at, What::Meeting(n))).chain(legs)
}

/// `SessionIdSeq` tells dialogs of the same tick apart, from 1. Meetings are no dialogs.
fn number_dialogs(events: &mut [Event]) {
    let mut last = Key { at: Tick(i64::MIN), seq: 0 };
    for event in events.iter_mut().filter(|e| !matches!(e.what, What::Meeting(_))) {
        event.key.seq = if event.key.at == last.at { last.seq + 1 } else { 1 };
        last = event.key;
    }
}

fn number_meetings(meetings: &mut [Meeting]) {
    for n in 1..meetings.len() {
        let before = meetings[n - 1].key;
        if meetings[n].key.at == before.at {
            meetings[n].key.seq = before.seq + 1;
        }
    }
}

/// Splits a total over days by their loads; entry `d` is what falls before day `d`.
fn apportion(total: u64, loads: &[u64]) -> Vec<u64> {
    let all: u64 = loads.iter().sum();
    let running = loads.iter().scan(0, |sum, load| {
        *sum += load;
        Some((u128::from(total) * u128::from(*sum) / u128::from(all.max(1))) as u64)
    });
    std::iter::once(0).chain(running).collect()
}

fn too_few(planted: usize) -> Error {
    Error::usage(format!("the stories of the sample alone take {planted} sessions"))
        .hinted(format!("ask for at least {planted} sessions"))
}
