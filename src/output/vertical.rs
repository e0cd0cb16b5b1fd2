//! One line for each value: for rows too wide for a table. Values are never cut.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::cell::Cells;
use super::head_tail::HeadTail;
use super::table::{BOLD, DIM, paint};
use super::text::{grouped, printable, width};
use super::{BatchWriter, Sink, Style, unwritten};
use crate::Result;

/// The line above a record is this long when no terminal says otherwise.
const RULE: usize = 40;

pub(super) struct Vertical {
    out: BufWriter<Sink>,
    /// Titles, padded to one width.
    titles: Vec<String>,
    style: Style,
    held: HeadTail,
    /// Number of the last record written.
    record: usize,
}

impl Vertical {
    pub fn new(schema: &SchemaRef, sink: Sink, style: &Style) -> Self {
        let titles: Vec<_> = schema.fields().iter().map(|field| printable(field.name())).collect();
        let widest = titles.iter().map(|title| width(title)).max().unwrap_or(0);
        let padded = titles.iter().map(|title| format!("{title}{:1$}", "", widest - width(title)));
        Self {
            out: BufWriter::new(sink),
            titles: padded.collect(),
            style: style.clone(),
            held: HeadTail::new(style.max_rows),
            record: 0,
        }
    }

    fn records(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        let (mut value, mut text) = (String::new(), String::new());
        for row in 0..batch.num_rows() {
            text.clear();
            self.record += 1;
            self.rule(&mut text);
            for (column, title) in self.titles.iter().enumerate() {
                value.clear();
                let present = cells.write(row, column, &mut value)?;
                paint(title, self.style.paint(BOLD), &mut text);
                text.push_str(" │ ");
                match present {
                    true => text.push_str(&printable(&value)),
                    false => paint(&self.style.null, self.style.paint(DIM), &mut text),
                }
                text.push('\n');
            }
            self.out.write_all(text.as_bytes()).map_err(unwritten)?;
        }
        Ok(())
    }

    fn rule(&self, text: &mut String) {
        let label = format!("─[ {} ]", grouped(self.record));
        let rest = self.style.width.unwrap_or(RULE).min(RULE).saturating_sub(width(&label));
        text.push_str(&label);
        text.extend(std::iter::repeat_n('─', rest));
        text.push('\n');
    }
}

impl BatchWriter for Vertical {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.style.max_rows.is_none() {
            return self.records(batch);
        }
        self.held.push(batch);
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let held = std::mem::replace(&mut self.held, HeadTail::new(None));
        for batch in held.head() {
            self.records(batch)?;
        }
        let hidden = held.seen() - held.kept();
        if hidden > 0 {
            writeln!(self.out, "· {} records not shown", grouped(hidden)).map_err(unwritten)?;
            self.record += hidden;
        }
        for batch in held.tail() {
            self.records(batch)?;
        }
        self.out.flush().map_err(unwritten)
    }
}
