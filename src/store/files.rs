//! Makes data files, and knows which of them nobody names yet.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;

use super::data_file::DataFile;
use super::def::TableDef;
use super::file_writer::FileWriter;
use super::merge::{self, Merged};
use super::period::Period;
use super::upsert::Upsert;
use crate::Result;

/// Makes a mirror's data files. Any number of threads may hold one; what they make is part of the
/// mirror once the [`super::Writer`] has committed it.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
    uncommitted: Uncommitted,
}

impl Files {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, uncommitted: Uncommitted::default() }
    }

    /// Starts a data file.
    pub fn create(&self, table: &TableDef, period: Period) -> Result<FileWriter> {
        FileWriter::create(&self.root, table, period, &self.uncommitted)
    }

    /// Joins new rows with those of old files, by primary key: a new row wins over the old one, an
    /// old row that is not among the new ones stays. Of new rows with equal keys the last wins. The
    /// new rows are held in memory, the old ones pass through.
    pub fn merge(
        &self,
        table: &TableDef,
        period: Period,
        old: &[&DataFile],
        new: &[RecordBatch],
    ) -> Result<Merged> {
        let out = self.create(table, period)?;
        merge::merge(&self.root, table, old, new, out)
    }

    /// Starts to read a table anew in one go, however large it is, over the files that it has.
    pub fn upsert(&self, table: &TableDef, old: &[DataFile]) -> Result<Upsert> {
        Upsert::new(&self.root, table, old, self.create(table, Period::All)?)
    }

    /// A file's rows, with the table's present columns.
    pub fn read(
        &self,
        table: &TableDef,
        file: &DataFile,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        merge::read(&self.root, table, file)
    }

    /// Forgets a file that nobody needs.
    pub fn discard(&self, file: &DataFile) {
        // If it cannot be removed now, `retain` will do it.
        let _ = std::fs::remove_file(self.root.join(&file.path));
        self.committed(file);
    }

    pub(super) fn is_uncommitted(&self, path: &str) -> bool {
        self.uncommitted.with(|paths| paths.contains(path))
    }

    pub(super) fn committed(&self, file: &DataFile) {
        self.uncommitted.remove(&file.path);
    }
}

/// Files that are being written or wait to be committed, so that nobody takes them for rubbish.
#[derive(Debug, Clone, Default)]
pub(super) struct Uncommitted(Arc<Mutex<HashSet<String>>>);

impl Uncommitted {
    pub fn with<T>(&self, f: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        // A set of names cannot be left half-changed, so a poisoned lock does no harm.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn remove(&self, path: &str) {
        self.with(|paths| paths.remove(path));
    }
}
