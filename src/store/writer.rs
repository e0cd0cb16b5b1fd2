//! Changes a mirror: writes files, stages them table by table, publishes them all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::data_file::DataFile;
use super::def::TableDef;
use super::file_writer::FileWriter;
use super::files::Files;
use super::lock::Lock;
use super::mirror::read_snapshot;
use super::period::Period;
use super::place::Place;
use super::retain::{self, Removed, Retention};
use super::snapshot::{Snapshot, SnapshotId, TableEntry};
use super::{delta, disk, layout};
use crate::{Error, Result};

/// New content of one table.
#[derive(Debug, Clone)]
pub struct TableChange {
    pub table: TableDef,
    pub change: Change,
    /// Up to where the source has been read; None keeps the one before.
    pub watermark: Option<String>,
}

/// What happens to a table's files.
#[derive(Debug, Clone)]
pub enum Change {
    Append(Vec<DataFile>),
    /// Takes the place of every file whose period lies in `period`.
    Replace {
        period: Period,
        files: Vec<DataFile>,
    },
    /// Takes the place of some files.
    Swap {
        old: Vec<DataFile>,
        new: Vec<DataFile>,
    },
    /// Takes the place of every file.
    Whole(Vec<DataFile>),
}

/// One step of a work that must not be done twice, such as chunk 17 of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub application: String,
    pub number: i64,
}

/// The one writer of a mirror. Readers may read while it works; they see what was published last.
#[derive(Debug)]
pub struct Writer {
    root: PathBuf,
    _lock: Lock,
    /// What the next snapshot will say, by table directory.
    tables: BTreeMap<String, TableEntry>,
    /// Directories of tables whose Delta log is not what `tables` says.
    stale: BTreeSet<String>,
    newest: SnapshotId,
    files: Files,
}

impl Writer {
    /// Opens a mirror for writing, or creates it. What an earlier writer staged but never published
    /// is dropped: the mirror is as its newest snapshot says.
    pub fn open(dir: &Path) -> Result<Self> {
        let root = std::path::absolute(dir).map_err(|e| Error::file(dir, e))?;
        disk::create_dir(&root)?;
        disk::create_dir(&root.join(layout::SNAPSHOTS))?;
        let lock = Lock::take(&root)?;
        let place = Place::Directory(root.clone());
        let newest = place.snapshot_ids()?.and_then(|ids| ids.last().copied());
        let entries = match newest {
            Some(id) => read_snapshot(&place, id)?.tables,
            None => Vec::new(),
        };
        let tables: BTreeMap<_, _> =
            entries.into_iter().map(|t| (layout::table_dir(&t.def), t)).collect();
        let stale = stale_tables(&root, &tables)?;
        let newest = newest.unwrap_or(0);
        let files = Files::new(root.clone());
        Ok(Self { root, _lock: lock, tables, stale, newest, files })
    }

    /// Opens a mirror for writing and takes up what an earlier writer staged but never published.
    pub async fn resume(dir: &Path) -> Result<Self> {
        let mut writer = Self::open(dir)?;
        let unpublished =
            table_dirs(&writer.root)?.into_iter().filter(|d| !writer.tables.contains_key(d));
        let staged: Vec<String> = unpublished.chain(writer.stale.clone()).collect();
        for table_dir in staged {
            if let Some(entry) = delta::load(&writer.root, &table_dir).await? {
                writer.stale.remove(&table_dir);
                writer.tables.insert(table_dir, entry);
            }
        }
        Ok(writer)
    }

    /// The tables as the next snapshot will have them.
    pub fn tables(&self) -> impl Iterator<Item = &TableEntry> {
        self.tables.values()
    }

    /// The table as the next snapshot will have it.
    pub fn table(&self, table: &TableDef) -> Option<&TableEntry> {
        self.tables.get(&layout::table_dir(table))
    }

    /// What makes data files while the writer is busy with others.
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// Starts a data file. Any number may be written at once, on any thread.
    pub fn file(&self, table: &TableDef, period: Period) -> Result<FileWriter> {
        self.files.create(table, period)
    }

    /// The number of the snapshot that was published last; 0 if there is none.
    pub fn newest(&self) -> SnapshotId {
        self.newest
    }

    /// Joins rows with those that the table has in the period, by primary key: a new row wins over
    /// the old one, an old row that is not among the new ones stays. Of new rows with equal keys
    /// the last wins. Where a larger period has been closed over this one, that is rewritten.
    pub fn merge(
        &self,
        table: &TableDef,
        period: Period,
        rows: impl Iterator<Item = RecordBatch>,
    ) -> Result<Change> {
        let files = self.table(table).map_or(&[][..], |entry| &entry.files);
        let period = files.iter().map(|f| f.period).find(|p| p.contains(period)).unwrap_or(period);
        let old: Vec<&DataFile> = files.iter().filter(|f| period.contains(f.period)).collect();
        let rows: Vec<RecordBatch> = rows.collect();
        let merged = self.files.merge(table, period, &old, &rows)?;
        Ok(Change::Replace { period, files: vec![merged.file] })
    }

    /// Makes all changes and publishes them, or none of them.
    pub async fn commit(&mut self, changes: Vec<TableChange>) -> Result<SnapshotId> {
        let before = self.tables.clone();
        let touched: Vec<String> = changes.iter().map(|c| layout::table_dir(&c.table)).collect();
        let committed = match self.stage_all(changes).await {
            Ok(()) => self.publish(None).await,
            Err(e) => Err(e),
        };
        if committed.is_err() {
            self.tables = before;
            self.stale.extend(touched);
        }
        committed
    }

    async fn stage_all(&mut self, changes: Vec<TableChange>) -> Result<()> {
        for change in changes {
            self.stage(change).await?;
        }
        Ok(())
    }

    /// Commits a change to its table's Delta log. No reader of ours sees it before it is published.
    pub async fn stage(&mut self, change: TableChange) -> Result<()> {
        let entry = self.changed(change)?;
        self.stage_entry(entry).await
    }

    /// Stages the change unless this step or a later one has been done before. Returns whether it
    /// was staged now.
    pub async fn stage_step(&mut self, change: TableChange, step: &Step) -> Result<bool> {
        if self.last_step(&change.table, &step.application).is_some_and(|done| done >= step.number)
        {
            return Ok(false);
        }
        let mut entry = self.changed(change)?;
        entry.steps.insert(step.application.clone(), step.number);
        self.stage_entry(entry).await?;
        Ok(true)
    }

    /// The last step that an application did on a table, staged or published.
    pub fn last_step(&self, table: &TableDef, application: &str) -> Option<i64> {
        self.table(table)?.steps.get(application).copied()
    }

    /// Notes when a table was last looked at; the next snapshot will tell.
    pub fn looked_at(&mut self, table: &TableDef, time: DateTime<Utc>) {
        if let Some(entry) = self.tables.get_mut(&layout::table_dir(table)) {
            entry.looked_at = Some(time);
        }
    }

    /// Publishes everything that is staged as one snapshot.
    pub async fn publish(&mut self, note: Option<String>) -> Result<SnapshotId> {
        self.heal().await?;
        let id = self.newest + 1;
        let tables = self.tables.values().cloned().collect();
        let snapshot = Snapshot { id, created: Utc::now(), note, tables };
        disk::replace_file(&self.root.join(layout::snapshot_path(id)), &snapshot.encode()?)?;
        self.newest = id;
        for file in self.tables.values().flat_map(|t| &t.files) {
            self.files.committed(file);
        }
        Ok(id)
    }

    /// Removes the snapshots that need not be kept, and every file that no other snapshot names.
    pub fn retain(&mut self, retention: Retention) -> Result<Removed> {
        retain::retain(&self.root, retention, &self.tables, &self.files)
    }

    fn changed(&self, change: TableChange) -> Result<TableEntry> {
        change.table.check()?;
        let dir = layout::table_dir(&change.table);
        let mut entry = match self.tables.get(&dir) {
            Some(entry) => entry.clone(),
            None => TableEntry::new(change.table.clone()),
        };
        entry.adopt(change.table)?;
        entry.apply(change.change)?;
        entry.watermark = change.watermark.or(entry.watermark);
        Ok(entry)
    }

    async fn stage_entry(&mut self, mut entry: TableEntry) -> Result<()> {
        let dir = layout::table_dir(&entry.def);
        // A table may begin without a file.
        disk::create_dir(&self.root.join(&dir))?;
        disk::sync_dir(&self.root.join(&dir))?;
        // Until the log is what the entry says, nobody knows what it is.
        self.stale.insert(dir.clone());
        entry.version = delta::reconcile(&self.root, &entry).await?;
        self.stale.remove(&dir);
        self.tables.insert(dir, entry);
        Ok(())
    }

    /// Takes every Delta log that is not what the mirror says to where it should be.
    async fn heal(&mut self) -> Result<()> {
        for dir in self.stale.clone() {
            // A table that was never published has nothing to be taken back to; it waits in its
            // directory until it is staged again.
            if let Some(entry) = self.tables.get_mut(&dir) {
                entry.version = delta::reconcile(&self.root, entry).await?;
            }
            self.stale.remove(&dir);
        }
        Ok(())
    }
}

impl TableEntry {
    fn new(def: TableDef) -> Self {
        Self {
            def,
            version: 0,
            watermark: None,
            looked_at: None,
            steps: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// Takes on a definition that may have gained columns. The files that lack them read as NULL.
    fn adopt(&mut self, def: TableDef) -> Result<()> {
        for old in self.def.columns.fields() {
            match def.columns.field_with_name(old.name()) {
                Ok(new) if new.data_type() == old.data_type() => {}
                Ok(new) => {
                    let (name, old, new) = (old.name(), old.data_type(), new.data_type());
                    return Err(Error::usage(format!(
                        "{def}: column {name} was {old} and is now {new}"
                    ))
                    .hinted(
                        "Load the table anew into a mirror of its own, or exclude the column.",
                    ));
                }
                Err(_) => {
                    let name = old.name();
                    return Err(Error::usage(format!("{def}: column {name} is gone"))
                        .hinted("Keep it in the definition and fill it with NULL."));
                }
            }
        }
        let gained = def.columns.fields().iter().find(|new| {
            self.def.columns.field_with_name(new.name()).is_err() && !new.is_nullable()
        });
        match gained {
            Some(new) if !self.files.is_empty() => {
                Err(Error::usage(format!("{def}: new column {} must be nullable", new.name())))
            }
            _ => {
                self.def = def;
                Ok(())
            }
        }
    }

    fn apply(&mut self, change: Change) -> Result<()> {
        let new = match change {
            Change::Append(files) => files,
            Change::Replace { period, files } => {
                if let Some(file) = files.iter().find(|f| !period.contains(f.period)) {
                    let message = format!("{}: {} is no part of {period}", self.def, file.period);
                    return Err(Error::usage(message));
                }
                self.files.retain(|f| !period.contains(f.period));
                files
            }
            Change::Swap { old, new } => {
                if let Some(gone) = old.iter().find(|file| !self.files.contains(file)) {
                    let message = format!("{}: {} is no file of the table", self.def, gone.path);
                    return Err(Error::internal(message));
                }
                self.files.retain(|file| !old.contains(file));
                new
            }
            Change::Whole(files) => {
                self.files.clear();
                files
            }
        };
        self.files.extend(new.into_iter().filter(|f| f.rows > 0));
        self.sort_files();
        self.check_periods()
    }

    pub(super) fn sort_files(&mut self) {
        fn key(file: &DataFile) -> (Option<i64>, Period, &str) {
            (file.time.and_then(|time| time.min), file.period, &file.path)
        }
        self.files.sort_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Two files cover the same period or share no moment; else a replaced day would come back from
    /// the month around it.
    fn check_periods(&self) -> Result<()> {
        let mut periods: Vec<Period> = self.files.iter().map(|f| f.period).collect();
        periods.sort_unstable_by_key(|p| (p.bounds().map(|b| b.start), p.bounds().map(|b| -b.end)));
        periods.dedup();
        match periods.windows(2).find(|pair| pair[0].overlaps(pair[1])) {
            Some(pair) => {
                Err(Error::usage(format!("{}: {} overlaps {}", self.def, pair[1], pair[0]))
                    .hinted(format!("Replace {} instead.", pair[0])))
            }
            None => Ok(()),
        }
    }
}

/// Tables whose Delta log is not at the snapshot's version: a writer died before it published,
/// another tool wrote to the log, or the log was not copied along.
fn stale_tables(root: &Path, tables: &BTreeMap<String, TableEntry>) -> Result<BTreeSet<String>> {
    let mut stale = BTreeSet::new();
    for (dir, entry) in tables {
        if delta::newest_version(&root.join(dir))? != Some(entry.version) {
            stale.insert(dir.clone());
        }
    }
    Ok(stale)
}

/// The table directories that exist, by their paths relative to the mirror's.
pub(super) fn table_dirs(root: &Path) -> Result<Vec<String>> {
    let mut dirs = vec![String::new()];
    for _level in ["database", "schema", "table"] {
        let mut below = Vec::new();
        for dir in dirs {
            below.extend(subdirectories(root, &dir)?);
        }
        dirs = below;
    }
    Ok(dirs)
}

fn subdirectories(root: &Path, dir: &str) -> Result<Vec<String>> {
    let path = root.join(dir);
    let mut found = Vec::new();
    for entry in fs::read_dir(&path).map_err(|e| Error::file(&path, e))? {
        let entry = entry.map_err(|e| Error::file(&path, e))?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| *name != layout::CONTROL) else { continue };
        if entry.path().is_dir() {
            found.push(if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") });
        }
    }
    Ok(found)
}
