//! SQL Server's column types: how a column is asked for, and the Arrow type it is stored as.

use arrow::datatypes::{DataType, TimeUnit};

use super::queries::Quoted;

/// A column type as `sys.columns` describes it.
#[derive(Debug, Clone, Copy)]
pub struct ServerType<'a> {
    /// The base type's name; an alias is resolved.
    pub name: &'a str,
    /// Bytes; -1 for MAX.
    pub max_length: i16,
    pub precision: u8,
    pub scale: u8,
    pub collation: Option<&'a str>,
}

/// How a type is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub data_type: DataType,
    /// The type that the server converts to before it sends; None sends it as it is.
    pub convert: Option<String>,
    /// `char(n)` is sent padded to its length. SQL Server ignores the blanks when it compares; Arrow
    /// would not.
    pub padded: bool,
}

impl ServerType<'_> {
    /// None for a type without a faithful one in Arrow and Delta, such as `sql_variant`.
    pub fn reading(self) -> Option<Reading> {
        let plain = |data_type| Reading { data_type, convert: None, padded: false };
        let converted =
            |to: &str, data_type| Reading { convert: Some(to.into()), ..plain(data_type) };
        Some(match self.name {
            "bit" => plain(DataType::Boolean),
            // An unsigned byte, and Delta has no unsigned types.
            "tinyint" | "smallint" => plain(DataType::Int16),
            "int" => plain(DataType::Int32),
            "bigint" => plain(DataType::Int64),
            "real" => plain(DataType::Float32),
            "float" => plain(DataType::Float64),
            "decimal" | "numeric" => {
                plain(DataType::Decimal128(self.precision, i8::try_from(self.scale).ok()?))
            }
            // The driver would make them floating-point numbers.
            "money" => converted("decimal(19,4)", DataType::Decimal128(19, 4)),
            "smallmoney" => converted("decimal(10,4)", DataType::Decimal128(10, 4)),
            "date" => plain(DataType::Date32),
            // Nanoseconds since midnight: Delta has no time of day.
            "time" => plain(DataType::Int64),
            "datetime" | "smalldatetime" | "datetime2" => {
                plain(DataType::Timestamp(TimeUnit::Microsecond, None))
            }
            "datetimeoffset" => {
                plain(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
            }
            "uniqueidentifier" => plain(DataType::Utf8View),
            "char" | "nchar" => Reading { padded: true, ..self.text() },
            "varchar" | "text" | "nvarchar" | "ntext" => self.text(),
            // The driver reads UTF-16 in `xml` only if it is well-formed.
            "xml" | "json" => converted("nvarchar(max)", DataType::Utf8View),
            "binary" | "varbinary" | "image" | "timestamp" | "rowversion" => {
                plain(DataType::Binary)
            }
            "hierarchyid" | "geometry" | "geography" => {
                converted("varbinary(max)", DataType::Binary)
            }
            _ => return None,
        })
    }

    /// Text of a code page that the driver may not know is sent as UTF-16.
    fn text(self) -> Reading {
        let unicode = self.name.starts_with('n');
        let convert = match self.max_length {
            _ if unicode || self.collation.is_none_or(is_latin1) => None,
            bytes @ 1..=4000 if self.name != "text" => Some(format!("nvarchar({bytes})")),
            _ => Some("nvarchar(max)".into()),
        };
        Reading { data_type: DataType::Utf8View, convert, padded: false }
    }

    /// The type in which a time is compared; None for a type that is no time of ours.
    pub fn as_moment(self) -> Option<String> {
        match self.name {
            "datetime" | "smalldatetime" => Some(self.name.to_owned()),
            "datetime2" => Some(format!("datetime2({})", self.scale)),
            _ => None,
        }
    }

    /// As it is written in a table's definition.
    pub fn declared(self) -> String {
        let name = self.name;
        let length = |bytes_each: i16| match self.max_length {
            -1 => format!("{name}(max)"),
            bytes => format!("{name}({})", bytes / bytes_each),
        };
        match name {
            "char" | "varchar" | "binary" | "varbinary" => length(1),
            "nchar" | "nvarchar" => length(2),
            "decimal" | "numeric" => format!("{name}({},{})", self.precision, self.scale),
            "datetime2" | "datetimeoffset" | "time" => format!("{name}({})", self.scale),
            _ => name.to_owned(),
        }
    }
}

impl Reading {
    /// The column as a SELECT names it.
    pub fn select(&self, column: &str) -> String {
        let name = Quoted(column);
        match &self.convert {
            Some(to) => format!("CONVERT({to}, {name}) AS {name}"),
            None => name.to_string(),
        }
    }
}

/// Code page 1252. `CP1` in a collation's name stands for it; other numbers for other pages.
fn is_latin1(collation: &str) -> bool {
    let name = collation.to_ascii_lowercase();
    let other_page = name.match_indices("_cp").any(|(at, _)| !name[at..].starts_with("_cp1_"));
    (name.contains("latin1_general") || name.contains("_cp1_"))
        && !other_page
        && !name.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_type(name: &str) -> ServerType<'_> {
        ServerType { name, max_length: 20, precision: 18, scale: 5, collation: None }
    }

    #[test]
    fn money_is_sent_as_a_decimal() {
        let money = server_type("money").reading().unwrap();
        assert_eq!(money.select("Price"), "CONVERT(decimal(19,4), [Price]) AS [Price]");
        assert_eq!(money.data_type, DataType::Decimal128(19, 4));
    }

    #[test]
    fn code_pages_that_are_not_latin1_are_sent_as_utf16() {
        let convert = |collation: &str, name: &str, max_length: i16| {
            let of = ServerType { collation: Some(collation), max_length, ..server_type(name) };
            of.reading().unwrap().convert
        };
        let varchar = |collation| convert(collation, "varchar", 100);
        assert_eq!(varchar("SQL_Latin1_General_CP1_CI_AS"), None);
        assert_eq!(varchar("Latin1_General_BIN"), None);
        for other in [
            "SQL_Latin1_General_CP850_BIN2",
            "Latin1_General_100_CI_AS_SC_UTF8",
            "Japanese_CI_AS",
            "SQL_Latin1_General_CP1251_CS_AS",
        ] {
            assert_eq!(varchar(other).as_deref(), Some("nvarchar(100)"), "{other}");
        }
        assert_eq!(convert("Greek_BIN", "varchar", 8000).as_deref(), Some("nvarchar(max)"));
        assert_eq!(convert("Greek_BIN", "varchar", -1).as_deref(), Some("nvarchar(max)"));
        assert_eq!(convert("Greek_BIN", "text", 16).as_deref(), Some("nvarchar(max)"));
        assert_eq!(convert("Greek_BIN", "nvarchar", 16), None);
    }

    #[test]
    fn types_read_as_they_are_declared() {
        assert_eq!(server_type("nvarchar").declared(), "nvarchar(10)");
        assert_eq!(server_type("varbinary").declared(), "varbinary(20)");
        assert_eq!(server_type("decimal").declared(), "decimal(18,5)");
        assert_eq!(
            ServerType { max_length: -1, ..server_type("varchar") }.declared(),
            "varchar(max)"
        );
    }

    #[test]
    fn what_has_no_faithful_type_has_none() {
        for name in ["sql_variant", "vector", "MyClrType"] {
            assert_eq!(server_type(name).reading(), None, "{name}");
        }
    }
}
