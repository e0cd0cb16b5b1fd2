//! Single values out of a row of the catalogue. Servers differ in which integer type they use.

use chrono::{DateTime, Utc};
use tiberius::{ColumnData, Row};

use super::clock;

fn value<'a>(row: &'a Row, column: &str) -> Option<&'a ColumnData<'static>> {
    row.get_column_data(column).ok()
}

pub fn text<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    match value(row, column)? {
        ColumnData::String(text) => text.as_deref(),
        _ => None,
    }
}

/// Any integer, also as `bit` or `numeric`.
pub fn number(row: &Row, column: &str) -> Option<i64> {
    match value(row, column)? {
        ColumnData::U8(number) => number.map(i64::from),
        ColumnData::I16(number) => number.map(i64::from),
        ColumnData::I32(number) => number.map(i64::from),
        ColumnData::I64(number) => *number,
        ColumnData::Bit(bit) => bit.map(i64::from),
        ColumnData::Numeric(number) => {
            i64::try_from(number.filter(|n| n.scale() == 0)?.value()).ok()
        }
        _ => None,
    }
}

pub fn flag(row: &Row, column: &str) -> bool {
    number(row, column) == Some(1)
}

pub fn guid(row: &Row, column: &str) -> Option<String> {
    match value(row, column)? {
        ColumnData::Guid(guid) => Some(guid.as_ref()?.hyphenated().to_string().to_uppercase()),
        ColumnData::String(text) => text.as_deref().map(str::to_uppercase),
        _ => None,
    }
}

pub fn bytes<'a>(row: &'a Row, column: &str) -> Option<&'a [u8]> {
    match value(row, column)? {
        ColumnData::Binary(bytes) => bytes.as_deref(),
        _ => None,
    }
}

/// A time in microseconds since 1970.
pub fn micros(row: &Row, column: &str) -> Option<i64> {
    match value(row, column)? {
        ColumnData::DateTime(time) => {
            time.map(|time| clock::datetime(time.days(), time.seconds_fragments()))
        }
        ColumnData::SmallDateTime(time) => {
            time.map(|time| clock::smalldatetime(time.days(), time.seconds_fragments()))
        }
        ColumnData::DateTime2(time) => time.and_then(|moment| {
            let (time, date) = (moment.time(), moment.date().days().to_le_bytes());
            clock::datetime2(time.increments(), time.scale(), clock::days(&date[..3])?)
        }),
        _ => None,
    }
}

pub fn moment(row: &Row, column: &str) -> Option<DateTime<Utc>> {
    micros(row, column).and_then(DateTime::from_timestamp_micros)
}
