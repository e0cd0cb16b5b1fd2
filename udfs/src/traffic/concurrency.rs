//! Concurrency over time.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use datafusion::arrow::compute::{and, cast, filter_record_batch, is_not_null};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::sweep::{Bucket, Calls, ticks_per_second};
use crate::call::Call;
use crate::parameter::{Kind, parameter, setting};
use crate::relation::RelationFunction;

/// More rows than this are a sign of calls that never ended.
const MAX_BUCKETS: usize = 10_000_000;

fn schema(columns: &[DataType]) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("bucket", columns[0].clone(), false),
        Field::new("peak", DataType::Int64, false),
        Field::new("mean_erlangs", DataType::Float64, false),
    ]))
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let calls = &call.all_rows()?;
    let complete = and(&is_not_null(calls.column(0))?, &is_not_null(calls.column(1))?)?;
    let calls = filter_record_batch(calls, &complete)?;
    let (start, end) = (calls.column(0), calls.column(1));
    let seconds = call.options().number("bucket")?;
    let width = (seconds * ticks_per_second(start.data_type()) as f64).round().max(1.0) as i64;

    let buckets: Vec<Bucket> =
        Calls::new(start, end)?.buckets(width).take(MAX_BUCKETS + 1).collect();
    if buckets.len() > MAX_BUCKETS {
        return exec_err!(
            "concurrency: more than {MAX_BUCKETS} buckets; take longer ones, or leave out calls \
             that never ended"
        );
    }
    let starts = Int64Array::from_iter_values(buckets.iter().map(|b| b.start));
    let peaks = Int64Array::from_iter_values(buckets.iter().map(|b| b.peak as i64));
    let erlangs = buckets.iter().map(|b| b.ticks as f64 / width as f64);
    let columns: Vec<ArrayRef> = vec![
        cast(&starts, start.data_type())?,
        Arc::new(peaks),
        Arc::new(Float64Array::from_iter_values(erlangs)),
    ];
    call.result(columns)
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "Table function: calls at the same time, over time. A row for each bucket in which \
any call goes on, in order of time: bucket (its start, in the type of `start`), peak (Int64, the most \
calls at the same time, counting those that began before) and mean_erlangs (their mean number). \
Buckets start at multiples of their length since 1970 (UTC). What is a call is as in \
`concurrent_peak`; more than 10,000,000 buckets are an error.",
    syntax_example = "concurrency(relation or (subquery), start, end, bucket)",
    argument(
        name = "start",
        description = "When a call started, over the relation's columns: a timestamp, a date or a whole number of seconds."
    ),
    argument(name = "end", description = "When it ended, of the same kind."),
    argument(name = "bucket", description = "Length of a bucket in seconds, a constant above 0."),
    sql_example = "```sql\nSELECT * FROM concurrency((SELECT * FROM (VALUES (0, 60), (30, 90), (130, 140)) AS t(s, e)), s, e, bucket => 60);\n-- 0 | 2 | 1.5\n-- 60 | 1 | 0.5\n-- 120 | 1 | 0.16666666666666666\n```"
)]
struct Concurrency;

/// `concurrency(relation, start, end, bucket)`
pub fn concurrency() -> RelationFunction {
    RelationFunction {
        name: "concurrency",
        columns: &[],
        parameters: const {
            &[
                parameter("start", Kind::Instant),
                parameter("end", Kind::Instant),
                setting("bucket", f64::MIN_POSITIVE, f64::MAX),
            ]
        },
        schema,
        evaluate,
        documentation: Concurrency.doc(),
    }
}
