//! The mirror against a server that speaks TDS: what it reads, what it keeps, what it survives.

mod faults;
mod full;
mod incremental;
#[cfg(feature = "cli")]
mod program;
mod types;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use cdrql::mirror::{Encryption, Login, Password, Report, Retry, Settings, Sync, Trust};
use cdrql::{Engine, arrow};
use tds_server::{Column, Digits, Length, Rows, Server, SqlType, TableSpec};

const USER: &str = "reader";
const PASSWORD: &str = "c0rrect horse";

/// Faults are met again at once.
fn settings() -> Settings {
    let retry = Retry {
        attempts: 6,
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
    };
    Settings { retry, ..Settings::default() }
}

fn made() -> Settings {
    Settings { databases: vec!["Made".into()], ..settings() }
}

fn client(server: &Server) -> cdrql::mirror::Server {
    let address = format!("127.0.0.1,{}", server.port()).parse().unwrap();
    let login = Login::Sql { user: USER.into(), password: Password::new(PASSWORD) };
    let trust = Trust::Also(server.authority_pem().into());
    cdrql::mirror::Server {
        encryption: Encryption::Required(trust),
        patience: Duration::from_secs(5),
        ..cdrql::mirror::Server::new(address, login)
    }
}

async fn sync(server: &Server, dir: &Path, settings: Settings) -> cdrql::Result<Report> {
    // A test's thread has a small stack.
    Box::pin(Sync::new(client(server), dir, settings).run()).await
}

/// A table's rows as text, in the order of that text; NULL is told from every text.
async fn rows(engine: &Engine, table: &str) -> Vec<String> {
    use arrow::util::display::array_value_to_string;
    let batches = engine.sql(&format!("SELECT * FROM {table}")).await.unwrap().collect().await;
    let mut rows = Vec::new();
    for batch in batches.unwrap() {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| match column.is_null(row) {
                true => "NULL".to_owned(),
                false => format!("{:?}", array_value_to_string(column, row).unwrap()),
            });
            rows.push(cells.collect::<Vec<_>>().join(" "));
        }
    }
    rows.sort();
    rows
}

fn engine(dir: &Path) -> Engine {
    Engine::builder().mirror(dir).build().unwrap()
}

/// Hour of 2014-03, number within it, text, and when it was changed (an hour too), if ever.
type Call = (i64, i32, &'static str, Option<i64>);

const HOUR: i64 = 3_600_000_000;
/// 2014-03-01, in microseconds.
const MARCH: i64 = 1_393_632_000_000_000;

fn call_batch(calls: &[Call]) -> RecordBatch {
    let at = calls.iter().map(|call| MARCH + call.0 * HOUR);
    let changed = calls.iter().map(|call| call.3.map(|hour| MARCH + hour * HOUR));
    let columns: [(&str, ArrayRef); 4] = [
        ("At", Arc::new(TimestampMicrosecondArray::from_iter_values(at))),
        ("Seq", Arc::new(Int32Array::from_iter_values(calls.iter().map(|call| call.1)))),
        ("Text", Arc::new(StringArray::from_iter_values(calls.iter().map(|call| call.2)))),
        ("LastModifiedTime", Arc::new(changed.collect::<TimestampMicrosecondArray>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn call_columns() -> Vec<Column> {
    vec![
        Column::new("At", SqlType::DateTime).not_null(),
        Column::new("Seq", SqlType::Int).not_null(),
        Column::new("Text", SqlType::NVarChar(Length::Limited(256))),
        Column::new("LastModifiedTime", SqlType::DateTime),
    ]
}

/// A fact table that is read by windows.
fn calls(calls: &[Call]) -> TableSpec {
    table("Calls", call_columns(), &["At", "Seq"], call_batch(calls))
}

fn people_batch(people: &[(i32, &str)]) -> RecordBatch {
    let columns: [(&str, ArrayRef); 2] = [
        ("Id", Arc::new(Int32Array::from_iter_values(people.iter().map(|person| person.0)))),
        ("Name", Arc::new(StringArray::from_iter_values(people.iter().map(|person| person.1)))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn people_columns() -> Vec<Column> {
    vec![
        Column::new("Id", SqlType::Int).not_null(),
        Column::new("Name", SqlType::NVarChar(Length::Limited(64))),
    ]
}

/// A look-up table that is read whole.
fn people(people: &[(i32, &str)]) -> TableSpec {
    table("People", people_columns(), &["Id"], people_batch(people))
}

fn table(name: &str, columns: Vec<Column>, key: &[&str], rows: RecordBatch) -> TableSpec {
    TableSpec {
        database: "Made".into(),
        schema: "dbo".into(),
        name: name.into(),
        columns,
        primary_key: key.iter().map(|column| (*column).into()).collect(),
        rows: Rows::Batches(vec![rows]),
    }
}

fn serving(tables: impl IntoIterator<Item = TableSpec>) -> Server {
    let builder = Server::builder().login(USER, PASSWORD);
    let builder = tables.into_iter().fold(builder, |builder, table| builder.table(table).unwrap());
    builder.start().unwrap()
}

/// The calls of a mirror as `hour/number text`.
async fn mirrored_calls(dir: &Path) -> Vec<String> {
    let sql = "SELECT datediff_hours, Seq, Text FROM (SELECT CAST(date_part('epoch', At) / 3600 - \
               387120 AS int) AS datediff_hours, Seq, Text FROM Made.dbo.Calls) c ORDER BY 1, 2";
    let batches = engine(dir).sql(sql).await.unwrap().collect().await.unwrap();
    let mut found = Vec::new();
    for batch in batches {
        let text = |column: usize, row| {
            arrow::util::display::array_value_to_string(batch.column(column), row).unwrap()
        };
        found.extend(
            (0..batch.num_rows())
                .map(|row| format!("{}/{} {}", text(0, row), text(1, row), text(2, row))),
        );
    }
    found
}
