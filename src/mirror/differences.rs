//! What the server has otherwise than the published schema says. It is told, never guessed at.

use std::fmt;

use super::catalog::SourceTable;
use crate::schema::{self, Kind};

/// One difference between a database and its published schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `LcsCDR.dbo.SessionDetails`
    pub table: String,
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.what)
    }
}

/// Compares a database's tables with the published ones; of a database that nobody published there
/// is nothing to say.
pub fn differences(database: &str, tables: &[SourceTable]) -> Vec<Difference> {
    let published: Vec<&schema::Table> = schema::tables()
        .iter()
        .filter(|t| t.database.eq_ignore_ascii_case(database) && t.kind == Kind::Table)
        .collect();
    let mut found = Vec::new();
    if published.is_empty() {
        return found;
    }
    for expected in published.iter().filter(|table| !table.columns.is_empty()) {
        let is_it = |table: &&SourceTable| {
            table.def.schema.eq_ignore_ascii_case(schema::DBO)
                && table.def.name.eq_ignore_ascii_case(expected.name)
        };
        let name = format!("{database}.{}.{}", schema::DBO, expected.name);
        match tables.iter().find(is_it) {
            Some(table) => {
                let of_table = in_table(expected, table);
                found.extend(of_table.map(|what| Difference { table: name.clone(), what }));
            }
            None => found.push(Difference { table: name, what: "not on the server".into() }),
        }
    }
    for table in tables {
        if !published.iter().any(|t| t.name.eq_ignore_ascii_case(&table.def.name)) {
            let what = "not a published table; it is copied all the same".into();
            found.push(Difference { table: table.def.to_string(), what });
        }
    }
    found
}

fn in_table<'a>(
    expected: &'a schema::Table,
    table: &'a SourceTable,
) -> impl Iterator<Item = String> + 'a {
    let columns = expected.columns.iter().filter_map(|column| of_column(column, table));
    let extra = table.columns.iter().filter(|found| {
        let is_it = |column: &schema::Column| {
            let names = [Some(column.name), column.alt_name];
            names.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(&found.name))
        };
        !expected.columns.iter().any(is_it)
    });
    let extra = extra.map(|column| format!("column {} {} is new", column.name, column.declared));
    let key = expected.primary_key();
    let same_key = key.len() == table.def.primary_key.len()
        && table.def.primary_key.iter().all(|own| key.iter().any(|k| k.eq_ignore_ascii_case(own)));
    let other_key = (!same_key).then(|| match table.def.primary_key.as_slice() {
        [] => "no primary key".to_owned(),
        own => format!("primary key ({}) instead of ({})", own.join(", "), key.join(", ")),
    });
    columns.chain(extra).chain(other_key)
}

fn of_column(expected: &schema::Column, table: &SourceTable) -> Option<String> {
    let name = expected.name;
    let Some(found) = table.column(name) else {
        let renamed = expected.alt_name.and_then(|alt| table.column(alt));
        return Some(match renamed {
            Some(found) => format!("column {name} is called {}", found.name),
            None => format!("column {name} is missing"),
        });
    };
    let (is, should) = (&found.reading.data_type, expected.sql_type.arrow());
    (*is != should)
        .then(|| format!("column {name} is {}, read as {is} instead of {should}", found.declared))
}
