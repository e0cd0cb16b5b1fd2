//! The store end to end: written through a writer, read through DataFusion.

mod crash;
mod laws;
mod reading;
mod writing;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Int32Array, RecordBatch, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::TableReference;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::*;
use crate::Result;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Time (µs), number within the moment, value.
type Row = (i64, i32, i32);

/// A fact table: key (At, Seq), sorted by At.
fn facts() -> TableDef {
    let columns = Schema::new(vec![
        Field::new("At", DataType::Timestamp(TimeUnit::Microsecond, None), false),
        Field::new("Seq", DataType::Int32, false),
        Field::new("Value", DataType::Int32, true),
    ]);
    TableDef {
        database: "LcsCDR".into(),
        schema: "dbo".into(),
        name: "Facts".into(),
        columns: columns.into(),
        primary_key: vec!["At".into(), "Seq".into()],
        time_key: Some("At".into()),
    }
}

/// A look-up table: key Id.
fn names() -> TableDef {
    let columns = Schema::new(vec![
        Field::new("Id", DataType::Int32, false),
        Field::new("Name", DataType::Utf8View, true),
    ]);
    TableDef {
        database: "LcsCDR".into(),
        schema: "dbo".into(),
        name: "Names".into(),
        columns: columns.into(),
        primary_key: vec!["Id".into()],
        time_key: None,
    }
}

fn fact_batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<Arc<dyn arrow::array::Array>> = vec![
        Arc::new(TimestampMicrosecondArray::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.1))),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.2))),
    ];
    RecordBatch::try_new(facts().columns, columns).unwrap()
}

fn name_batch(rows: &[(i32, &str)]) -> RecordBatch {
    let columns: Vec<Arc<dyn arrow::array::Array>> = vec![
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(StringViewArray::from_iter_values(rows.iter().map(|r| r.1))),
    ];
    RecordBatch::try_new(names().columns, columns).unwrap()
}

fn write(writer: &Writer, def: &TableDef, period: Period, batch: &RecordBatch) -> Result<DataFile> {
    let mut file = writer.file(def, period)?;
    file.write(batch)?;
    file.finish()
}

fn change(table: TableDef, change: Change) -> TableChange {
    TableChange { table, change, watermark: None }
}

/// The day `n` days after 1970-01-01.
fn day(n: i64) -> Period {
    Period::Day(chrono::NaiveDate::from_epoch_days(n as i32).unwrap())
}

/// A mirror with `rows` of facts in one file, and no look-ups.
async fn mirror_of(dir: &Path, rows: &[Row]) -> Writer {
    let mut writer = Writer::open(dir).unwrap();
    let file = write(&writer, &facts(), Period::All, &fact_batch(rows)).unwrap();
    writer.commit(vec![change(facts(), Change::Append(vec![file]))]).await.unwrap();
    writer
}

/// A session with every table of the mirror under its bare name.
fn session(mirror: &Mirror, cores: usize) -> SessionContext {
    let context = SessionContext::new_with_config(
        SessionConfig::new()
            .with_target_partitions(cores)
            .set_bool("datafusion.sql_parser.enable_ident_normalization", false),
    );
    let (url, store) = mirror.object_store();
    context.register_object_store(&url, store);
    for table in &mirror.snapshot().tables {
        let name = TableReference::bare(table.def.name.as_str());
        context.register_table(name, mirror.provider(table).unwrap()).unwrap();
    }
    context
}

/// Every fact of the snapshot, in the order of the key.
async fn facts_of(dir: &Path, as_of: AsOf) -> Vec<Row> {
    let mirror = Mirror::open(dir, as_of).unwrap();
    let query = r#"SELECT "At", "Seq", "Value" FROM "Facts" ORDER BY "At", "Seq", "Value""#;
    let batches = session(&mirror, 2).sql(query).await.unwrap().collect().await.unwrap();
    batches.iter().flat_map(rows_of).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    use arrow::array::AsArray;
    use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
    let at = batch.column(0).as_primitive::<TimestampMicrosecondType>().values();
    let seq = batch.column(1).as_primitive::<Int32Type>().values();
    let value = batch.column(2).as_primitive::<Int32Type>().values();
    at.iter().zip(seq).zip(value).map(|((a, s), v)| (*a, *s, *v)).collect()
}
