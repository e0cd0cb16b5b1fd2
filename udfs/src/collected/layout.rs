//! The columns that an aggregate collects, and their order.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::compute::{
    SortColumn, SortOptions, concat, filter, is_not_null, lexsort_to_indices, take,
};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::Result;
use datafusion::logical_expr::function::AccumulatorArgs;

/// Rows in columns: the arguments of a call, then the keys of its order.
pub(super) type Rows = Vec<ArrayRef>;

/// What the columns of a call are.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) types: Vec<DataType>,
    /// How many of the columns are arguments; the others are keys.
    arguments: usize,
    keys: Vec<SortOptions>,
}

impl Layout {
    pub(super) fn new(args: &AccumulatorArgs) -> Result<Self> {
        let arguments = args.expr_fields.iter().map(|field| Ok(field.data_type().clone()));
        let keys = args.order_bys.iter().map(|key| key.expr.data_type(args.schema));
        Ok(Self {
            types: arguments.chain(keys).collect::<Result<_>>()?,
            arguments: args.expr_fields.len(),
            keys: args.order_bys.iter().map(|key| key.options).collect(),
        })
    }

    pub(super) fn arguments<'a>(&self, rows: &'a [ArrayRef]) -> &'a [ArrayRef] {
        &rows[..self.arguments]
    }

    pub(super) fn is_ordered(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The rows in which no argument is NULL, NaN or infinite; `None` if that is all of them.
    pub(super) fn usable(&self, rows: &[ArrayRef]) -> Result<Option<BooleanArray>> {
        let mut usable: Option<BooleanBuffer> = None;
        for column in self.arguments(rows) {
            if let Some(present) = present(column)? {
                usable = Some(usable.map_or_else(|| present.clone(), |usable| &usable & &present));
            }
        }
        Ok(usable.map(|usable| BooleanArray::new(usable, None)))
    }

    /// The rows one chunk after the other.
    pub(super) fn concat(&self, chunks: &[Rows]) -> Result<Rows> {
        let column = |i: usize| {
            let parts: Vec<_> = chunks.iter().map(|chunk| chunk[i].as_ref()).collect();
            Ok(concat(&parts)?)
        };
        (0..self.types.len()).map(column).collect()
    }

    /// Where the rows stand in the order: within groups, where these are given, and by the keys.
    /// Equal keys are ordered by the arguments, so that a result does not depend on how rows came.
    pub(super) fn order(&self, groups: Option<ArrayRef>, rows: &[ArrayRef]) -> Result<UInt32Array> {
        let (arguments, keys) = rows.split_at(self.arguments);
        let column = |values, options| SortColumn { values, options };
        let groups = groups.into_iter().map(|groups| column(groups, None));
        let keys = keys.iter().zip(&self.keys);
        let keys = keys.map(|(key, options)| column(Arc::clone(key), Some(*options)));
        let arguments = arguments.iter().map(|argument| column(Arc::clone(argument), None));
        let sort: Vec<_> = groups.chain(keys).chain(arguments).collect();
        Ok(lexsort_to_indices(&sort, None)?)
    }
}

/// The rows for which `mask` holds; all without one.
pub(super) fn pick(rows: &[ArrayRef], mask: Option<&BooleanArray>) -> Result<Rows> {
    let Some(mask) = mask else { return Ok(rows.to_vec()) };
    rows.iter().map(|column| Ok(filter(column, mask)?)).collect()
}

/// The rows at these places.
pub(super) fn at(rows: &[ArrayRef], places: &UInt32Array) -> Result<Rows> {
    rows.iter().map(|column| Ok(take(column, places, None)?)).collect()
}

/// The memory of some rows, not of the batches that they are slices of.
pub(super) fn bytes(rows: &[ArrayRef]) -> usize {
    let column = |c: &ArrayRef| c.to_data().get_slice_memory_size().unwrap_or_default();
    rows.iter().map(column).sum()
}

/// Where a column has a value; `None` if everywhere.
fn present(column: &ArrayRef) -> Result<Option<BooleanBuffer>> {
    let numbers = column.as_primitive_opt::<Float64Type>();
    let finite = numbers.is_none_or(|n| n.values().iter().fold(true, |all, x| all & x.is_finite()));
    if column.logical_null_count() == 0 && finite {
        return Ok(None);
    }
    let valid = is_not_null(column)?.values().clone();
    Ok(Some(match numbers {
        Some(n) => {
            BooleanBuffer::collect_bool(n.len(), |i| valid.value(i) && n.value(i).is_finite())
        }
        None => valid,
    }))
}
