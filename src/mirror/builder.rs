//! One column of an answer, from the bytes of its values to an Arrow array.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, TimeUnit};

use super::clock::{days, nanoseconds, timestamp};
use super::text::TextBuilder;
use super::types::Reading;
use super::wire::WireType;

/// Builds the array of one column, of the type that the catalogue said.
pub enum Builder {
    Boolean(BooleanBuilder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal { values: Decimal128Builder, precision: u8, scale: i8 },
    Text(TextBuilder),
    Binary(BinaryBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
}

/// A value of another type than the column's: the table was changed since the catalogue was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Unexpected(pub String);

impl Builder {
    /// None for a type that [`Reading`] never has.
    pub fn new(reading: &Reading) -> Option<Self> {
        Some(match &reading.data_type {
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int16 => Self::Int16(Int16Builder::new()),
            DataType::Int32 => Self::Int32(Int32Builder::new()),
            DataType::Int64 => Self::Int64(Int64Builder::new()),
            DataType::Float32 => Self::Float32(Float32Builder::new()),
            DataType::Float64 => Self::Float64(Float64Builder::new()),
            DataType::Decimal128(precision, scale) => Self::Decimal {
                values: Decimal128Builder::new().with_data_type(reading.data_type.clone()),
                precision: *precision,
                scale: *scale,
            },
            DataType::Utf8View => Self::Text(TextBuilder::new(reading.padded)),
            DataType::Binary => Self::Binary(BinaryBuilder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Self::Timestamp(
                TimestampMicrosecondBuilder::new().with_data_type(reading.data_type.clone()),
            ),
            _ => return None,
        })
    }

    /// Appends a value as it came and says how many bytes it takes, roughly.
    pub fn append(
        &mut self,
        wire_type: WireType,
        value: Option<&[u8]>,
    ) -> Result<usize, Unexpected> {
        let Some(bytes) = value else {
            self.append_null();
            return Ok(8);
        };
        let unexpected = || Unexpected(wire_type.name().to_owned());
        match (&mut *self, wire_type) {
            (Self::Boolean(b), WireType::Bit) => {
                b.append_value(*bytes.first().ok_or_else(unexpected)? != 0);
            }
            (Self::Int16(b), WireType::Int) => {
                let value = integer(bytes).and_then(|value| i16::try_from(value).ok());
                b.append_value(value.ok_or_else(unexpected)?);
            }
            (Self::Int32(b), WireType::Int) => {
                let value = integer(bytes).and_then(|value| i32::try_from(value).ok());
                b.append_value(value.ok_or_else(unexpected)?);
            }
            (Self::Int64(b), WireType::Int) => {
                b.append_value(integer(bytes).ok_or_else(unexpected)?);
            }
            (Self::Int64(b), WireType::Time { scale }) => {
                b.append_value(nanoseconds(bytes, scale).ok_or_else(unexpected)?);
            }
            (Self::Float32(b), WireType::Float) => {
                let bytes = bytes.try_into().map_err(|_| unexpected())?;
                b.append_value(f32::from_le_bytes(bytes));
            }
            (Self::Float64(b), WireType::Float) => {
                b.append_value(float(bytes).ok_or_else(unexpected)?);
            }
            (Self::Decimal { values, precision, scale }, WireType::Decimal { scale: sent }) => {
                let digits = decimal(bytes).ok_or_else(unexpected)?;
                let scaled = rescaled(digits, sent, *scale);
                let scaled = scaled.filter(|digits| fits(*digits, *precision));
                values.append_value(scaled.ok_or_else(|| too_large(digits, *precision, *scale))?);
            }
            (
                Self::Text(text),
                WireType::Utf16 | WireType::Latin1 | WireType::Utf8 | WireType::Guid,
            ) => return text.append(wire_type, bytes).ok_or_else(unexpected),
            (Self::Binary(b), WireType::Bytes) => {
                b.append_value(bytes);
                return Ok(8 + bytes.len());
            }
            (Self::Date(b), WireType::Date) => {
                b.append_value(days(bytes).ok_or_else(unexpected)?);
            }
            (Self::Timestamp(b), _) => {
                b.append_value(timestamp(wire_type, bytes).ok_or_else(unexpected)?);
            }
            _ => return Err(unexpected()),
        }
        Ok(8)
    }

    fn append_null(&mut self) {
        match self {
            Self::Boolean(b) => b.append_null(),
            Self::Int16(b) => b.append_null(),
            Self::Int32(b) => b.append_null(),
            Self::Int64(b) => b.append_null(),
            Self::Float32(b) => b.append_null(),
            Self::Float64(b) => b.append_null(),
            Self::Decimal { values, .. } => values.append_null(),
            Self::Text(text) => text.append_null(),
            Self::Binary(b) => b.append_null(),
            Self::Date(b) => b.append_null(),
            Self::Timestamp(b) => b.append_null(),
        }
    }

    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(b) => Arc::new(b.finish()),
            Self::Int16(b) => Arc::new(b.finish()),
            Self::Int32(b) => Arc::new(b.finish()),
            Self::Int64(b) => Arc::new(b.finish()),
            Self::Float32(b) => Arc::new(b.finish()),
            Self::Float64(b) => Arc::new(b.finish()),
            Self::Decimal { values, .. } => Arc::new(values.finish()),
            Self::Text(text) => text.finish(),
            Self::Binary(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Timestamp(b) => Arc::new(b.finish()),
        }
    }

    /// Characters so far that no text can hold.
    pub fn replaced(&self) -> u64 {
        match self {
            Self::Text(text) => text.replaced(),
            _ => 0,
        }
    }
}

/// Little-endian; a single byte has no sign.
fn integer(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [byte] => byte.into(),
        [a, b] => i16::from_le_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]).into(),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn float(bytes: &[u8]) -> Option<f64> {
    Some(match *bytes {
        [a, b, c, d] => f32::from_le_bytes([a, b, c, d]).into(),
        _ => f64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// A sign, 1 for positive, and a magnitude.
fn decimal(bytes: &[u8]) -> Option<i128> {
    let (sign, magnitude) = bytes.split_first()?;
    let mut whole = [0; 16];
    whole.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    let magnitude = i128::try_from(u128::from_le_bytes(whole)).ok()?;
    Some(if *sign == 0 { -magnitude } else { magnitude })
}

/// A decimal's digits at the column's scale.
fn rescaled(digits: i128, from: u8, to: i8) -> Option<i128> {
    let shift = i32::from(to) - i32::from(from);
    if shift == 0 {
        return Some(digits);
    }
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    match shift {
        0.. => digits.checked_mul(factor),
        _ => (digits % factor == 0).then(|| digits / factor),
    }
}

fn fits(digits: i128, precision: u8) -> bool {
    10_i128.checked_pow(precision.into()).is_none_or(|end| digits.abs() < end)
}

fn too_large(digits: i128, precision: u8, scale: i8) -> Unexpected {
    Unexpected(format!("{digits} times its last digit, which is no decimal({precision},{scale})"))
}
