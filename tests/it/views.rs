//! The packaged views over empty tables of the published schema: every one plans, and those that
//! Microsoft documents have its columns in its order and spelling.

use cdrql::arrow::array::RecordBatch;
use cdrql::arrow::datatypes::SchemaRef;
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
