//! What the client hears of a result's columns before the rows (MS-TDS 2.2.7.4, 2.2.5.4).

use arrow::datatypes::Field;

use crate::bytes::Put;
use crate::error::SqlError;
use crate::sql_type::{Digits, Length, SqlType};
use crate::table::{NAME, SQL_TYPE, UTF8, fold};
use crate::token::{COLLATION, UTF8_COLLATION};

/// A column of a result, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireColumn {
    pub name: String,
    pub sql_type: SqlType,
    pub nullable: bool,
    pub utf8: bool,
    /// It comes from no table, but from an expression.
    pub computed: bool,
}

const COLMETADATA: u8 = 0x81;
const NULLABLE: u16 = 0x01;
const COMPUTED: u16 = 0x20;

/// `UserType` of rowversion, whose wire type is that of binary(8).
const TIMESTAMP: u32 = 0x50;

/// Says in a length's place that the value comes in chunks.
const CHUNKED: u16 = 0xFFFF;

impl WireColumn {
    /// The column for a field of a result: what its metadata says, or what its Arrow type means.
    pub fn of_field(field: &Field, name: String) -> Result<Self, SqlError> {
        let declared = field.metadata().get(SQL_TYPE).and_then(|text| text.parse().ok());
        let of_type = || {
            SqlType::of_arrow(field.data_type()).ok_or_else(|| {
                SqlError::unsupported(&format!("A result column of type {}", field.data_type()))
            })
        };
        let from_table = field.metadata().get(NAME).is_some_and(|n| fold(n) == *field.name());
        Ok(Self {
            name,
            sql_type: declared.map_or_else(of_type, Ok)?,
            nullable: field.is_nullable(),
            utf8: field.metadata().contains_key(UTF8),
            computed: !from_table,
        })
    }

    /// `TYPE_INFO`: the type's byte, then what it needs to be read.
    pub fn type_info(&self, out: &mut Vec<u8>) {
        if !self.nullable
            && let Some(fixed) = fixed_type(self.sql_type)
        {
            return out.push(fixed);
        }
        match self.sql_type {
            SqlType::Bit => out.put([0x68, 1]),
            SqlType::TinyInt => out.put([0x26, 1]),
            SqlType::SmallInt => out.put([0x26, 2]),
            SqlType::Int => out.put([0x26, 4]),
            SqlType::BigInt => out.put([0x26, 8]),
            SqlType::Real => out.put([0x6D, 4]),
            SqlType::Float => out.put([0x6D, 8]),
            SqlType::Money => out.put([0x6E, 8]),
            SqlType::SmallMoney => out.put([0x6E, 4]),
            SqlType::DateTime => out.put([0x6F, 8]),
            SqlType::SmallDateTime => out.put([0x6F, 4]),
            SqlType::Decimal(digits) => decimal(out, 0x6A, digits),
            SqlType::Numeric(digits) => decimal(out, 0x6C, digits),
            SqlType::Date => out.push(0x28),
            SqlType::Time(n) => out.put([0x29, n]),
            SqlType::DateTime2(n) => out.put([0x2A, n]),
            SqlType::DateTimeOffset(n) => out.put([0x2B, n]),
            SqlType::UniqueIdentifier => out.put([0x24, 16]),
            SqlType::Char(n) => self.text(out, 0xAF, n),
            SqlType::VarChar(n) => self.text(out, 0xA7, limit(n, 1)),
            SqlType::NChar(n) => self.text(out, 0xEF, n * 2),
            SqlType::NVarChar(n) => self.text(out, 0xE7, limit(n, 2)),
            SqlType::Binary(n) => bytes(out, 0xAD, n),
            SqlType::RowVersion => bytes(out, 0xAD, 8),
            SqlType::VarBinary(n) => bytes(out, 0xA5, limit(n, 1)),
            SqlType::Text => self.large(out, 0x23, 0x7FFF_FFFF),
            SqlType::NText => self.large(out, 0x63, 0x7FFF_FFFE),
            SqlType::Image => self.large(out, 0x22, 0x7FFF_FFFF),
            SqlType::Xml => out.put([0xF1, 0]),
            SqlType::SqlVariant => {
                out.push(0x62);
                out.put(8_009_u32.to_le_bytes());
            }
        }
    }

    /// The collation that says how this column's text is coded.
    pub fn collation(&self) -> [u8; 5] {
        if self.utf8 { UTF8_COLLATION } else { COLLATION }
    }

    fn text(&self, out: &mut Vec<u8>, token: u8, length: u16) {
        bytes(out, token, length);
        out.put(self.collation());
    }

    /// `text`, `ntext`, `image`: the table's name follows, which here is always left empty.
    fn large(&self, out: &mut Vec<u8>, token: u8, length: u32) {
        out.push(token);
        out.put(length.to_le_bytes());
        if self.sql_type != SqlType::Image {
            out.put(self.collation());
        }
        let (one_part, empty) = (1, [0, 0]);
        out.push(one_part);
        out.put(empty);
    }

    fn flags(&self) -> u16 {
        let nullable = if self.nullable { NULLABLE } else { 0 };
        nullable | if self.computed { COMPUTED } else { 0 }
    }
}

/// COLMETADATA.
pub fn put(out: &mut Vec<u8>, columns: &[WireColumn]) {
    out.push(COLMETADATA);
    // SQL Server has at most 4,096 columns in a SELECT.
    out.put((columns.len() as u16).to_le_bytes());
    for column in columns {
        let user_type = if column.sql_type == SqlType::RowVersion { TIMESTAMP } else { 0 };
        out.put(user_type.to_le_bytes());
        out.put(column.flags().to_le_bytes());
        column.type_info(out);
        out.put_b_varchar(&column.name);
    }
}

/// The type without a length, for columns that are never NULL.
pub fn fixed_type(sql_type: SqlType) -> Option<u8> {
    Some(match sql_type {
        SqlType::TinyInt => 0x30,
        SqlType::Bit => 0x32,
        SqlType::SmallInt => 0x34,
        SqlType::Int => 0x38,
        SqlType::SmallDateTime => 0x3A,
        SqlType::Real => 0x3B,
        SqlType::Money => 0x3C,
        SqlType::DateTime => 0x3D,
        SqlType::Float => 0x3E,
        SqlType::SmallMoney => 0x7A,
        SqlType::BigInt => 0x7F,
        _ => return None,
    })
}

fn decimal(out: &mut Vec<u8>, token: u8, digits: Digits) {
    // 5 to 17.
    out.put([token, digits.bytes() as u8, digits.precision, digits.scale]);
}

fn bytes(out: &mut Vec<u8>, token: u8, length: u16) {
    out.push(token);
    out.put(length.to_le_bytes());
}

fn limit(length: Length, per_unit: u16) -> u16 {
    match length {
        Length::Limited(n) => n * per_unit,
        Length::Max => CHUNKED,
    }
}
