//! SQL Server types of the published columns, and the Arrow type each is stored as.

use arrow::datatypes::{DataType, TimeUnit};

/// A SQL Server column type, without the lengths that Arrow does not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    Decimal { precision: u8, scale: i8 },
    DateTime,
    UniqueIdentifier,
    Text,
    Binary,
}

impl SqlType {
    /// Reads the spelling of the published pages, e.g. `nvarchar(256)` or `decimal(5,4)`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, arguments) = text.split_once('(').unwrap_or((text, ""));
        Some(match name {
            "bit" => Self::Bit,
            "tinyint" => Self::TinyInt,
            "smallint" => Self::SmallInt,
            "int" => Self::Int,
            "bigint" => Self::BigInt,
            "float" => Self::Float,
            "decimal" => {
                let (precision, scale) = arguments.trim_end_matches(')').split_once(',')?;
                Self::Decimal { precision: precision.parse().ok()?, scale: scale.parse().ok()? }
            }
            "datetime" => Self::DateTime,
            "uniqueidentifier" => Self::UniqueIdentifier,
            "char" | "varchar" | "nchar" | "nvarchar" => Self::Text,
            "binary" | "varbinary" | "image" => Self::Binary,
            _ => return None,
        })
    }

    /// The stored Arrow type: `tinyint` is unsigned and Delta has no unsigned types, so it widens
    /// to Int16; a GUID is text in upper case, as SQL Server prints it.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Bit => DataType::Boolean,
            Self::TinyInt | Self::SmallInt => DataType::Int16,
            Self::Int => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::UniqueIdentifier | Self::Text => DataType::Utf8View,
            Self::Binary => DataType::Binary,
        }
    }
}
