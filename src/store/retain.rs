//! What may be forgotten: old snapshots, and the files that only they name.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::files::Files;
use super::layout;
use super::mirror::read_snapshot;
use super::place::Place;
use super::snapshot::{Snapshot, TableEntry};
use super::writer::table_dirs;
use crate::{Error, Result};

/// Which snapshots to keep. The newest is always kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// So many of the newest.
    Newest(usize),
    /// Those published since then.
    Since(DateTime<Utc>),
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    pub snapshots: usize,
    pub files: usize,
    pub bytes: u64,
}

/// Removes snapshots first: a file is only ever removed when nothing names it any more. A reader
/// that still works on a removed snapshot will miss its files, so keep more than the longest query.
pub fn retain(
    root: &Path,
    retention: Retention,
    staged: &BTreeMap<String, TableEntry>,
    files: &Files,
) -> Result<Removed> {
    let place = Place::Directory(root.to_owned());
    let ids = place.snapshot_ids()?.unwrap_or_default();
    let snapshots = ids.iter().map(|id| read_snapshot(&place, *id)).collect::<Result<Vec<_>>>()?;
    let (kept, old) = divide(&snapshots, retention);
    let mut removed = Removed { snapshots: old.len(), ..Removed::default() };
    for snapshot in old {
        remove(&root.join(layout::snapshot_path(snapshot.id)))?;
    }
    let named: HashSet<&str> = kept
        .iter()
        .flat_map(|snapshot| &snapshot.tables)
        .chain(staged.values())
        .flat_map(|table| &table.files)
        .map(|file| file.path.as_str())
        .collect();
    for dir in table_dirs(root)? {
        for (path, bytes) in data_files(root, &dir)? {
            if !named.contains(path.as_str()) && !files.is_uncommitted(&path) {
                remove(&root.join(path))?;
                removed.files += 1;
                removed.bytes += bytes;
            }
        }
    }
    Ok(removed)
}

/// The snapshots to keep and those to remove.
fn divide(snapshots: &[Snapshot], retention: Retention) -> (Vec<&Snapshot>, Vec<&Snapshot>) {
    let mut age = snapshots.len();
    snapshots.iter().partition(|snapshot| {
        age -= 1;
        let wanted = match retention {
            Retention::Newest(count) => age < count,
            Retention::Since(time) => snapshot.created >= time,
        };
        wanted || age == 0
    })
}

/// The data files in a table's directory, with their sizes. What others put there is not ours to remove.
fn data_files(root: &Path, dir: &str) -> Result<Vec<(String, u64)>> {
    let path = root.join(dir);
    let failed = |e| Error::file(&path, e);
    let mut found = Vec::new();
    for entry in fs::read_dir(&path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|n| layout::data_file_period(n).is_some()) else {
            continue;
        };
        found.push((format!("{dir}/{name}"), entry.metadata().map_err(failed)?.len()));
    }
    Ok(found)
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|e| Error::file(path, e))
}
