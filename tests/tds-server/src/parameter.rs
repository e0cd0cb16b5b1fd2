//! Parameters off the wire: TYPE_INFO, then a value of that type (MS-TDS 2.2.5.4, 2.2.5.5).

use std::io;

use crate::bytes::{Reader, utf16};
use crate::literal::Literal;
use crate::moment::{DAY, FROM_1900, UNIX_EPOCH, unit};
use crate::packet::invalid;
use crate::sql_type::{Digits, Length, SqlType};

const CHUNKED: u16 = 0xFFFF;

/// Reads a parameter's type and value.
pub fn read(reader: &mut Reader<'_>) -> io::Result<Literal> {
    let token = reader.u8()?;
    match token {
        0x1F => Ok(Literal { text: None, sql_type: SqlType::Int }),
        0x30 | 0x32 | 0x34 | 0x38 | 0x3A | 0x3B | 0x3C | 0x3D | 0x3E | 0x7A | 0x7F => {
            let (sql_type, size) = fixed(token);
            literal(sql_type, Some(reader.take(size)?))
        }
        0x24 | 0x26 | 0x68 | 0x6D | 0x6E | 0x6F => {
            let size = reader.u8()?;
            let value = short(reader)?;
            literal(sized(token, size)?, value)
        }
        0x6A | 0x6C => {
            let _size = reader.u8()?;
            let digits = Digits { precision: reader.u8()?, scale: reader.u8()? };
            literal(SqlType::Decimal(digits), short(reader)?)
        }
        0x28 => literal(SqlType::Date, short(reader)?),
        0x29 => {
            let digits = reader.u8()?;
            literal(SqlType::Time(digits), short(reader)?)
        }
        0x2A => {
            let digits = reader.u8()?;
            literal(SqlType::DateTime2(digits), short(reader)?)
        }
        0x2B => {
            let digits = reader.u8()?;
            literal(SqlType::DateTimeOffset(digits), short(reader)?)
        }
        0xA5 | 0xAD | 0xA7 | 0xAF | 0xE7 | 0xEF => variable(token, reader),
        0x22 | 0x23 | 0x63 => large(token, reader),
        0xF1 => {
            if reader.u8()? != 0 {
                return Err(invalid("a parameter of xml with a schema"));
            }
            let value = chunks(reader)?;
            literal(SqlType::Xml, value.as_deref())
        }
        other => Err(invalid(&format!("a parameter of type {other:#04x}"))),
    }
}

fn fixed(token: u8) -> (SqlType, usize) {
    match token {
        0x30 => (SqlType::TinyInt, 1),
        0x32 => (SqlType::Bit, 1),
        0x34 => (SqlType::SmallInt, 2),
        0x38 => (SqlType::Int, 4),
        0x3A => (SqlType::SmallDateTime, 4),
        0x3B => (SqlType::Real, 4),
        0x3C => (SqlType::Money, 8),
        0x3D => (SqlType::DateTime, 8),
        0x3E => (SqlType::Float, 8),
        0x7A => (SqlType::SmallMoney, 4),
        _ => (SqlType::BigInt, 8),
    }
}

/// The type of a token that leaves the size to a byte behind it.
fn sized(token: u8, size: u8) -> io::Result<SqlType> {
    Ok(match (token, size) {
        (0x24, _) => SqlType::UniqueIdentifier,
        (0x26, 1) => SqlType::TinyInt,
        (0x26, 2) => SqlType::SmallInt,
        (0x26, 4) => SqlType::Int,
        (0x26, 8) => SqlType::BigInt,
        (0x68, _) => SqlType::Bit,
        (0x6D, 4) => SqlType::Real,
        (0x6D, 8) => SqlType::Float,
        (0x6E, 4) => SqlType::SmallMoney,
        (0x6E, 8) => SqlType::Money,
        (0x6F, 4) => SqlType::SmallDateTime,
        (0x6F, 8) => SqlType::DateTime,
        _ => return Err(invalid("a parameter of a size that its type does not have")),
    })
}

/// A value behind a byte of length; no length is NULL.
fn short<'a>(reader: &mut Reader<'a>) -> io::Result<Option<&'a [u8]>> {
    match reader.u8()? {
        0 => Ok(None),
        length => reader.take(length.into()).map(Some),
    }
}

/// `char`, `varchar`, `binary` and their kin; of the greatest length in chunks.
fn variable(token: u8, reader: &mut Reader<'_>) -> io::Result<Literal> {
    let size = reader.u16()?;
    let text = !matches!(token, 0xA5 | 0xAD);
    if text {
        let _collation = reader.take(5)?;
    }
    let national = matches!(token, 0xE7 | 0xEF);
    let length = if size == CHUNKED { Length::Max } else { Length::Limited(size) };
    let sql_type = match (text, national) {
        (true, true) => SqlType::NVarChar(Length::Max),
        (true, false) => SqlType::VarChar(Length::Max),
        (false, _) => SqlType::VarBinary(length),
    };
    if size == CHUNKED {
        let value = chunks(reader)?;
        return literal(sql_type, value.as_deref());
    }
    match reader.u16()? {
        CHUNKED => literal(sql_type, None),
        length => literal(sql_type, Some(reader.take(length.into())?)),
    }
}

/// `text`, `ntext` and `image`.
fn large(token: u8, reader: &mut Reader<'_>) -> io::Result<Literal> {
    let _size = reader.u32()?;
    if token != 0x22 {
        let _collation = reader.take(5)?;
    }
    let sql_type = match token {
        0x22 => SqlType::VarBinary(Length::Max),
        0x23 => SqlType::VarChar(Length::Max),
        _ => SqlType::NVarChar(Length::Max),
    };
    match reader.i32()? {
        length @ 0.. => literal(sql_type, Some(reader.take(length as usize)?)),
        _ => literal(sql_type, None),
    }
}

/// A value in chunks, the last of them empty.
fn chunks(reader: &mut Reader<'_>) -> io::Result<Option<Vec<u8>>> {
    const NULL: u64 = u64::MAX;
    if reader.u64()? == NULL {
        return Ok(None);
    }
    let mut whole = Vec::new();
    loop {
        match reader.u32()? {
            0 => return Ok(Some(whole)),
            length => whole.extend_from_slice(reader.take(length as usize)?),
        }
    }
}

fn literal(sql_type: SqlType, value: Option<&[u8]>) -> io::Result<Literal> {
    let text = value.map(|bytes| print(sql_type, bytes)).transpose()?;
    Ok(Literal { text, sql_type })
}

/// The value as T-SQL writes it.
fn print(sql_type: SqlType, bytes: &[u8]) -> io::Result<String> {
    let mut reader = Reader(bytes);
    Ok(match sql_type {
        SqlType::Bit | SqlType::TinyInt => reader.u8()?.to_string(),
        SqlType::SmallInt => (reader.u16()? as i16).to_string(),
        SqlType::Int => reader.i32()?.to_string(),
        SqlType::BigInt => (reader.u64()? as i64).to_string(),
        SqlType::Real => f32::from_bits(reader.u32()?).to_string(),
        SqlType::Float => f64::from_bits(reader.u64()?).to_string(),
        SqlType::Decimal(digits) | SqlType::Numeric(digits) => {
            let negative = reader.u8()? == 0;
            scaled(magnitude(reader.0), negative, digits.scale)
        }
        SqlType::Money => {
            let (high, low) = (reader.i32()?, reader.u32()?);
            let value = i128::from(i64::from(high) << 32 | i64::from(low));
            scaled(value.unsigned_abs(), value < 0, 4)
        }
        SqlType::SmallMoney => {
            let value = reader.i32()?;
            scaled(value.unsigned_abs().into(), value < 0, 4)
        }
        SqlType::Date => date(magnitude(bytes) as i64),
        SqlType::DateTime => {
            let (days, parts) = (reader.i32()?, reader.u32()?);
            let ticks = (i64::from(parts) * 10 + 1) / 3 * 10_000;
            moment((i64::from(days) + UNIX_EPOCH - FROM_1900) * DAY + ticks)
        }
        SqlType::SmallDateTime => {
            let (days, minutes) = (reader.u16()?, reader.u16()?);
            let ticks = i64::from(minutes) * 600_000_000;
            moment((i64::from(days) + UNIX_EPOCH - FROM_1900) * DAY + ticks)
        }
        SqlType::Time(digits) => clock(magnitude(bytes) as i64 * unit(digits)),
        SqlType::DateTime2(digits) => moment(ticks(bytes, digits)?),
        SqlType::DateTimeOffset(digits) => {
            let (moment_, offset) = bytes
                .split_at_checked(bytes.len().saturating_sub(2))
                .ok_or_else(|| invalid("datetimeoffset too short"))?;
            let offset = Reader(offset).u16()? as i16;
            let local = ticks(moment_, digits)? + i64::from(offset) * 600_000_000;
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            format!("{} {sign}{hours:02}:{minutes:02}", moment(local))
        }
        SqlType::UniqueIdentifier => {
            let bytes = reader.take(16)?.try_into().map_err(io::Error::other)?;
            uuid::Uuid::from_bytes_le(bytes).to_string().to_uppercase()
        }
        SqlType::VarBinary(_) | SqlType::Binary(_) => {
            format!("0x{}", bytes.iter().map(|b| format!("{b:02X}")).collect::<String>())
        }
        t if t.is_national_text() => utf16(bytes),
        _ => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    })
}

/// A number without a sign, the lowest byte first.
fn magnitude(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn scaled(magnitude: u128, negative: bool, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{magnitude:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if negative { "-" } else { "" }, if scale > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{fraction}")
}

/// Time of day in units, then three bytes of days.
fn ticks(bytes: &[u8], digits: u8) -> io::Result<i64> {
    let (time, date) = bytes
        .split_at_checked(bytes.len().saturating_sub(3))
        .ok_or_else(|| invalid("time too short"))?;
    Ok(magnitude(date) as i64 * DAY + magnitude(time) as i64 * unit(digits))
}

fn date(days: i64) -> String {
    let days = i32::try_from(days + 1).ok();
    days.and_then(chrono::NaiveDate::from_num_days_from_ce_opt).unwrap_or_default().to_string()
}

fn clock(ticks: i64) -> String {
    let seconds = ticks / 10_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:07}", seconds % 60, ticks % 10_000_000)
}

fn moment(ticks: i64) -> String {
    format!("{}T{}", date(ticks.div_euclid(DAY)), clock(ticks.rem_euclid(DAY)))
}
