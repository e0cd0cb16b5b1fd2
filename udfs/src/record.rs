//! Struct results.

use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::scalar::ScalarStructBuilder;
use datafusion::common::{Result, ScalarValue};

/// The type of a struct with these fields, each of which may be NULL.
pub fn record_type(fields: &[(&str, DataType)]) -> DataType {
    let fields = fields.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), true));
    DataType::Struct(Fields::from_iter(fields))
}

/// A struct with these fields.
///
/// # Errors
/// When a value does not fit the others.
pub fn record(fields: &[(&str, ScalarValue)]) -> Result<ScalarValue> {
    let add = |record: ScalarStructBuilder, (name, value): &(&str, ScalarValue)| {
        record.with_scalar(Field::new(*name, value.data_type(), true), value.clone())
    };
    fields.iter().fold(ScalarStructBuilder::new(), add).build()
}
