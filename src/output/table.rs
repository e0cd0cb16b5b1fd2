//! The table for people: a box fitted to the terminal, head and tail of long results.
//!
//! Widths come from the first rows: all of them when `max_rows` bounds what is shown, else a
//! first window. A later value that is wider is cut on a terminal and sticks out elsewhere.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};

use super::cell::Cells;
use super::head_tail::HeadTail;
use super::layout::{Slot, fit};
use super::text::{grouped, printable, shorten, width};
use super::{BatchWriter, Sink, Style, unwritten};
use crate::Result;

/// Rows that are measured before the first is drawn.
const WINDOW: usize = 1_000;

pub(super) struct Table {
    out: BufWriter<Sink>,
    columns: Vec<Column>,
    style: Style,
    held: HeadTail,
    /// None until the widths are known.
    slots: Option<Vec<Slot>>,
}

struct Column {
    title: String,
    number: bool,
}

impl Table {
    pub fn new(schema: &SchemaRef, sink: Sink, style: &Style) -> Self {
        let columns = schema.fields().iter().map(|field| Column {
            title: printable(field.name()).into_owned(),
            number: is_number(field.data_type()),
        });
        Self {
            out: BufWriter::new(sink),
            columns: columns.collect(),
            style: style.clone(),
            held: HeadTail::new(style.max_rows),
            slots: None,
        }
    }

    /// Measures what is held, draws the top and the rows of the head.
    fn begin(&mut self) -> Result<Vec<Slot>> {
        let slots = fit(&self.natural_widths()?, self.style.width);
        let mut text = String::new();
        rule(&slots, ['┌', '┬', '┐'], &mut text);
        self.titles(&slots, &mut text);
        rule(&slots, ['├', '┼', '┤'], &mut text);
        for batch in self.held.head() {
            self.rows(batch, &slots, &mut text)?;
        }
        self.put(&text)?;
        Ok(slots)
    }

    fn natural_widths(&self) -> Result<Vec<usize>> {
        let mut widths: Vec<usize> =
            self.columns.iter().map(|column| width(&column.title)).collect();
        let mut value = String::new();
        for batch in self.held.head().iter().chain(self.held.tail()) {
            let cells = Cells::new(batch)?;
            for (column, widest) in widths.iter_mut().enumerate() {
                for row in 0..batch.num_rows() {
                    let text = self.value(&cells, row, column, &mut value)?.0;
                    *widest = width(&printable(text)).max(*widest);
                }
            }
        }
        Ok(widths)
    }

    /// The text of a value, and whether it is one.
    fn value<'a>(
        &'a self,
        cells: &Cells<'_>,
        row: usize,
        column: usize,
        text: &'a mut String,
    ) -> Result<(&'a str, bool)> {
        text.clear();
        let present = cells.write(row, column, text)?;
        Ok((if present { text } else { &self.style.null }, present))
    }

    fn titles(&self, slots: &[Slot], text: &mut String) {
        for slot in slots {
            text.push_str("│ ");
            match slot {
                Slot::Gap => text.push('…'),
                Slot::Column { index, width } => {
                    let column = &self.columns[*index];
                    let title = shorten(&column.title, *width);
                    pad(&title, *width, column.number, self.style.paint(BOLD), text);
                }
            }
            text.push(' ');
        }
        text.push_str("│\n");
    }

    fn rows(&self, batch: &RecordBatch, slots: &[Slot], text: &mut String) -> Result<()> {
        let cells = Cells::new(batch)?;
        let mut value = String::new();
        for row in 0..batch.num_rows() {
            for slot in slots {
                text.push_str("│ ");
                match slot {
                    Slot::Gap => text.push('…'),
                    Slot::Column { index, width } => {
                        let (raw, present) = self.value(&cells, row, *index, &mut value)?;
                        let safe = printable(raw);
                        let fitted =
                            if self.style.width.is_some() { shorten(&safe, *width) } else { safe };
                        let color = if present { "" } else { self.style.paint(DIM) };
                        pad(&fitted, *width, self.columns[*index].number, color, text);
                    }
                }
                text.push(' ');
            }
            text.push_str("│\n");
        }
        Ok(())
    }

    /// The row that stands for those left out, and the rows of the tail.
    fn draw_tail(&mut self, slots: &[Slot]) -> Result<()> {
        let mut text = String::new();
        if self.held.kept() < self.held.seen() {
            for slot in slots {
                let right =
                    matches!(slot, Slot::Column { index, .. } if self.columns[*index].number);
                text.push_str("│ ");
                pad("·", slot.width(), right, "", &mut text);
                text.push(' ');
            }
            text.push_str("│\n");
        }
        for batch in self.held.tail() {
            self.rows(batch, slots, &mut text)?;
        }
        self.put(&text)
    }

    /// Says what is not shown; None when everything is.
    fn footer(&self, slots: &[Slot]) -> Option<String> {
        let (seen, kept) = (self.held.seen(), self.held.kept());
        let columns = slots.iter().filter(|slot| matches!(slot, Slot::Column { .. })).count();
        let mut parts = Vec::new();
        if self.style.max_rows.is_some() && kept < seen {
            parts.push(format!("{} rows ({} shown)", grouped(seen), grouped(kept)));
        }
        if columns < self.columns.len() {
            parts.push(format!("{} columns ({columns} shown)", self.columns.len()));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn put(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(unwritten)
    }
}

impl BatchWriter for Table {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(slots) = &self.slots {
            let mut text = String::new();
            self.rows(batch, slots, &mut text)?;
            return self.put(&text);
        }
        self.held.push(batch);
        if self.style.max_rows.is_none() && self.held.kept() >= WINDOW {
            self.slots = Some(self.begin()?);
            self.held.clear();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let slots = match self.slots.take() {
            Some(slots) => slots,
            None => {
                let slots = self.begin()?;
                self.draw_tail(&slots)?;
                slots
            }
        };
        let mut text = String::new();
        rule(&slots, ['└', '┴', '┘'], &mut text);
        if let Some(footer) = self.footer(&slots) {
            text.extend([" ", &footer, "\n"]);
        }
        self.put(&text)?;
        self.out.flush().map_err(unwritten)
    }
}

pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric() || matches!(data_type, DataType::Duration(_))
}

fn rule(slots: &[Slot], [left, middle, right]: [char; 3], text: &mut String) {
    for (at, slot) in slots.iter().enumerate() {
        text.push(if at == 0 { left } else { middle });
        text.extend(std::iter::repeat_n('─', slot.width() + 2));
    }
    text.push(right);
    text.push('\n');
}

pub(super) const BOLD: &str = "\x1b[1m";
pub(super) const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// Appends the value padded to the width, in the colour unless that is empty.
fn pad(value: &str, size: usize, right: bool, color: &str, text: &mut String) {
    let blanks = std::iter::repeat_n(' ', size.saturating_sub(width(value)));
    if right {
        text.extend(blanks.clone());
    }
    paint(value, color, text);
    if !right {
        text.extend(blanks);
    }
}

pub(super) fn paint(value: &str, color: &str, text: &mut String) {
    text.extend([color, value, if color.is_empty() { "" } else { PLAIN }]);
}
