//! A made-up company's monitoring databases, of any size, the same rows for the same seed.
//!
//! ```no_run
//! # fn main() -> cdrql::Result<()> {
//! use cdrql::sample::Sample;
//!
//! Sample::new().sessions(1_000_000).write_to("/data/million".as_ref())?;
//! # Ok(())
//! # }
//! ```
//!
//! Every published table has rows, and every key leads somewhere. Ten stories are planted in them
//! (`stories`); `sample-data/README.md` tells each with the query that finds it. Each day is drawn
//! from the seed and its own number alone, so that days can be written in any order, by any number
//! of threads, in memory that does not grow with the sample.

mod clock;
mod dialog;
mod facts;
mod generate;
mod latest;
mod lcscdr;
mod lookups;
mod media;
mod meeting;
mod outcome;
mod plan;
mod qoe;
mod random;
mod registration;
mod rows;
mod script;
mod session;
mod sink;
mod stories;
#[cfg(test)]
mod tests;
mod world;
mod write;

use std::path::Path;

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use self::plan::Plan;
use self::sink::Collected;
use crate::schema::Table;
use crate::{Error, Result};

/// What to generate. The default is the sample that comes with the program: 300 users, 60 days.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Rows of SessionDetails; meetings and sign-ins come on top.
    sessions: u64,
    users: Option<usize>,
    days: u32,
    seed: u64,
    start: NaiveDate,
    threads: usize,
}

/// Is told how much of the work is done, and of how much.
pub type Done<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Sessions of the default sample.
const SESSIONS: u64 = 6_000;
/// Sessions of one employee in the sample, where the number of users is not given.
const SESSIONS_PER_USER: u64 = 2_000;
const USERS: usize = 300;
/// A smaller company has no room for the people of the stories.
const FEWEST_USERS: usize = 60;
/// From this size on, every day has files of its own.
const DAILY_FILES: u64 = 200_000;

impl Default for Sample {
    fn default() -> Self {
        Self::new()
    }
}

impl Sample {
    pub fn new() -> Self {
        Self {
            sessions: SESSIONS,
            users: None,
            days: 60,
            seed: 2014,
            // A Monday.
            start: NaiveDate::from_ymd_opt(2014, 2, 3).unwrap_or_default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// How many sessions between two parties, exactly.
    #[must_use]
    pub fn sessions(self, sessions: u64) -> Self {
        Self { sessions, ..self }
    }

    /// How many employees; by default 300, or one for 2,000 sessions.
    #[must_use]
    pub fn users(self, users: usize) -> Self {
        Self { users: Some(users), ..self }
    }

    /// How many days, from the start on.
    #[must_use]
    pub fn days(self, days: u32) -> Self {
        Self { days, ..self }
    }

    /// Another seed gives another company and other calls; the stories stay.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The first day (UTC). The stories count weeks from it; it should be a Monday.
    #[must_use]
    pub fn start(self, start: NaiveDate) -> Self {
        Self { start, ..self }
    }

    /// How many threads work; the rows do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    fn user_count(&self) -> usize {
        self.users.unwrap_or_else(|| USERS.max((self.sessions / SESSIONS_PER_USER) as usize))
    }

    /// Writes both databases as a mirror into a directory, which is created if need be.
    ///
    /// # Errors
    ///
    /// If the numbers asked for do not make a sample, or the directory cannot be written.
    pub fn write_to(&self, dir: &Path) -> Result<()> {
        self.write_watched(dir, &|_, _| {})
    }

    /// The same, telling how many days are done, and of how many, whenever one is.
    ///
    /// # Errors
    ///
    /// As [`Sample::write_to`].
    pub fn write_watched(&self, dir: &Path, done: &Done<'_>) -> Result<()> {
        let plan = self.plan()?;
        write::to_mirror(dir, |sink| {
            generate::run(&plan, sink, self.sessions >= DAILY_FILES, self.threads, done)
        })
    }

    /// Both databases in memory: every published table with all its rows, in order of names.
    ///
    /// # Errors
    ///
    /// If the numbers asked for do not make a sample.
    pub fn tables(&self) -> Result<Vec<(&'static Table, RecordBatch)>> {
        let collected = Collected::default();
        let by_day = self.sessions >= DAILY_FILES;
        generate::run(&self.plan()?, &collected, by_day, self.threads, &|_, _| {})?;
        collected.into_tables()
    }

    fn plan(&self) -> Result<Plan> {
        if self.days == 0 {
            return Err(Error::usage("a sample of no days has nothing in it")
                .hinted("ask for 1 day or more"));
        }
        if self.user_count() < FEWEST_USERS {
            return Err(Error::usage(format!(
                "{} users are too few for the stories",
                self.user_count()
            ))
            .hinted(format!("ask for {FEWEST_USERS} users or more")));
        }
        Plan::new(self)
    }
}
