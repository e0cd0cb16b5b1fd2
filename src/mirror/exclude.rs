//! What the user wants left out: tables, all but some tables, or single columns.

use std::fmt;

use crate::{Error, Result};

/// Names as the user gave them: `Table`, `Database.Table`, `Database.schema.Table`, each also with
/// `.Column` behind. Without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions {
    excluded: Names,
    /// If there are any, every other table is left out.
    only: Names,
}

type Names = Vec<Vec<String>>;

/// A table by its three names.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub database: &'a str,
    pub schema: &'a str,
    pub table: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.database, self.schema, self.table)
    }
}

impl Place<'_> {
    /// The ways to name the table.
    fn names(&self) -> [Vec<&str>; 4] {
        let Self { database, schema, table } = *self;
        [vec![table], vec![schema, table], vec![database, table], vec![database, schema, table]]
    }
}

impl Exclusions {
    pub fn new(excluded: &[String], only: &[String]) -> Result<Self> {
        Ok(Self { excluded: names(excluded)?, only: names(only)? })
    }

    pub fn table(&self, place: Place<'_>) -> bool {
        let among = |names: &Names| place.names().iter().any(|name| has(names, name));
        among(&self.excluded) || (!self.only.is_empty() && !among(&self.only))
    }

    pub fn column(&self, place: Place<'_>, column: &str) -> bool {
        place.names().into_iter().any(|mut name| {
            name.push(column);
            has(&self.excluded, &name)
        })
    }
}

fn names(given: &[String]) -> Result<Names> {
    let parts = |name: &String| {
        let parts: Vec<String> = name.split('.').map(|part| part.trim().into()).collect();
        if parts.len() > 4 || parts.iter().any(String::is_empty) {
            return Err(Error::usage(format!("{name:?} names neither a table nor a column"))
                .hinted("write Table, Table.Column or Database.schema.Table.Column"));
        }
        Ok(parts)
    };
    given.iter().map(parts).collect()
}

fn has(names: &Names, name: &[&str]) -> bool {
    names.iter().any(|given| {
        given.len() == name.len() && given.iter().zip(name).all(|(a, b)| a.eq_ignore_ascii_case(b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: Place<'_> = Place { database: "LcsCDR", schema: "dbo", table: "Users" };

    #[test]
    fn tables_and_columns_are_named_in_every_length() {
        let exclude = |name: &str| Exclusions::new(&[name.into()], &[]).unwrap();
        for table in ["users", "dbo.Users", "LcsCDR.Users", "lcscdr.dbo.users"] {
            assert!(exclude(table).table(USERS), "{table}");
            assert!(exclude(&format!("{table}.UserUri")).column(USERS, "userUri"), "{table}");
            assert!(!exclude(&format!("{table}.UserUri")).table(USERS), "{table}");
        }
        assert!(!exclude("QoEMetrics.Users").table(USERS));
        assert!(Exclusions::new(&["a..b".into()], &[]).is_err());
        let only = |name: &str| Exclusions::new(&[], &[name.into()]).unwrap();
        assert!(!only("users").table(USERS) && only("Phones").table(USERS));
    }
}
