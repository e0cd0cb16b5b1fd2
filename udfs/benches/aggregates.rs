//! Aggregates over a million rows in 1, 1,000 and 1,000,000 groups, against the built-in `avg` over
//! the same groups: `cargo bench -p cdrql-udfs --bench aggregates`. Those that compare all pairs of
//! points take four thousand rows for their one group.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringViewArray};
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use tokio::runtime::Builder;

const ROWS: usize = 1_000_000;
const BATCH: usize = 8192;

/// Calls over a number `x` from 0 to 5, a verdict `label`, an instant `t` and the row `n`.
const LINEAR: &[&str] = &[
    "avg(x)",
    "mad(x)",
    "weighted_mos(x, x)",
    "poor_stream_ratio(label)",
    "loglinear_hist(x)",
    "loglinear_merge([n % 3, 1])",
    "rfc3550_jitter(x, x, 8000 ORDER BY n)",
    "concurrent_peak(t, t + 60)",
    "busy_hour_erlangs(t, t + 60)",
];

const QUADRATIC: &[&str] = &[
    "avg(x)",
    "mann_kendall(x ORDER BY n)",
    "seasonal_mann_kendall(x, n % 7 ORDER BY n)",
    "sen_slope(x ORDER BY n)",
    "theil_sen(x, n)",
    "pettitt(x ORDER BY n)",
];

/// A table of rows that look random and are the same in every run.
fn session(rows: usize, groups: usize) -> SessionContext {
    let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    cdrql_udfs::register_all(&ctx).unwrap();
    let scattered = |n: usize| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
    let batches = (0..rows).step_by(BATCH).map(|start| {
        let rows = start..rows.min(start + BATCH);
        let groups = rows.clone().map(|n| (scattered(n) % groups) as i64);
        let x = rows.clone().map(|n| (scattered(n) % 5003) as f64 / 1000.0);
        let t = rows.clone().map(|n| (scattered(n) % 86_400) as i64);
        let labels = rows.clone().map(|n| ["good", "poor", "unclassified"][scattered(n) % 3]);
        let columns: [(&str, ArrayRef); 5] = [
            ("g", Arc::new(Int64Array::from_iter_values(groups))),
            ("x", Arc::new(Float64Array::from_iter_values(x))),
            ("label", Arc::new(StringViewArray::from_iter_values(labels))),
            ("t", Arc::new(Int64Array::from_iter_values(t))),
            ("n", Arc::new(Int64Array::from_iter_values(rows.map(|n| n as i64)))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    });
    let batches: Vec<_> = batches.collect();
    let table = MemTable::try_new(batches[0].schema(), vec![batches]).unwrap();
    ctx.register_table("t", Arc::new(table)).unwrap();
    ctx
}

fn aggregates(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().unwrap();
    let cases = [
        ("linear", LINEAR, ROWS, 1),
        ("linear", LINEAR, ROWS, 1_000),
        ("linear", LINEAR, ROWS, 1_000_000),
        ("quadratic", QUADRATIC, 4_000, 1),
        ("quadratic", QUADRATIC, ROWS, 1_000),
        ("quadratic", QUADRATIC, ROWS, 1_000_000),
    ];
    for (kind, calls, rows, groups) in cases {
        let ctx = session(rows, groups);
        let mut group = criterion.benchmark_group(format!("{kind}_{groups}_groups"));
        group.sample_size(10);
        for call in calls {
            let sql =
                format!("SELECT count(y) FROM (SELECT g, {call} AS y FROM t GROUP BY g) AS r");
            let name = call.split('(').next().unwrap();
            group.bench_function(BenchmarkId::new(name, rows), |b| {
                let run = async || ctx.sql(&sql).await.unwrap().collect().await.unwrap();
                b.iter(|| runtime.block_on(run()));
            });
        }
    }
}

criterion_group!(benches, aggregates);
criterion_main!(benches);
