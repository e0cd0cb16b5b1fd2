//! Rows and a checksum of them, day by day.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::row::{RowConverter, SortField};
use chrono::{DateTime, NaiveDate};
use datafusion::common::hash_utils::RandomState;

use crate::store::TableDef;
use crate::{Error, Result};

/// Rows, and the sum of their hashes: the same for the same rows in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub rows: u64,
    pub checksum: u64,
}

/// By day; one without a day for a table that has no time.
pub type Days = BTreeMap<Option<NaiveDate>, Sum>;

/// Sums by day.
pub struct Sums {
    def: TableDef,
    columns: usize,
    converter: RowConverter,
    read_to: Option<i64>,
    pub days: Days,
}

impl Sums {
    /// Of the first `columns`, up to a time if there is one.
    pub fn new(def: &TableDef, columns: usize, read_to: Option<i64>) -> Result<Self> {
        let fields = def.columns.fields().iter().take(columns);
        let fields = fields.map(|field| SortField::new(field.data_type().clone())).collect();
        let converter = RowConverter::new(fields)
            .map_err(|e| Error::internal(format!("{def}: rows cannot be compared: {e}")))?;
        Ok(Self { def: def.clone(), columns, converter, read_to, days: Days::new() })
    }

    pub fn empty(&self) -> Result<Self> {
        Self::new(&self.def, self.columns, self.read_to)
    }

    pub fn def(&self) -> &TableDef {
        &self.def
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = self
            .converter
            .convert_columns(&batch.columns()[..self.columns])
            .map_err(|e| Error::source(format!("{}: {e}", self.def)))?;
        let times = self.def.time_index().map(|index| {
            batch.column(index).as_primitive::<TimestampMicrosecondType>().values().clone()
        });
        let hasher = RandomState::default();
        for (row, content) in rows.iter().enumerate() {
            let time = times.as_ref().map(|times| times[row]);
            // What has come since is the next pass's to read.
            if time > self.read_to && self.read_to.is_some() {
                continue;
            }
            let day = time.and_then(DateTime::from_timestamp_micros).map(|time| time.date_naive());
            let sum = self.days.entry(day).or_default();
            sum.rows += 1;
            sum.checksum = sum.checksum.wrapping_add(hasher.hash_one(content.data()));
        }
        Ok(())
    }
}
