//! Listings of commands as results, so that every format and destination holds for them.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use crate::error::{Error, Result};

/// A table of text from its titles and rows.
pub fn listing<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> Result<RecordBatch> {
    let column = |at: usize| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row[at])))
    };
    let columns = titles.iter().enumerate().map(|(at, title)| (*title, column(at)));
    RecordBatch::try_from_iter(columns)
        .map_err(|cause| Error::internal(format!("a listing failed: {cause}")))
}

/// True where the parts between `*` or `%` stand in the name in this order, anywhere, in any case.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut rest = name.as_str();
    pattern.split(['*', '%']).all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_anywhere_in_any_case() {
        assert!(matches("", "SessionDetails"));
        assert!(matches("details", "SessionDetails"));
        assert!(matches("sess*det", "SessionDetails"));
        assert!(!matches("det*sess", "SessionDetails"));
    }

    #[test]
    fn rows_become_columns() {
        let rows = [["a".to_owned(), "b".to_owned()], ["c".to_owned(), "d".to_owned()]];
        let batch = listing(["x", "y"], &rows).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 2));
        assert_eq!(batch.schema().field(1).name(), "y");
    }
}
