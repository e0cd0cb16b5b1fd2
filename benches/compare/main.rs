//! The cdrql side of `run.py`: one engine, each query of a file several times, times and rows as
//! JSON lines. `cargo bench --bench compare -- MIRROR QUERIES.sql TIMES`

use std::time::Instant;

use cdrql::arrow::array::RecordBatch;
use cdrql::arrow::json::LineDelimitedWriter;
use cdrql::{Engine, Error, Result};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [mirror, queries, times] = arguments.as_slice() else {
        return Err(Error::usage("compare MIRROR QUERIES.sql TIMES"));
    };
    let times: usize = times.parse().map_err(|_| Error::usage("TIMES is a number"))?;
    let text = std::fs::read_to_string(queries).map_err(|e| Error::source(e.to_string()))?;
    let engine = Engine::builder().mirror(mirror).memory_limit(4 << 30).build()?;
    for (name, sql) in named(&text) {
        let mut seconds = Vec::new();
        let mut rows = Vec::new();
        for _ in 0..times {
            let start = Instant::now();
            rows = engine.sql(sql).await?.collect().await?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        println!("{{\"name\": {name:?}, \"seconds\": {seconds:?}, \"rows\": [{}]}}", json(&rows)?);
    }
    Ok(())
}

/// Name and text of each query; a line `-- name: ...` begins one.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-- name: ").skip(1).filter_map(|part| part.split_once('\n'))
}

fn json(batches: &[RecordBatch]) -> Result<String> {
    let internal = |e: cdrql::arrow::error::ArrowError| Error::internal(e.to_string());
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(internal)?;
    writer.finish().map_err(internal)?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).trim_end().replace('\n', ","))
}
