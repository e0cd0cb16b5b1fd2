//! Rows of an answer, gathered into record batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::SchemaRef;
use tiberius::Row;

use super::builder::Builder;
use super::catalog::SourceTable;
use super::fault::Fault;
use crate::Error;

/// Rows of a batch, unless they are large.
const ROWS: usize = 8 * 1024;
/// Bytes of a batch, roughly.
const BYTES: usize = 8 << 20;

/// Gathers a table's rows. Columns that the mirror has and the server no longer are NULL.
pub struct Batches<'a> {
    table: &'a SourceTable,
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
    bytes: usize,
    most_rows: usize,
}

impl<'a> Batches<'a> {
    /// `most_rows` keeps the batches smaller than they would be.
    pub fn new(table: &'a SourceTable, most_rows: usize) -> Result<Self, Error> {
        let builders = table.columns.iter().map(|column| {
            Builder::new(&column.reading).ok_or_else(|| {
                Error::internal(format!("{}: no array for {}", column.name, column.declared))
            })
        });
        Ok(Self {
            table,
            schema: Arc::clone(&table.def.columns),
            builders: builders.collect::<Result<_, _>>()?,
            rows: 0,
            bytes: 0,
            most_rows: most_rows.min(ROWS),
        })
    }

    /// Takes a row; returns a batch whenever one is full.
    pub fn push(&mut self, row: Row) -> Result<Option<RecordBatch>, Fault> {
        if row.len() != self.builders.len() {
            return Err(Fault::Passing(Error::source(
                "the answer has other columns than asked for",
            )));
        }
        for (index, value) in row.into_iter().enumerate() {
            let appended = self.builders[index].append(value);
            self.bytes += appended.map_err(|found| {
                let column = &self.table.columns[index];
                Fault::Lasting(Error::source(format!(
                    "{}: column {} is {}, but the server sent {}",
                    self.table.def, column.name, column.declared, found.0
                )))
            })?;
        }
        self.rows += 1;
        let full = self.rows >= self.most_rows || self.bytes >= BYTES;
        if full { self.finish() } else { Ok(None) }
    }

    /// The rows since the last batch, if there are any.
    pub fn finish(&mut self) -> Result<Option<RecordBatch>, Fault> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows == 0 {
            return Ok(None);
        }
        let mut columns: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let gone = self.schema.fields().iter().skip(columns.len());
        let gone: Vec<ArrayRef> =
            gone.map(|field| new_null_array(field.data_type(), rows)).collect();
        columns.extend(gone);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map(Some)
            .map_err(|e| Fault::Lasting(Error::source(format!("{}: {e}", self.table.def))))
    }

    /// Replacement characters in the text so far.
    pub fn replaced(&self) -> u64 {
        self.builders.iter().map(Builder::replaced).sum()
    }
}
