//! One Parquet file of a table, as the snapshot describes it.

#[cfg(feature = "delta")]
use parquet::file::{metadata::ParquetMetaData, statistics::Statistics};
use serde::{Deserialize, Serialize};

#[cfg(feature = "delta")]
use super::def::TableDef;
use super::period::Period;
/// A finished data file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Relative to the mirror's directory, with forward slashes.
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub rows: u64,
    pub period: Period,
    /// Of a table with a time key: where its rows lie in time.
    pub time: Option<TimeRange>,
}

/// Smallest and largest value of the time key, in microseconds since 1970; both are None if every
/// row's key is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub nulls: u64,
}

impl DataFile {
    /// Describes a file by its footer.
    #[cfg(feature = "delta")]
    pub(super) fn from_footer(
        def: &TableDef,
        path: &str,
        period: Period,
        size: u64,
        footer: &ParquetMetaData,
    ) -> Self {
        let rows = footer.row_groups().iter().map(|g| g.num_rows() as u64).sum();
        Self { path: path.into(), size, rows, period, time: time_range(def, footer) }
    }
}

#[cfg(feature = "delta")]
fn time_range(def: &TableDef, footer: &ParquetMetaData) -> Option<TimeRange> {
    let name = def.time_key.as_deref()?;
    let columns = footer.file_metadata().schema_descr().columns();
    let index = columns.iter().position(|c| c.name() == name)?;
    let mut range = TimeRange { min: None, max: None, nulls: 0 };
    for group in footer.row_groups() {
        let Some(Statistics::Int64(found)) = group.column(index).statistics() else { continue };
        range.nulls += found.null_count_opt().unwrap_or(0);
        range.min = range.min.into_iter().chain(found.min_opt().copied()).min();
        range.max = range.max.into_iter().chain(found.max_opt().copied()).max();
    }
    Some(range)
}
