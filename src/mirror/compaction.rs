//! Closed months: their days become one file.

use std::collections::BTreeMap;

use tracing::{debug, info};

use super::job::{Job, compute};
use super::plan::Strategy;
use super::watermark::Watermark;
use crate::Result;
use crate::store::{Change, DataFile, Files, Period, TableChange, TableDef, TableEntry, Writer};

/// Joins the files of every month that will not be read again.
pub async fn compact(writer: &mut Writer, jobs: &[Job]) -> Result<()> {
    for job in jobs {
        let windows = matches!(job.planned.strategy, Strategy::Windows { .. });
        let Some(entry) = writer.table(&job.table().def).filter(|_| windows) else { continue };
        let overlap = chrono::TimeDelta::from_std(job.shared.settings.overlap).unwrap_or_default();
        let open =
            Watermark::of(entry).read_to.and_then(|read_to| read_to.checked_sub_signed(overlap));
        let Some(open) = open.map(|open| open.timestamp_micros()) else { continue };
        for (month, old) in closed_months(entry, open) {
            let (files, def, read) = (job.shared.files.clone(), entry_def(job), old.clone());
            let joined = compute(move || join(&files, &def, month, &read)).await?;
            let Some(new) = joined else { continue };
            info!(table = %job.table().def, %month, files = old.len(), "compacted");
            let change = Change::Swap { old, new: vec![new] };
            let table = entry_def(job);
            writer.stage(TableChange { table, change, watermark: None }).await?;
        }
    }
    Ok(())
}

fn entry_def(job: &Job) -> TableDef {
    job.table().def.clone()
}

/// Months that end before `open` and have more than one file.
fn closed_months(entry: &TableEntry, open: i64) -> BTreeMap<Period, Vec<DataFile>> {
    let mut months: BTreeMap<Period, Vec<DataFile>> = BTreeMap::new();
    for file in &entry.files {
        let month = match file.period {
            Period::All => continue,
            Period::Day(day) => Period::month_of(day),
            month @ Period::Month { .. } => month,
        };
        if month.bounds().is_some_and(|bounds| bounds.end <= open) {
            months.entry(month).or_default().push(file.clone());
        }
    }
    months.retain(|_, files| files.len() > 1);
    months
}

/// One file of the rows of several that follow each other; None if they do not.
fn join(
    files: &Files,
    def: &TableDef,
    month: Period,
    old: &[DataFile],
) -> Result<Option<DataFile>> {
    let follow = old.windows(2).all(|pair| match (pair[0].time, pair[1].time) {
        (Some(a), Some(b)) => a.max <= b.min,
        _ => false,
    });
    if !follow {
        debug!(table = %def, %month, "files overlap; left as they are");
        return Ok(None);
    }
    let mut joined = files.create(def, month)?;
    for file in old {
        for batch in files.read(def, file)? {
            joined.write(&batch?)?;
        }
    }
    joined.finish().map(Some)
}
