//! Sessions that the stories plant, each with its time, people and length.

use super::clock::{DAY, HOUR, MINUTE, SECOND, Tick, day_after};
use super::media;
use super::world::World;
use crate::Result;
use chrono::{Datelike, NaiveDate, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;

/// One planted session.
#[derive(Debug, Clone, Copy)]
pub struct Scripted {
    pub start: Tick,
    pub caller: usize,
    pub callee: usize,
    /// Bits of `media`.
    pub media: u8,
    /// 0: nobody answered.
    pub seconds: i64,
    /// Whom the caller dialled, where somebody else was reached.
    pub dialled: Option<usize>,
    pub referred_by: Option<usize>,
    /// Legs of one call share a number.
    pub call: Option<u64>,
}

/// The stage: days, people, and the sessions planted so far.
pub struct Script<'a> {
    pub world: &'a World,
    pub start: NaiveDate,
    pub days: u32,
    sessions: Vec<Scripted>,
}

impl<'a> Script<'a> {
    pub fn new(world: &'a World, start: NaiveDate, days: u32) -> Self {
        Self { world, start, days, sessions: Vec::new() }
    }

    pub fn person(&self, uri: &str) -> Result<usize> {
        self.world.find(uri)
    }

    pub fn telephone(&self, number: &str) -> Result<usize> {
        self.world.telephone(number)
    }

    /// Every day of the sample that falls on one of these weekdays, with its position among them.
    pub fn on(&self, weekdays: &[Weekday]) -> Vec<(i64, NaiveDate)> {
        let days = (0..self.days)
            .map(|d| day_after(self.start, d))
            .filter(|d| weekdays.contains(&d.weekday()));
        (0..).zip(days).collect()
    }

    /// The `n`-th day of the sample.
    pub fn day(&self, n: u32) -> NaiveDate {
        day_after(self.start, n)
    }

    /// Plants an answered audio call.
    pub fn call(&mut self, caller: usize, callee: usize, start: Tick, seconds: i64) {
        self.plant(Scripted::new(caller, callee, media::AUDIO, start, seconds));
    }

    /// Plants a conversation in messages.
    pub fn chat(&mut self, caller: usize, callee: usize, start: Tick, seconds: i64) {
        self.plant(Scripted::new(caller, callee, media::IM, start, seconds));
    }

    /// Sessions past the last day are left out: a short sample tells the beginning of a story.
    pub fn plant(&mut self, session: Scripted) {
        let end = Tick::midnight(self.start).0 + i64::from(self.days) * DAY;
        if session.start.0 < end {
            self.sessions.push(session);
        }
    }

    /// Everything planted, in order of time.
    pub fn finish(mut self) -> Vec<Scripted> {
        self.sessions.sort_by_key(|s| (s.start, s.caller, s.callee));
        self.sessions
    }
}

impl Scripted {
    pub fn new(caller: usize, callee: usize, media: u8, start: Tick, seconds: i64) -> Self {
        Self { start, caller, callee, media, seconds, dialled: None, referred_by: None, call: None }
    }
}

/// A time of day on the wall of a zone.
pub fn wall(date: NaiveDate, zone: Tz, hour: u32, minute: u32) -> Tick {
    let local = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
    // No story happens in the hour that summer time takes away or repeats.
    let utc = zone.from_local_datetime(&local).earliest();
    utc.map_or_else(|| utc_time(date, hour, minute), |t| Tick(t.timestamp() * SECOND))
}

/// A time of day in UTC.
pub fn utc_time(date: NaiveDate, hour: u32, minute: u32) -> Tick {
    Tick::midnight(date).plus(i64::from(hour) * HOUR + i64::from(minute) * MINUTE)
}

/// A few ticks that tell planted times apart from whole minutes.
pub fn odd_ticks(n: i64) -> i64 {
    (n * 7_919).rem_euclid(45 * SECOND)
}
