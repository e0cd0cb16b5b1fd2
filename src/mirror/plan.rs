//! How each table is read: whole, by its rowversion, or by windows of time.

use std::fmt;
use std::ops::RangeInclusive;

use super::catalog::SourceTable;
use super::queries::Key;
use super::settings::Settings;
use crate::schema;

/// A table and how it is read.
#[derive(Debug, Clone)]
pub struct Planned {
    pub table: SourceTable,
    pub strategy: Strategy,
    /// Facts point to its rows, so it is read before them and again after them.
    pub is_lookup: bool,
    /// Its ids stand for the same things for ever, unless the database was made anew.
    pub has_lasting_ids: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// Every row, every time.
    Whole,
    /// Rows whose rowversion is new.
    Versions { column: String },
    /// Rows of the last days, and older ones that a marker shows to have changed.
    Windows { key: Moment, markers: Vec<Moment> },
}

/// A time column, and the type in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub column: String,
    /// As the server spells it.
    pub server_name: String,
    pub sql_type: String,
}

impl Moment {
    pub fn key(&self) -> Key<'_> {
        Key { column: &self.server_name, sql_type: &self.sql_type }
    }

    /// The seconds that text of its type can name, in microseconds since 1970. The server refuses
    /// others, and those that round to others: half a minute before its end is one for
    /// `smalldatetime`.
    pub fn range(&self) -> RangeInclusive<i64> {
        let (first, last) = match self.sql_type.as_str() {
            "smalldatetime" => (-2_208_988_800, 3_453_321_569),
            "datetime" => (-6_847_804_800, END_OF_9999),
            _ => (-62_135_596_800, END_OF_9999),
        };
        first * 1_000_000..=last * 1_000_000
    }
}

const END_OF_9999: i64 = 253_402_300_799;

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::Versions { column } => write!(f, "new {column}"),
            Self::Windows { key, markers } => {
                write!(f, "windows of {}", key.column)?;
                markers.iter().try_for_each(|marker| write!(f, " and new {}", marker.column))
            }
        }
    }
}

/// Columns that tell of a row changed or added behind what is read again anyway.
const MARKERS: [&str; 3] = ["LastModifiedTime", "DialogSessionIdTime", "UserJoinTime"];

/// So many rows are searched for changed ones without the help of an index.
const SEARCHED: u64 = 2_000_000;

/// Decides how a table is read.
pub fn plan(mut table: SourceTable, settings: &Settings) -> Planned {
    let published = schema::table(&table.def.database, &table.def.name);
    let category = published.map_or("", |published| published.category);
    let strategy = strategy(&table, published, settings);
    if let Strategy::Windows { key, .. } = &strategy {
        table.def.time_key = Some(key.column.clone());
    }
    let windows = matches!(strategy, Strategy::Windows { .. });
    Planned {
        is_lookup: !windows && matches!(category, "lookup" | "mutable" | ""),
        has_lasting_ids: !windows && matches!(category, "lookup" | ""),
        strategy,
        table,
    }
}

fn strategy(
    table: &SourceTable,
    published: Option<&schema::Table>,
    settings: &Settings,
) -> Strategy {
    let key = match published {
        Some(published) => published.time_key(),
        None => table.def.primary_key.first().map(String::as_str),
    };
    if let Some(key) = key.and_then(|name| time_key(table, name)) {
        // A changed row can only be put in its place by its key.
        let markers = MARKERS.iter().filter(|name| {
            !table.def.primary_key.is_empty() && !name.eq_ignore_ascii_case(&key.column)
        });
        let markers = markers.filter_map(|name| moment(table, name));
        let cheap = |marker: &Moment| {
            settings.search_all_changes
                || table.leading.contains(&marker.column)
                || table.row_estimate.is_none_or(|rows| rows <= SEARCHED)
        };
        return Strategy::Windows { markers: markers.filter(cheap).collect(), key };
    }
    match table.rowversion() {
        Some(column) if !table.def.primary_key.is_empty() => {
            Strategy::Versions { column: column.server_name.clone() }
        }
        _ => Strategy::Whole,
    }
}

/// A column that cuts the table into windows: part of the primary key, so that a row never moves
/// from one window to another; a table without a key has none that could tell.
fn time_key(table: &SourceTable, name: &str) -> Option<Moment> {
    let key = &table.def.primary_key;
    let in_key = key.is_empty() || key.iter().any(|key| key.eq_ignore_ascii_case(name));
    let nullable = table.column(name)?.nullable;
    moment(table, name).filter(|_| in_key && !nullable)
}

fn moment(table: &SourceTable, name: &str) -> Option<Moment> {
    let column = table.column(name)?;
    Some(Moment {
        column: column.name.clone(),
        server_name: column.server_name.clone(),
        sql_type: column.moment.clone()?,
    })
}
