//! LcsCDR and QoEMetrics as data: tables, columns, keys and code lists, as Microsoft publishes them.
//!
//! The three CSV files beside this one are embedded in the binary. They say what is *expected*;
//! a mirror keeps the names and types that its own server had.

mod codes;
mod sql_type;

use std::sync::LazyLock;

pub use codes::{Code, codes, lookup_rows};
pub use sql_type::SqlType;

use arrow::datatypes::{Field, Schema, SchemaRef};

/// The two monitoring databases, as Microsoft spells them.
pub const DATABASES: [&str; 2] = ["LcsCDR", "QoEMetrics"];

/// The one schema of both databases.
pub const DBO: &str = "dbo";

/// A base table or a view over base tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    View,
}

/// A published column.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    /// Another spelling that servers are known to use.
    pub alt_name: Option<&'static str>,
    pub sql_type: SqlType,
    pub primary_key: bool,
    /// `Table.Column` that this column points to.
    pub references: Option<&'static str>,
    pub unit: Option<&'static str>,
    pub note: &'static str,
}

impl Column {
    /// The Arrow field: key columns are required, all others may be null (the pages never say).
    pub fn field(&self) -> Field {
        Field::new(self.name, self.sql_type.arrow(), !self.primary_key)
    }
}

/// A published table or view.
#[derive(Debug)]
pub struct Table {
    pub database: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    /// `fact`, `lookup`, `static`, `config`, `mutable`, `summary`, `internal` or `view`.
    pub category: &'static str,
    pub note: &'static str,
    /// Empty for the internal tables whose columns were never published.
    pub columns: Vec<Column>,
}

impl Table {
    /// The Arrow schema with the declared names, in published order.
    pub fn arrow_schema(&self) -> SchemaRef {
        Schema::new(self.columns.iter().map(Column::field).collect::<Vec<_>>()).into()
    }

    /// Names of the primary key's columns, in published order.
    pub fn primary_key(&self) -> Vec<&'static str> {
        self.columns.iter().filter(|c| c.primary_key).map(|c| c.name).collect()
    }

    /// The column that orders a fact table in time: the first `datetime` of its key.
    pub fn time_key(&self) -> Option<&'static str> {
        let facts = matches!(self.category, "fact" | "summary");
        self.columns
            .iter()
            .find(|c| {
                facts && c.sql_type == SqlType::DateTime && (c.primary_key || is_session_key(c))
            })
            .map(|c| c.name)
    }

    /// Looks a column up without regard to case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }
}

/// Rate My Call's tables carry the session key without declaring it as theirs.
fn is_session_key(column: &Column) -> bool {
    column.name == "ConferenceDateTime"
}

/// Every published object of both databases, in published order.
pub fn tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(load);
    &TABLES
}

/// Looks a published object up without regard to case.
pub fn table(database: &str, name: &str) -> Option<&'static Table> {
    tables()
        .iter()
        .find(|t| t.database.eq_ignore_ascii_case(database) && t.name.eq_ignore_ascii_case(name))
}

/// Base tables with published columns: what a mirror of a complete server holds.
pub fn base_tables() -> impl Iterator<Item = &'static Table> {
    tables().iter().filter(|t| t.kind == Kind::Table && !t.columns.is_empty())
}

fn load() -> Vec<Table> {
    let mut tables: Vec<Table> = records(include_str!("tables.csv"))
        .map(|r| Table {
            database: r[0],
            name: r[1],
            kind: if r[2] == "view" { Kind::View } else { Kind::Table },
            category: r[4],
            note: r[10],
            columns: Vec::new(),
        })
        .collect();
    for r in records(include_str!("columns.csv")) {
        let table = tables.iter_mut().find(|t| t.database == r[0] && t.name == r[1]);
        // The tests hold that every column names a listed table.
        let Some(table) = table else { continue };
        table.columns.push(column(&r));
    }
    tables
}

fn column(r: &[&'static str]) -> Column {
    Column {
        name: r[4],
        alt_name: filled(r[5]),
        sql_type: SqlType::parse(r[6]).unwrap_or(SqlType::Text),
        primary_key: r[8].split('+').any(|k| k == "PK"),
        references: filled(r[9]),
        unit: filled(r[10]),
        note: r[12],
    }
}

fn filled(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

/// Splits embedded CSV into records of borrowed fields. Quotes enclose fields with commas; a doubled
/// quote inside one stays doubled, which only notes ever have.
fn records(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| {
        let mut quoted = false;
        line.split(move |c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        })
        .map(|field| field.trim_matches('"'))
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_object_and_column_is_loaded() {
        // Counts of the published pages: 83 tables and 22 views with 1,501 columns.
        let (tables_, views): (Vec<&Table>, Vec<&Table>) =
            tables().iter().filter(|t| !t.columns.is_empty()).partition(|t| t.kind == Kind::Table);
        assert_eq!((tables_.len(), views.len()), (83, 22));
        assert_eq!(tables().iter().map(|t| t.columns.len()).sum::<usize>(), 1501);
    }

    #[test]
    fn every_type_is_known() {
        for r in records(include_str!("columns.csv")) {
            assert!(SqlType::parse(r[6]).is_some(), "{}.{}: {}", r[1], r[4], r[6]);
        }
    }

    #[test]
    fn every_reference_names_a_published_column() {
        for t in tables() {
            for target in t.columns.iter().filter_map(|c| c.references) {
                let (name, column) = target.split_once('.').unwrap();
                let found = table(t.database, name).and_then(|t| t.column(column));
                assert!(found.is_some(), "{}: {target}", t.name);
            }
        }
    }

    #[test]
    fn facts_have_a_time_key() {
        for t in base_tables().filter(|t| t.category == "fact") {
            assert!(t.time_key().is_some(), "{}", t.name);
        }
        assert_eq!(table("lcscdr", "errorreport").unwrap().time_key(), Some("ErrorTime"));
    }

    #[test]
    fn quoted_fields_keep_their_commas() {
        let t = table("LcsCDR", "ConferenceMessageCount").unwrap();
        assert_eq!(t.columns[0].note, "conference instance, not a dialog");
    }
}
