//! DataFusion's errors as ours: the place in the text, the nearest name, the right kind.

use arrow::error::ArrowError;
use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::common::{DataFusionError, SchemaError};

use super::wording;
use crate::error::{Error, ErrorKind, Position};
use crate::tsql::{equivalent, fold};

/// Names a message may be about, to suggest the nearest.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// Declared column names of the tables in the statement.
    pub(super) columns: &'a [String],
    /// Declared table names in every form that can be typed.
    pub(super) tables: &'a [String],
    pub(super) functions: &'a [String],
}

/// An error of planning or running, as the user should see it.
pub(super) fn error(error: &DataFusionError, known: &Known<'_>) -> Error {
    let root = error.find_root();
    if let Some(ours) = our_own(root) {
        return ours;
    }
    let mut shown = match root {
        DataFusionError::SchemaError(e, _) => schema_error(e, known),
        DataFusionError::ResourcesExhausted(m) => Error::statement(wording::first_lines(m))
            .hinted("raise the memory limit, or let the query return or group fewer rows"),
        DataFusionError::Internal(m) => Error::internal(wording::first_lines(m)),
        DataFusionError::IoError(e) => Error::source(e.to_string()),
        DataFusionError::ObjectStore(e) => Error::source(e.to_string()),
        DataFusionError::ParquetError(e) => unreadable(e),
        DataFusionError::ArrowError(e, _) if is_unreadable(e) => unreadable(e),
        DataFusionError::Plan(m)
        | DataFusionError::Execution(m)
        | DataFusionError::NotImplemented(m)
        | DataFusionError::Configuration(m) => statement(m, known),
        other => Error::statement(wording::plain(&other.strip_backtrace())),
    };
    if shown.position.is_none() {
        shown.position = place(error);
    }
    shown
}

/// An error of ours that travelled through DataFusion.
fn our_own(error: &DataFusionError) -> Option<Error> {
    match error {
        DataFusionError::External(inner) => inner.downcast_ref::<Error>().cloned(),
        _ => None,
    }
}

fn unreadable(cause: &dyn std::fmt::Display) -> Error {
    Error::source(wording::unreadable(&cause.to_string()))
        .hinted("`cdrql verify --mirror DIR` tells which files of a mirror are damaged")
}

/// A file that is damaged or gone, as Arrow's readers say it.
fn is_unreadable(error: &ArrowError) -> bool {
    matches!(error, ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::IpcError(_))
}

/// Where a diagnostic points; DataFusion counts lines and columns from 1, as we do.
fn place(error: &DataFusionError) -> Option<Position> {
    let span = error.diagnostic()?.span?;
    let (line, column) = (span.start.line, span.start.column);
    (line > 0).then_some(Position { line: line as usize, column: column as usize })
}

fn schema_error(error: &SchemaError, known: &Known<'_>) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let valid: Vec<String> = match known.columns {
                [] => valid_fields.iter().map(|c| c.name.clone()).collect(),
                declared => declared.to_vec(),
            };
            let name = field.flat_name();
            hint_nearest(
                Error::statement(format!("there is no column {name}")),
                &field.name,
                &valid,
            )
        }
        SchemaError::AmbiguousReference { field } => {
            Error::statement(format!("column {} is in more than one table", field.flat_name()))
                .hinted("write it with its table: table.column")
        }
        other => Error::statement(other.to_string()),
    }
}

fn statement(message: &str, known: &Known<'_>) -> Error {
    let missing = message.strip_prefix("table '").and_then(|m| m.strip_suffix("' not found"));
    if let Some(name) = missing {
        let shown = name.strip_prefix("cdrql.main.").unwrap_or(name);
        let error = Error::statement(format!("there is no table or view {shown}"));
        let bare = shown.rsplit('.').next().unwrap_or(shown);
        return hint_nearest(error, bare, known.tables);
    }
    if let Some(name) = not_dropped(message) {
        return Error::statement(format!("the session has no {name} to drop"))
            .hinted("only what it created itself can be dropped, nothing of the mirror");
    }
    match missing_function(message) {
        Some(name) => no_function(name, known.functions),
        None => Error::new(ErrorKind::Statement, wording::plain(message)),
    }
}

/// What a DROP did not find.
fn not_dropped(message: &str) -> Option<String> {
    let what = message.strip_suffix("' doesn't exist.")?;
    ["Table '", "View '"].iter().find_map(|kind| {
        let name = what.strip_prefix(kind)?;
        Some(format!("{}{name}", kind.trim_end_matches('\'').to_lowercase()))
    })
}

/// The name that DataFusion found no function for, of either kind.
fn missing_function(message: &str) -> Option<&str> {
    let table =
        message.strip_prefix("table function '").and_then(|m| m.strip_suffix("' not found"));
    let scalar = || message.strip_prefix("Invalid function '")?.split('\'').next();
    table.or_else(scalar)
}

fn no_function(name: &str, known: &[String]) -> Error {
    let error = Error::statement(format!("there is no function {name}"));
    match equivalent(name) {
        Some(instead) => error.hinted(format!("write {instead}")),
        None => hint_nearest(error, name, known),
    }
}

fn hint_nearest(error: Error, name: &str, candidates: &[String]) -> Error {
    match nearest(name, candidates.iter().map(String::as_str)) {
        Some(candidate) => error.hinted(format!("did you mean {candidate}?")),
        None => error,
    }
}

/// The candidate with the fewest edits, if it is near enough to be a slip of the fingers; of names
/// with dots the last part counts.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = fold(name);
    let distance = |c: &str| levenshtein(&name, &fold(c.rsplit('.').next().unwrap_or(c)));
    candidates
        .into_iter()
        .map(|c| (distance(c), c.len(), c))
        .filter(|(distance, ..)| *distance <= name.chars().count().div_ceil(3))
        .min()
        .map(|(.., c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_name() {
        let names = ["SessionIdTime", "SessionIdSeq", "LcsCDR.dbo.SessionDetails"];
        assert_eq!(nearest("sessionidtme", names), Some(names[0]));
        assert_eq!(nearest("sesiondetails", names), Some(names[2]));
        assert_eq!(nearest("weather", names), None);
        assert_eq!(nearest("tabels", ["tables", "views"]), Some("tables"));
    }
}
