//! What the server says of a column's type before it sends values (2.2.5.6).

use super::column::Cells;
use super::reader::Reader;

/// How a value's bytes are to be read. A type that comes in several sizes tells them by the length
/// of each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    Bit,
    /// 1, 2, 4 or 8 bytes; one byte has no sign.
    Int,
    /// 4 or 8 bytes.
    Float,
    /// A sign and a magnitude; digits behind the point.
    Decimal {
        scale: u8,
    },
    /// 4 or 8 bytes.
    Money,
    Guid,
    Date,
    /// Digits of a second.
    Time {
        scale: u8,
    },
    /// 4 bytes (`smalldatetime`) or 8 (`datetime`).
    DateTime,
    DateTime2 {
        scale: u8,
    },
    DateTimeOffset {
        scale: u8,
    },
    /// Code page 1252.
    Latin1,
    Utf8,
    Utf16,
    Bytes,
    /// `sql_variant`.
    Variant,
}

impl WireType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bit => "a bit",
            Self::Int => "an integer",
            Self::Float => "a floating-point number",
            Self::Decimal { .. } => "a decimal",
            Self::Money => "money",
            Self::Guid => "a uniqueidentifier",
            Self::Date => "a date",
            Self::Time { .. } => "a time",
            Self::DateTime => "a datetime",
            Self::DateTime2 { .. } => "a datetime2",
            Self::DateTimeOffset { .. } => "a datetimeoffset",
            Self::Latin1 | Self::Utf8 | Self::Utf16 => "text",
            Self::Bytes => "binary data",
            Self::Variant => "a sql_variant",
        }
    }
}

/// A length of two bytes that says that values come in chunks instead.
const CHUNKED: u16 = 0xFFFF;

/// The collation's flag for UTF-8, in its first four bytes.
const UTF8: u32 = 0x0400_0000;

/// Reads a TYPE_INFO: the type, and how its values lie in a row. None if more bytes are needed; an
/// error names a type that no column is asked for in.
pub fn read(reader: &mut Reader<'_>) -> Option<Result<(WireType, Cells), u8>> {
    use WireType as T;
    let id = reader.u8()?;
    let fixed = |of, bytes| Some(Ok((of, Cells::Fixed(bytes))));
    match id {
        0x30 => return fixed(T::Int, 1),
        0x32 => return fixed(T::Bit, 1),
        0x34 => return fixed(T::Int, 2),
        0x38 => return fixed(T::Int, 4),
        0x3A => return fixed(T::DateTime, 4),
        0x3B => return fixed(T::Float, 4),
        0x3C => return fixed(T::Money, 8),
        0x3D => return fixed(T::DateTime, 8),
        0x3E => return fixed(T::Float, 8),
        0x7A => return fixed(T::Money, 4),
        0x7F => return fixed(T::Int, 8),
        _ => {}
    }
    Some(Ok(match id {
        0x24 | 0x26 | 0x68 | 0x6D | 0x6E | 0x6F => {
            let _longest = reader.u8()?;
            let of = match id {
                0x24 => T::Guid,
                0x26 => T::Int,
                0x68 => T::Bit,
                0x6D => T::Float,
                0x6E => T::Money,
                _ => T::DateTime,
            };
            (of, Cells::Short)
        }
        0x37 | 0x3F | 0x6A | 0x6C => {
            let _longest_and_precision = reader.take(2)?;
            (T::Decimal { scale: reader.u8()? }, Cells::Short)
        }
        0x28 => (T::Date, Cells::Short),
        0x29 => (T::Time { scale: reader.u8()? }, Cells::Short),
        0x2A => (T::DateTime2 { scale: reader.u8()? }, Cells::Short),
        0x2B => (T::DateTimeOffset { scale: reader.u8()? }, Cells::Short),
        0xA5 | 0xAD => (T::Bytes, sized(reader.u16()?)),
        0xA7 | 0xAF => {
            let longest = reader.u16()?;
            (encoding(reader)?, sized(longest))
        }
        0xE7 | 0xEF => {
            let longest = reader.u16()?;
            let _collation = reader.take(5)?;
            (T::Utf16, sized(longest))
        }
        0x22 => {
            let _longest = reader.take(4)?;
            table_name(reader)?;
            (T::Bytes, Cells::Pointed)
        }
        0x23 | 0x63 => {
            let _longest = reader.take(4)?;
            let encoding = encoding(reader)?;
            table_name(reader)?;
            (if id == 0x63 { T::Utf16 } else { encoding }, Cells::Pointed)
        }
        0xF1 => {
            if reader.u8()? != 0 {
                let _database_and_owner = (reader.b_varchar()?, reader.b_varchar()?);
                let _collection = reader.us_varchar()?;
            }
            (T::Utf16, Cells::Chunked)
        }
        0xF0 => {
            let _longest = reader.u16()?;
            let _names = (reader.b_varchar()?, reader.b_varchar()?, reader.b_varchar()?);
            let _assembly = reader.us_varchar()?;
            (T::Bytes, Cells::Chunked)
        }
        0x62 => {
            let _longest = reader.take(4)?;
            (T::Variant, Cells::Long)
        }
        other => return Some(Err(other)),
    }))
}

fn sized(longest: u16) -> Cells {
    if longest == CHUNKED { Cells::Chunked } else { Cells::Medium }
}

/// Of the collations, those with UTF-8 tell so; others that are not of code page 1252 are asked for
/// as `nvarchar`.
fn encoding(reader: &mut Reader<'_>) -> Option<WireType> {
    let collation = reader.take(5)?.first_chunk().copied().map(u32::from_le_bytes)?;
    Some(if collation & UTF8 == 0 { WireType::Latin1 } else { WireType::Utf8 })
}

/// The table that a `text`, `ntext` or `image` is from.
fn table_name(reader: &mut Reader<'_>) -> Option<()> {
    for _part in 0..reader.u8()? {
        reader.us_varchar()?;
    }
    Some(())
}
