//! Where finished batches go: a mirror on disk, or memory.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use chrono::NaiveDate;

use crate::schema::Table;
use crate::{Error, Result};

/// One file of one table.
pub trait BatchSink: Send {
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What rows a file holds: all of its table, or those of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    All,
    Day(NaiveDate),
}

/// Opens files; several threads may do so at once.
pub trait Sink: Sync {
    fn open(&self, table: &'static Table, span: Span) -> Result<Box<dyn BatchSink>>;
}

/// Every table in memory.
#[derive(Default, Clone)]
pub struct Collected {
    parts: Arc<Mutex<Vec<Part>>>,
}

struct Part {
    table: &'static Table,
    span: Span,
    batches: Vec<RecordBatch>,
}

struct CollectedFile {
    part: Part,
    parts: Arc<Mutex<Vec<Part>>>,
}

impl Collected {
    /// A file of the whole table.
    #[cfg(test)]
    pub fn of(&self, table: &'static Table) -> Box<dyn BatchSink> {
        self.file(table, Span::All)
    }

    fn file(&self, table: &'static Table, span: Span) -> Box<CollectedFile> {
        let part = Part { table, span, batches: Vec::new() };
        Box::new(CollectedFile { part, parts: self.parts.clone() })
    }

    /// One batch per table, days in order.
    pub fn into_tables(self) -> Result<Vec<(&'static Table, RecordBatch)>> {
        let mut parts =
            std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        parts.sort_by_key(|p| (p.table.database, p.table.name, p.day()));
        parts.chunk_by(|a, b| std::ptr::eq(a.table, b.table)).map(whole_table).collect()
    }
}

fn whole_table(parts: &[Part]) -> Result<(&'static Table, RecordBatch)> {
    let table = parts[0].table;
    let batches = parts.iter().flat_map(|p| &p.batches);
    let batch = concat_batches(&table.arrow_schema(), batches)
        .map_err(|e| Error::internal(format!("sample table {}: {e}", table.name)))?;
    Ok((table, batch))
}

impl Part {
    fn day(&self) -> Option<NaiveDate> {
        match self.span {
            Span::All => None,
            Span::Day(date) => Some(date),
        }
    }
}

impl Sink for Collected {
    fn open(&self, table: &'static Table, span: Span) -> Result<Box<dyn BatchSink>> {
        Ok(self.file(table, span))
    }
}

impl BatchSink for CollectedFile {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.part.batches.push(batch.clone());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(self.part);
        Ok(())
    }
}
