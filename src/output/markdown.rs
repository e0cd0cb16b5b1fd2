//! A GitHub Markdown table: pipes and backslashes escaped, line breaks as `<br>`.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cell::Cells;
use super::table::is_number;
use super::text::printable;
use super::{BatchWriter, Sink, Style, unwritten};
use crate::Result;

pub(super) struct Markdown {
    out: BufWriter<Sink>,
    null: String,
}

impl Markdown {
    /// Writes the titles and the line of dashes, which says how columns are aligned.
    pub fn new(schema: &SchemaRef, sink: Sink, style: &Style) -> Result<Self> {
        let mut writer = Self { out: BufWriter::new(sink), null: style.null.clone() };
        let (mut titles, mut dashes) = (String::new(), String::new());
        for field in schema.fields() {
            cell(field.name(), &mut titles);
            dashes.push_str(if is_number(field.data_type()) { "| --: " } else { "| --- " });
        }
        writer.line(&titles)?;
        writer.line(&dashes)?;
        Ok(writer)
    }

    fn line(&mut self, cells: &str) -> Result<()> {
        writeln!(self.out, "{cells}|").map_err(unwritten)
    }
}

impl BatchWriter for Markdown {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        let (mut value, mut line) = (String::new(), String::new());
        for row in 0..batch.num_rows() {
            line.clear();
            for column in 0..batch.num_columns() {
                value.clear();
                let present = cells.write(row, column, &mut value)?;
                cell(if present { &value } else { &self.null }, &mut line);
            }
            self.line(&line)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(unwritten)
    }
}

/// Appends `| value `.
fn cell(value: &str, line: &mut String) {
    line.push_str("| ");
    for (at, part) in value.lines().enumerate() {
        line.push_str(if at > 0 { "<br>" } else { "" });
        for c in printable(part).chars() {
            if matches!(c, '|' | '\\') {
                line.push('\\');
            }
            line.push(c);
        }
    }
    line.push(' ');
}
