//! The mirror against its source: rows and a checksum of them, day by day.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::row::{RowConverter, SortField};
use chrono::{DateTime, NaiveDate};
use datafusion::common::hash_utils::RandomState;

use super::fault::Fault;
use super::job::{Answer, Job, compute, ended};
use super::queries::Rows;
use super::watermark::Watermark;
use crate::store::{TableDef, TableEntry};
use crate::{Error, Result};

/// A day of a table on both sides; all of a table that has no time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `LcsCDR.dbo.SessionDetails`
    pub table: String,
    pub day: Option<NaiveDate>,
    pub server: Sum,
    pub mirror: Sum,
}

/// Rows, and the sum of their hashes: the same for the same rows in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub rows: u64,
    pub checksum: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// The server has rows that the mirror lacks.
    Missing,
    /// As many rows, of another content.
    Differs,
    /// The mirror keeps what the server has purged; the others cannot be told apart from them.
    Kept,
}

impl Comparison {
    pub fn verdict(&self) -> Verdict {
        match self.server.rows.cmp(&self.mirror.rows) {
            std::cmp::Ordering::Greater => Verdict::Missing,
            std::cmp::Ordering::Less => Verdict::Kept,
            std::cmp::Ordering::Equal if self.server == self.mirror => Verdict::Same,
            std::cmp::Ordering::Equal => Verdict::Differs,
        }
    }
}

/// Compares a table, with the columns that the server has, up to the time to which it was read.
pub async fn compare(job: &Job, entry: &TableEntry) -> Result<Vec<Comparison>, Fault> {
    let read_to = Watermark::of(entry).read_to.map(|time| time.timestamp_micros());
    let new = Sums::new(&job.table().def, job.table().columns.len(), read_to)?;
    let name = job.table().def.to_string();
    let server = job.pool.retry().run(&name, async || {
        let Answer { mut batches, end } = job.read(Rows::All, &[])?;
        let mut sums = new.empty()?;
        let summed = compute(move || {
            while let Some(batch) = batches.blocking_recv() {
                sums.add(&batch)?;
            }
            Ok(sums.days)
        });
        let summed = summed.await?;
        ended(end).await.map(|()| summed)
    });
    let server = server.await?;
    let (files, stored, mut sums) = (job.shared.files.clone(), entry.files.clone(), new.empty()?);
    let mirror = compute(move || {
        for file in &stored {
            for batch in files.read(&sums.def, file)? {
                sums.add(&batch?)?;
            }
        }
        Ok(sums.days)
    });
    Ok(joined(&name, &server, &mirror.await?))
}

type Days = BTreeMap<Option<NaiveDate>, Sum>;

fn joined(table: &str, server: &Days, mirror: &Days) -> Vec<Comparison> {
    let mut days: Vec<_> = server.keys().chain(mirror.keys()).copied().collect();
    days.sort_unstable();
    days.dedup();
    let of = |side: &Days, day| side.get(&day).copied().unwrap_or_default();
    let compared = days.into_iter().map(|day| Comparison {
        table: table.to_owned(),
        day,
        server: of(server, day),
        mirror: of(mirror, day),
    });
    compared.collect()
}

/// Sums by day.
struct Sums {
    def: TableDef,
    columns: usize,
    converter: RowConverter,
    read_to: Option<i64>,
    days: Days,
}

impl Sums {
    fn new(def: &TableDef, columns: usize, read_to: Option<i64>) -> Result<Self> {
        let fields = def.columns.fields().iter().take(columns);
        let fields = fields.map(|field| SortField::new(field.data_type().clone())).collect();
        let converter = RowConverter::new(fields)
            .map_err(|e| Error::internal(format!("{def}: rows cannot be compared: {e}")))?;
        Ok(Self { def: def.clone(), columns, converter, read_to, days: Days::new() })
    }

    fn empty(&self) -> Result<Self> {
        Self::new(&self.def, self.columns, self.read_to)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_tell_missing_from_kept() {
        let sum = |rows, checksum| Sum { rows, checksum };
        let verdict = |server, mirror| {
            Comparison { table: String::new(), day: None, server, mirror }.verdict()
        };
        assert_eq!(verdict(sum(2, 7), sum(2, 7)), Verdict::Same);
        assert_eq!(verdict(sum(2, 7), sum(2, 8)), Verdict::Differs);
        assert_eq!(verdict(sum(3, 7), sum(2, 7)), Verdict::Missing);
        assert_eq!(verdict(sum(1, 7), sum(2, 7)), Verdict::Kept);
    }
}
