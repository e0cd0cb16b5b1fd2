//! How far a run has come, for others to look at while it works.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A run's tables in the order in which they are read. Empty before the plan is made.
#[derive(Debug, Default)]
pub struct RunProgress(Mutex<Vec<Arc<TableProgress>>>);

impl RunProgress {
    pub(super) fn set(&self, tables: Vec<Arc<TableProgress>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tables;
    }

    pub fn tables(&self) -> Vec<Arc<TableProgress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What became of a table so far.
#[derive(Debug)]
pub struct TableProgress {
    /// `LcsCDR.dbo.Users`
    pub name: String,
    /// Rows that are believed to come; 0 if nobody knows.
    expected: AtomicU64,
    state: AtomicU8,
    read: AtomicU64,
    added: AtomicU64,
    changed: AtomicU64,
    replaced: AtomicU64,
    notes: Mutex<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Reading,
    Done,
}

impl TableProgress {
    pub(super) fn new(name: String, estimate: Option<u64>) -> Self {
        Self {
            name,
            expected: AtomicU64::new(estimate.unwrap_or(0)),
            state: AtomicU8::new(0),
            read: AtomicU64::new(0),
            added: AtomicU64::new(0),
            changed: AtomicU64::new(0),
            replaced: AtomicU64::new(0),
            notes: Mutex::default(),
        }
    }

    pub fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            0 => State::Waiting,
            1 => State::Reading,
            _ => State::Done,
        }
    }

    pub(super) fn set(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// Rows that are believed to come, if anybody knows.
    pub fn expected(&self) -> Option<u64> {
        Some(self.expected.load(Ordering::Relaxed)).filter(|rows| *rows > 0)
    }

    /// Fewer rows than the table has.
    pub(super) fn expect(&self, rows: u64) {
        self.expected.store(rows, Ordering::Relaxed);
    }

    /// Rows that came from the server.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Rows that the mirror did not have.
    pub fn added(&self) -> u64 {
        self.added.load(Ordering::Relaxed)
    }

    /// Rows that the mirror had with another content.
    pub fn changed(&self) -> u64 {
        self.changed.load(Ordering::Relaxed)
    }

    /// Characters that could not be kept, or were replacement characters already.
    pub fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Relaxed)
    }

    /// What somebody should know of it.
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, note: String) {
        tracing::warn!(table = self.name, note);
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    pub(super) fn add_read(&self, rows: usize) {
        self.read.fetch_add(rows as u64, Ordering::Relaxed);
    }

    pub(super) fn add_merged(&self, added: u64, changed: u64) {
        self.added.fetch_add(added, Ordering::Relaxed);
        self.changed.fetch_add(changed, Ordering::Relaxed);
    }

    pub(super) fn add_replaced(&self, characters: u64) {
        self.replaced.fetch_add(characters, Ordering::Relaxed);
    }
}
