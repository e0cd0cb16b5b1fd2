//! JSON: one array, or one object on each line.
//!
//! A NULL is written as `null`, so that every object has every name. Timestamps are ISO 8601
//! text, with `Z` where the type has a zone; binary, durations and intervals are the text of
//! `cell`. Decimals are numbers with all their digits; NaN and infinities, which JSON lacks, are
//! `null`. A second column of the same title is called `title_2`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{
    Encoder, EncoderFactory, EncoderOptions, JsonFormat, LineDelimited, NullableEncoder, Writer,
    WriterBuilder,
};
use arrow::util::display::DisplayIndex;

use super::cell::{Counts, Durations, Hex, Timestamps};
use super::titles::{distinct, retitled};
use super::{BatchWriter, Sink, not_held, unwritten};
use crate::Result;

/// `[` row `,` row `]`, a row on each line.
pub(super) struct Array {
    rows: Writer<BufWriter<Sink>, RowPerLine>,
    schema: SchemaRef,
    empty: bool,
}

impl Array {
    pub fn new(schema: &SchemaRef, sink: Sink) -> Self {
        Self { rows: options().build(BufWriter::new(sink)), schema: distinct(schema), empty: true }
    }
}

impl BatchWriter for Array {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.empty &= batch.num_rows() == 0;
        write_rows(&mut self.rows, batch, &self.schema)
    }

    fn finish(&mut self) -> Result<()> {
        let end = if self.empty { "[]\n" } else { "\n]\n" };
        let out = self.rows.get_mut();
        out.write_all(end.as_bytes()).and_then(|()| out.flush()).map_err(unwritten)
    }
}

/// One object on each line.
pub(super) struct Lines {
    rows: Writer<BufWriter<Sink>, LineDelimited>,
    schema: SchemaRef,
}

impl Lines {
    pub fn new(schema: &SchemaRef, sink: Sink) -> Self {
        Self { rows: options().build(BufWriter::new(sink)), schema: distinct(schema) }
    }
}

impl BatchWriter for Lines {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        write_rows(&mut self.rows, batch, &self.schema)
    }

    fn finish(&mut self) -> Result<()> {
        self.rows.get_mut().flush().map_err(unwritten)
    }
}

fn write_rows<F: JsonFormat>(
    rows: &mut Writer<BufWriter<Sink>, F>,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<()> {
    retitled(batch, schema).and_then(|batch| rows.write(&batch)).map_err(not_held("JSON"))
}

fn options() -> WriterBuilder {
    WriterBuilder::new()
        .with_explicit_nulls(true)
        .with_datetime_format("%Y-%m-%d".to_string())
        .with_encoder_factory(Arc::new(AsText))
}

/// The array's punctuation; its end is written by `finish`, which knows whether it is empty.
#[derive(Debug, Default)]
struct RowPerLine;

impl JsonFormat for RowPerLine {
    fn start_row<W: Write>(&self, writer: &mut W, first: bool) -> Result<(), ArrowError> {
        Ok(writer.write_all(if first { b"[\n" } else { b",\n" })?)
    }
}

/// Encodes the types that JSON has no form for as the text that other formats show.
#[derive(Debug)]
struct AsText;

impl EncoderFactory for AsText {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn arrow::array::Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let display: Option<Box<dyn DisplayIndex + 'a>> = match array.data_type() {
            DataType::Timestamp(unit, zone) => {
                let zone = if zone.is_some() { "Z" } else { "" };
                Some(Box::new(Timestamps {
                    counts: Counts::new(array, *unit),
                    separator: 'T',
                    zone,
                }))
            }
            DataType::Duration(unit) => Some(Box::new(Durations(Counts::new(array, *unit)))),
            _ => Hex::new(array).map(|hex| Box::new(hex) as _),
        };
        Ok(display.map(|display| {
            NullableEncoder::new(
                Box::new(Quoted { display, text: String::new() }),
                array.nulls().cloned(),
            )
        }))
    }
}

/// A text in quotes; none of ours holds a character that JSON escapes.
struct Quoted<'a> {
    display: Box<dyn DisplayIndex + 'a>,
    text: String,
}

impl Encoder for Quoted<'_> {
    fn encode(&mut self, index: usize, out: &mut Vec<u8>) {
        self.text.clear();
        let written = self.text.write_char('"').is_ok()
            && self.display.write(index, &mut self.text).is_ok()
            && self.text.write_char('"').is_ok();
        // A timestamp beyond the calendar has no text, and an encoder no way to fail.
        out.extend_from_slice(if written { self.text.as_bytes() } else { b"null" });
    }
}
