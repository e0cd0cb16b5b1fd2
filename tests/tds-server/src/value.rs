//! Values on the wire (MS-TDS 2.2.5.5), each type as SQL Server sends it.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, PrimitiveArray, StringViewArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type,
    Int32Type, Int64Type, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampNanosecondType, UInt8Type,
};
use uuid::Uuid;

use crate::bytes::Put;
use crate::column_metadata::{WireColumn, fixed_type};
use crate::error::SqlError;
use crate::moment::{DAY, Moment, UNIX_EPOCH, datetime_parts, rounded, smalldatetime_parts, unit};
use crate::sql_type::{Length, SqlType, time_bytes};
use crate::table::cast;

/// One column of a batch, ready to be sent.
#[derive(Debug)]
pub struct Values {
    nulls: Option<NullBuffer>,
    nullable: bool,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bit(BooleanArray),
    TinyInt(PrimitiveArray<UInt8Type>),
    SmallInt(PrimitiveArray<Int16Type>),
    Int(PrimitiveArray<Int32Type>),
    BigInt(PrimitiveArray<Int64Type>),
    Real(PrimitiveArray<Float32Type>),
    Float(PrimitiveArray<Float64Type>),
    /// Sign and magnitude, in so many bytes.
    Decimal(PrimitiveArray<Decimal128Type>, usize),
    Money(PrimitiveArray<Decimal128Type>),
    SmallMoney(PrimitiveArray<Decimal128Type>),
    Date(PrimitiveArray<Date32Type>),
    DateTime(PrimitiveArray<TimestampMicrosecondType>),
    SmallDateTime(PrimitiveArray<TimestampMicrosecondType>),
    /// Ticks, and how they are cut.
    Time(PrimitiveArray<Int64Type>, Clock),
    DateTime2(PrimitiveArray<Int64Type>, Clock),
    /// Ticks of UTC, and minutes ahead of it.
    DateTimeOffset(PrimitiveArray<Int64Type>, PrimitiveArray<Int16Type>, Clock),
    Guid(StringViewArray),
    /// Bytes as they go over the wire, and what stands before them.
    Bytes(BinaryArray, Framing),
    /// UTF-16 made while it is sent.
    Utf16(StringViewArray, Framing),
    /// A text of code page 1252 in a `sql_variant`.
    Variant(StringViewArray),
}

/// Digits of a second's fraction, and the bytes that they take.
#[derive(Debug, Clone, Copy)]
struct Clock {
    digits: u8,
    bytes: usize,
}

/// How the length of a text or of bytes is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Padded to so many bytes, with this unit.
    Padded { bytes: usize, with: &'static [u8] },
    /// Two bytes of length.
    Short,
    /// MAX types: the whole length, then chunks.
    Chunked,
    /// `text`, `ntext`, `image`: a pointer and a time stamp, then four bytes of length.
    Pointer,
}

/// Bytes of a chunk; SQL Server sends about a page's worth.
const CHUNK: usize = 8_040;

const SHORT_NULL: [u8; 2] = [0xFF; 2];
const CHUNKED_NULL: [u8; 8] = [0xFF; 8];

impl Values {
    pub fn new(column: &WireColumn, array: &ArrayRef) -> Result<Self, SqlError> {
        let content = content(column, array).map_err(|cause| {
            SqlError::new(8_114, 16, format!("column {}: {cause}", column.name))
        })?;
        let nullable = column.nullable || fixed_type(column.sql_type).is_none();
        // Not the array's own nulls: an array of the type Null has none.
        Ok(Self { nulls: array.logical_nulls(), nullable, content })
    }

    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Puts a value or its NULL, with its length where its type has one.
    pub fn put(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return self.put_null(out);
        }
        match &self.content {
            Content::Bit(a) => self.sized(out, [u8::from(a.value(row))]),
            Content::TinyInt(a) => self.sized(out, [a.value(row)]),
            Content::SmallInt(a) => self.sized(out, a.value(row).to_le_bytes()),
            Content::Int(a) => self.sized(out, a.value(row).to_le_bytes()),
            Content::BigInt(a) => self.sized(out, a.value(row).to_le_bytes()),
            Content::Real(a) => self.sized(out, a.value(row).to_le_bytes()),
            Content::Float(a) => self.sized(out, a.value(row).to_le_bytes()),
            Content::Decimal(a, bytes) => put_decimal(a.value(row), *bytes, out),
            Content::Money(a) => self.sized(out, money(a.value(row))),
            Content::SmallMoney(a) => self.sized(out, (a.value(row) as i32).to_le_bytes()),
            Content::Date(a) => {
                out.push(3);
                put_days(i64::from(a.value(row)) + UNIX_EPOCH, out);
            }
            Content::DateTime(a) => {
                let (days, parts) = datetime_parts(a.value(row));
                self.sized(out, halves((days as i32).to_le_bytes(), (parts as i32).to_le_bytes()));
            }
            Content::SmallDateTime(a) => {
                let (days, minutes) = smalldatetime_parts(a.value(row));
                let [a, b] = (days as u16).to_le_bytes();
                let [c, d] = (minutes as u16).to_le_bytes();
                self.sized(out, [a, b, c, d]);
            }
            Content::Time(a, clock) => {
                out.push(clock.bytes as u8);
                clock.put(rounded(a.value(row), clock.digits).rem_euclid(DAY), out);
            }
            Content::DateTime2(a, clock) => {
                out.push(clock.bytes as u8 + 3);
                clock.put_with_date(a.value(row), out);
            }
            Content::DateTimeOffset(a, offsets, clock) => {
                out.push(clock.bytes as u8 + 5);
                clock.put_with_date(a.value(row), out);
                out.put(offsets.value(row).to_le_bytes());
            }
            Content::Guid(a) => {
                out.push(16);
                // Checked when the column was made ready.
                let guid = Uuid::parse_str(a.value(row)).unwrap_or_default();
                out.put(guid.to_bytes_le());
            }
            Content::Bytes(a, framing) => framing.put(a.value(row), out),
            Content::Utf16(a, Framing::Short) => put_short_utf16(a.value(row), out),
            Content::Utf16(a, framing) => {
                let mut utf16 = Vec::new();
                put_utf16(a.value(row), &mut utf16);
                framing.put(&utf16, out);
            }
            Content::Variant(a) => put_variant(a.value(row), out),
        }
    }

    /// A fixed type has no length.
    fn sized(&self, out: &mut Vec<u8>, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if self.nullable {
            out.push(bytes.len() as u8);
        }
        out.put(bytes);
    }

    fn put_null(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Bytes(_, framing) | Content::Utf16(_, framing) => framing.put_null(out),
            Content::Variant(_) => out.put([0; 4]),
            _ => out.push(0),
        }
    }
}

impl Clock {
    fn new(digits: u8) -> Self {
        Self { digits, bytes: usize::from(time_bytes(digits)) }
    }

    /// Ticks within a day.
    fn put(self, ticks: i64, out: &mut Vec<u8>) {
        out.put(&(ticks / unit(self.digits)).to_le_bytes()[..self.bytes]);
    }

    fn put_with_date(self, ticks: i64, out: &mut Vec<u8>) {
        let ticks = rounded(ticks, self.digits);
        self.put(ticks.rem_euclid(DAY), out);
        put_days(ticks.div_euclid(DAY), out);
    }
}

/// Days since 0001-01-01 in three bytes.
fn put_days(days: i64, out: &mut Vec<u8>) {
    out.put(&days.to_le_bytes()[..3]);
}

/// Sign (1 is positive), then the magnitude.
fn put_decimal(value: i128, bytes: usize, out: &mut Vec<u8>) {
    out.put([bytes as u8, u8::from(value >= 0)]);
    out.put(&value.unsigned_abs().to_le_bytes()[..bytes - 1]);
}

/// The high half comes first.
fn money(value: i128) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h] = (value as i64).to_le_bytes();
    [e, f, g, h, a, b, c, d]
}

fn halves([a, b, c, d]: [u8; 4], [e, f, g, h]: [u8; 4]) -> [u8; 8] {
    [a, b, c, d, e, f, g, h]
}

fn put_utf16(text: &str, out: &mut Vec<u8>) {
    if text.is_ascii() {
        out.extend(text.bytes().flat_map(|b| [b, 0]));
    } else {
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }
}

/// UTF-16 behind two bytes of length, which are known only when it is there.
fn put_short_utf16(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.put([0; 2]);
    put_utf16(text, out);
    // Texts of these types have at most 8,000 bytes.
    let length = (out.len() - start - 2) as u16;
    out[start..start + 2].copy_from_slice(&length.to_le_bytes());
}

/// Length of all, base type nvarchar, length of its properties: collation and greatest length.
fn put_variant(text: &str, out: &mut Vec<u8>) {
    let mut utf16 = Vec::new();
    put_utf16(text, &mut utf16);
    let properties = [&crate::token::COLLATION[..], &8_000_u16.to_le_bytes()].concat();
    let length = 2 + properties.len() + utf16.len();
    out.put((length as u32).to_le_bytes());
    out.put([0xE7, properties.len() as u8]);
    out.put(properties);
    out.put(utf16);
}

impl Framing {
    fn put(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Padded { bytes: width, with } => {
                out.put((width as u16).to_le_bytes());
                out.put(bytes);
                let missing = width.saturating_sub(bytes.len()) / with.len();
                (0..missing).for_each(|_| out.put(with));
            }
            Self::Short => {
                out.put((bytes.len() as u16).to_le_bytes());
                out.put(bytes);
            }
            Self::Chunked => {
                out.put((bytes.len() as u64).to_le_bytes());
                for chunk in bytes.chunks(CHUNK) {
                    out.put((chunk.len() as u32).to_le_bytes());
                    out.put(chunk);
                }
                out.put([0; 4]);
            }
            Self::Pointer => {
                let (pointer, time_stamp) = ([0xFE; 16], [0; 8]);
                out.push(pointer.len() as u8);
                out.put(pointer);
                out.put(time_stamp);
                out.put((bytes.len() as u32).to_le_bytes());
                out.put(bytes);
            }
        }
    }

    fn put_null(self, out: &mut Vec<u8>) {
        match self {
            Self::Padded { .. } | Self::Short => out.put(SHORT_NULL),
            Self::Chunked => out.put(CHUNKED_NULL),
            Self::Pointer => out.push(0),
        }
    }
}

type Cause = String;

fn content(column: &WireColumn, array: &ArrayRef) -> Result<Content, Cause> {
    Ok(match column.sql_type {
        SqlType::Bit => Content::Bit(to(array, &DataType::Boolean)?.as_boolean().clone()),
        SqlType::TinyInt => Content::TinyInt(primitive(array)?),
        SqlType::SmallInt => Content::SmallInt(primitive(array)?),
        SqlType::Int => Content::Int(primitive(array)?),
        SqlType::BigInt => Content::BigInt(primitive(array)?),
        SqlType::Real => Content::Real(primitive(array)?),
        SqlType::Float => Content::Float(primitive(array)?),
        SqlType::Decimal(d) | SqlType::Numeric(d) => {
            let array = to(array, &column.sql_type.arrow())?;
            Content::Decimal(array.as_primitive().clone(), d.bytes() as usize)
        }
        SqlType::Money => {
            Content::Money(to(array, &column.sql_type.arrow())?.as_primitive().clone())
        }
        SqlType::SmallMoney => {
            Content::SmallMoney(to(array, &column.sql_type.arrow())?.as_primitive().clone())
        }
        SqlType::Date => Content::Date(primitive(array)?),
        SqlType::DateTime => Content::DateTime(micros(array)?),
        SqlType::SmallDateTime => Content::SmallDateTime(micros(array)?),
        SqlType::Time(digits) => {
            let nanos = to(array, &DataType::Time64(TimeUnit::Nanosecond))?;
            let ticks = nanos.as_primitive::<Time64NanosecondType>().unary(|n| n / 100);
            Content::Time(ticks, Clock::new(digits))
        }
        SqlType::DateTime2(digits) => Content::DateTime2(ticks(array)?, Clock::new(digits)),
        SqlType::DateTimeOffset(digits) => {
            let moments = moments(array)?;
            let utc = moments.iter().map(|m| m.map(Moment::utc_ticks)).collect();
            let offsets = moments.iter().map(|m| m.map(|m| m.offset)).collect();
            Content::DateTimeOffset(utc, offsets, Clock::new(digits))
        }
        SqlType::UniqueIdentifier => {
            let texts = text(array)?;
            match texts.iter().flatten().find(|t| Uuid::parse_str(t).is_err()) {
                Some(wrong) => return Err(format!("{wrong:?} is no uniqueidentifier")),
                None => Content::Guid(texts),
            }
        }
        SqlType::SqlVariant => Content::Variant(text(array)?),
        _ => framed(column, array)?,
    })
}

/// Texts and bytes.
fn framed(column: &WireColumn, array: &ArrayRef) -> Result<Content, Cause> {
    let framing = framing(column.sql_type);
    if column.sql_type.is_national_text() && *array.data_type() != DataType::Binary {
        return Ok(Content::Utf16(text(array)?, framing));
    }
    if column.sql_type.is_code_page_text() {
        let coded = text(array)?.iter().map(|t| t.map(|t| code_page(t, column.utf8))).collect();
        return Ok(Content::Bytes(coded, framing));
    }
    Ok(Content::Bytes(to(array, &DataType::Binary)?.as_binary().clone(), framing))
}

fn framing(sql_type: SqlType) -> Framing {
    let padded = |bytes: u16, with| Framing::Padded { bytes: bytes.into(), with };
    match sql_type {
        SqlType::Char(n) => padded(n, b" "),
        SqlType::NChar(n) => padded(n * 2, b" \0"),
        SqlType::Binary(n) => padded(n, b"\0"),
        SqlType::RowVersion => padded(8, b"\0"),
        SqlType::Text | SqlType::NText | SqlType::Image => Framing::Pointer,
        SqlType::Xml
        | SqlType::VarChar(Length::Max)
        | SqlType::NVarChar(Length::Max)
        | SqlType::VarBinary(Length::Max) => Framing::Chunked,
        _ => Framing::Short,
    }
}

/// What the code page does not have becomes a question mark for each of its UTF-16 code units, as
/// in SQL Server.
fn code_page(text: &str, utf8: bool) -> Vec<u8> {
    if utf8 || text.is_ascii() {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        match encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut buffer)) {
            (_, _, true) => bytes.resize(bytes.len() + c.len_utf16(), b'?'),
            (coded, _, false) => bytes.extend_from_slice(&coded),
        }
    }
    bytes
}

fn to(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, Cause> {
    cast(array, data_type).map_err(|e| e.to_string())
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<PrimitiveArray<T>, Cause> {
    Ok(to(array, &T::DATA_TYPE)?.as_primitive().clone())
}

fn text(array: &ArrayRef) -> Result<StringViewArray, Cause> {
    Ok(to(array, &DataType::Utf8View)?.as_string_view().clone())
}

fn micros(array: &ArrayRef) -> Result<PrimitiveArray<TimestampMicrosecondType>, Cause> {
    primitive(array)
}

/// Ticks since 0001-01-01, from microseconds, from nanoseconds or from text.
fn ticks(array: &ArrayRef) -> Result<PrimitiveArray<Int64Type>, Cause> {
    let epoch = UNIX_EPOCH * DAY;
    Ok(match array.data_type() {
        DataType::Utf8 | DataType::Utf8View => {
            moments(array)?.iter().map(|m| m.map(|m| m.ticks)).collect()
        }
        DataType::Timestamp(TimeUnit::Nanosecond, None) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>();
            nanos.unary(|n| n.div_euclid(100) + epoch)
        }
        _ => micros(array)?.unary(|micros| micros * 10 + epoch),
    })
}

/// Points in time with their offsets: from text, or from a time stamp in UTC.
fn moments(array: &ArrayRef) -> Result<Vec<Option<Moment>>, Cause> {
    if let DataType::Timestamp(_, _) = array.data_type() {
        let plain = to(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        let ticks = ticks(&plain)?;
        return Ok(ticks.iter().map(|t| t.map(|ticks| Moment { ticks, offset: 0 })).collect());
    }
    let read = |t: &str| Moment::parse(t).ok_or_else(|| format!("{t:?} is no point in time"));
    text(array)?.iter().map(|t| t.map(read).transpose()).collect()
}
