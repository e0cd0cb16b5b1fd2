//! The rows of one group, or of a window's frame.

use std::collections::VecDeque;
use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

use super::CollectedFunction;
use super::layout::{Layout, Rows, at, bytes, pick};

#[derive(Debug)]
pub(super) struct Collector {
    function: CollectedFunction,
    layout: Layout,
    /// Rows as they came.
    chunks: VecDeque<Rows>,
    /// The memory of the rows, kept because it is asked for after every batch.
    bytes: usize,
}

impl Collector {
    pub(super) fn new(function: CollectedFunction, layout: Layout) -> Self {
        Self { function, layout, chunks: VecDeque::new(), bytes: 0 }
    }

    fn usable(&self, rows: &[ArrayRef]) -> Result<Rows> {
        pick(rows, self.layout.usable(rows)?.as_ref())
    }

    fn append(&mut self, chunk: Rows) {
        if chunk.first().is_some_and(|column| !column.is_empty()) {
            self.bytes += bytes(&chunk);
            self.chunks.push_back(chunk);
        }
    }

    fn arguments_in_order(&mut self) -> Result<Rows> {
        let rows = self.layout.concat(self.chunks.make_contiguous())?;
        let arguments = self.layout.arguments(&rows);
        if !self.layout.is_ordered() {
            return Ok(arguments.to_vec());
        }
        at(arguments, &self.layout.order(None, &rows)?)
    }
}

impl Accumulator for Collector {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let usable = self.usable(values)?;
        self.append(usable);
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |lists| lists.len());
        for row in (0..rows).filter(|&row| states[0].is_valid(row)) {
            let columns = states.iter().map(|lists| lists.as_list::<i32>().value(row));
            self.append(columns.collect());
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        if self.chunks.is_empty() {
            let null_list = |item: &_| ScalarValue::new_null_list(Clone::clone(item), true, 1);
            return Ok(self.layout.types.iter().map(null_list).collect());
        }
        let rows = self.layout.concat(self.chunks.make_contiguous())?;
        let list = |column| Arc::new(SingleRowListArrayBuilder::new(column).build_list_array());
        Ok(rows.into_iter().map(|column| ScalarValue::List(list(column))).collect())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.chunks.is_empty() {
            return ScalarValue::try_from(&(self.function.returns)());
        }
        (self.function.evaluate)(&self.arguments_in_order()?)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }

    /// A window's frame gives up its oldest rows first.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut rows = self.usable(values)?.first().map_or(0, |column| column.len());
        while let Some(mut chunk) = self.chunks.pop_front() {
            self.bytes -= bytes(&chunk);
            let length = chunk[0].len();
            if length > rows {
                chunk.iter_mut().for_each(|c| *c = c.slice(rows, length - rows));
                self.bytes += bytes(&chunk);
                self.chunks.push_front(chunk);
                break;
            }
            rows -= length;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}
