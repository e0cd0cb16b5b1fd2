//! One column of an answer, from the driver's values to an Arrow array.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, TimeUnit};
use tiberius::ColumnData;
use tiberius::time::{Date, DateTime, DateTime2, SmallDateTime, Time};

use super::types::Reading;

/// A character that stands for what was no text; see [`Builder::replaced`].
const REPLACEMENT: char = '\u{FFFD}';

/// Builds the array of one column, of the type that the catalogue said.
pub enum Builder {
    Boolean(BooleanBuilder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal { values: Decimal128Builder, precision: u8, scale: i8 },
    Text { values: StringViewBuilder, padded: bool, replaced: u64 },
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
            DataType::Utf8View => {
                Self::Text { values: StringViewBuilder::new(), padded: reading.padded, replaced: 0 }
            }
            DataType::Binary => Self::Binary(BinaryBuilder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Self::Timestamp(
                TimestampMicrosecondBuilder::new().with_data_type(reading.data_type.clone()),
            ),
            _ => return None,
        })
    }

    /// Appends a value and says how many bytes it takes, roughly.
    pub fn append(&mut self, value: ColumnData<'_>) -> Result<usize, Unexpected> {
        use ColumnData as V;
        match (self, value) {
            (Self::Boolean(b), V::Bit(v)) => b.append_option(v),
            (Self::Int16(b), V::U8(v)) => b.append_option(v.map(i16::from)),
            (Self::Int16(b), V::I16(v)) => b.append_option(v),
            (Self::Int32(b), V::U8(v)) => b.append_option(v.map(i32::from)),
            (Self::Int32(b), V::I16(v)) => b.append_option(v.map(i32::from)),
            (Self::Int32(b), V::I32(v)) => b.append_option(v),
            (Self::Int64(b), V::U8(v)) => b.append_option(v.map(i64::from)),
            (Self::Int64(b), V::I16(v)) => b.append_option(v.map(i64::from)),
            (Self::Int64(b), V::I32(v)) => b.append_option(v.map(i64::from)),
            (Self::Int64(b), V::I64(v)) => b.append_option(v),
            (Self::Int64(b), V::Time(v)) => b.append_option(v.map(nanoseconds)),
            (Self::Float32(b), V::F32(v)) => b.append_option(v),
            (Self::Float64(b), V::F32(v)) => b.append_option(v.map(f64::from)),
            (Self::Float64(b), V::F64(v)) => b.append_option(v),
            (Self::Decimal { values, precision, scale }, V::Numeric(v)) => {
                let scaled =
                    v.map(|v| rescaled(v, *scale).ok_or_else(|| too_large(v, *precision, *scale)));
                values.append_option(scaled.transpose()?);
            }
            (Self::Text { values, padded, replaced }, V::String(v)) => {
                return Ok(append_text(values, *padded, replaced, v.as_deref()));
            }
            (Self::Text { values, .. }, V::Guid(v)) => {
                let mut text = [0; 36];
                values.append_option(v.map(|v| &*v.hyphenated().encode_upper(&mut text)));
                return Ok(36);
            }
            (Self::Binary(b), V::Binary(v)) => {
                b.append_option(v.as_deref());
                return Ok(8 + v.map_or(0, |v| v.len()));
            }
            (Self::Date(b), V::Date(v)) => b.append_option(v.map(days)),
            (
                Self::Timestamp(b),
                v @ (V::DateTime(_) | V::SmallDateTime(_) | V::DateTime2(_) | V::DateTimeOffset(_)),
            ) => b.append_option(timestamp(&v)),
            (_, other) => return Err(Unexpected(kind(&other).to_owned())),
        }
        Ok(8)
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
            Self::Text { values, .. } => Arc::new(values.finish()),
            Self::Binary(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Timestamp(b) => Arc::new(b.finish()),
        }
    }

    /// Replacement characters so far: halves of surrogate pairs that no text can hold, and such
    /// characters as were stored themselves.
    pub fn replaced(&self) -> u64 {
        match self {
            Self::Text { replaced, .. } => *replaced,
            _ => 0,
        }
    }
}

fn append_text(
    values: &mut StringViewBuilder,
    padded: bool,
    replaced: &mut u64,
    text: Option<&str>,
) -> usize {
    let text = if padded { text.map(|t| t.trim_end_matches(' ')) } else { text };
    values.append_option(text);
    let Some(text) = text else { return 16 };
    *replaced += text.matches(REPLACEMENT).count() as u64;
    16 + text.len()
}

/// A decimal's digits at the column's scale.
fn rescaled(value: tiberius::numeric::Numeric, scale: i8) -> Option<i128> {
    let shift = i32::from(scale) - i32::from(value.scale());
    let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
    match shift {
        0.. => value.value().checked_mul(factor),
        _ => (value.value() % factor == 0).then(|| value.value() / factor),
    }
}

fn too_large(value: tiberius::numeric::Numeric, precision: u8, scale: i8) -> Unexpected {
    Unexpected(format!("{value}, which is no decimal({precision},{scale})"))
}

/// Days from SQL Server's first day to 1970-01-01.
const DAYS_FROM_1900: i64 = 25_567;
const DAYS_FROM_1: i64 = 719_162;
/// Microseconds.
const DAY: i64 = 86_400_000_000;

/// A point in time, in microseconds since 1970; None for NULL and for what is none.
pub fn timestamp(value: &ColumnData<'_>) -> Option<i64> {
    match value {
        ColumnData::DateTime(value) => value.map(datetime),
        ColumnData::SmallDateTime(value) => value.map(smalldatetime),
        ColumnData::DateTime2(value) => value.map(datetime2),
        // The wire carries UTC beside the offset, which is not kept.
        ColumnData::DateTimeOffset(value) => value.map(|value| datetime2(value.datetime2())),
        _ => None,
    }
}

/// Ticks of 1/300 s, to the millisecond that SQL Server prints: .000, .003, .007.
fn datetime(value: DateTime) -> i64 {
    let ticks = i64::from(value.seconds_fragments());
    (i64::from(value.days()) - DAYS_FROM_1900) * DAY + (ticks * 10 + 1) / 3 * 1_000
}

/// Whole minutes.
fn smalldatetime(value: SmallDateTime) -> i64 {
    let minutes = i64::from(value.seconds_fragments());
    (i64::from(value.days()) - DAYS_FROM_1900) * DAY + minutes * 60_000_000
}

/// To the microsecond; a tenth of one is cut off.
fn datetime2(value: DateTime2) -> i64 {
    i64::from(days(value.date())) * DAY + nanoseconds(value.time()) / 1_000
}

/// Since 1970-01-01.
fn days(value: Date) -> i32 {
    // A date's three bytes fit.
    (i64::from(value.days()) - DAYS_FROM_1) as i32
}

/// Since midnight.
fn nanoseconds(value: Time) -> i64 {
    let unit = 10_u64.pow(9_u32.saturating_sub(value.scale().into()));
    value.increments().saturating_mul(unit) as i64
}

fn kind(value: &ColumnData<'_>) -> &'static str {
    match value {
        ColumnData::U8(_) => "a tinyint",
        ColumnData::I16(_) => "a smallint",
        ColumnData::I32(_) => "an int",
        ColumnData::I64(_) => "a bigint",
        ColumnData::F32(_) => "a real",
        ColumnData::F64(_) => "a float",
        ColumnData::Bit(_) => "a bit",
        ColumnData::String(_) => "text",
        ColumnData::Guid(_) => "a uniqueidentifier",
        ColumnData::Binary(_) => "binary data",
        ColumnData::Numeric(_) => "a decimal",
        ColumnData::Xml(_) => "xml",
        ColumnData::DateTime(_) => "a datetime",
        ColumnData::SmallDateTime(_) => "a smalldatetime",
        ColumnData::Time(_) => "a time",
        ColumnData::Date(_) => "a date",
        ColumnData::DateTime2(_) => "a datetime2",
        ColumnData::DateTimeOffset(_) => "a datetimeoffset",
    }
}
