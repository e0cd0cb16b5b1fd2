//! Code lists: what the numbers and fixed words in the columns mean, and the rows of the
//! look-up tables that are the same on every server.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Int16Array, Int32Array, RecordBatch, StringViewArray};
use arrow::datatypes::DataType;

use super::{Table, records};

/// One documented value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    database: &'static str,
    table: &'static str,
    column: &'static str,
    /// Decimal, `0x` mask bit, `NULL`, a range or a word; `wire:` and `alt:` prefixes as published.
    pub code: &'static str,
    pub meaning: &'static str,
}

/// The documented values of a column; empty where none are published.
pub fn codes(database: &str, table: &str, column: &str) -> impl Iterator<Item = &'static Code> {
    all().iter().filter(move |c| {
        c.database.eq_ignore_ascii_case(database)
            && c.table.eq_ignore_ascii_case(table)
            && c.column.eq_ignore_ascii_case(column)
    })
}

fn all() -> &'static [Code] {
    static CODES: LazyLock<Vec<Code>> = LazyLock::new(|| {
        records(include_str!("codes.csv"))
            .map(|r| Code { database: r[0], table: r[1], column: r[2], code: r[3], meaning: r[4] })
            .collect()
    });
    &CODES
}

/// The rows of a look-up table whose content is published (media, roles, call types, ...): the
/// codes of its first column and their names. None for every other table.
pub fn lookup_rows(table: &Table) -> Option<RecordBatch> {
    let rows: Vec<Row> = codes(table.database, table.name, table.columns.first()?.name)
        .filter_map(|c| Row::parse(table.name, c))
        .collect();
    // Of the SIP responses only the classes are published, not the rows.
    let published = match table.name {
        "NetworkConnectionDetail" => true,
        "SIPResponseMetaData" => false,
        _ => table.category == "static",
    };
    if !published || rows.is_empty() {
        return None;
    }
    let columns = table.columns.iter().enumerate().map(|(i, column)| {
        let names = || {
            Arc::new(StringViewArray::from_iter_values(rows.iter().map(|r| r.text(i)))) as ArrayRef
        };
        match column.sql_type.arrow() {
            DataType::Int16 => {
                Arc::new(Int16Array::from_iter_values(rows.iter().map(|r| r.code as i16)))
                    as ArrayRef
            }
            DataType::Int32 => Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.code))),
            _ => names(),
        }
    });
    let columns = columns.collect();
    RecordBatch::try_new(table.arrow_schema(), columns).ok()
}

struct Row {
    code: i32,
    name: &'static str,
    category: &'static str,
}

impl Row {
    /// `UserAgentDef` publishes two texts per code, all others one; remarks in brackets are ours.
    fn parse(table: &str, code: &Code) -> Option<Self> {
        let number = code.code.parse().ok()?;
        let (name, category) = match table {
            "UserAgentDef" => code.meaning.strip_prefix("name=")?.split_once("; category=")?,
            _ => (code.meaning.trim_end_matches(" (fixed)"), ""),
        };
        Some(Self { code: number, name, category })
    }

    fn text(&self, column: usize) -> &'static str {
        if column == 2 { self.category } else { self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::table;

    #[test]
    fn the_published_code_list_is_loaded_whole() {
        assert_eq!(all().len(), 468);
    }

    #[test]
    fn media_list_comes_filled() {
        let rows = lookup_rows(table("LcsCDR", "MediaList").unwrap()).unwrap();
        let names = rows.column(1).as_any().downcast_ref::<StringViewArray>().unwrap();
        assert_eq!(rows.num_rows(), 7);
        assert_eq!((names.value(0), names.value(4)), ("IM", "Audio"));
    }

    #[test]
    fn user_agents_keep_name_and_category_apart() {
        let rows = lookup_rows(table("QoEMetrics", "UserAgentDef").unwrap()).unwrap();
        let categories = rows.column(2).as_any().downcast_ref::<StringViewArray>().unwrap();
        assert_eq!(rows.num_rows(), 39);
        assert_eq!(categories.value(9), "CAS");
    }

    #[test]
    fn facts_have_no_fixed_rows() {
        assert!(lookup_rows(table("LcsCDR", "SessionDetails").unwrap()).is_none());
        assert!(lookup_rows(table("LcsCDR", "SIPResponseMetaData").unwrap()).is_none());
    }
}
