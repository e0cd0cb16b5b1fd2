//! The rows of many groups, kept together: a million groups cost no more than their rows, where an
//! accumulator for each would cost an allocation for each batch that touches it.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt32Array, UInt64Array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{and, filter, is_not_null, prep_null_mask_filter};
use datafusion::arrow::datatypes::Field;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::CollectedFunction;
use super::layout::{Layout, Rows, at, bytes, pick};

pub(super) struct Groups {
    function: CollectedFunction,
    layout: Layout,
    /// Rows as they came.
    chunks: Vec<Rows>,
    /// The group of each of them.
    group_of: Vec<usize>,
    count: usize,
    /// The memory of the rows, kept because it is asked for after every batch.
    bytes: usize,
}

/// The rows of some groups, one group after the other.
struct Sorted {
    rows: Rows,
    /// How many rows each group has.
    lengths: Vec<usize>,
}

impl Groups {
    pub(super) fn new(function: CollectedFunction, layout: Layout) -> Self {
        Self { function, layout, chunks: vec![], group_of: vec![], count: 0, bytes: 0 }
    }

    /// The rows that are not to be passed over, by their arguments and the call's FILTER.
    fn usable(
        &self,
        rows: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Option<BooleanArray>> {
        let wanted =
            filter.map(|f| if f.null_count() > 0 { prep_null_mask_filter(f) } else { f.clone() });
        Ok(match (self.layout.usable(rows)?, wanted) {
            (Some(usable), Some(wanted)) => Some(and(&usable, &wanted)?),
            (usable, wanted) => usable.or(wanted),
        })
    }

    fn append(&mut self, rows: Rows, group_of: impl IntoIterator<Item = usize>) {
        self.bytes += bytes(&rows);
        self.chunks.push(rows);
        self.group_of.extend(group_of);
    }

    /// Takes the rows of the groups to emit out; the other groups move up.
    fn take(&mut self, emit_to: EmitTo) -> Result<(Rows, Vec<usize>, usize)> {
        let rows = self.layout.concat(&std::mem::take(&mut self.chunks))?;
        let group_of = std::mem::take(&mut self.group_of);
        self.bytes = 0;
        let EmitTo::First(count) = emit_to else {
            return Ok((rows, group_of, std::mem::take(&mut self.count)));
        };
        let emitted: BooleanArray = group_of.iter().map(|&group| Some(group < count)).collect();
        let kept = BooleanArray::new(!emitted.values(), None);
        self.count -= count;
        let later = group_of.iter().filter(|&&group| group >= count).map(|group| group - count);
        self.append(pick(&rows, Some(&kept))?, later.collect::<Vec<_>>());
        let group_of = group_of.into_iter().filter(|&group| group < count).collect();
        Ok((pick(&rows, Some(&emitted))?, group_of, count))
    }

    fn sorted(&mut self, emit_to: EmitTo, by_keys: bool) -> Result<Sorted> {
        if self.chunks.is_empty() {
            let count = match emit_to {
                EmitTo::All => self.count,
                EmitTo::First(count) => count,
            };
            self.count -= count;
            return Ok(Sorted { rows: vec![], lengths: vec![0; count] });
        }
        let (rows, group_of, count) = self.take(emit_to)?;
        let mut lengths = vec![0; count];
        group_of.iter().for_each(|&group| lengths[group] += 1);
        let places = if by_keys && self.layout.is_ordered() {
            let groups = UInt64Array::from_iter_values(group_of.iter().map(|&g| g as u64));
            self.layout.order(Some(Arc::new(groups)), &rows)?
        } else {
            places(&group_of, &lengths)
        };
        Ok(Sorted { rows: at(&rows, &places)?, lengths })
    }
}

/// Where the rows of the first group are, then those of the second, ...
fn places(group_of: &[usize], lengths: &[usize]) -> UInt32Array {
    let mut next: Vec<usize> = lengths
        .iter()
        .scan(0, |end, length| {
            *end += length;
            Some(*end - length)
        })
        .collect();
    let mut places = vec![0; group_of.len()];
    for (row, &group) in (0..).zip(group_of) {
        places[next[group]] = row;
        next[group] += 1;
    }
    UInt32Array::from(places)
}

/// Lists of these lengths out of a column.
fn lists(column: ArrayRef, lengths: impl IntoIterator<Item = usize>) -> ArrayRef {
    let field = Field::new_list_field(column.data_type().clone(), true);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(Arc::new(field), offsets, column, None))
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.count = groups;
        let usable = self.usable(values, filter)?;
        let is_usable = |row: usize| usable.as_ref().is_none_or(|usable| usable.value(row));
        let rows = group_indices.iter().enumerate();
        let group_of = rows.filter(|(row, _)| is_usable(*row)).map(|(_, &group)| group);
        self.append(pick(values, usable.as_ref())?, group_of);
        Ok(())
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        group_indices: &[usize],
        groups: usize,
    ) -> Result<()> {
        self.count = groups;
        let present = is_not_null(&states[0])?;
        let group_indices = group_indices.iter().enumerate();
        let group_indices = group_indices.filter(|(row, _)| present.value(*row)).map(|(_, &g)| g);
        let states = states.iter().map(|lists| Ok(filter(lists, &present)?));
        let states: Vec<ArrayRef> = states.collect::<Result<_>>()?;
        let flat = |lists: &ArrayRef| {
            let lists = lists.as_list::<i32>();
            let offsets = lists.value_offsets();
            let (first, last) = (offsets[0] as usize, offsets[lists.len()] as usize);
            lists.values().slice(first, last - first)
        };
        let lengths = states[0].as_list::<i32>().offsets().lengths();
        let group_of =
            group_indices.zip(lengths).flat_map(|(g, length)| std::iter::repeat_n(g, length));
        self.append(states.iter().map(flat).collect(), group_of);
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let Sorted { rows, lengths } = self.sorted(emit_to, true)?;
        let nothing = ScalarValue::try_from(&(self.function.returns)())?;
        let ends = lengths.iter().scan(0, |end, length| {
            *end += length;
            Some(*end)
        });
        let values = ends.zip(&lengths).map(|(end, &length)| {
            if length == 0 {
                return Ok(nothing.clone());
            }
            let arguments = self.layout.arguments(&rows).iter();
            let of_group: Rows = arguments.map(|c| c.slice(end - length, length)).collect();
            (self.function.evaluate)(&of_group)
        });
        let values: Vec<_> = values.collect::<Result<_>>()?;
        match values.is_empty() {
            true => Ok(nothing.to_array_of_size(0)?),
            false => ScalarValue::iter_to_array(values),
        }
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let Sorted { rows, lengths } = self.sorted(emit_to, false)?;
        if rows.is_empty() {
            let empty = |item: &_| {
                let list = ScalarValue::new_null_list(Clone::clone(item), true, 1);
                list.to_array_of_size(lengths.len())
            };
            return self.layout.types.iter().map(empty).collect();
        }
        Ok(rows.into_iter().map(|column| lists(column, lengths.iter().copied())).collect())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |column| column.len());
        let usable = self.usable(values, filter)?;
        let length = |row: usize| usize::from(usable.as_ref().is_none_or(|u| u.value(row)));
        let columns = pick(values, usable.as_ref())?.into_iter();
        Ok(columns.map(|column| lists(column, (0..rows).map(length))).collect())
    }

    fn size(&self) -> usize {
        self.bytes + self.group_of.capacity() * size_of::<usize>()
    }
}
