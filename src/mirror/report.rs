//! What a pass did.

use std::time::Duration;

use super::differences::Difference;
use super::progress::TableProgress;
use crate::store::{SnapshotId, TableEntry};

#[derive(Debug, Clone)]
pub struct Report {
    pub snapshot: SnapshotId,
    pub tables: Vec<TableReport>,
    pub differences: Vec<Difference>,
    pub elapsed: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableReport {
    /// `LcsCDR.dbo.Users`
    pub table: String,
    /// Rows that came from the server.
    pub read: u64,
    pub added: u64,
    pub changed: u64,
    /// Rows that the mirror has now.
    pub rows: u64,
    /// Replacement characters among the text that was read.
    pub replaced_characters: u64,
    pub notes: Vec<String>,
}

impl TableReport {
    pub(super) fn new(progress: &TableProgress, entry: Option<&TableEntry>) -> Self {
        Self {
            table: progress.name.clone(),
            read: progress.read(),
            added: progress.added(),
            changed: progress.changed(),
            rows: entry.map_or(0, TableEntry::rows),
            replaced_characters: progress.replaced(),
            notes: progress.notes(),
        }
    }
}

impl Report {
    /// Rows that came from the server.
    pub fn read(&self) -> u64 {
        self.tables.iter().map(|table| table.read).sum()
    }
}
