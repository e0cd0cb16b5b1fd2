//! The one place where the sample meets the store.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;

use super::sink::{BatchSink, Sink, Span};
use crate::schema::Table;
use crate::store::{Change, DataFile, FileWriter, Period, TableChange, TableDef, Writer};
use crate::{Error, Result};

/// Opens a mirror for writing, has it filled, and publishes everything at once.
pub fn to_mirror(dir: &Path, fill: impl FnOnce(&dyn Sink) -> Result<()>) -> Result<()> {
    let mut sink = MirrorSink { writer: Writer::open(dir)?, done: Done::default() };
    fill(&sink)?;
    let changes = sink.changes();
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|e| Error::internal(format!("no runtime to commit the sample: {e}")))?;
    runtime.block_on(sink.writer.commit(changes)).map(|_| ())
}

/// Finished files of all tables.
type Done = Arc<Mutex<Vec<(&'static Table, DataFile)>>>;

struct MirrorSink {
    writer: Writer,
    done: Done,
}

struct MirrorFile {
    table: &'static Table,
    file: FileWriter,
    done: Done,
}

impl MirrorSink {
    /// Every table with its files, in order of their days.
    fn changes(&self) -> Vec<TableChange> {
        let mut done =
            std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        done.sort_by_key(|(table, file)| (table.database, table.name, file.period));
        done.chunk_by(|a, b| std::ptr::eq(a.0, b.0))
            .map(|files| TableChange {
                table: TableDef::from(files[0].0),
                change: Change::Whole(files.iter().map(|(_, file)| file.clone()).collect()),
                watermark: None,
            })
            .collect()
    }
}

impl Sink for MirrorSink {
    fn open(&self, table: &'static Table, span: Span) -> Result<Box<dyn BatchSink>> {
        let def = TableDef::from(table);
        let period = match span {
            // A table without a time key cannot be cut by time, only into several files.
            Span::Day(_) if def.time_key.is_none() => Period::All,
            Span::Day(date) => Period::Day(date),
            Span::All => Period::All,
        };
        let file = self.writer.file(&def, period)?;
        Ok(Box::new(MirrorFile { table, file, done: self.done.clone() }))
    }
}

impl BatchSink for MirrorFile {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.file.write(batch)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let data = self.file.finish()?;
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((self.table, data));
        Ok(())
    }
}
