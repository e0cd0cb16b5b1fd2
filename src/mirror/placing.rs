//! Which file a row belongs into.

use arrow::array::{AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, NaiveDate};

use crate::store::{DataFile, Files, Period, TableDef};
use crate::{Error, Result};

/// How much time new files of a table cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    All,
    Month,
    Day,
}

/// Rows of a table that fit into one file.
const FEW: u64 = 100_000;
/// Rows of a day that are worth a file.
const BUSY_DAY: f64 = 5_000.0;
/// A file with fewer rows is written again when rows follow it, so that no pass leaves a small one.
const SMALL: u64 = 100_000;

impl Grain {
    pub fn of(rows: Option<u64>, rows_per_day: Option<f64>) -> Self {
        match (rows, rows_per_day) {
            (Some(rows), _) if rows <= FEW => Self::All,
            (_, Some(rows)) if rows > BUSY_DAY => Self::Day,
            _ => Self::Month,
        }
    }

    /// The period of new rows of a day, given the periods that the table has already: no two of
    /// them may overlap.
    fn period(self, day: NaiveDate, existing: &[DataFile]) -> Period {
        let own = Period::Day(day);
        if let Some(file) = existing.iter().find(|file| file.period.contains(own)) {
            return file.period;
        }
        let wanted = match self {
            Self::All => Period::All,
            Self::Month => Period::month_of(day),
            Self::Day => own,
        };
        let free = !existing.iter().any(|file| wanted.overlaps(file.period));
        if free { wanted } else { own }
    }
}

/// Files that take the place of others.
#[derive(Debug, Default)]
pub struct Placed {
    pub old: Vec<DataFile>,
    pub new: Vec<DataFile>,
    pub added: u64,
    pub changed: u64,
    /// Days of a table without a key that were kept as they were: rows now, and rows before.
    pub shrunk: Vec<(NaiveDate, u64, u64)>,
}

/// Writes rows into the files of their periods, together with the old rows that lie between them.
/// A period whose rows are there already is left alone.
pub fn place(
    files: &Files,
    def: &TableDef,
    existing: &[DataFile],
    grain: Grain,
    rows: &[RecordBatch],
) -> Result<Placed> {
    let rows = sorted(def, rows)?;
    let mut placed = Placed::default();
    // Periods of the first groups are taken when the next ones are chosen.
    let mut taken = existing.to_vec();
    for (period, rows) in by_period(def, &rows, grain, &mut taken)? {
        let times = times(def, &rows);
        let (Some(first), Some(last)) = (times.first(), times.last()) else { continue };
        let old = neighbours(existing, period, *first, *last);
        if old.is_empty() {
            let mut file = files.create(def, period)?;
            file.write(&rows)?;
            placed.added += rows.num_rows() as u64;
            placed.new.push(file.finish()?);
            continue;
        }
        let merged = files.merge(def, period, &old, &[rows])?;
        placed.added += merged.added;
        placed.changed += merged.changed;
        if merged.is_unchanged() {
            files.discard(&merged.file);
        } else {
            placed.old.extend(old.into_iter().cloned());
            placed.new.push(merged.file);
        }
    }
    Ok(placed)
}

/// Files of the period among whose rows the new ones lie, and the small one that they follow.
pub fn neighbours(existing: &[DataFile], period: Period, first: i64, last: i64) -> Vec<&DataFile> {
    let of_period = || existing.iter().filter(|file| file.period == period);
    let range = |file: &DataFile| file.time.and_then(|time| Some((time.min?, time.max?)));
    let meets = |file: &&DataFile| range(file).is_none_or(|(min, max)| min <= last && first <= max);
    let before = of_period()
        .filter(|file| range(file).is_some_and(|(_, max)| max < first))
        .max_by_key(|file| range(file))
        .filter(|file| file.rows < SMALL);
    let mut found: Vec<&DataFile> = before.into_iter().chain(of_period().filter(meets)).collect();
    found.sort_by_key(|file| range(file));
    found
}

/// Cuts sorted rows into those of each period.
pub fn by_period(
    def: &TableDef,
    rows: &RecordBatch,
    grain: Grain,
    taken: &mut Vec<DataFile>,
) -> Result<Vec<(Period, RecordBatch)>> {
    let times = times(def, rows);
    let mut groups = Vec::new();
    let mut at = 0;
    while at < times.len() {
        let day = DateTime::from_timestamp_micros(times[at])
            .ok_or_else(|| Error::source(format!("{def}: a time out of range")))?
            .date_naive();
        let period = grain.period(day, taken);
        let end = match period.bounds() {
            Some(bounds) => at + times[at..].partition_point(|time| *time < bounds.end),
            None => times.len(),
        };
        groups.push((period, rows.slice(at, end - at)));
        taken.push(DataFile { path: String::new(), size: 0, rows: 0, period, time: None });
        at = end;
    }
    Ok(groups)
}

pub fn sorted(def: &TableDef, rows: &[RecordBatch]) -> Result<RecordBatch> {
    let failed = |e| Error::source(format!("{def}: {e}"));
    let rows = concat_batches(&def.columns, rows).map_err(failed)?;
    let times = times(def, &rows);
    if times.is_sorted() {
        return Ok(rows);
    }
    let mut order: Vec<u32> = (0..times.len() as u32).collect();
    order.sort_by_key(|row| times[*row as usize]);
    take_record_batch(&rows, &UInt32Array::from(order)).map_err(failed)
}

/// The time keys; a table that is read by windows has one in every row.
pub fn times<'a>(def: &TableDef, rows: &'a RecordBatch) -> &'a [i64] {
    def.time_index()
        .map_or(&[], |index| rows.column(index).as_primitive::<TimestampMicrosecondType>().values())
}
