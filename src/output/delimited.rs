//! CSV as RFC 4180 has it, and the same with tabs.
//!
//! One header line; fields quoted only where they must be; lines end in `\n`, as `psql`, DuckDB
//! and Arrow write them. NULL is an empty field, the empty string is `""`. A line of one column
//! is never blank, because readers skip blank lines: there NULL is `""` too.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cell::Cells;
use super::{BatchWriter, Sink, unwritten};
use crate::Result;

pub(super) struct Delimited {
    out: BufWriter<Sink>,
    separator: u8,
    line: String,
}

impl Delimited {
    /// Writes the header line; the separator is an ASCII character.
    pub fn new(schema: &SchemaRef, sink: Sink, separator: u8) -> Result<Self> {
        let mut writer = Self { out: BufWriter::new(sink), separator, line: String::new() };
        for (at, field) in schema.fields().iter().enumerate() {
            writer.separate(at);
            quote(field.name(), separator, &mut writer.line);
        }
        writer.end_line()?;
        Ok(writer)
    }

    fn separate(&mut self, column: usize) {
        if column > 0 {
            self.line.push(char::from(self.separator));
        }
    }

    fn end_line(&mut self) -> Result<()> {
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes()).map_err(unwritten)?;
        self.line.clear();
        Ok(())
    }
}

impl BatchWriter for Delimited {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        let alone = batch.num_columns() == 1;
        let mut value = String::new();
        for row in 0..batch.num_rows() {
            for column in 0..batch.num_columns() {
                self.separate(column);
                value.clear();
                if cells.write(row, column, &mut value)? || alone {
                    quote(&value, self.separator, &mut self.line);
                }
            }
            self.end_line()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(unwritten)
    }
}

/// Appends the field, in quotes if it is empty or holds a character that has a meaning.
fn quote(value: &str, separator: u8, line: &mut String) {
    let special = |byte: u8| byte == separator || matches!(byte, b'"' | b'\n' | b'\r');
    if !value.is_empty() && !value.bytes().any(special) {
        return line.push_str(value);
    }
    line.push('"');
    for (at, part) in value.split('"').enumerate() {
        line.push_str(if at > 0 { "\"\"" } else { "" });
        line.push_str(part);
    }
    line.push('"');
}
