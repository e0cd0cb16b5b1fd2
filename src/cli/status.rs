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
            let tables = tables(&snapshot.tables)?;
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
fn tables(entries: &[TableEntry]) -> Result<RecordBatch> {
    let text = |of: fn(&TableEntry) -> Option<String>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<StringArray>())
    };
    let number = |of: fn(&TableEntry) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(entries.iter().map(of)))
    };
    let moment = |of: fn(&TableEntry) -> Option<i64>| -> ArrayRef {
        Arc::new(entries.iter().map(of).collect::<TimestampMicrosecondArray>())
    };
    let columns = [
        ("table", text(|entry| Some(entry.def.to_string()))),
        ("rows", number(TableEntry::rows)),
        ("files", number(|entry| entry.files.len() as u64)),
        ("bytes", number(TableEntry::size)),
        ("from", moment(|entry| times(entry).filter_map(|time| time.min).min())),
        ("to", moment(|entry| times(entry).filter_map(|time| time.max).max())),
        ("read up to", moment(read_to)),
    ];
    let columns = columns.map(|(title, array)| (title, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|e| Error::internal(e.to_string()))
}

/// The latest time that the source had when the mirror was last brought up to date.
#[cfg(feature = "mirror")]
fn read_to(entry: &TableEntry) -> Option<i64> {
    crate::mirror::Watermark::of(entry).read_to.map(|time| time.timestamp_micros())
}

#[cfg(not(feature = "mirror"))]
fn read_to(_entry: &TableEntry) -> Option<i64> {
    None
}

fn times(entry: &TableEntry) -> impl Iterator<Item = TimeRange> {
    entry.files.iter().filter_map(|file| file.time)
}

/// An age in the largest unit that fits.
fn ago(age: TimeDelta) -> String {
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let seconds = age.num_seconds();
    match units.iter().find(|(_, size)| seconds >= *size) {
        None => "just now".to_string(),
        Some((unit, size)) if seconds / size == 1 => format!("1 {unit} ago"),
        Some((unit, size)) => format!("{} {unit}s ago", seconds / size),
    }
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
