//! SQL Server's column types: how they are written, and what the `sys` views say of them.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::{DataType, TimeUnit};

/// Digits of `decimal` and `numeric`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digits {
    /// 1 to 38.
    pub precision: u8,
    /// 0 to `precision`.
    pub scale: u8,
}

/// The declared length of a `var` type: bytes, or UTF-16 code units for the national ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    Limited(u16),
    Max,
}

/// A column type with its arguments. Fractional digits of times are 0 to 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlType {
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Real,
    Float,
    Decimal(Digits),
    Numeric(Digits),
    Money,
    SmallMoney,
    Date,
    Time(u8),
    DateTime,
    SmallDateTime,
    DateTime2(u8),
    DateTimeOffset(u8),
    Char(u16),
    VarChar(Length),
    Text,
    NChar(u16),
    NVarChar(Length),
    NText,
    Xml,
    Binary(u16),
    VarBinary(Length),
    Image,
    RowVersion,
    UniqueIdentifier,
    SqlVariant,
}

/// What `sys.columns` and `sys.types` say of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Bytes; -1 for MAX.
    pub max_length: i16,
    pub precision: u8,
    pub scale: u8,
}

impl SqlType {
    /// The name without arguments, as `sys.types` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::TinyInt => "tinyint",
            Self::SmallInt => "smallint",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Real => "real",
            Self::Float => "float",
            Self::Decimal(_) => "decimal",
            Self::Numeric(_) => "numeric",
            Self::Money => "money",
            Self::SmallMoney => "smallmoney",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::DateTime => "datetime",
            Self::SmallDateTime => "smalldatetime",
            Self::DateTime2(_) => "datetime2",
            Self::DateTimeOffset(_) => "datetimeoffset",
            Self::Char(_) => "char",
            Self::VarChar(_) => "varchar",
            Self::Text => "text",
            Self::NChar(_) => "nchar",
            Self::NVarChar(_) => "nvarchar",
            Self::NText => "ntext",
            Self::Xml => "xml",
            Self::Binary(_) => "binary",
            Self::VarBinary(_) => "varbinary",
            Self::Image => "image",
            Self::RowVersion => "timestamp",
            Self::UniqueIdentifier => "uniqueidentifier",
            Self::SqlVariant => "sql_variant",
        }
    }

    /// `system_type_id` of `sys.types`.
    pub fn system_type_id(self) -> u8 {
        match self {
            Self::Image => 34,
            Self::Text => 35,
            Self::UniqueIdentifier => 36,
            Self::Date => 40,
            Self::Time(_) => 41,
            Self::DateTime2(_) => 42,
            Self::DateTimeOffset(_) => 43,
            Self::TinyInt => 48,
            Self::SmallInt => 52,
            Self::Int => 56,
            Self::SmallDateTime => 58,
            Self::Real => 59,
            Self::Money => 60,
            Self::DateTime => 61,
            Self::Float => 62,
            Self::SqlVariant => 98,
            Self::NText => 99,
            Self::Bit => 104,
            Self::Decimal(_) => 106,
            Self::Numeric(_) => 108,
            Self::SmallMoney => 122,
            Self::BigInt => 127,
            Self::VarBinary(_) => 165,
            Self::VarChar(_) => 167,
            Self::Binary(_) => 173,
            Self::Char(_) => 175,
            Self::RowVersion => 189,
            Self::NVarChar(_) => 231,
            Self::NChar(_) => 239,
            Self::Xml => 241,
        }
    }

    /// Length, precision and scale as `sys.columns` shows them.
    pub fn measures(self) -> Measures {
        let (max_length, precision, scale) = match self {
            Self::Bit => (1, 1, 0),
            Self::TinyInt => (1, 3, 0),
            Self::SmallInt => (2, 5, 0),
            Self::Int => (4, 10, 0),
            Self::BigInt => (8, 19, 0),
            Self::Real => (4, 24, 0),
            Self::Float => (8, 53, 0),
            Self::Decimal(d) | Self::Numeric(d) => (d.bytes(), d.precision, d.scale),
            Self::Money => (8, 19, 4),
            Self::SmallMoney => (4, 10, 4),
            Self::Date => (3, 10, 0),
            Self::Time(n) => (time_bytes(n).into(), printed(8, n), n),
            Self::DateTime => (8, 23, 3),
            Self::SmallDateTime => (4, 16, 0),
            Self::DateTime2(n) => (i16::from(time_bytes(n)) + 3, printed(19, n), n),
            Self::DateTimeOffset(n) => (i16::from(time_bytes(n)) + 5, printed(26, n), n),
            Self::Char(n) | Self::Binary(n) => (signed(n), 0, 0),
            Self::NChar(n) => (signed(n * 2), 0, 0),
            Self::VarChar(n) | Self::VarBinary(n) => (n.bytes(1), 0, 0),
            Self::NVarChar(n) => (n.bytes(2), 0, 0),
            Self::Text | Self::NText | Self::Image | Self::UniqueIdentifier => (16, 0, 0),
            Self::Xml => (-1, 0, 0),
            Self::RowVersion => (8, 0, 0),
            Self::SqlVariant => (8016, 0, 0),
        };
        Measures { max_length, precision, scale }
    }

    /// The Arrow type that statements compute with. Columns that a test hands over may have any type
    /// that casts to it.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Bit => DataType::Boolean,
            Self::TinyInt => DataType::UInt8,
            Self::SmallInt => DataType::Int16,
            Self::Int => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Real => DataType::Float32,
            Self::Float => DataType::Float64,
            Self::Decimal(d) | Self::Numeric(d) => {
                DataType::Decimal128(d.precision, signed8(d.scale))
            }
            Self::Money => DataType::Decimal128(19, 4),
            Self::SmallMoney => DataType::Decimal128(10, 4),
            Self::Date => DataType::Date32,
            Self::Time(_) => DataType::Time64(TimeUnit::Nanosecond),
            Self::DateTime | Self::SmallDateTime | Self::DateTime2(_) => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            Self::Binary(_) | Self::VarBinary(_) | Self::Image | Self::RowVersion => {
                DataType::Binary
            }
            Self::DateTimeOffset(_)
            | Self::Char(_)
            | Self::VarChar(_)
            | Self::Text
            | Self::NChar(_)
            | Self::NVarChar(_)
            | Self::NText
            | Self::Xml
            | Self::UniqueIdentifier
            | Self::SqlVariant => DataType::Utf8View,
        }
    }

    /// Text in the code page of its collation.
    pub fn is_code_page_text(self) -> bool {
        matches!(self, Self::Char(_) | Self::VarChar(_) | Self::Text)
    }

    /// Text in UTF-16.
    pub fn is_national_text(self) -> bool {
        matches!(self, Self::NChar(_) | Self::NVarChar(_) | Self::NText | Self::Xml)
    }

    /// Types whose `sys.columns` row names a collation.
    pub fn has_collation(self) -> bool {
        self.is_code_page_text() || (self.is_national_text() && self != Self::Xml)
    }

    /// The type of a value that no column declares, by its Arrow type.
    pub fn of_arrow(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Boolean => Self::Bit,
            DataType::UInt8 => Self::TinyInt,
            DataType::Int8 | DataType::Int16 => Self::SmallInt,
            DataType::Null | DataType::Int32 | DataType::UInt16 => Self::Int,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Self::BigInt,
            DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Float,
            DataType::Decimal128(precision, scale) => {
                let scale = u8::try_from(*scale).ok()?;
                Self::Decimal(Digits { precision: *precision, scale })
            }
            DataType::Date32 => Self::Date,
            DataType::Time64(_) => Self::Time(7),
            DataType::Timestamp(_, None) => Self::DateTime,
            DataType::Timestamp(_, Some(_)) => Self::DateTimeOffset(7),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::NVarChar(Length::Max)
            }
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Self::VarBinary(Length::Max)
            }
            _ => return None,
        })
    }
}

impl Digits {
    /// Bytes of sign and magnitude.
    pub fn bytes(self) -> i16 {
        match self.precision {
            0..=9 => 5,
            10..=19 => 9,
            20..=28 => 13,
            _ => 17,
        }
    }
}

impl Length {
    fn bytes(self, per_unit: u16) -> i16 {
        match self {
            Self::Limited(n) => signed(n * per_unit),
            Self::Max => -1,
        }
    }
}

/// Bytes of a time of day with `n` fractional digits.
pub fn time_bytes(n: u8) -> u8 {
    match n {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

/// Characters of a time as it is printed: `whole` without a fraction, else a point more.
fn printed(whole: u8, fraction: u8) -> u8 {
    if fraction == 0 { whole } else { whole + 1 + fraction }
}

fn signed(n: u16) -> i16 {
    i16::try_from(n).unwrap_or(i16::MAX)
}

fn signed8(n: u8) -> i8 {
    i8::try_from(n).unwrap_or(i8::MAX)
}

/// `nvarchar(256)`, `decimal(5,4)`, `varbinary(max)`.
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Decimal(d) | Self::Numeric(d) => write!(f, "({},{})", d.precision, d.scale),
            Self::Time(n) | Self::DateTime2(n) | Self::DateTimeOffset(n) => write!(f, "({n})"),
            Self::Char(n) | Self::NChar(n) | Self::Binary(n) => write!(f, "({n})"),
            Self::VarChar(n) | Self::NVarChar(n) | Self::VarBinary(n) => match n {
                Length::Limited(n) => write!(f, "({n})"),
                Length::Max => f.write_str("(max)"),
            },
            _ => Ok(()),
        }
    }
}

/// A type that SQL Server does not have, or whose arguments it does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownType(pub String);

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a type of SQL Server", self.0)
    }
}

impl std::error::Error for UnknownType {}

/// Reads the spelling of a declaration; missing arguments mean what SQL Server takes for them.
impl FromStr for SqlType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        parse(&text.to_ascii_lowercase()).ok_or_else(|| UnknownType(text.into()))
    }
}

fn parse(text: &str) -> Option<SqlType> {
    let (name, arguments) = text.split_once('(').unwrap_or((text, ""));
    let mut arguments = arguments.trim_end().trim_end_matches(')').split(',').map(str::trim);
    let first = arguments.next().filter(|a| !a.is_empty());
    let number = |missing: u16| first.map_or(Some(missing), |a| a.parse().ok());
    let length = || match first {
        Some("max") => Some(Length::Max),
        _ => number(1).map(Length::Limited),
    };
    let fraction = || number(7).and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 7);
    let second = arguments.next();
    let digits = || {
        let precision = u8::try_from(number(18)?).ok()?;
        let scale = second.map_or(Some(0), |a| a.parse().ok())?;
        ((1..=38).contains(&precision) && scale <= precision).then_some(Digits { precision, scale })
    };
    Some(match name.trim() {
        "bit" => SqlType::Bit,
        "tinyint" => SqlType::TinyInt,
        "smallint" => SqlType::SmallInt,
        "int" | "integer" => SqlType::Int,
        "bigint" => SqlType::BigInt,
        "real" => SqlType::Real,
        "float" if number(53)? <= 24 => SqlType::Real,
        "float" => SqlType::Float,
        "decimal" | "dec" => SqlType::Decimal(digits()?),
        "numeric" => SqlType::Numeric(digits()?),
        "money" => SqlType::Money,
        "smallmoney" => SqlType::SmallMoney,
        "date" => SqlType::Date,
        "time" => SqlType::Time(fraction()?),
        "datetime" => SqlType::DateTime,
        "smalldatetime" => SqlType::SmallDateTime,
        "datetime2" => SqlType::DateTime2(fraction()?),
        "datetimeoffset" => SqlType::DateTimeOffset(fraction()?),
        "char" | "character" => SqlType::Char(number(1)?),
        "varchar" => SqlType::VarChar(length()?),
        "text" => SqlType::Text,
        "nchar" => SqlType::NChar(number(1)?),
        "nvarchar" => SqlType::NVarChar(length()?),
        "sysname" => SqlType::NVarChar(Length::Limited(128)),
        "ntext" => SqlType::NText,
        "xml" => SqlType::Xml,
        "binary" => SqlType::Binary(number(1)?),
        "varbinary" => SqlType::VarBinary(length()?),
        "image" => SqlType::Image,
        "timestamp" | "rowversion" => SqlType::RowVersion,
        "uniqueidentifier" => SqlType::UniqueIdentifier,
        "sql_variant" => SqlType::SqlVariant,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(text: &str) -> (i16, u8, u8) {
        let m = text.parse::<SqlType>().unwrap().measures();
        (m.max_length, m.precision, m.scale)
    }

    /// The values that SQL Server's documentation gives for `sys.columns`.
    #[test]
    fn measures_are_those_of_sys_columns() {
        assert_eq!(measures("nvarchar(256)"), (512, 0, 0));
        assert_eq!(measures("nvarchar(max)"), (-1, 0, 0));
        assert_eq!(measures("decimal(38,38)"), (17, 38, 38));
        assert_eq!(measures("decimal(9,2)"), (5, 9, 2));
        assert_eq!(measures("time(7)"), (5, 16, 7));
        assert_eq!(measures("time(0)"), (3, 8, 0));
        assert_eq!(measures("datetime2(7)"), (8, 27, 7));
        assert_eq!(measures("datetime2(0)"), (6, 19, 0));
        assert_eq!(measures("datetimeoffset(7)"), (10, 34, 7));
        assert_eq!(measures("datetimeoffset(0)"), (8, 26, 0));
        assert_eq!(measures("datetime"), (8, 23, 3));
        assert_eq!(measures("money"), (8, 19, 4));
    }

    #[test]
    fn every_spelling_reads_back() {
        for text in [
            "bit",
            "tinyint",
            "smallint",
            "int",
            "bigint",
            "real",
            "float",
            "decimal(5,4)",
            "numeric(38,0)",
            "money",
            "smallmoney",
            "date",
            "time(3)",
            "datetime",
            "smalldatetime",
            "datetime2(7)",
            "datetimeoffset(0)",
            "char(3)",
            "varchar(max)",
            "text",
            "nchar(4)",
            "nvarchar(256)",
            "ntext",
            "xml",
            "binary(8)",
            "varbinary(max)",
            "image",
            "timestamp",
            "uniqueidentifier",
            "sql_variant",
        ] {
            assert_eq!(text.parse::<SqlType>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["geography", "decimal(39,0)", "decimal(5,6)", "time(8)", "nvarchar(x)", ""] {
            assert!(text.parse::<SqlType>().is_err(), "{text}");
        }
    }
}
