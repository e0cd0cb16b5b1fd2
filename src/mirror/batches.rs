//! Rows of an answer, gathered into record batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::SchemaRef;

use super::builder::Builder;
use super::catalog::SourceTable;
use super::fault::Fault;
use super::wire::{Row, WireColumn, WireType};
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
    /// How the values of each column come.
    wire_types: Vec<WireType>,
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
            wire_types: Vec::new(),
            rows: 0,
            bytes: 0,
            most_rows: most_rows.min(ROWS),
        })
    }

    /// Takes the columns of an answer, which must be those that were asked for.
    pub fn begin(&mut self, columns: &[WireColumn]) -> Result<(), Fault> {
        if columns.len() != self.builders.len() {
            let message = "the answer has other columns than asked for";
            return Err(Fault::Passing(Error::source(message)));
        }
        self.wire_types = columns.iter().map(|column| column.wire_type).collect();
        Ok(())
    }

    /// Takes a row; returns a batch whenever one is full.
    pub fn push(&mut self, mut row: Row<'_>) -> Result<Option<RecordBatch>, Fault> {
        let columns = self.builders.iter_mut().zip(&self.wire_types);
        for (index, (builder, wire_type)) in columns.enumerate() {
            let appended = builder.append(*wire_type, row.value(index));
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

    /// Characters so far that no text can hold.
    pub fn replaced(&self) -> u64 {
        self.builders.iter().map(Builder::replaced).sum()
    }
}
