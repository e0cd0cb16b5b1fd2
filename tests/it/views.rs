//! The packaged views over empty tables of the published schema: every one plans, and those that
//! Microsoft documents have its columns in its order and spelling.

use std::sync::Arc;

use cdrql::arrow::array::{Array, Int32Array, RecordBatch, StringArray, new_null_array};
use cdrql::arrow::compute::cast;
use cdrql::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use cdrql::schema::{self, Kind};
use cdrql::{Answer, Engine, views};

/// An engine over both databases without a row in them.
fn empty() -> Engine {
    let tables = schema::base_tables();
    let builder = tables.fold(Engine::builder().threads(1), |builder, table| {
        builder.table(
            table.database,
            table.name,
            vec![RecordBatch::new_empty(table.arrow_schema())],
        )
    });
    builder.build().unwrap()
}

fn full_name(home: &str, name: &str) -> String {
    if home == "cdr" { format!("cdr.{name}") } else { format!("{home}.dbo.{name}") }
}

async fn shape(engine: &Engine, view: &str) -> SchemaRef {
    let answer = engine.sql(&format!("SELECT * FROM {view}")).await;
    match answer.unwrap_or_else(|e| panic!("{view}: {e}")) {
        Answer::Rows(rows) => rows.schema(),
        other => panic!("{view} answered {other:?}"),
    }
}

#[tokio::test]
async fn every_view_runs_over_empty_tables() {
    let engine = empty();
    for view in views::all() {
        let name = full_name(view.home, view.name);
        let answer = engine.sql(&format!("SELECT * FROM {name}")).await;
        let batches = answer.unwrap_or_else(|e| panic!("{name}: {e}")).collect().await;
        let batches = batches.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 0, "{name}");
    }
}

#[tokio::test]
async fn documented_views_have_the_published_columns() {
    // What the pages leave out and published queries use comes after what they list.
    const ADDED: [(&str, &str); 1] = [("RegistrationView", "DeRegisterTime")];
    let engine = empty();
    for published in
        schema::tables().iter().filter(|t| t.kind == Kind::View && !t.columns.is_empty())
    {
        let added =
            ADDED.iter().filter(|(view, _)| *view == published.name).map(|(_, column)| *column);
        let expected: Vec<&str> = published.columns.iter().map(|c| c.name).chain(added).collect();
        let shape = shape(&engine, &full_name(published.database, published.name)).await;
        let found: Vec<&str> = shape.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(found, expected, "{}", published.name);
    }
}

/// An older server, another spelling: the views show what is there, and NULL for what is not.
#[tokio::test]
async fn views_run_over_a_server_that_differs() {
    let small = |fields: Vec<Field>, columns| {
        vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()]
    };
    let users = small(
        vec![
            Field::new("UserId", DataType::Int32, false),
            Field::new("UserUri", DataType::Utf8, true),
        ],
        vec![Arc::new(Int32Array::from(vec![7])), Arc::new(StringArray::from(vec!["a@x.example"]))],
    );
    let renamed = schema::base_tables()
        .flat_map(|t| t.columns.iter().map(move |c| (t, c)))
        .find(|(t, c)| t.name == "SessionDetails" && c.alt_name.is_some())
        .map(|(_, c)| (c.name, c.alt_name.unwrap()))
        .unwrap();
    let engine = Engine::builder()
        .table("LcsCDR", "Users", users)
        .table("LcsCDR", "SessionDetails", vec![renamed_session(renamed)])
        .build()
        .unwrap();
    for view in views::all() {
        shape(&engine, &full_name(view.home, view.name)).await;
    }
    let rows = engine.sql("SELECT UserUri, TenantKey FROM LcsCDR.dbo.UserView").await.unwrap();
    let batches = rows.collect().await.unwrap();
    assert_eq!((batches[0].num_rows(), batches[0].column(1).null_count()), (1, 1));

    let replaced = format!("SELECT {} FROM LcsCDR.dbo.SessionDetailsView", renamed.0);
    let batches = engine.sql(&replaced).await.unwrap().collect().await.unwrap();
    assert_eq!(batches[0].column(0).null_count(), 0, "{} is {}", renamed.0, renamed.1);

    // A statement of one's own sees what the server has.
    assert!(engine.sql("SELECT TenantId FROM LcsCDR.dbo.Users").await.is_err());
    assert!(engine.sql("SELECT * FROM LcsCDR.dbo.Media").await.is_err());
}

/// One session whose columns are NULL but for its key and the renamed column, which has a value.
fn renamed_session((name, other): (&str, &str)) -> RecordBatch {
    let table = schema::table("LcsCDR", "SessionDetails").unwrap();
    let published = table.arrow_schema();
    let fields = published.fields().iter().map(|f| {
        let f = f.as_ref().clone();
        if f.name() == name { f.with_name(other) } else { f }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let columns = schema.fields().iter().map(|f| {
        let some = !f.is_nullable() || f.name() == other;
        let ones = if some { Int32Array::from(vec![1]) } else { Int32Array::from(vec![None]) };
        if f.data_type() == &DataType::Int32 || !some {
            cast(&ones, f.data_type()).unwrap_or_else(|_| new_null_array(f.data_type(), 1))
        } else {
            cast(&cast(&ones, &DataType::Int64).unwrap(), f.data_type()).unwrap()
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

#[test]
fn every_view_is_documented() {
    for view in views::all() {
        assert!(
            view.note().ends_with('.') || view.note().contains(". "),
            "{}.{}",
            view.home,
            view.name
        );
    }
}
