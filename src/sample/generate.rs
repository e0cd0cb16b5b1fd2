//! Runs the plan: day after day, or many days at once, always with the same rows.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::atomic::{self, AtomicUsize};
use std::thread;

use super::Done;
use super::clock::{DAY, Tick, day_after};
use super::facts::Facts;
use super::latest::Latest;
use super::lcscdr::failure::Report;
use super::lcscdr::summary::ImTally;
use super::lcscdr::{self, meeting::Addresses};
use super::meeting::Meeting;
use super::plan::{DayPlan, Event, Plan, What};
use super::qoe::call::MediaCall;
use super::qoe::path::Path;
use super::registration::Registration;
use super::session::{self, Key};
use super::sink::{Sink, Span};
use super::{qoe, qoe::lookups::ConferenceKeys};
use crate::{Error, Result};

/// Days whose rows go into one set of files.
struct Job {
    days: Range<u32>,
    span: Span,
}

/// Writes all tables. With `by_day`, every day has files of its own and several threads share the
/// days; else all days go into one file per table.
pub fn run(
    plan: &Plan,
    sink: &dyn Sink,
    by_day: bool,
    threads: usize,
    done: &Done<'_>,
) -> Result<()> {
    let latest = Latest::new(plan.world.parties.len());
    let jobs: Vec<Job> = if by_day {
        (0..plan.days)
            .map(|d| Job { days: d..d + 1, span: Span::Day(day_after(plan.start, d)) })
            .collect()
    } else {
        vec![Job { days: 0..plan.days, span: Span::All }]
    };
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<()> {
        while let Some(job) = jobs.get(next.fetch_add(1, atomic::Ordering::Relaxed)) {
            Run::new(plan, &latest, sink, job)?.days(job.days.clone())?;
            done(finished.fetch_add(1, atomic::Ordering::Relaxed) + 1, jobs.len());
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads.clamp(1, jobs.len().max(1))).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| {
            w.join().unwrap_or_else(|_| {
                Err(Error::internal("a thread of the sample generator stopped"))
            })
        })
    })?;
    lcscdr::lookups::write(sink, plan, &latest)?;
    qoe::lookups::write(sink, plan, &latest)
}

/// What a session, a leg or a sign-in leaves to be told later: reports come when things have ended.
#[derive(Debug, Clone, Copy)]
enum News {
    Quality(MediaCall),
    Failure(Report),
}

impl News {
    fn at(&self) -> Tick {
        match self {
            Self::Quality(call) => call.arrived,
            Self::Failure(report) => report.at,
        }
    }
}

/// News in order of time; of equal times, in the order of what caused them.
#[derive(Debug, Clone, Copy)]
struct Pending {
    /// Time, the event that caused it, and which of its consequences it is.
    order: (Tick, Key, u8),
    news: News,
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}

/// The state of one job.
struct Run<'a> {
    plan: &'a Plan,
    latest: &'a Latest,
    keys: ConferenceKeys,
    facts: Facts,
    pending: BinaryHeap<Reverse<Pending>>,
    /// The last keys given to reports, which count by their own time.
    last_quality: Key,
    last_failure: Key,
}

const NEVER: Key = Key { at: Tick(i64::MIN), seq: 0 };

/// The key of a report: `seq` tells those of one tick apart.
fn next_key(last: &mut Key, at: Tick) -> Key {
    let seq = if last.at == at { last.seq + 1 } else { 1 };
    *last = Key { at, seq };
    *last
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, latest: &'a Latest, sink: &dyn Sink, job: &Job) -> Result<Self> {
        Ok(Self {
            plan,
            latest,
            keys: ConferenceKeys::new(plan),
            facts: Facts::open(sink, job.span)?,
            pending: BinaryHeap::new(),
            last_quality: NEVER,
            last_failure: NEVER,
        })
    }

    fn days(mut self, days: Range<u32>) -> Result<()> {
        if days.start == 0 {
            self.write_standing_meetings()?;
        } else {
            self.recall(days.start);
        }
        for day in days {
            self.day(day)?;
        }
        self.facts.finish()
    }

    /// What every employee's own meeting is called.
    fn write_standing_meetings(&mut self) -> Result<()> {
        let (world, seen) = (&self.plan.world, self.plan.midnight(0));
        for organizer in 0..world.employees {
            let addresses = Addresses::standing(organizer);
            addresses.write(&mut self.facts.conference_uris, world, seen)?;
            self.keys.write_standing(&mut self.facts.conference_keys, world, organizer)?;
        }
        Ok(())
    }

    /// Takes over what the evening before has left to be told after midnight.
    fn recall(&mut self, day: u32) {
        let midnight = self.plan.midnight(day);
        let before = self.plan.day(day - 1);
        let recent = midnight.plus(-session::LONGEST - DAY / 24);
        let evening = before.events.partition_point(|e| e.key.at < recent);
        for event in &before.events[evening..] {
            self.expect(&before, event, |at| at >= midnight);
        }
    }

    fn day(&mut self, day: u32) -> Result<()> {
        let today = self.plan.day(day);
        let mut tally = ImTally::default();
        for event in &today.events {
            self.tell_until(event.key.at)?;
            self.write(&today, event, &mut tally)?;
            self.expect(&today, event, |_| true);
        }
        let midnight = self.plan.midnight(day);
        self.tell_until(midnight.plus(DAY))?;
        tally.write(&mut self.facts, midnight)
    }

    /// Writes what is known at the moment of an event.
    fn write(&mut self, day: &DayPlan, event: &Event, tally: &mut ImTally) -> Result<()> {
        let world = &self.plan.world;
        match event.what {
            What::Meeting(n) => self.write_meeting(&day.meetings[n]),
            What::Leg(meeting, leg) => {
                let meeting = &day.meetings[meeting];
                lcscdr::meeting::write_leg(&mut self.facts, world, meeting, &meeting.legs[leg])
            }
            What::SignIn(employee) => {
                self.latest.sign_in.note(employee, event.key.at);
                let registration = Registration::new(world, event.key, employee);
                lcscdr::registration::write(&mut self.facts, world, &registration)
            }
            What::Ordinary(_) | What::Scripted(_) => self.write_session(day, event, tally),
        }
    }

    fn write_meeting(&mut self, meeting: &Meeting) -> Result<()> {
        self.latest.organized.note(meeting.organizer, meeting.key.at);
        if !meeting.standing {
            self.keys.write_meeting(&mut self.facts.conference_keys, &self.plan.world, meeting)?;
        }
        lcscdr::meeting::write(&mut self.facts, &self.plan.world, meeting)
    }

    fn write_session(&mut self, day: &DayPlan, event: &Event, tally: &mut ImTally) -> Result<()> {
        let Some(session) = self.plan.session(day, event) else { return Ok(()) };
        tally.add(&self.plan.world, &session);
        lcscdr::session::write(&mut self.facts, &self.plan.world, &session)?;
        if MediaCall::of_session(&self.plan.world, &session) == [None, None] {
            return Ok(());
        }
        self.keys.write_session(&mut self.facts, &session)
    }

    /// Works out what an event will have to tell later, and keeps what comes at a wanted time.
    fn expect(&mut self, day: &DayPlan, event: &Event, wanted: impl Fn(Tick) -> bool) {
        for (n, news) in (0..).zip(self.news(day, event)) {
            if let Some(news) = news.filter(|news| wanted(news.at())) {
                self.pending.push(Reverse(Pending { order: (news.at(), event.key, n), news }));
            }
        }
    }

    fn news(&self, day: &DayPlan, event: &Event) -> [Option<News>; 3] {
        let world = &self.plan.world;
        match event.what {
            What::Meeting(_) => [None; 3],
            What::SignIn(employee) => {
                let registration = Registration::new(world, event.key, employee);
                [Report::of_registration(world, &registration).map(News::Failure), None, None]
            }
            What::Leg(meeting, leg) => {
                let meeting = &day.meetings[meeting];
                let leg = &meeting.legs[leg];
                let key = self.keys.of_meeting(meeting);
                let call = MediaCall::of_leg(world, meeting, leg, key);
                [
                    Report::of_leg(world, meeting, leg).map(News::Failure),
                    call.map(News::Quality),
                    None,
                ]
            }
            What::Ordinary(_) | What::Scripted(_) => match self.plan.session(day, event) {
                None => [None; 3],
                Some(session) => {
                    let [first, second] = MediaCall::of_session(world, &session);
                    let failure = Report::of_session(world, &session).map(News::Failure);
                    [failure, first.map(News::Quality), second.map(News::Quality)]
                }
            },
        }
    }

    /// Writes all news from before a moment.
    fn tell_until(&mut self, moment: Tick) -> Result<()> {
        while self.pending.peek().is_some_and(|p| p.0.order.0 < moment) {
            if let Some(Reverse(pending)) = self.pending.pop() {
                self.tell(&pending.news)?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, news: &News) -> Result<()> {
        let world = &self.plan.world;
        match news {
            News::Quality(call) => {
                let week = (call.start.0 - self.plan.midnight(0).0) / (7 * DAY);
                let path = Path::new(world, call, week);
                let key = next_key(&mut self.last_quality, call.arrived);
                if qoe::write(&mut self.facts, world, call, &path, key.seq)? {
                    let parties = [call.caller.party, call.callee.party];
                    parties.iter().for_each(|&p| self.latest.poor_call.note(p, call.start));
                }
                Ok(())
            }
            News::Failure(report) => {
                if let Some((party, in_meeting)) = report.failed_caller() {
                    let moments = if in_meeting {
                        &self.latest.failed_meeting
                    } else {
                        &self.latest.failed_call
                    };
                    moments.note(party, report.at);
                }
                let key = next_key(&mut self.last_failure, report.at);
                report.write(&mut self.facts, world, key.seq)
            }
        }
    }
}
