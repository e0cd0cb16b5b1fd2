//! Values as text, the same in every textual format: as SQL Server prints them.
//!
//! | Type | Text |
//! |---|---|
//! | timestamp | `2014-02-03 08:00:00.003`: three decimals, six or nine where they say more |
//! | timestamp with a zone | the same in UTC, then ` +00:00` |
//! | binary | `0x` and upper-case hex digits |
//! | duration | `hh:mm:ss.mmm`, hours running past 24 |
//! | float | the shortest text that reads back as the same number |
//! | decimal | every digit of its scale |

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::{
    ArrayFormatter, ArrayFormatterFactory, DisplayIndex, FormatOptions, FormatResult,
};
use chrono::DateTime;

use crate::{Error, Result};

/// The values of one batch as text.
pub(super) struct Cells<'a> {
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    formatter: ArrayFormatter<'a>,
    nulls: Option<NullBuffer>,
}

impl<'a> Cells<'a> {
    pub fn new(batch: &'a RecordBatch) -> Result<Self> {
        let columns = batch.columns().iter().map(Column::new).collect::<Result<_>>()?;
        Ok(Self { columns })
    }

    /// Appends the value's text to `out`; for NULL appends nothing and returns false.
    pub fn write(&self, row: usize, column: usize, out: &mut String) -> Result<bool> {
        let column = &self.columns[column];
        if column.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(false);
        }
        column.formatter.value(row).write(out).map_err(unprintable)?;
        Ok(true)
    }
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self> {
        let formatter = formatter(array.as_ref()).map_err(unprintable)?;
        Ok(Self { formatter, nulls: array.logical_nulls() })
    }
}

fn unprintable(error: ArrowError) -> Error {
    Error::internal(format!("a value has no text form: {error}"))
}

fn formatter(array: &dyn Array) -> Result<ArrayFormatter<'_>, ArrowError> {
    match SqlServerStyle.create_array_formatter(array, &OPTIONS, None)? {
        Some(formatter) => Ok(formatter),
        None => ArrayFormatter::try_new(array, &OPTIONS),
    }
}

/// Also for values inside lists and structs, where a NULL needs a word.
const OPTIONS: FormatOptions<'static> = FormatOptions::new()
    .with_null("NULL")
    .with_datetime_format(Some("%Y-%m-%d"))
    .with_formatter_factory(Some(&SqlServerStyle));

/// Formats the types whose usual Arrow text is not SQL Server's.
#[derive(Debug)]
struct SqlServerStyle;

impl ArrayFormatterFactory for SqlServerStyle {
    fn create_array_formatter<'f>(
        &self,
        array: &'f dyn Array,
        options: &FormatOptions<'f>,
        _field: Option<&'f Field>,
    ) -> Result<Option<ArrayFormatter<'f>>, ArrowError> {
        let display: Option<Box<dyn DisplayIndex + 'f>> = match array.data_type() {
            DataType::Timestamp(unit, zone) => {
                let zone = zone.as_ref().map_or("", |_| " +00:00");
                Some(Box::new(Timestamps {
                    counts: Counts::new(array, *unit),
                    separator: ' ',
                    zone,
                }))
            }
            DataType::Duration(unit) => Some(Box::new(Durations(Counts::new(array, *unit)))),
            _ => Hex::new(array).map(|hex| Box::new(hex) as _),
        };
        let nulls = array.nulls();
        let null = options.null();
        Ok(display.map(|display| {
            ArrayFormatter::new(Box::new(OrNull { display, nulls, null }), options.safe())
        }))
    }
}

/// Another display, with the word for NULL where the value is missing.
struct OrNull<'a> {
    display: Box<dyn DisplayIndex + 'a>,
    nulls: Option<&'a NullBuffer>,
    null: &'a str,
}

impl DisplayIndex for OrNull<'_> {
    fn write(&self, index: usize, f: &mut dyn Write) -> FormatResult {
        if self.nulls.is_some_and(|nulls| nulls.is_null(index)) {
            return Ok(f.write_str(self.null)?);
        }
        self.display.write(index, f)
    }
}

/// Counts of a time unit, as timestamps and durations hold them.
pub(super) struct Counts {
    values: ScalarBuffer<i64>,
    per_second: i64,
}

impl Counts {
    /// Of an array of timestamps or durations, which are all 64-bit counts.
    pub fn new(array: &dyn Array, unit: TimeUnit) -> Self {
        let per_second = match unit {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        };
        let data = array.to_data();
        let values = ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len());
        Self { values, per_second }
    }

    /// Whole seconds, rounded down, and the nanoseconds above them.
    fn seconds(&self, index: usize) -> (i64, i64) {
        let count = self.values[index];
        let fraction = count.rem_euclid(self.per_second);
        (count.div_euclid(self.per_second), fraction * (1_000_000_000 / self.per_second))
    }

    /// Decimals of a second: none for whole units, else three, six or nine, as few as are exact.
    fn write_fraction(&self, nanoseconds: i64, f: &mut dyn Write) -> std::fmt::Result {
        match nanoseconds {
            _ if self.per_second == 1 => Ok(()),
            n if n % 1_000_000 == 0 => write!(f, ".{:03}", n / 1_000_000),
            n if n % 1_000 == 0 => write!(f, ".{:06}", n / 1_000),
            n => write!(f, ".{n:09}"),
        }
    }
}

/// Timestamps in UTC; JSON asks for `T` and `Z`.
pub(super) struct Timestamps {
    pub counts: Counts,
    pub separator: char,
    pub zone: &'static str,
}

impl DisplayIndex for Timestamps {
    fn write(&self, index: usize, f: &mut dyn Write) -> FormatResult {
        let (seconds, nanoseconds) = self.counts.seconds(index);
        let moment = DateTime::from_timestamp(seconds, 0).ok_or_else(|| {
            ArrowError::CastError(format!("a timestamp of {seconds} s is out of range"))
        })?;
        let separator = self.separator;
        write!(f, "{}{separator}{}", moment.date_naive(), moment.time())?;
        self.counts.write_fraction(nanoseconds, f)?;
        Ok(f.write_str(self.zone)?)
    }
}

/// Durations as a stopwatch shows them.
pub(super) struct Durations(pub Counts);

impl DisplayIndex for Durations {
    fn write(&self, index: usize, f: &mut dyn Write) -> FormatResult {
        let (floor, above) = self.0.seconds(index);
        // The seconds are rounded down: -0.5 s is -1 s and half a second above it.
        let borrowed = i64::from(floor < 0 && above > 0);
        let seconds = (floor + borrowed).unsigned_abs();
        let nanoseconds = if borrowed == 1 { 1_000_000_000 - above } else { above };
        if floor < 0 {
            f.write_char('-')?;
        }
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        Ok(self.0.write_fraction(nanoseconds, f)?)
    }
}

/// Binary values of any layout as hex digits.
pub(super) enum Hex<'a> {
    Small(&'a arrow::array::BinaryArray),
    Large(&'a arrow::array::LargeBinaryArray),
    View(&'a arrow::array::BinaryViewArray),
    Fixed(&'a arrow::array::FixedSizeBinaryArray),
}

impl<'a> Hex<'a> {
    /// None for an array that is not binary.
    pub fn new(array: &'a dyn Array) -> Option<Self> {
        match array.data_type() {
            DataType::Binary => Some(Self::Small(array.as_binary())),
            DataType::LargeBinary => Some(Self::Large(array.as_binary())),
            DataType::BinaryView => Some(Self::View(array.as_binary_view())),
            DataType::FixedSizeBinary(_) => Some(Self::Fixed(array.as_fixed_size_binary())),
            _ => None,
        }
    }

    fn value(&self, index: usize) -> &[u8] {
        match self {
            Self::Small(array) => array.value(index),
            Self::Large(array) => array.value(index),
            Self::View(array) => array.value(index),
            Self::Fixed(array) => array.value(index),
        }
    }
}

impl DisplayIndex for Hex<'_> {
    fn write(&self, index: usize, f: &mut dyn Write) -> FormatResult {
        f.write_str("0x")?;
        for byte in self.value(index) {
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::*;
    use arrow::datatypes::{Int32Type, UInt8Type};

    use super::*;

    fn texts(array: impl Array + 'static) -> Vec<String> {
        let batch = RecordBatch::try_from_iter([("x", Arc::new(array) as ArrayRef)]).unwrap();
        let cells = Cells::new(&batch).unwrap();
        (0..batch.num_rows())
            .map(|row| {
                let mut text = String::new();
                if cells.write(row, 0, &mut text).unwrap() { text } else { "<null>".to_string() }
            })
            .collect()
    }

    #[test]
    fn timestamps_have_three_decimals_and_more_where_needed() {
        // 1391414400 is 2014-02-03 08:00:00 UTC (`date -u -d @1391414400`).
        let micros = 1_391_414_400_000_000;
        assert_eq!(
            texts(TimestampMicrosecondArray::from(vec![
                Some(micros + 3_000),
                Some(micros),
                Some(micros + 1),
                None,
                Some(-1)
            ])),
            [
                "2014-02-03 08:00:00.003",
                "2014-02-03 08:00:00.000",
                "2014-02-03 08:00:00.000001",
                "<null>",
                "1969-12-31 23:59:59.999999",
            ]
        );
        assert_eq!(texts(TimestampSecondArray::from(vec![0])), ["1970-01-01 00:00:00"]);
        assert_eq!(
            texts(TimestampNanosecondArray::from(vec![1])),
            ["1970-01-01 00:00:00.000000001"]
        );
    }

    #[test]
    fn timestamps_with_a_zone_are_shown_in_utc() {
        let zoned =
            TimestampMillisecondArray::from(vec![1_391_414_400_003]).with_timezone("+05:30");
        assert_eq!(texts(zoned), ["2014-02-03 08:00:00.003 +00:00"]);
    }

    #[test]
    fn a_slice_shows_its_own_rows() {
        let seconds = TimestampSecondArray::from(vec![0, 1, 2]).slice(1, 2);
        assert_eq!(texts(seconds), ["1970-01-01 00:00:01", "1970-01-01 00:00:02"]);
    }

    #[test]
    fn a_timestamp_beyond_the_calendar_is_an_error() {
        let array: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX]));
        let batch = RecordBatch::try_from_iter([("x", array)]).unwrap();
        let error = Cells::new(&batch).unwrap().write(0, 0, &mut String::new()).unwrap_err();
        assert!(error.message.contains("out of range"), "{error}");
    }

    #[test]
    fn durations_are_a_stopwatch() {
        let millis = vec![312_003, 93_784_000, -500, -3_600_000];
        assert_eq!(
            texts(DurationMillisecondArray::from(millis)),
            ["00:05:12.003", "26:03:04.000", "-00:00:00.500", "-01:00:00.000"]
        );
        assert_eq!(texts(DurationSecondArray::from(vec![i64::MIN])), ["-2562047788015215:30:08"]);
    }

    #[test]
    fn binary_is_hex() {
        let values: Vec<Option<&[u8]>> = vec![Some(&[0, 0xab]), Some(&[]), None];
        assert_eq!(texts(BinaryArray::from(values.clone())), ["0x00AB", "0x", "<null>"]);
        assert_eq!(texts(BinaryViewArray::from(values)), ["0x00AB", "0x", "<null>"]);
    }

    #[test]
    fn decimals_are_exact_and_floats_short() {
        let money =
            Decimal128Array::from(vec![1_230_000, -5]).with_precision_and_scale(19, 4).unwrap();
        assert_eq!(texts(money), ["123.0000", "-0.0005"]);
        assert_eq!(
            texts(Float64Array::from(vec![0.1, 1.0, 1e300, f64::NAN])),
            ["0.1", "1.0", "1e300", "NaN"]
        );
        assert_eq!(texts(Float32Array::from(vec![0.1])), ["0.1"]);
    }

    #[test]
    fn values_inside_lists_follow_the_same_style() {
        let mut list = ListBuilder::new(TimestampSecondBuilder::new());
        list.append_value([Some(0), None]);
        assert_eq!(texts(list.finish()), ["[1970-01-01 00:00:00, NULL]"]);
    }

    #[test]
    fn nulls_of_every_kind_are_seen() {
        assert_eq!(texts(NullArray::new(1)), ["<null>"]);
        let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None].into_iter().collect();
        assert_eq!(texts(dictionary), ["a", "<null>"]);
        assert_eq!(texts(PrimitiveArray::<UInt8Type>::from(vec![Some(7), None])), ["7", "<null>"]);
    }
}
