//! A table read anew in one go: its rows pass through, only their keys are held.

use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::compute::filter_record_batch;
use arrow::error::ArrowError;
use datafusion::common::hash_utils::RandomState;

use super::data_file::DataFile;
use super::def::TableDef;
use super::file_writer::FileWriter;
use super::merge::{Content, read};
use super::seen::Seen;
use crate::{Error, Result};

/// A table's rows as the source has them now. They replace the old rows by primary key; an old row
/// that the source no longer has stays.
pub struct Upsert {
    root: PathBuf,
    def: TableDef,
    old: Vec<DataFile>,
    out: FileWriter,
    /// None for a table without a primary key.
    seen: Option<Seen>,
    content: Content,
    rows: u64,
    /// Sum of the rows' hashes: the same for the same rows in any order. Not needed where there is
    /// nothing to compare with.
    checksum: u64,
}

/// What became of a table that was read anew.
#[derive(Debug)]
pub enum Upserted {
    /// The old files say the same.
    Unchanged,
    /// There are no rows, old or new.
    Empty,
    /// The file takes the place of every other; `kept` of its rows are the source's no longer.
    Merged { file: DataFile, kept: u64 },
    /// A table without a key has fewer rows than before, so nobody can tell which to keep.
    Shrunk { rows: u64, before: u64 },
    /// A key came twice: a row moved while the table was read, which is to be read again.
    Doubled,
}

impl Upsert {
    pub(super) fn new(
        root: &Path,
        def: &TableDef,
        old: &[DataFile],
        out: FileWriter,
    ) -> Result<Self> {
        Ok(Self {
            root: root.to_owned(),
            def: def.clone(),
            old: old.to_vec(),
            out,
            seen: (!def.primary_key.is_empty()).then(|| Seen::new(def)).transpose()?,
            content: Content::new(def)?,
            rows: 0,
            checksum: 0,
        })
    }

    /// Takes rows of the source, in any order.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if !self.old.is_empty() {
            self.checksum = self.checksum.wrapping_add(self.checksum_of(batch)?);
        }
        self.rows += batch.num_rows() as u64;
        let added = self.seen.as_mut().map_or(Ok(()), |seen| seen.add(batch));
        added.map_err(|e| self.failed(&e))?;
        self.out.write(batch)
    }

    /// Joins them with the rows of the old files.
    pub fn finish(mut self) -> Result<Upserted> {
        if self.seen.as_mut().is_some_and(Seen::close) {
            return Ok(Upserted::Doubled);
        }
        let mut former = 0_u64;
        let (mut kept, mut met) = (0, 0);
        for file in &self.old {
            for batch in read(&self.root, &self.def, file)? {
                let (gone, present) = self.divide(&batch?).map_err(|e| self.failed(&e))?;
                former = former.wrapping_add(self.checksum_of(&present)?);
                met += present.num_rows() as u64;
                kept += gone.num_rows() as u64;
                if self.seen.is_some() {
                    self.out.write(&gone)?;
                }
            }
        }
        let before = met + kept;
        match &self.seen {
            _ if self.rows + before == 0 => Ok(Upserted::Empty),
            _ if met == self.rows && former == self.checksum => Ok(Upserted::Unchanged),
            None if self.rows < before => Ok(Upserted::Shrunk { rows: self.rows, before }),
            _ => Ok(Upserted::Merged { file: self.out.finish()?, kept }),
        }
    }

    /// The old rows that the source no longer has, and those that it has. Without a key none are
    /// known to be gone.
    fn divide(&self, old: &RecordBatch) -> Result<(RecordBatch, RecordBatch), ArrowError> {
        let Some(seen) = &self.seen else { return Ok((old.slice(0, 0), old.clone())) };
        let present = seen.among(old)?;
        let gone = arrow::compute::not(&present)?;
        Ok((filter_record_batch(old, &gone)?, filter_record_batch(old, &present)?))
    }

    fn checksum_of(&self, batch: &RecordBatch) -> Result<u64> {
        let rows = self.content.rows(batch).map_err(|e| self.failed(&e))?;
        let hasher = RandomState::default();
        Ok(rows.iter().fold(0, |sum, row| hasher.hash_one(row.data()).wrapping_add(sum)))
    }

    fn failed(&self, cause: &ArrowError) -> Error {
        Error::source(format!("{}: {cause}", self.def))
    }
}
