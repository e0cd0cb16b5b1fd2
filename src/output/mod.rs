//! Result rows in the formats people and programs read; knows Arrow only.
//!
//! Every format writes batch by batch: a result of any length takes the memory of a few batches.

mod cell;
mod delimited;
mod format;
mod head_tail;
mod ipc;
mod json;
mod layout;
mod markdown;
mod parquet;
mod table;
mod text;
mod titles;
mod vertical;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

pub use format::Format;

use crate::{Error, Result};

/// Where the bytes of a result go.
pub type Sink = Box<dyn Write + Send>;

/// How the formats for people look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal to fit a table into; None cuts nothing.
    pub width: Option<usize>,
    /// Rows of a table or vertical listing to show, half from the head and half from the tail;
    /// None shows all.
    pub max_rows: Option<usize>,
    /// Bold titles and dim NULLs.
    pub color: bool,
    /// What stands for NULL in a table, a vertical listing and Markdown.
    pub null: String,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: None, max_rows: None, color: false, null: "NULL".to_string() }
    }
}

impl Style {
    /// The escape sequence, or nothing when colour is off.
    fn paint(&self, color: &'static str) -> &'static str {
        if self.color { color } else { "" }
    }
}

/// Writes one result.
///
/// Every error but a failed write is of kind usage or internal; a failed write is of kind source.
pub trait BatchWriter: Send {
    /// Writes the next rows; their schema is the one that the writer was made with.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what is still held, the end of the format, and flushes; to be called once.
    fn finish(&mut self) -> Result<()>;
}

/// A writer of the format for rows of the schema, whose field names are the titles.
pub fn writer(
    format: Format,
    schema: SchemaRef,
    sink: Sink,
    style: &Style,
) -> Result<Box<dyn BatchWriter>> {
    Ok(match format {
        Format::Table => Box::new(table::Table::new(&schema, sink, style)),
        Format::Vertical => Box::new(vertical::Vertical::new(&schema, sink, style)),
        Format::Csv => Box::new(delimited::Delimited::new(&schema, sink, b',')?),
        Format::Tsv => Box::new(delimited::Delimited::new(&schema, sink, b'\t')?),
        Format::Json => Box::new(json::Array::new(&schema, sink)),
        Format::Ndjson => Box::new(json::Lines::new(&schema, sink)),
        Format::Markdown => Box::new(markdown::Markdown::new(&schema, sink, style)?),
        Format::Parquet => Box::new(parquet::Parquet::new(&schema, sink)?),
        Format::Arrow => Box::new(ipc::Ipc::new(&schema, sink)?),
    })
}

/// Rows that a format could not take: because the write failed, or for their types.
fn not_held(format: &'static str) -> impl Fn(ArrowError) -> Error {
    move |error| match error {
        ArrowError::IoError(_, cause) => unwritten(cause),
        error => Error::usage(format!("{format} cannot hold this result: {error}"))
            .hinted("cast the column to text, or choose another format"),
    }
}

/// A write that failed; the caller knows where to and names it.
fn unwritten(cause: io::Error) -> Error {
    Error::source(format!("the result could not be written: {cause}"))
}
