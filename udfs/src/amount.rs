//! Exact amounts: money and rates.

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Decimal128Type};
use datafusion::common::Result;

/// Digits after the point of an amount that comes in.
pub(crate) const SCALE: i8 = 10;

/// The type as which amounts reach a function.
pub const TYPE: DataType = DataType::Decimal128(38, SCALE);

/// Digits after the point of a charge that goes out.
pub(crate) const CHARGE_SCALE: i8 = 6;

/// The type of charges.
pub const CHARGE_TYPE: DataType = DataType::Decimal128(38, CHARGE_SCALE);

/// A column of amounts.
pub(crate) fn amounts(column: &ArrayRef) -> Result<Decimal128Array> {
    Ok(cast(column, &TYPE)?.as_primitive::<Decimal128Type>().clone())
}
