//! How the histograms of groups are counted and merged: a vector of counts for each group, all
//! updated in one pass over a batch.

use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt64Array};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator,
    Signature,
};

use super::loglinear::{CELLS, cell};
use crate::named::equal_by_name;
use crate::parameter::{self, Parameter};

/// An aggregate whose result is a histogram.
pub(super) fn histogram(
    name: &'static str,
    parameters: &'static [Parameter],
    counts: Counts,
    documentation: Option<&'static Documentation>,
) -> AggregateUDF {
    let signature = parameter::signature(parameters);
    let function = Function { name, parameters, counts, documentation };
    AggregateUDF::new_from_impl(Adapter { function, signature })
}

/// Tells for each row of a column which cells it adds to, and how much.
pub(super) type Counts = fn(&ArrayRef, &mut dyn FnMut(usize, usize, u64));

pub(super) fn of_values(column: &ArrayRef, add: &mut dyn FnMut(usize, usize, u64)) {
    let usable = |value: &f64| value.is_finite() && *value >= 0.0;
    for (row, value) in column.as_primitive::<Float64Type>().iter().enumerate() {
        if let Some(value) = value.filter(usable) {
            add(row, cell(value as u64), 1);
        }
    }
}

pub(super) fn of_histograms(column: &ArrayRef, add: &mut dyn FnMut(usize, usize, u64)) {
    for (row, list) in column.as_list::<i32>().iter().enumerate() {
        let Some(list) = list else { continue };
        for (cell, count) in list.as_primitive::<UInt64Type>().iter().enumerate().take(CELLS) {
            add(row, cell, count.unwrap_or(0));
        }
    }
}

#[derive(Debug, Clone)]
struct Function {
    name: &'static str,
    parameters: &'static [Parameter],
    counts: Counts,
    documentation: Option<&'static Documentation>,
}

#[derive(Debug)]
struct Adapter {
    function: Function,
    signature: Signature,
}

impl AggregateUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        parameter::coerce(self.name(), self.function.parameters, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::UInt64, true))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let counts = Field::new_list_field(DataType::UInt64, true);
        Ok(vec![Arc::new(Field::new_list(format_state_name(args.name, "counts"), counts, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        parameter::refuse_distinct(&args)?;
        Ok(Box::new(Histograms::new(self.function.counts, 1)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Histograms::new(self.function.counts, 0)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);

/// The histograms of groups.
#[derive(Debug)]
pub(super) struct Histograms {
    counts: Counts,
    /// Counts by cell, up to the last cell that has any.
    pub(super) groups: Vec<Vec<u64>>,
    /// How many cells the groups have together.
    cells: usize,
}

impl Histograms {
    pub(super) fn new(counts: Counts, groups: usize) -> Self {
        Self { counts, groups: vec![vec![]; groups], cells: 0 }
    }

    pub(super) fn count(&mut self, group: usize, cell: usize, count: u64) {
        let counts = &mut self.groups[group];
        if cell >= counts.len() {
            self.cells += cell + 1 - counts.len();
            counts.resize(cell + 1, 0);
        }
        counts[cell] = counts[cell].saturating_add(count);
    }

    /// Adds the rows of a column to their groups; none for a row that does not count.
    fn add(&mut self, column: &ArrayRef, counts: Counts, group: impl Fn(usize) -> Option<usize>) {
        counts(column, &mut |row, cell, count| {
            if let Some(group) = group(row) {
                self.count(group, cell, count);
            }
        });
    }

    /// A list for each group, NULL for one in which nothing was counted.
    fn lists(&mut self, emit_to: EmitTo) -> ArrayRef {
        let groups = emit_to.take_needed(&mut self.groups);
        self.cells -= groups.iter().map(Vec::len).sum::<usize>();
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let present = groups.iter().map(|counts| !counts.is_empty()).collect::<NullBuffer>();
        let counts = UInt64Array::from_iter_values(groups.into_iter().flatten());
        let item = Arc::new(Field::new_list_field(DataType::UInt64, true));
        Arc::new(ListArray::new(item, offsets, Arc::new(counts), Some(present)))
    }

    fn one(&self) -> Result<ScalarValue> {
        let mut copy = Self { groups: self.groups.clone(), ..*self };
        ScalarValue::try_from_array(&copy.lists(EmitTo::All), 0)
    }

    fn bytes(&self) -> usize {
        // Vectors grow by doubling.
        2 * self.cells * size_of::<u64>() + self.groups.capacity() * size_of::<Vec<u64>>()
    }
}

impl Accumulator for Histograms {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], self.counts, |_| Some(0));
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(&states[0], of_histograms, |_| Some(0));
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.one()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.one()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes()
    }
}

impl GroupsAccumulator for Histograms {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, Vec::new);
        let counts = |row| filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        self.add(&values[0], self.counts, |row| counts(row).then(|| group_indices[row]));
        Ok(())
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        group_indices: &[usize],
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, Vec::new);
        self.add(&states[0], of_histograms, |row| Some(group_indices[row]));
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.lists(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.lists(emit_to)])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let mut each = Self::new(self.counts, rows);
        let own: Vec<usize> = (0..rows).collect();
        GroupsAccumulator::update_batch(&mut each, values, &own, filter, rows)?;
        Ok(vec![each.lists(EmitTo::All)])
    }

    fn size(&self) -> usize {
        self.bytes()
    }
}
