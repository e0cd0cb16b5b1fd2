//! What a session does: parameters, batches, transactions, errors, and wishes to stop.

use std::sync::Arc;
use std::time::Duration;

use crate::queries;
use crate::support::{Connected, config, connect, connect_with, one};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use futures::TryStreamExt;
use tds_server::{Column, Fault, Rows, Server, SqlType, TableSpec};
use tiberius::{EncryptionLevel, QueryItem, Uuid};

/// `Numbers.dbo.T`: `Id` from 0, `Name` and `At`, a millisecond each.
fn numbers(rows: Rows) -> TableSpec {
    TableSpec {
        database: "Numbers".into(),
        schema: "dbo".into(),
        name: "T".into(),
        columns: vec![
            Column::new("Id", SqlType::BigInt).not_null(),
            Column::new("Name", "nvarchar(20)".parse().unwrap()),
            Column::new("At", SqlType::DateTime).not_null(),
        ],
        primary_key: vec!["Id".into()],
        rows,
    }
}

fn batch(from: i64, rows: i64) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(from..from + rows));
    let names = (from..from + rows).map(|i| format!("name {i}"));
    let at = TimestampMicrosecondArray::from_iter_values((from..from + rows).map(|i| i * 10_000));
    RecordBatch::try_from_iter([
        ("id", ids),
        ("name", Arc::new(StringArray::from_iter_values(names)) as _),
        ("at", Arc::new(at) as _),
    ])
    .unwrap()
}

fn server(rows: i64) -> Server {
    let rows = Rows::Batches(vec![batch(0, rows)]);
    Server::builder().table(numbers(rows)).unwrap().start().unwrap()
}

async fn client(server: &Server) -> Connected {
    connect(server, "Numbers", EncryptionLevel::NotSupported).await.unwrap()
}

async fn error(client: &mut Connected, text: &str) -> u32 {
    let answer = match client.simple_query(text).await {
        Ok(stream) => stream.into_results().await.err(),
        Err(error) => Some(error),
    };
    answer.unwrap_or_else(|| panic!("{text} works")).code().unwrap()
}

#[tokio::test]
async fn parameters_of_every_type_come_back() {
    let server = server(0);
    let mut client = client(&server).await;
    let (guid, bytes) = (Uuid::from_u128(7), &[1_u8, 2, 255][..]);
    let text = "SELECT @P1, @P2, @P3, @P4, @P5, @P6, @P7, @P8, @P9, @P10, @P11";
    let long = "x".repeat(9_000);
    let answer = client
        .query(
            text,
            &[
                &true,
                &255_u8,
                &-1_i16,
                &i32::MIN,
                &i64::MAX,
                &1.5_f32,
                &-0.1_f64,
                &"it's a \u{1F600}",
                &guid,
                &bytes,
                &long.as_str(),
            ],
        )
        .await
        .unwrap();
    let row = answer.into_row().await.unwrap().unwrap();
    assert_eq!(row.get::<bool, _>(0), Some(true));
    assert_eq!(row.get::<u8, _>(1), Some(255));
    assert_eq!(row.get::<i16, _>(2), Some(-1));
    assert_eq!(row.get::<i32, _>(3), Some(i32::MIN));
    assert_eq!(row.get::<i64, _>(4), Some(i64::MAX));
    assert_eq!(row.get::<f32, _>(5), Some(1.5));
    assert_eq!(row.get::<f64, _>(6), Some(-0.1));
    assert_eq!(row.get::<&str, _>(7), Some("it's a \u{1F600}"));
    assert_eq!(row.get::<Uuid, _>(8), Some(guid));
    assert_eq!(row.get::<&[u8], _>(9), Some(bytes));
    assert_eq!(row.get::<&str, _>(10), Some(long.as_str()));
}

#[tokio::test]
async fn parameters_that_are_null_come_back_as_null() {
    let server = server(0);
    let mut client = client(&server).await;
    let answer = client
        .query("SELECT @P1, @P2", &[&Option::<i32>::None, &Option::<&str>::None])
        .await
        .unwrap();
    let row = answer.into_row().await.unwrap().unwrap();
    assert_eq!(row.get::<i32, _>(0), None);
    assert_eq!(row.get::<&str, _>(1), None);
}

#[tokio::test]
async fn rows_are_chosen_by_parameters() {
    let server = server(1_000);
    let mut client = client(&server).await;
    let text = "SELECT COUNT_BIG(*) AS row_count FROM [dbo].[T] \
                WHERE [At] >= CONVERT(datetime, @P1, 126) AND [At] < CONVERT(datetime, @P2, 126) \
                OPTION (MAXDOP 1)";
    let bounds = ("1970-01-01T00:00:01", "1970-01-01T00:00:02");
    let answer = client.query(text, &[&bounds.0, &bounds.1]).await.unwrap();
    let row = answer.into_row().await.unwrap().unwrap();
    assert_eq!(row.get::<i64, _>("row_count"), Some(100));
}

#[tokio::test]
async fn aggregates_keep_their_columns_type() {
    let server = server(1_000);
    let mut client = client(&server).await;
    let row = one(&mut client, "SELECT MIN([At]) AS lowest, MAX(Id) AS m, COUNT(*) n FROM T").await;
    assert_eq!(
        row.cells().map(|(c, _)| (c.name(), c.column_type())).collect::<Vec<_>>(),
        [
            ("lowest", tiberius::ColumnType::Datetimen),
            ("m", tiberius::ColumnType::Int8),
            ("n", tiberius::ColumnType::Int4),
        ]
    );
}

#[tokio::test]
async fn operators_mean_what_they_mean_in_t_sql() {
    let server = server(3);
    let mut client = client(&server).await;
    let text = "SELECT (SELECT COUNT(*) FROM T WHERE name = 'NAME 1  '), \
                (SELECT COUNT(*) FROM T WHERE name <> N'Name 1'), \
                (SELECT COUNT(*) FROM sys.tables WHERE is_ms_shipped = 0), \
                'a' + N'b'";
    let row = one(&mut client, text).await;
    let counts = [0, 1, 2].map(|i: usize| row.get::<i32, _>(i).unwrap());
    assert_eq!((counts, row.get::<&str, _>(3)), ([1, 2, 1], Some("ab")));
}

/// The mirror's own texts, as they stand in its queries.
#[tokio::test]
async fn the_catalogue_answers_the_mirror() {
    let server = server(3);
    let mut client = client(&server).await;
    for text in queries::SESSION {
        client.simple_query(text).await.unwrap().into_results().await.unwrap();
    }
    for (text, rows) in [
        (queries::SERVER, 1),
        (queries::DATABASE, 1),
        (queries::TABLES, 1),
        (queries::COLUMNS, 3),
        (queries::INDEXES, 1),
        (queries::ROW_ESTIMATES, 1),
        (queries::IDENTITIES, 0),
        (queries::SAFE_ROWVERSION, 1),
    ] {
        let answer = client.simple_query(text).await.unwrap().into_first_result().await;
        assert_eq!(answer.unwrap().len(), rows, "{text}");
    }
}

#[tokio::test]
async fn a_batch_has_as_many_results_as_queries() {
    let server = server(10);
    let mut client = client(&server).await;
    let text = "SET NOCOUNT ON; USE master SELECT DB_NAME(); USE Numbers \
                SELECT TOP 3 id FROM T WITH (NOLOCK) ORDER BY 1 DESC";
    let results = client.simple_query(text).await.unwrap().into_results().await.unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0][0].get::<&str, _>(0), Some("master"));
    let ids: Vec<_> = results[1].iter().map(|row| row.get::<i64, _>(0).unwrap()).collect();
    assert_eq!(ids, [9, 8, 7]);
}

#[tokio::test]
async fn errors_have_their_numbers_and_the_session_goes_on() {
    let server = server(10);
    let mut client = client(&server).await;
    for (text, number) in [
        ("SELECT nothing FROM T", 207),
        ("SELECT * FROM nowhere", 208),
        ("SELECT * FROM", 102),
        ("USE nowhere", 911),
        ("COMMIT", 3902),
        ("SELECT CONVERT(datetime, 'yesterday')", 241),
        ("SELECT @missing", 137),
        ("SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT * FROM T", 3952),
        ("DROP TABLE T", 40_515),
    ] {
        assert_eq!(error(&mut client, text).await, number, "{text}");
        client.simple_query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").await.unwrap();
    }
    assert_eq!(one(&mut client, "SELECT COUNT(*) FROM T").await.get::<i32, _>(0), Some(10));
}

#[tokio::test]
async fn a_snapshot_transaction_sees_what_was_there_when_it_began() {
    let server = server(10);
    server.tables().allow_snapshot("Numbers", true).unwrap();
    let mut client = client(&server).await;
    let text = "SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT COUNT(*) FROM T";
    assert_eq!(one(&mut client, text).await.get::<i32, _>(0), Some(10));
    server.tables().append("numbers.dbo.t", batch(10, 5)).unwrap();
    assert_eq!(one(&mut client, "SELECT COUNT(*) FROM T").await.get::<i32, _>(0), Some(10));
    assert_eq!(one(&mut client, "COMMIT; SELECT COUNT(*) FROM T").await.get::<i32, _>(0), Some(15));
}

/// Ten million rows in batches that are made as they are sent.
fn endless() -> Server {
    let make = Arc::new(|i: usize| batch(i as i64 * 8_192, 8_192));
    let rows = Rows::Generated { batches: 1_221, make };
    Server::builder().table(numbers(rows)).unwrap().start().unwrap()
}

#[tokio::test]
async fn a_client_can_stop_in_the_middle_and_go_on() {
    let server = endless();
    let mut client = client(&server).await;
    let mut answer = client.simple_query("SELECT * FROM T").await.unwrap();
    for _ in 0..1_000 {
        assert!(answer.try_next().await.unwrap().is_some());
    }
    drop(answer);
    client.cancel_query().await.unwrap();
    assert_eq!(one(&mut client, "SELECT 1").await.get::<i32, _>(0), Some(1));
}

#[tokio::test]
async fn rows_wait_for_a_client_that_does_not_read() {
    let server = endless();
    let mut client = client(&server).await;
    let mut answer = client.simple_query("SELECT Id FROM T").await.unwrap();
    assert!(answer.try_next().await.unwrap().is_some());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut last = None;
    let mut rows = 0;
    while let Some(item) = answer.try_next().await.unwrap() {
        if let QueryItem::Row(row) = item {
            rows += 1;
            last = row.get::<i64, _>(0);
            if rows == 50_000 {
                break;
            }
        }
    }
    assert_eq!(last, Some(49_999));
}

#[tokio::test]
async fn faults_hit_the_statement_that_they_wait_for() {
    let server = server(5_000);
    for fault in [
        Fault::CutAfter { bytes: 0 },
        Fault::CutAfter { bytes: 10_000 },
        Fault::HalfPacket,
        Fault::Garble { at_byte: 3 },
    ] {
        server.faults().push_on("from t", fault);
        let mut settings = config(&server, "Numbers", EncryptionLevel::NotSupported);
        settings.command_timeout(Some(Duration::from_secs(2)));
        let mut client = connect_with(settings).await.unwrap();
        assert_eq!(one(&mut client, "SELECT 1").await.get::<i32, _>(0), Some(1));
        let answer = match client.simple_query("SELECT * FROM T").await {
            Ok(stream) => stream.into_results().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(answer.is_err(), "{fault:?}");
        assert_eq!(server.faults().waiting(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn an_error_on_command_comes_after_its_rows() {
    let server = server(5_000);
    let mut client = client(&server).await;
    server.faults().push(Fault::Error { number: 1205, after_rows: 1_234 });
    let mut answer = client.simple_query("SELECT * FROM T").await.unwrap();
    let mut rows = 0;
    let error = loop {
        match answer.try_next().await {
            Ok(Some(QueryItem::Row(_))) => rows += 1,
            Ok(Some(QueryItem::Metadata(_))) => {}
            Ok(None) => panic!("no error"),
            Err(error) => break error,
        }
    };
    assert_eq!((rows, error.code()), (1_234, Some(1205)));
}

#[tokio::test]
async fn a_stall_is_only_late() {
    let server = server(5_000);
    let mut client = client(&server).await;
    let for_time = Duration::from_millis(400);
    server.faults().push(Fault::Stall { after_bytes: 5_000, for_time });
    let begun = std::time::Instant::now();
    let rows = client.simple_query("SELECT * FROM T").await.unwrap();
    assert_eq!(rows.into_first_result().await.unwrap().len(), 5_000);
    assert!(begun.elapsed() >= for_time);
}

#[tokio::test]
async fn connections_and_logins_are_refused_on_command() {
    let server = server(0);
    server.faults().push(Fault::LoginRefused);
    let refused = connect(&server, "Numbers", EncryptionLevel::NotSupported).await.unwrap_err();
    assert_eq!(refused.code(), Some(18_456));
    server.faults().push(Fault::RefuseConnection);
    assert!(connect(&server, "Numbers", EncryptionLevel::NotSupported).await.is_err());
    client(&server).await;
    let unknown = connect(&server, "Nowhere", EncryptionLevel::NotSupported).await.unwrap_err();
    assert_eq!(unknown.code(), Some(4060));
}

#[tokio::test]
async fn a_server_that_dies_takes_its_connections_with_it() {
    let server = endless();
    let mut first = client(&server).await;
    let mut answer = first.simple_query("SELECT Id FROM T").await.unwrap();
    assert!(answer.try_next().await.unwrap().is_some());
    server.kill_connections();
    let rest = tokio::time::timeout(Duration::from_secs(20), async {
        while answer.try_next().await?.is_some() {}
        Ok::<_, tiberius::error::Error>(())
    });
    assert!(rest.await.unwrap().is_err());
    client(&server).await;
}

#[tokio::test]
async fn what_a_client_says_of_itself_is_noted() {
    let server = server(0);
    let mut settings = config(&server, "Numbers", EncryptionLevel::Required);
    settings.readonly(true);
    settings.packet_size(16_384);
    let mut client = connect_with(settings).await.unwrap();
    one(&mut client, "SELECT 1").await;
    let login = &server.logins()[0];
    assert_eq!(login.application, "tds-server tests");
    assert!(login.read_only_intent);
    assert_eq!(server.requests(), ["SELECT 1"]);
}
