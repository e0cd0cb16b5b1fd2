//! The functions over contact graphs on one million rows of edges, on a star of one million people
//! and on a path of one hundred thousand: `cargo bench -p cdrql-udfs --bench graph [ROWS]`.
//! Prints seconds; more than 4 GiB of the session's pool is an error.

use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

const STATEMENTS: &[&str] = &[
    "contact_pairs((SELECT * FROM random))",
    "contact_chain((SELECT a, b FROM random), 7, 2)",
    "contact_chain((SELECT a, b FROM random), 7, 3)",
    "components((SELECT * FROM random))",
    "core_number((SELECT * FROM random))",
    "triangles((SELECT * FROM random))",
    "pagerank((SELECT * FROM random))",
    "communities((SELECT * FROM random), 'leiden')",
    "communities((SELECT * FROM random), 'louvain')",
    "communities((SELECT * FROM random), 'label_propagation')",
    "betweenness((SELECT * FROM random), sample => 20)",
    "temporal_reach((SELECT * FROM random), 7)",
    "contact_chain((SELECT * FROM star), 7, 2)",
    "overlap((SELECT * FROM star))",
    "articulation((SELECT * FROM star))",
    "communities((SELECT * FROM star))",
    "contact_chain((SELECT * FROM path), 0, 1000000)",
    "strong_components((SELECT * FROM path))",
    "bridges((SELECT * FROM path))",
    "temporal_reach((SELECT * FROM path), 0)",
    "communities((SELECT * FROM path))",
];

/// Calls as a table; each starts a minute after the one before.
fn register(ctx: &SessionContext, name: &str, calls: Vec<(i64, i64)>) -> Result<()> {
    let column = |values: Vec<i64>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let (a, b): (Vec<i64>, Vec<i64>) = calls.into_iter().unzip();
    let starts = (0..a.len() as i64).map(|call| call * 60).collect();
    let seconds = vec![30; a.len()];
    let columns = [
        ("a", column(a)),
        ("b", column(b)),
        ("start", column(starts)),
        ("seconds", column(seconds)),
    ];
    let batch = RecordBatch::try_from_iter(columns)?;
    ctx.register_table(name, Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))?;
    Ok(())
}

/// Calls among a tenth as many people, some of whom are called more than others.
fn random(rows: i64) -> Vec<(i64, i64)> {
    let mut state = 1_u64;
    let mut unit = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let people = rows as f64 / 10.0;
    let person = |unit: f64| (unit * people) as i64;
    (0..rows).map(|_| (person(unit()), person(unit().powi(2)))).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let rows = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let pool = Arc::new(GreedyMemoryPool::new(4 << 30));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
    let ctx = SessionContext::new_with_config_rt(SessionConfig::new(), runtime);
    cdrql_udfs::register_all(&ctx)?;
    register(&ctx, "random", random(rows.unwrap_or(1_000_000)))?;
    register(&ctx, "star", (1..=1_000_000).map(|end| (0, end)).collect())?;
    register(&ctx, "path", (0..100_000).map(|end| (end, end + 1)).collect())?;
    for statement in STATEMENTS {
        let start = Instant::now();
        ctx.sql(&format!("SELECT count(*) FROM {statement}")).await?.collect().await?;
        println!("{:8.2} s  {statement}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
