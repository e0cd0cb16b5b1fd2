//! CAST and CONVERT between SQL Server's types.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Int64Array, StringViewArray, Time64NanosecondArray,
    TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDateTime};

use crate::error::SqlError;
use crate::moment::{DAY, FROM_1900, Moment, UNIX_EPOCH, datetime_micros, smalldatetime_parts};
use crate::sql_type::{Length, SqlType};

/// What to convert to, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// The type of the source, where it is known better than from its Arrow type.
    pub from: Option<SqlType>,
    pub to: SqlType,
    /// CONVERT's third argument.
    pub style: i64,
    /// TRY_: what cannot be converted is NULL.
    pub lenient: bool,
}

const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

impl Conversion {
    /// The values in the Arrow type of the target.
    pub fn apply(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let converted = match self.to {
            SqlType::DateTime | SqlType::SmallDateTime | SqlType::DateTime2(_) => {
                self.times(array)?
            }
            SqlType::Date if is_text(array) => {
                let days = self.moments(array)?;
                self.plain(&days, &DataType::Date32)?
            }
            SqlType::Time(_) => self.times_of_day(array)?,
            SqlType::Binary(_) | SqlType::VarBinary(_) | SqlType::Image | SqlType::RowVersion => {
                self.bytes(array)?
            }
            to if to.is_code_page_text() || to.is_national_text() => self.text(array)?,
            SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt
                if is_bytes(array) =>
            {
                let numbers: Int64Array =
                    self.raw(array)?.iter().map(|b| b.map(big_endian)).collect();
                Arc::new(numbers)
            }
            _ => Arc::clone(array),
        };
        self.plain(&converted, &self.to.arrow())
    }

    fn plain(self, array: &ArrayRef, to: &DataType) -> Result<ArrayRef, SqlError> {
        let options = CastOptions { safe: self.lenient, ..CastOptions::default() };
        cast_with_options(array, to, &options).map_err(|e| {
            let to = self.to;
            SqlError::new(245, 16, format!("Conversion failed when converting to {to}: {e}"))
        })
    }

    fn times(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let micros =
            if is_text(array) { self.moments(array)? } else { self.plain(array, &MICROS)? };
        let micros = micros.as_primitive::<TimestampMicrosecondType>();
        Ok(Arc::new(match self.to {
            SqlType::DateTime => micros.unary::<_, TimestampMicrosecondType>(datetime_micros),
            SqlType::SmallDateTime => micros.unary(|micros| {
                let (days, minutes) = smalldatetime_parts(micros);
                ((days - FROM_1900) * 1440 + minutes) * 60_000_000
            }),
            _ => micros.clone(),
        }))
    }

    /// Microseconds since 1970, read from text.
    fn moments(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let micros = self.parsed(array, |m| (m.ticks - UNIX_EPOCH * DAY).div_euclid(10))?;
        Ok(Arc::new(micros.into_iter().collect::<TimestampMicrosecondArray>()))
    }

    fn parsed(
        self,
        array: &ArrayRef,
        value: fn(Moment) -> i64,
    ) -> Result<Vec<Option<i64>>, SqlError> {
        let failed = || {
            let message =
                "Conversion failed when converting date and/or time from character string.";
            SqlError::new(241, 16, message)
        };
        let texts = self.plain(array, &DataType::Utf8View)?;
        let read = |text: &str| match Moment::parse(text) {
            Some(moment) if self.range().contains(&moment.ticks) => Ok(Some(value(moment))),
            _ if self.lenient => Ok(None),
            Some(_) => Err(SqlError::new(
                242,
                16,
                format!("The conversion of text to {} resulted in an out-of-range value.", self.to),
            )),
            None => Err(failed()),
        };
        texts.as_string_view().iter().map(|t| t.map_or(Ok(None), read)).collect()
    }

    /// The ticks that do not round to what the type cannot hold.
    fn range(self) -> std::ops::Range<i64> {
        let ticks = |text| Moment::parse(text).map_or(0, |moment| moment.ticks);
        match self.to {
            SqlType::DateTime => ticks("1753-01-01")..ticks("9999-12-31 23:59:59.9985"),
            SqlType::SmallDateTime => ticks("1900-01-01")..ticks("2079-06-06 23:59:29.9985"),
            _ => 0..ticks("9999-12-31 23:59:59.9999999") + 1,
        }
    }

    fn times_of_day(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        if !is_text(array) {
            return self.plain(array, &DataType::Time64(TimeUnit::Nanosecond));
        }
        let nanos = self.parsed(array, |m| m.ticks.rem_euclid(DAY) * 100)?;
        Ok(Arc::new(nanos.into_iter().collect::<Time64NanosecondArray>()))
    }

    fn text(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let texts = match array.data_type() {
            DataType::Timestamp(_, None) => self.printed_times(array)?,
            DataType::Boolean => {
                let bits = array.as_boolean().iter();
                bits.map(|b| b.map(|b| if b { "1" } else { "0" })).collect()
            }
            DataType::Binary => self.text_of_bytes(array)?,
            _ => self.plain(array, &DataType::Utf8View)?.as_string_view().clone(),
        };
        let Some(limit) = limit(self.to) else { return Ok(Arc::new(texts)) };
        let cut = texts.iter().map(|t| t.map(|t| cut(t, limit, self.to.is_national_text())));
        Ok(Arc::new(cut.collect::<StringViewArray>()))
    }

    fn printed_times(self, array: &ArrayRef) -> Result<StringViewArray, SqlError> {
        let micros = self.plain(array, &MICROS)?;
        let datetime2 = matches!(self.from, Some(SqlType::DateTime2(_)));
        let (format, digits) = match self.style {
            120 | 20 => ("%Y-%m-%d %H:%M:%S", 0),
            126 | 127 => ("%Y-%m-%dT%H:%M:%S", 3),
            121 | 21 => ("%Y-%m-%d %H:%M:%S", 3),
            _ if datetime2 => ("%Y-%m-%d %H:%M:%S", 7),
            _ => ("%b %e %Y %l:%M%p", 0),
        };
        let print = |micros: i64| {
            let time: NaiveDateTime = DateTime::from_timestamp_micros(micros)?.naive_utc();
            let fraction = format!("{:06}0", micros.rem_euclid(1_000_000));
            let point =
                if digits == 0 { String::new() } else { format!(".{}", &fraction[..digits]) };
            Some(format!("{}{point}", time.format(format)))
        };
        let micros = micros.as_primitive::<TimestampMicrosecondType>();
        Ok(micros.iter().map(|m| m.and_then(print)).collect())
    }

    /// Bytes as text: in hexadecimal with styles 1 and 2, else as they are.
    fn text_of_bytes(self, array: &ArrayRef) -> Result<StringViewArray, SqlError> {
        let bytes = self.raw(array)?;
        let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02X}")).collect::<String>();
        let print = |b: &[u8]| match self.style {
            1 => format!("0x{}", hex(b)),
            2 => hex(b),
            _ if self.to.is_national_text() => crate::bytes::utf16(b),
            _ => encoding_rs::WINDOWS_1252.decode_without_bom_handling(b).0.into_owned(),
        };
        Ok(bytes.iter().map(|b| b.map(print)).collect())
    }

    fn bytes(self, array: &ArrayRef) -> Result<ArrayRef, SqlError> {
        let bytes = match array.data_type() {
            DataType::UInt8 => self.number_bytes(array, 1)?,
            DataType::Int16 => self.number_bytes(array, 2)?,
            DataType::Int32 => self.number_bytes(array, 4)?,
            DataType::Int64 => self.number_bytes(array, 8)?,
            _ => self.raw(array)?,
        };
        let fit = |b: &[u8]| {
            let mut fitted = b.to_vec();
            match self.to {
                SqlType::Binary(n) => fitted.resize(n.into(), 0),
                SqlType::RowVersion => fitted.resize(8, 0),
                SqlType::VarBinary(Length::Limited(n)) => fitted.truncate(n.into()),
                _ => {}
            }
            fitted
        };
        Ok(Arc::new(bytes.iter().map(|b| b.map(fit)).collect::<BinaryArray>()))
    }

    /// The low bytes of numbers, the highest first; `binary(n)` keeps the last n.
    fn number_bytes(self, array: &ArrayRef, size: usize) -> Result<BinaryArray, SqlError> {
        let numbers = self.plain(array, &DataType::Int64)?;
        let width = match self.to {
            SqlType::Binary(n) => usize::from(n),
            _ => size,
        };
        let bytes = |n: i64| {
            let all = n.to_be_bytes();
            let mut wide = vec![0; width.saturating_sub(all.len())];
            wide.extend_from_slice(&all[all.len() - width.min(all.len())..]);
            wide
        };
        Ok(numbers.as_primitive::<Int64Type>().iter().map(|n| n.map(bytes)).collect())
    }

    fn raw(self, array: &ArrayRef) -> Result<BinaryArray, SqlError> {
        if is_text(array) && self.style == 1 {
            let texts = self.plain(array, &DataType::Utf8View)?;
            let bytes = texts.as_string_view().iter().map(|t| t.and_then(from_hex));
            return Ok(bytes.collect());
        }
        Ok(self.plain(array, &DataType::Binary)?.as_binary().clone())
    }
}

fn is_text(array: &ArrayRef) -> bool {
    matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_bytes(array: &ArrayRef) -> bool {
    matches!(array.data_type(), DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

/// The last eight bytes as a number, the highest first.
fn big_endian(bytes: &[u8]) -> i64 {
    let last = &bytes[bytes.len().saturating_sub(8)..];
    last.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// `0x0102` as bytes.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    let digit = |d: u8| char::from(d).to_digit(16).map(|d| d as u8);
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// Code units that a text type takes; None for no limit. CAST without a length means 30.
fn limit(to: SqlType) -> Option<usize> {
    match to {
        SqlType::Char(n)
        | SqlType::NChar(n)
        | SqlType::VarChar(Length::Limited(n))
        | SqlType::NVarChar(Length::Limited(n)) => Some(n.into()),
        _ => None,
    }
}

/// The front of a text; a pair of surrogates is not cut in two.
fn cut(text: &str, limit: usize, national: bool) -> String {
    if text.len() <= limit {
        return text.to_string();
    }
    let mut left = limit;
    let fits = |c: &char| {
        let units = if national { c.len_utf16() } else { 1 };
        let fits = units <= left;
        left = left.saturating_sub(units);
        fits
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(array: ArrayRef, to: &str, style: i64) -> String {
        let to = to.parse().unwrap();
        let conversion = Conversion { from: None, to, style, lenient: false };
        match conversion.apply(&array) {
            Ok(array) => arrow::util::display::array_value_to_string(&array, 0).unwrap(),
            Err(error) => error.number.to_string(),
        }
    }

    fn text(text: &str) -> ArrayRef {
        Arc::new(StringViewArray::from(vec![text]))
    }

    /// From the examples of CAST and CONVERT in SQL Server's documentation.
    #[test]
    fn times_and_texts_convert() {
        let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1_145_804_429_123_000]));
        assert_eq!(converted(Arc::clone(&time), "nvarchar(30)", 126), "2006-04-23T15:00:29.123");
        assert_eq!(converted(Arc::clone(&time), "varchar(30)", 121), "2006-04-23 15:00:29.123");
        assert_eq!(converted(Arc::clone(&time), "varchar(10)", 120), "2006-04-23");
        assert_eq!(converted(time, "nvarchar(30)", 0), "Apr 23 2006  3:00PM");
        assert_eq!(
            converted(text("2014-02-03T08:00:00.004"), "datetime", 126),
            "2014-02-03T08:00:00.003"
        );
        assert_eq!(converted(text("yesterday"), "datetime", 126), "241");
        for (time, to) in [
            ("1752-12-31", "datetime"),
            ("1899-12-31", "smalldatetime"),
            ("2079-06-06 23:59:30", "smalldatetime"),
            ("+10000-01-01", "datetime2(7)"),
        ] {
            assert_eq!(converted(text(time), to, 126), "242", "{time} as {to}");
        }
    }

    #[test]
    fn bytes_convert() {
        let number: ArrayRef = Arc::new(Int64Array::from(vec![258]));
        assert_eq!(converted(Arc::clone(&number), "binary(8)", 0), "0000000000000102");
        assert_eq!(converted(Arc::clone(&number), "binary(1)", 0), "02");
        let bytes: ArrayRef = Arc::new(BinaryArray::from_vec(vec![&[0, 0, 0, 0, 0, 0, 1, 2]]));
        assert_eq!(converted(Arc::clone(&bytes), "bigint", 0), "258");
        assert_eq!(converted(Arc::clone(&bytes), "varchar(20)", 1), "0x0000000000000102");
        assert_eq!(converted(bytes, "binary(10)", 0), "00000000000001020000");
        assert_eq!(converted(text("0x0102"), "varbinary(8)", 1), "0102");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(converted(text("abcdef"), "varchar(3)", 0), "abc");
        assert_eq!(converted(text("a😀b"), "nvarchar(2)", 0), "a");
        assert_eq!(converted(text("a😀b"), "nvarchar(3)", 0), "a😀");
    }

    #[test]
    fn numbers_that_do_not_fit_are_errors() {
        assert_eq!(converted(text("300"), "tinyint", 0), "245");
        assert_eq!(converted(text("255"), "tinyint", 0), "255");
    }
}
