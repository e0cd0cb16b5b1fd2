//! What the user decides about a run.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use super::exclude::Exclusions;
use super::hours::Hours;
use super::retry::Retry;
use crate::schema;

/// What to do with a source whose ids have begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rebuilt {
    /// Stop before anything is changed.
    #[default]
    Refuse,
    /// It is the same source after all: go on, the server's rows win.
    Merge,
    /// Begin anew; what was mirrored stays in older snapshots only.
    Replace,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub databases: Vec<String>,
    pub exclusions: Exclusions,
    /// So much of the latest time is read again, because rows are completed after they appear.
    pub overlap: Duration,
    pub connections: NonZeroUsize,
    pub max_rows_per_second: Option<NonZeroU32>,
    /// When the server may be read; None for always.
    pub hours: Option<Hours>,
    /// Do not wait for others' transactions, and see what they may take back.
    pub dirty_reads: bool,
    /// Look for changed rows also where that reads a large table from end to end.
    pub search_all_changes: bool,
    pub rebuilt: Rebuilt,
    pub retry: Retry,
    /// How many snapshots to keep.
    pub keep_snapshots: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();
        const A_WEEK_OF_HOURS: NonZeroUsize = NonZeroUsize::new(7 * 24).unwrap();
        Self {
            databases: schema::DATABASES.map(String::from).into(),
            exclusions: Exclusions::default(),
            overlap: Duration::from_secs(3 * 24 * 3600),
            connections: TWO,
            max_rows_per_second: None,
            hours: None,
            dirty_reads: false,
            search_all_changes: false,
            rebuilt: Rebuilt::Refuse,
            retry: Retry::default(),
            keep_snapshots: A_WEEK_OF_HOURS,
        }
    }
}
