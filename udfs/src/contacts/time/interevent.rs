//! The distribution of times between events.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::intervals::{Moments, intervals, median};
use crate::collected::CollectedFunction;
use crate::parameter::{Kind, parameter};
use crate::record::{record, record_type};

fn interevent_type() -> DataType {
    let statistics = ["mean", "std", "min", "median", "max", "skew", "kurt"];
    let statistics = statistics.map(|name| (name, DataType::Float64));
    record_type(&[&[("n", DataType::Int64)], statistics.as_slice()].concat())
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let mut intervals = intervals(&columns[0])?;
    let moments = Moments::of(&intervals);
    let middle = median(&mut intervals);
    let least = intervals.iter().copied().reduce(f64::min);
    let most = intervals.iter().copied().reduce(f64::max);
    record(&[
        // No more than rows of one group, which memory holds.
        ("n", (intervals.len() as i64).into()),
        ("mean", moments.map(|m| m.mean).into()),
        ("std", moments.map(|m| m.std).into()),
        ("min", least.into()),
        ("median", middle.into()),
        ("max", most.into()),
        ("skew", moments.map(|m| m.skew).into()),
        ("kurt", moments.map(|m| m.kurt).into()),
    ])
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The times between events, in seconds, as a struct: their number `n` (0 for one \
event), `mean`, `std` (population), `min`, `median`, `max`, `skew` and `kurt` (third and fourth moment \
over that power of std; 0 where all are the same; 3 for a normal distribution), as bandicoot's \
interevent_time. NULL without events.",
    syntax_example = "interevent(t)",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    sql_example = "```sql\nSELECT get_field(i, 'n'), get_field(i, 'mean'), get_field(i, 'median') FROM (SELECT interevent(t) AS i FROM (VALUES (0), (37800), (126000), (479700)) AS x(t));\n-- 3 | 159900.0 | 88200.0\n```"
)]
struct Interevent;

/// `interevent(t)`
pub(super) fn interevent() -> AggregateUDF {
    CollectedFunction {
        name: "interevent",
        parameters: const { &[parameter("t", Kind::Instant)] },
        ordered: false,
        returns: interevent_type,
        evaluate,
        documentation: Interevent.doc(),
    }
    .into()
}
