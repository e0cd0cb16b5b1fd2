//! A table's Delta log: brought to name exactly the files that we want it to name.
//!
//! The log is for other readers and for resuming; our own readers never look at it. Every commit
//! carries the table's watermark and steps, so that what was staged but never published can be
//! taken up again.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::path::Path;

use arrow::datatypes::{DataType, Field, TimeUnit};
use chrono::{DateTime, Utc};
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{
    Action, Add, DataType as DeltaType, MetadataExt, Protocol, StructField, StructType,
    Transaction, new_metadata,
};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use futures::TryStreamExt;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::data_file::DataFile;
use super::def::TableDef;
use super::snapshot::TableEntry;
use super::{disk, layout};
use crate::{Error, Result};

const LOG: &str = "_delta_log";
/// Key in the commit's information under which [`Progress`] lies.
const PROGRESS: &str = "cdrqlProgress";
/// Key in the table's configuration under which its [`TableDef`] lies.
const DEFINITION: &str = "cdrql.definition";

/// How far the table had come with a commit.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    watermark: Option<String>,
    steps: BTreeMap<String, i64>,
}

/// Newest version of a table's log; None if it has none yet.
pub fn newest_version(table_dir: &Path) -> Result<Option<u64>> {
    let log = table_dir.join(LOG);
    let entries = match fs::read_dir(&log) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::file(&log, e)),
    };
    let version = |name: &str| name.strip_suffix(".json")?.parse().ok();
    let mut newest = None;
    for entry in entries {
        let entry = entry.map_err(|e| Error::file(&log, e))?;
        newest = newest.max(entry.file_name().to_str().and_then(version));
    }
    Ok(newest)
}

/// Commits what takes the table's log from what it names to what the entry names, and returns its
/// new version. Does nothing where the log is there already.
pub async fn reconcile(root: &Path, entry: &TableEntry) -> Result<u64> {
    let dir = root.join(layout::table_dir(&entry.def));
    disk::create_dir(&dir.join(LOG))?;
    let version = match newest_version(&dir)? {
        None => create(&dir, entry).await,
        Some(_) => update(&dir, entry).await,
    }
    .map_err(|e| failed(&dir, &e))?;
    sync_log(&dir, version)?;
    Ok(version)
}

/// The first commit. Its operation is a write, because Delta's CREATE TABLE would record where on
/// this machine the table lies.
async fn create(dir: &Path, entry: &TableEntry) -> Result<u64, DeltaTableError> {
    let schema = StructType::try_new(delta_columns(&entry.def)?)?;
    let configuration = [
        // Older versions stay as long as our snapshots name them; `retain` is what removes them.
        ("delta.enableExpiredLogCleanup", "false".to_owned()),
        (DEFINITION, definition(&entry.def)?),
    ];
    let unpartitioned: [&str; 0] = [];
    let metadata = new_metadata(&schema, unpartitioned, configuration)?;
    let mut actions = vec![
        Action::Protocol(protocol(&entry.def)?),
        Action::Metadata(metadata.with_name(entry.def.name.clone())?),
    ];
    actions.extend(entry.files.iter().map(|file| add(&entry.def, file)));
    let log_store = DeltaTableBuilder::from_url(location(dir)?)?.build()?.log_store();
    let commit = CommitBuilder::from(properties(entry)?).with_actions(actions);
    Ok(commit.build(None, log_store, write()).await?.version())
}

fn write() -> DeltaOperation {
    DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None }
}

/// The oldest protocol that has the table's types, so that the most readers open it.
fn protocol(def: &TableDef) -> Result<Protocol, DeltaTableError> {
    let is_local = |field: &Field| matches!(field.data_type(), DataType::Timestamp(_, None));
    let json = if def.columns.fields().iter().any(|field| is_local(field)) {
        let features = ["timestampNtz"];
        json!({ "minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": features, "writerFeatures": features })
    } else {
        json!({ "minReaderVersion": 1, "minWriterVersion": 2 })
    };
    Ok(serde_json::from_value(json)?)
}

async fn update(dir: &Path, entry: &TableEntry) -> Result<u64, DeltaTableError> {
    let table = open(dir).await?;
    let state = table.snapshot()?;
    let mut actions = file_actions(&table, entry).await?;
    if state.metadata().configuration().get(DEFINITION) != Some(&definition(&entry.def)?) {
        actions.push(new_columns(&table, &entry.def)?);
    }
    let before = progress(&table).await?;
    if actions.is_empty() && before.watermark == entry.watermark && before.steps == entry.steps {
        return Ok(state.version());
    }
    let commit = CommitBuilder::from(properties(entry)?)
        .with_actions(actions)
        .build(Some(state), table.log_store(), write())
        .await?;
    Ok(commit.version())
}

/// Removes what the log names too much, adds what it lacks.
async fn file_actions(
    table: &DeltaTable,
    entry: &TableEntry,
) -> Result<Vec<Action>, DeltaTableError> {
    let wanted: HashSet<&str> = entry.files.iter().map(|f| file_name(&f.path)).collect();
    let mut named = HashSet::new();
    let mut actions = Vec::new();
    let log_store = table.log_store();
    let mut views = table.snapshot()?.snapshot().file_views(&log_store, None);
    while let Some(view) = views.try_next().await? {
        if wanted.contains(view.path().as_ref()) {
            named.insert(view.path().into_owned());
        } else {
            actions.push(Action::Remove(view.remove_action(true)));
        }
    }
    let missing = entry.files.iter().filter(|f| !named.contains(file_name(&f.path)));
    actions.extend(missing.map(|file| add(&entry.def, file)));
    Ok(actions)
}

/// What a writer that never published left in the log: the table as of its newest version. None
/// where there is no log, or one of somebody else's.
pub async fn load(root: &Path, table_dir: &str) -> Result<Option<TableEntry>> {
    let dir = root.join(table_dir);
    if newest_version(&dir)?.is_none() {
        return Ok(None);
    }
    let table = open(&dir).await.map_err(|e| failed(&dir, &e))?;
    let loaded = read_entry(root, table_dir, &table).await;
    loaded.map_err(|e| failed(&dir, &e))
}

async fn read_entry(
    root: &Path,
    table_dir: &str,
    table: &DeltaTable,
) -> Result<Option<TableEntry>, DeltaTableError> {
    let state = table.snapshot()?;
    let Some(definition) = state.metadata().configuration().get(DEFINITION) else {
        return Ok(None);
    };
    let def: TableDef = serde_json::from_str(definition)?;
    let log_store = table.log_store();
    let mut views = state.snapshot().file_views(&log_store, None);
    let mut files = Vec::new();
    while let Some(view) = views.try_next().await? {
        let file = read_footer(root, &def, &format!("{table_dir}/{}", view.path()));
        files.push(file.map_err(|e| DeltaTableError::Generic(e.message))?);
    }
    let Progress { watermark, steps } = progress(table).await?;
    let version = state.version();
    let mut entry = TableEntry { def, version, watermark, looked_at: None, steps, files };
    entry.sort_files();
    Ok(Some(entry))
}

/// Describes a file that the log names.
fn read_footer(root: &Path, def: &TableDef, path: &str) -> Result<DataFile> {
    let absolute = root.join(path);
    let failed = |e: &dyn std::fmt::Display| Error::file(&absolute, e);
    let period = layout::data_file_period(file_name(path))
        .ok_or_else(|| failed(&"another program has written this file into the mirror"))?;
    let file = File::open(&absolute).map_err(|e| failed(&e))?;
    let size = file.metadata().map_err(|e| failed(&e))?.len();
    let reader = SerializedFileReader::new(file).map_err(|e| failed(&e))?;
    Ok(DataFile::from_footer(def, path, period, size, reader.metadata()))
}

async fn open(dir: &Path) -> Result<DeltaTable, DeltaTableError> {
    DeltaTableBuilder::from_url(location(dir)?)?.load().await
}

fn location(dir: &Path) -> Result<Url, DeltaTableError> {
    Url::from_directory_path(dir)
        .map_err(|()| DeltaTableError::InvalidTableLocation(dir.display().to_string()))
}

async fn progress(table: &DeltaTable) -> Result<Progress, DeltaTableError> {
    let mut newest = table.history(Some(1));
    let found = newest.try_next().await?.and_then(|mut info| info.info.remove(PROGRESS));
    // Another tool's commit carries none.
    Ok(found.map(serde_json::from_value).transpose()?.unwrap_or_default())
}

fn properties(entry: &TableEntry) -> Result<CommitProperties, DeltaTableError> {
    let progress = Progress { watermark: entry.watermark.clone(), steps: entry.steps.clone() };
    let steps = entry.steps.iter().map(|(application, step)| Transaction::new(application, *step));
    Ok(CommitProperties::default()
        .with_metadata([(PROGRESS.to_owned(), serde_json::to_value(progress)?)])
        .with_application_transactions(steps.collect()))
}

fn new_columns(table: &DeltaTable, def: &TableDef) -> Result<Action, DeltaTableError> {
    let schema = StructType::try_new(delta_columns(def)?)?;
    let metadata = table.snapshot()?.metadata().clone();
    let metadata =
        metadata.with_schema(&schema)?.add_config_key(DEFINITION.into(), definition(def)?)?;
    Ok(Action::Metadata(metadata))
}

fn definition(def: &TableDef) -> Result<String, DeltaTableError> {
    Ok(serde_json::to_string(def)?)
}

fn add(def: &TableDef, file: &DataFile) -> Action {
    Action::Add(Add {
        path: file_name(&file.path).to_owned(),
        size: file.size as i64,
        modification_time: Utc::now().timestamp_millis(),
        data_change: true,
        stats: Some(delta_statistics(def, file).to_string()),
        ..Default::default()
    })
}

/// The time key's range only: of other columns every reader finds it in the file itself.
fn delta_statistics(def: &TableDef, file: &DataFile) -> Value {
    let (Some(name), Some(time)) = (&def.time_key, file.time) else {
        return json!({ "numRecords": file.rows });
    };
    let text = |micros: i64| {
        let zone = if has_zone(def) { "Z" } else { "" };
        let time = DateTime::from_timestamp_micros(micros)?;
        Some(format!("{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.6f")))
    };
    let (min, max) = (time.min.and_then(text), time.max.and_then(text));
    json!({
        "numRecords": file.rows,
        "minValues": { name: min },
        "maxValues": { name: max },
        "nullCount": { name: time.nulls },
    })
}

fn has_zone(def: &TableDef) -> bool {
    let key = def.time_index().map(|index| def.columns.field(index).data_type());
    matches!(key, Some(DataType::Timestamp(_, Some(_))))
}

/// The columns in Delta's types; one that it lacks is an error that names the column.
fn delta_columns(def: &TableDef) -> Result<Vec<StructField>, DeltaTableError> {
    let fields = def.columns.fields().iter();
    fields
        .map(|field| {
            let Some(data_type) = delta_type(field.data_type()) else {
                let (name, data_type) = (field.name(), field.data_type());
                return Err(DeltaTableError::Generic(format!(
                    "column {name}: {data_type} cannot be stored"
                )));
            };
            Ok(StructField::new(field.name(), data_type, field.is_nullable()))
        })
        .collect()
}

fn delta_type(data_type: &DataType) -> Option<DeltaType> {
    Some(match data_type {
        DataType::Boolean => DeltaType::BOOLEAN,
        DataType::Int8 => DeltaType::BYTE,
        DataType::Int16 => DeltaType::SHORT,
        DataType::Int32 => DeltaType::INTEGER,
        DataType::Int64 => DeltaType::LONG,
        DataType::Float32 => DeltaType::FLOAT,
        DataType::Float64 => DeltaType::DOUBLE,
        DataType::Decimal128(precision, scale) => {
            DeltaType::decimal(*precision, u8::try_from(*scale).ok()?).ok()?
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DeltaType::STRING,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DeltaType::BINARY,
        DataType::Date32 => DeltaType::DATE,
        DataType::Timestamp(TimeUnit::Microsecond, None) => DeltaType::TIMESTAMP_NTZ,
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
            DeltaType::TIMESTAMP
        }
        _ => return None,
    })
}

/// Delta writes its log without forcing it to disk; a snapshot must never outlive it.
fn sync_log(dir: &Path, version: u64) -> Result<()> {
    let log = dir.join(LOG);
    let commit = log.join(format!("{version:020}.json"));
    // Windows forces a file to disk only through a handle that may write.
    let file = File::options().append(true).open(&commit).map_err(|e| Error::file(&commit, e))?;
    file.sync_all().map_err(|e| Error::file(&commit, e))?;
    disk::sync_dir(&log)?;
    disk::sync_dir(dir)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn failed(dir: &Path, cause: &DeltaTableError) -> Error {
    Error::file(dir, cause)
}
