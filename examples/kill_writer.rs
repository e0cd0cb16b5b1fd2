//! A writer to be killed, and the check of what it left: `tests/tooling/kill_commits.py` runs both.
//!
//! `kill_writer work DIR` publishes snapshot after snapshot until it is killed, and prints the
//! number of each. `kill_writer check DIR` opens the mirror, holds that its tables fit together and
//! prints the snapshot's number.
//!
//! Snapshot k holds k rows of `Facts`, each with the value k, and one row of `Names` with the value
//! k; any mixture of two snapshots shows.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use cdrql::arrow::array::{AsArray, Int32Array, RecordBatch, TimestampMicrosecondArray};
use cdrql::arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use cdrql::datafusion::prelude::SessionContext;
use cdrql::store::{AsOf, Change, Mirror, Period, Retention, TableChange, TableDef, Writer};
use cdrql::{Error, Result};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["work", dir] => work(Path::new(dir)).await,
        ["check", dir] => check(Path::new(dir)).await.map(|snapshot| println!("{snapshot}")),
        _ => Err(Error::usage("kill_writer work|check DIR")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

/// Publishes until it is killed. Every other snapshot is staged table by table, as a sync does it.
pub async fn work(dir: &Path) -> Result<()> {
    let mut writer = Writer::resume(dir).await?;
    loop {
        let next =
            Mirror::open(dir, AsOf::Newest).map_or(1, |mirror| mirror.snapshot().id as i32 + 1);
        let changes = snapshot(&writer, next)?;
        if next % 2 == 0 {
            writer.commit(changes).await?;
        } else {
            for change in changes {
                writer.stage(change).await?;
            }
            writer.publish(None).await?;
        }
        println!("{next}");
        if next % 5 == 0 {
            writer.retain(Retention::Newest(3))?;
        }
    }
}

/// The newest snapshot's number, 0 where there is none yet; an error where it is not whole.
pub async fn check(dir: &Path) -> Result<u64> {
    let mirror = match Mirror::open(dir, AsOf::Newest) {
        // Killed before it had even made the mirror, or before it had published anything.
        Err(e) if ["not a mirror", "no snapshot yet"].iter().any(|m| e.message.contains(m)) => {
            return Ok(0);
        }
        opened => opened?,
    };
    let id = mirror.snapshot().id;
    if let Some(damage) = mirror.verify(true).damages.first() {
        return Err(Error::source(format!("snapshot {id}: {}: {}", damage.path, damage.what)));
    }
    for (table, rows) in [("Facts", id as usize), ("Names", 1)] {
        let values = values(&mirror, table).await?;
        if values != vec![id as i32; rows] {
            return Err(Error::source(format!("snapshot {id}: {table} holds {values:?}")));
        }
    }
    Ok(id)
}

fn snapshot(writer: &Writer, number: i32) -> Result<Vec<TableChange>> {
    let tables = [("Facts", number), ("Names", 1)];
    tables.into_iter().map(|(name, rows)| content(writer, name, rows, number)).collect()
}

/// The whole content of a table. Every third time it is merged over the one before, whose keys it
/// covers.
fn content(writer: &Writer, name: &str, rows: i32, value: i32) -> Result<TableChange> {
    let table = table(name);
    let change = if value % 3 == 0 {
        writer.merge(&table, Period::All, std::iter::once(batch(&table, rows, value)))?
    } else {
        let mut file = writer.file(&table, Period::All)?;
        file.write(&batch(&table, rows, value))?;
        Change::Whole(vec![file.finish()?])
    };
    Ok(TableChange { table, change, watermark: Some(value.to_string()) })
}

fn table(name: &str) -> TableDef {
    let columns = Schema::new(vec![
        Field::new("At", DataType::Timestamp(TimeUnit::Microsecond, None), false),
        Field::new("Value", DataType::Int32, false),
    ]);
    TableDef {
        database: "LcsCDR".into(),
        schema: "dbo".into(),
        name: name.into(),
        columns: columns.into(),
        primary_key: vec!["At".into()],
        time_key: Some("At".into()),
    }
}

fn batch(table: &TableDef, rows: i32, value: i32) -> RecordBatch {
    let times = TimestampMicrosecondArray::from_iter_values((0..rows).map(i64::from));
    let values = Int32Array::from_value(value, rows as usize);
    RecordBatch::try_new(Arc::clone(&table.columns), vec![Arc::new(times), Arc::new(values)])
        .expect("two columns of one length, of the table's types")
}

async fn values(mirror: &Mirror, table: &str) -> Result<Vec<i32>> {
    let failed = |e| Error::source(format!("{table}: {e}"));
    let session = SessionContext::new();
    let (url, store) = mirror.object_store();
    session.register_object_store(&url, store);
    let entry = mirror.snapshot().table("LcsCDR", "dbo", table);
    let entry = entry.ok_or_else(|| Error::source(format!("{table} is not in the snapshot")))?;
    let table = session.read_table(mirror.provider(entry)?).map_err(failed)?;
    let batches = table.collect().await.map_err(failed)?;
    let values =
        batches.iter().flat_map(|b| b.column(1).as_primitive::<Int32Type>().values().to_vec());
    Ok(values.collect())
}
