//! Tables that change while they are served.

use std::sync::Arc;

use crate::support::{Connected, connect};
use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use tds_server::{Column, Rows, Server, SqlType, TableSpec};
use tiberius::EncryptionLevel;

fn batch(rows: &[(i32, Option<&str>)]) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.0)));
    let names: ArrayRef = Arc::new(StringArray::from_iter(rows.iter().map(|r| r.1)));
    RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap()
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("Id", SqlType::Int).identity(),
        Column::new("Name", "nvarchar(10)".parse().unwrap()),
    ]
}

fn serve() -> Server {
    let spec = TableSpec {
        database: "Db".into(),
        schema: "dbo".into(),
        name: "People".into(),
        columns: columns(),
        primary_key: vec!["Id".into()],
        rows: Rows::Batches(vec![batch(&[(1, Some("Ann")), (2, None), (3, Some("Cy"))])]),
    };
    Server::builder().table(spec).unwrap().start().unwrap()
}

async fn people(server: &Server) -> Vec<(i32, Option<String>)> {
    let mut client: Connected = connect(server, "Db", EncryptionLevel::NotSupported).await.unwrap();
    let rows = client.simple_query("SELECT Id, Name FROM People ORDER BY Id").await.unwrap();
    let rows = rows.into_first_result().await.unwrap();
    rows.iter().map(|r| (r.get(0).unwrap(), r.get::<&str, _>(1).map(String::from))).collect()
}

fn row(id: i32, name: &str) -> (i32, Option<String>) {
    (id, Some(name.into()))
}

#[tokio::test]
async fn rows_come_change_and_go() {
    let server = serve();
    server.tables().append("db.DBO.people", batch(&[(4, Some("Di"))])).unwrap();
    server.execute("UPDATE Db.dbo.People SET Name = UPPER(Name) WHERE Id >= 3").unwrap();
    // Unknown is not true: the row without a name stays.
    server.execute("DELETE FROM Db.dbo.People WHERE Name = 'Ann'").unwrap();
    assert_eq!(people(&server).await, [(2, None), row(3, "CY"), row(4, "DI")]);
    server.tables().replace("Db.dbo.People", vec![batch(&[(9, None)])]).unwrap();
    assert_eq!(people(&server).await, [(9, None)]);
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing() {
    let server = serve();
    let before = people(&server).await;
    assert!(server.tables().append("Db.dbo.People", batch(&[(4, Some("far too long"))])).is_err());
    for (text, number) in [
        ("DELETE FROM Db.dbo.People WHERE Nothing = 1", 207),
        ("UPDATE Db.dbo.People SET Id = 'x' WHERE Id = 1", 245),
        ("INSERT INTO Db.dbo.People (Name) VALUES (N'Ed')", 8_152),
        ("DELETE FROM Db.dbo.Nobody", 208),
        ("SELECT 1", 40_515),
    ] {
        assert_eq!(server.execute(text).unwrap_err().number, number, "{text}");
    }
    assert_eq!(people(&server).await, before);
}

#[tokio::test]
async fn a_client_changes_rows_as_well() {
    let server = serve();
    let mut client = connect(&server, "Db", EncryptionLevel::NotSupported).await.unwrap();
    let insert = "INSERT INTO People VALUES (4, N'it''s'), (5, NULL)";
    assert_eq!(client.execute(insert, &[]).await.unwrap().total(), 2);
    client.execute("UPDATE dbo.People SET name = @P1 WHERE id = @P2", &[&"Bo", &2]).await.unwrap();
    assert_eq!(client.execute("DELETE FROM People WHERE Id = 1", &[]).await.unwrap().total(), 1);
    let expected = [row(2, "Bo"), row(3, "Cy"), row(4, "it's"), (5, None)];
    assert_eq!(people(&server).await, expected);
}

async fn text(server: &Server, query: &str) -> Vec<String> {
    let mut client = connect(server, "Db", EncryptionLevel::NotSupported).await.unwrap();
    let rows = client.simple_query(query).await.unwrap().into_first_result().await.unwrap();
    rows.iter().map(|r| r.get::<&str, _>(0).unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_column_is_added_and_another_changes_its_type() {
    let server = serve();
    let columns = vec![
        Column::new("Id", SqlType::BigInt).identity(),
        Column::new("Name", "nvarchar(10)".parse().unwrap()),
        Column::new("Mood", "varchar(5)".parse().unwrap()),
    ];
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["fine"]));
    let rows =
        RecordBatch::try_from_iter([("a", ids), ("b", Arc::clone(&texts)), ("c", texts)]).unwrap();
    let object_id = "SELECT CONVERT(varchar(20), object_id) FROM sys.tables";
    let before = text(&server, object_id).await;
    server.tables().alter("Db.dbo.People", columns, vec![rows]).unwrap();
    let types = "SELECT t.name FROM sys.columns c JOIN sys.types t \
                 ON t.user_type_id = c.user_type_id ORDER BY c.column_id";
    assert_eq!(text(&server, types).await, ["bigint", "nvarchar", "varchar"]);
    assert_eq!(text(&server, "SELECT Mood FROM People").await, ["fine"]);
    assert_eq!(text(&server, object_id).await, before);
}

#[tokio::test]
async fn a_rebuilt_database_is_another_one() {
    let server = serve();
    let guid = "SELECT CONVERT(varchar(36), service_broker_guid) FROM sys.databases \
                WHERE name = DB_NAME()";
    let last = "SELECT CONVERT(varchar(20), last_value) FROM sys.identity_columns \
                WHERE last_value IS NOT NULL";
    let before = text(&server, guid).await;
    assert_eq!(text(&server, last).await, ["3"]);
    server.tables().rebuild("Db").unwrap();
    assert_ne!(text(&server, guid).await, before);
    assert!(text(&server, last).await.is_empty());
    assert!(people(&server).await.is_empty());
}
