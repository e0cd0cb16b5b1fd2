//! The stories of the sample come out as `sample-data/README.md` tells them.

use std::sync::Arc;

use cdrql::sample::Sample;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::catalog::{
    CatalogProvider, MemTable, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider,
};
use datafusion::prelude::SessionContext;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/README.md"));

/// A query of the page with the answer that follows it.
struct Story {
    heading: String,
    query: String,
    answer: String,
}

/// Every block of SQL with the block of CSV after it.
fn stories(page: &str) -> Vec<Story> {
    let mut heading = String::new();
    let mut query = None;
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let mut block =
            || lines.by_ref().take_while(|l| *l != "```").map(|l| format!("{l}\n")).collect();
        match line {
            "```sql" => query = Some(block()),
            "```csv" => {
                let query = query.take().expect("an answer follows its query");
                found.push(Story { heading: heading.clone(), query, answer: block() });
            }
            _ => heading = line.strip_prefix("## ").map_or(heading, String::from),
        }
    }
    found
}

/// Both databases in plain DataFusion, which folds unquoted names to lower case.
fn session() -> SessionContext {
    let ctx = SessionContext::new();
    for database in ["LcsCDR", "QoEMetrics"] {
        let schema = Arc::new(MemorySchemaProvider::new());
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema("dbo", schema.clone()).unwrap();
        ctx.register_catalog(database.to_lowercase(), Arc::new(catalog));
        for (table, rows) in SAMPLE.iter().filter(|(t, _)| t.database == database) {
            let rows = folded(rows);
            let provider = MemTable::try_new(rows.schema(), vec![vec![rows]]).unwrap();
            schema.register_table(table.name.to_lowercase(), Arc::new(provider)).unwrap();
        }
    }
    ctx
}

static SAMPLE: std::sync::LazyLock<Vec<(&'static cdrql::schema::Table, RecordBatch)>> =
    std::sync::LazyLock::new(|| Sample::new().tables().unwrap());

fn folded(rows: &RecordBatch) -> RecordBatch {
    let schema = rows.schema();
    let fields =
        schema.fields().iter().map(|f| f.as_ref().clone().with_name(f.name().to_lowercase()));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
    RecordBatch::try_new(schema, rows.columns().to_vec()).unwrap()
}

async fn answer(ctx: &SessionContext, query: &str) -> String {
    let batches = ctx.sql(query).await.unwrap().collect().await.unwrap();
    let mut text = Vec::new();
    let mut writer = WriterBuilder::new().with_header(true).build(&mut text);
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    drop(writer);
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn every_story_comes_out_as_told() {
    let ctx = session();
    let stories = stories(README);
    assert_eq!(stories.len(), 11, "ten stories, one of them with two queries");
    for story in stories {
        assert_eq!(answer(&ctx, &story.query).await, story.answer, "{}", story.heading);
    }
}
