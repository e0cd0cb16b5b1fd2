//! Columns of results.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// The columns of a result.
pub(super) fn schema<const N: usize>(columns: [(&str, DataType); N]) -> SchemaRef {
    let fields = columns.map(|(name, data_type)| Field::new(name, data_type, true));
    Arc::new(Schema::new(fields.to_vec()))
}

/// A type of lists.
pub(super) fn list_of(item: DataType) -> DataType {
    DataType::new_list(item, true)
}

/// A column of counts.
pub(super) fn counts(values: impl IntoIterator<Item = usize>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values.into_iter().map(|value| value as i64)))
}

/// A column of counts with NULL.
pub(super) fn optional_counts(values: impl IntoIterator<Item = Option<usize>>) -> ArrayRef {
    let values = values.into_iter().map(|value| value.map(|value| value as i64));
    Arc::new(Int64Array::from_iter(values))
}

/// A column of numbers.
pub(super) fn numbers(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// A column of numbers with NULL.
pub(super) fn optional_numbers(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from_iter(values))
}

/// A column of Booleans with NULL.
pub(super) fn flags(values: impl IntoIterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(BooleanArray::from_iter(values))
}
