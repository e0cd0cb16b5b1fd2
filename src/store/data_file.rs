//! One Parquet file of a table, as the snapshot describes it.

use std::path::Path;

use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use serde::{Deserialize, Serialize};

use super::def::TableDef;
use super::period::Period;
use crate::{Error, Result};

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
    pub(super) fn from_footer(
        def: &TableDef,
        path: &str,
        size: u64,
        footer: &ParquetMetaData,
    ) -> Result<Self> {
        Ok(Self {
            path: path.into(),
            size,
            rows: footer.row_groups().iter().map(|g| g.num_rows() as u64).sum(),
            period: period_of(path)?,
            time: time_range(def, footer),
        })
    }
}

/// The period that a data file's name starts with.
fn period_of(path: &str) -> Result<Period> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (period, _) = name.split_once('_').unwrap_or((name, ""));
    period.parse().map_err(|e: Error| Error::file(Path::new(path), e))
}

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
