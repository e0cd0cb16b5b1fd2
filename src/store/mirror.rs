//! A mirror opened for reading, at one snapshot.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::object_store::ObjectStore;
use url::Url;

use super::column_cache::ColumnCache;
use super::column_reader::ColumnReader;
use super::layout;
use super::place::Place;
use super::provider::MirrorTable;
use super::snapshot::{Snapshot, SnapshotId, TableEntry};
use super::verify::{self, VerifyReport};
use crate::{Error, Result};

/// Which snapshot to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    #[default]
    Newest,
    Snapshot(SnapshotId),
    /// The newest that had been published by then.
    Time(DateTime<Utc>),
}

/// A mirror at one snapshot: what tables it has and how to read them. Opening reads one small file.
#[derive(Debug, Clone)]
pub struct Mirror {
    place: Place,
    snapshot: Arc<Snapshot>,
    url: Url,
    store: Arc<dyn ObjectStore>,
    cache: Arc<ColumnCache>,
}

impl Mirror {
    /// Opens the mirror in a directory.
    pub fn open(dir: &Path, as_of: AsOf) -> Result<Self> {
        let place = directory(dir)?;
        let id = choose(&place, dir, as_of)?;
        Self::at(place, id)
    }

    /// Opens a mirror that is part of the binary: every file's path in the mirror, and its bytes.
    pub fn embedded(
        files: impl IntoIterator<Item = (&'static str, &'static [u8])>,
    ) -> Result<Self> {
        let files =
            files.into_iter().map(|(path, bytes)| (path.to_owned(), Bytes::from_static(bytes)));
        let place = Place::Embedded(Arc::new(files.collect()));
        let id = choose(&place, Path::new("<built-in>"), AsOf::Newest)?;
        Self::at(place, id)
    }

    fn at(place: Place, id: SnapshotId) -> Result<Self> {
        // Every opened mirror has an address of its own, so that several fit in one session.
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let url = Url::parse(&format!("mirror://m{number}/"))
            .map_err(|e| Error::internal(format!("address of a mirror: {e}")))?;
        let snapshot = Arc::new(read_snapshot(&place, id)?);
        let store = place.object_store()?;
        let cache = Arc::new(ColumnCache::new(0));
        Ok(Self { place, snapshot, url, store, cache })
    }

    /// Keeps up to so many bytes of decoded columns in memory, for tables that are asked again;
    /// none if not said.
    #[must_use]
    pub fn with_column_cache(mut self, bytes: usize) -> Self {
        self.cache = Arc::new(ColumnCache::new(bytes));
        self
    }

    /// The snapshots that the mirror in a directory still has, oldest first.
    pub fn snapshots(dir: &Path) -> Result<Vec<Snapshot>> {
        let place = directory(dir)?;
        let ids = published(&place, dir)?;
        ids.into_iter().map(|id| read_snapshot(&place, id)).collect()
    }

    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The store to register with the session's runtime, and under which address.
    pub fn object_store(&self) -> (Url, Arc<dyn ObjectStore>) {
        (self.url.clone(), Arc::clone(&self.store))
    }

    /// The table, for DataFusion to scan: declared column names and types.
    pub fn provider(&self, table: &TableEntry) -> Result<Arc<dyn TableProvider>> {
        let columns =
            ColumnReader::new(table.def.clone(), self.place.clone(), Arc::clone(&self.cache));
        Ok(Arc::new(MirrorTable::new(table, columns, &self.url, Arc::clone(&self.store))?))
    }

    /// Checks that every file of the snapshot is there with the right size, footer and number of
    /// rows; with `deep`, that every page decodes.
    pub fn verify(&self, deep: bool) -> VerifyReport {
        self.verify_watched(deep, &|_, _| {})
    }

    /// The same, telling after each file how many bytes are done, and of how many.
    pub fn verify_watched(&self, deep: bool, done: &dyn Fn(u64, u64)) -> VerifyReport {
        verify::verify(&self.place, &self.snapshot, deep, done)
    }
}

fn directory(dir: &Path) -> Result<Place> {
    if !dir.is_dir() {
        let cause = if dir.exists() { "not a directory" } else { "no such directory" };
        return Err(Error::file(dir, cause)
            .hinted("`cdrql sample --into DIR` writes a mirror of made-up data."));
    }
    Ok(Place::Directory(dir.to_owned()))
}

fn choose(place: &Place, dir: &Path, as_of: AsOf) -> Result<SnapshotId> {
    let ids = published(place, dir)?;
    let (Some(oldest), Some(newest)) = (ids.first(), ids.last()) else {
        return Err(Error::file(
            dir,
            "the mirror has no snapshot yet: its first load has not finished",
        )
        .hinted("Run the command that fills it again; it carries on where it stopped."));
    };
    match as_of {
        AsOf::Newest => Ok(*newest),
        AsOf::Snapshot(id) if ids.contains(&id) => Ok(id),
        AsOf::Snapshot(id) => Err(Error::usage(format!(
            "{}: no snapshot {id}; the mirror has {} from {oldest} to {newest}",
            dir.display(),
            ids.len(),
        ))),
        AsOf::Time(time) => newest_by(place, &ids, time)?.ok_or_else(|| {
            let oldest = layout::snapshot_path(*oldest);
            Error::usage(format!(
                "{}: no snapshot was published by {time}; {oldest} is the oldest",
                dir.display()
            ))
        }),
    }
}

fn published(place: &Place, dir: &Path) -> Result<Vec<SnapshotId>> {
    place.snapshot_ids()?.ok_or_else(|| {
        Error::file(dir, format!("not a mirror: it has no {}", layout::SNAPSHOTS))
            .hinted("Give the directory that `cdrql sample --into` was given.")
    })
}

fn newest_by(place: &Place, ids: &[SnapshotId], time: DateTime<Utc>) -> Result<Option<SnapshotId>> {
    for id in ids.iter().rev() {
        if read_snapshot(place, *id)?.created <= time {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

pub(super) fn read_snapshot(place: &Place, id: SnapshotId) -> Result<Snapshot> {
    let path = layout::snapshot_path(id);
    Snapshot::decode(&place.path(&path), &place.read(&path)?)
}

/// A snapshot's number, or a time in UTC: `2014-02-03`, `2014-02-03 08:00[:00]`, RFC 3339.
impl FromStr for AsOf {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Snapshot(id));
        }
        let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
        let local = || {
            ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
                .into_iter()
                .find_map(naive)
                .or_else(|| text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN)))
        };
        let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
        zoned.or_else(|| local().map(|time| time.and_utc())).map(Self::Time).ok_or_else(|| {
            Error::usage(format!(
                "{text:?} is neither a snapshot's number nor a time such as 2014-02-03 08:00"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_of_takes_a_number_or_a_time() {
        let time = |text: &str| AsOf::Time(text.parse().unwrap());
        assert_eq!("7".parse::<AsOf>().unwrap(), AsOf::Snapshot(7));
        for (text, utc) in [
            ("2014-02-03", "2014-02-03T00:00:00Z"),
            ("2014-02-03 08:30", "2014-02-03T08:30:00Z"),
            ("2014-02-03 08:30:01.5", "2014-02-03T08:30:01.5Z"),
            ("2014-02-03T08:30:00+01:00", "2014-02-03T07:30:00Z"),
        ] {
            assert_eq!(text.parse::<AsOf>().unwrap(), time(utc), "{text}");
        }
        assert!("yesterday".parse::<AsOf>().is_err());
    }

    #[test]
    fn what_is_no_mirror_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let message = |path: &Path| Mirror::open(path, AsOf::Newest).unwrap_err().message;
        assert!(message(&dir.path().join("gone")).ends_with("gone: no such directory"));
        assert!(message(dir.path()).contains("not a mirror"));
        std::fs::create_dir_all(dir.path().join(layout::SNAPSHOTS)).unwrap();
        assert!(message(dir.path()).contains("no snapshot yet"));
    }
}
