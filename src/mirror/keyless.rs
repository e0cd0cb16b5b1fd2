//! Tables of which rows cannot be told apart: a day is replaced as a whole, unless it has shrunk.

use std::collections::BTreeSet;
use std::ops::Range;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::error::ArrowError;
use chrono::{DateTime, NaiveDate};

use super::placing::{Grain, Placed, by_period, neighbours, sorted, times};
use super::sums::Sums;
use crate::store::{DataFile, FileWriter, Files, Period, TableDef};
use crate::{Error, Result};

/// Writes the rows of whole days into the files of their periods, in the place of what these had of
/// the days. A day that has fewer rows than before is left as it was: the server has purged some.
pub fn place(
    files: &Files,
    def: &TableDef,
    existing: &[DataFile],
    grain: Grain,
    rows: &[RecordBatch],
) -> Result<Placed> {
    let rows = sorted(def, rows)?;
    let mut placed = Placed::default();
    let mut taken = existing.to_vec();
    for (period, rows) in by_period(def, &rows, grain, &mut taken)? {
        let (first, last) = days_of(def, &rows)?;
        let old = neighbours(existing, period, first.start, last.end - 1);
        let replaced = replaced(files, def, &old, &rows, &mut placed)?;
        if replaced.is_empty() {
            continue;
        }
        let mut out = files.create(def, period)?;
        write(files, def, &old, &rows, &replaced, &mut out)?;
        placed.old.extend(old.into_iter().cloned());
        placed.new.push(out.finish()?);
    }
    Ok(placed)
}

/// The days whose rows are new or other than before, and have not become fewer.
fn replaced(
    files: &Files,
    def: &TableDef,
    old: &[&DataFile],
    rows: &RecordBatch,
    placed: &mut Placed,
) -> Result<BTreeSet<NaiveDate>> {
    let columns = def.columns.fields().len();
    let (mut then, mut now) = (Sums::new(def, columns, None)?, Sums::new(def, columns, None)?);
    for file in old {
        for batch in files.read(def, file)? {
            then.add(&batch?)?;
        }
    }
    now.add(rows)?;
    let mut replaced = BTreeSet::new();
    for (day, now) in now.days {
        let then = then.days.get(&day).copied().unwrap_or_default();
        let Some(day) = day else { continue };
        if now.rows < then.rows {
            placed.shrunk.push((day, now.rows, then.rows));
        } else if now != then {
            placed.added += now.rows - then.rows;
            placed.changed += if now.rows == then.rows { then.rows } else { 0 };
            replaced.insert(day);
        }
    }
    Ok(replaced)
}

/// The old rows of other days, and the new ones of these.
fn write(
    files: &Files,
    def: &TableDef,
    old: &[&DataFile],
    rows: &RecordBatch,
    replaced: &BTreeSet<NaiveDate>,
    out: &mut FileWriter,
) -> Result<()> {
    let failed = |e: ArrowError| Error::source(format!("{def}: {e}"));
    let mut rest = of_days(def, rows, |day| replaced.contains(&day)).map_err(failed)?;
    for file in old {
        for batch in files.read(def, file)? {
            let kept = of_days(def, &batch?, |day| !replaced.contains(&day)).map_err(failed)?;
            let Some(last) = times(def, &kept).last().copied() else { continue };
            let earlier = times(def, &rest).partition_point(|time| *time < last);
            let new = rest.slice(0, earlier);
            rest = rest.slice(earlier, rest.num_rows() - earlier);
            let joined = concat_batches(&def.columns, [&kept, &new]).map_err(failed)?;
            out.write(&sorted(def, &[joined])?)?;
        }
    }
    out.write(&rest)
}

fn of_days(
    def: &TableDef,
    rows: &RecordBatch,
    wanted: impl Fn(NaiveDate) -> bool,
) -> std::result::Result<RecordBatch, ArrowError> {
    let keep = times(def, rows).iter().map(|time| Some(day_of(*time).is_some_and(&wanted)));
    filter_record_batch(rows, &keep.collect::<BooleanArray>())
}

/// The first and the last day of sorted rows, in microseconds since 1970.
fn days_of(def: &TableDef, rows: &RecordBatch) -> Result<(Range<i64>, Range<i64>)> {
    let times = times(def, rows);
    let day = |time: Option<&i64>| Period::Day(day_of(*time?)?).bounds();
    day(times.first())
        .zip(day(times.last()))
        .ok_or_else(|| Error::source(format!("{def}: a time out of range")))
}

fn day_of(micros: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp_micros(micros).map(|time| time.date_naive())
}
