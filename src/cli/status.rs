//! `cdrql status`: what is in a mirror, how fresh, how large.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::destination::Destination;
use super::exit::Exit;
use super::options::Options;
use super::terminal;
use crate::output::{Format, writer};
use crate::store::{Mirror, Snapshot, TableEntry, TimeRange};
use crate::{Error, Result};

/// Show what is in a mirror, how fresh and how large it is
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cdrql status --mirror /srv/calls")]
pub(super) struct Status {}

impl Status {
    pub fn execute(&self, options: &Options) -> Result<Exit> {
        let dir = options.directory("status")?;
        let mirror = Mirror::open(dir, options.as_of.unwrap_or_default())?;
        let snapshot = mirror.snapshot();
        let ids = Mirror::snapshots(dir)?.into_iter().map(|kept| kept.id);
        let older = ids.filter(|id| *id < snapshot.id).count();
        let stdout = Destination::stdout();
        let heading =
            format!("mirror    {}\n{}", dir.display(), summary(snapshot, older, Utc::now()));
        let printed = stdout.sink().write_all(heading.as_bytes());
        stdout.ended(printed.map_err(|cause| Error::source(cause.to_string())).and_then(|()| {
            let tables = tables(&snapshot.tables, Utc::now())?;
            let style = terminal::stdout_style();
            let mut out = writer(Format::Table, tables.schema(), stdout.sink(), &style)?;
            out.write(&tables).and_then(|()| out.finish())
        }))
    }
}

fn summary(snapshot: &Snapshot, older: usize, now: DateTime<Utc>) -> String {
    let (rows, size) = snapshot
        .tables
        .iter()
        .fold((0, 0), |(rows, size), table| (rows + table.rows(), size + table.size()));
    let published = snapshot.created.format("%Y-%m-%d %H:%M:%S UTC");
    let note = snapshot.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    format!(
        "snapshot  {}, published {published}, {}{note}\n\
         older     {older} kept for --as-of\n\
         holds     {rows} rows in {} tables, {}\n",
        snapshot.id,
        ago(now.signed_duration_since(snapshot.created)),
        snapshot.tables.len(),
        bytes(size),
    )
}

/// One row for each table.
fn tables(entries: &[TableEntry], now: DateTime<Utc>) -> Result<RecordBatch> {
    let text = |of: &dyn Fn(&TableEntry) -> Option<String>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<StringArray>())
    };
    let number = |of: fn(&TableEntry) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(entries.iter().map(of)))
    };
    let moment = |of: fn(&TableEntry) -> Option<i64>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<TimestampMicrosecondArray>())
    };
    let columns = [
        ("table", text(&|entry| Some(entry.def.to_string()))),
        ("rows", number(TableEntry::rows)),
        ("days", Arc::new(entries.iter().map(days).collect::<UInt64Array>())),
        ("files", number(|entry| entry.files.len() as u64)),
        ("bytes", number(TableEntry::size)),
        ("from", moment(|entry| times(entry).filter_map(|time| time.min).min())),
        ("to", moment(|entry| times(entry).filter_map(|time| time.max).max())),
        ("last sync", moment(|entry| entry.looked_at.map(|time| time.timestamp_micros()))),
        ("behind", text(&|entry| Some(age(now.signed_duration_since(entry.looked_at?))))),
    ];
    let columns = columns.map(|(title, array)| (title, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|e| Error::internal(e.to_string()))
}

/// Days from the first row to the last.
fn days(entry: &TableEntry) -> Option<u64> {
    const DAY: i64 = 86_400_000_000;
    let first = times(entry).filter_map(|time| time.min).min()?.div_euclid(DAY);
    let last = times(entry).filter_map(|time| time.max).max()?.div_euclid(DAY);
    u64::try_from(last - first + 1).ok()
}

fn times(entry: &TableEntry) -> impl Iterator<Item = TimeRange> {
    entry.files.iter().filter_map(|file| file.time)
}

/// How long ago something was.
fn ago(since: TimeDelta) -> String {
    if since < TimeDelta::seconds(1) { "just now".into() } else { format!("{} ago", age(since)) }
}

/// An age in the largest unit that fits.
fn age(age: TimeDelta) -> String {
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let seconds = age.num_seconds().max(0);
    let (unit, size) = units.into_iter().find(|(_, size)| seconds >= *size).unwrap_or(units[3]);
    let plural = if seconds / size == 1 { "" } else { "s" };
    format!("{} {unit}{plural}", seconds / size)
}

/// A size in decimal units, to a tenth.
fn bytes(size: u64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let size = size as f64;
    match units.iter().find(|(_, unit)| size >= *unit) {
        None => format!("{size} bytes"),
        Some((name, unit)) => format!("{:.1} {name}", size / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        assert_eq!(ago(TimeDelta::seconds(-5)), "just now");
        assert_eq!(ago(TimeDelta::seconds(59)), "59 seconds ago");
        assert_eq!(ago(TimeDelta::seconds(119)), "1 minute ago");
        assert_eq!(ago(TimeDelta::hours(47)), "1 day ago");
        assert_eq!(ago(TimeDelta::days(9)), "9 days ago");
    }

    #[test]
    fn sizes_are_told_to_a_tenth() {
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(2_560_000_000), "2.6 GB");
        assert_eq!(bytes(7_000_000_000_000_000), "7000.0 TB");
    }
}
