//! The most calls at the same time.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::sweep::Calls;
use crate::collected::CollectedFunction;
use crate::parameter::{Kind, parameter};

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let peak = Calls::new(&columns[0], &columns[1])?.peak();
    // No more calls than rows of one group, which memory holds.
    Ok((peak as i64).into())
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "The most calls at the same time, as Int64, of calls that last from their start \
up to, but not including, their end: a call that ends when another starts is not counted with it. \
Calls without length, without start or end, or that end before they start do not count; NULL when no \
call has both, 0 when none lasts. Use `coalesce(end, ...)` for calls that go on.",
    syntax_example = "concurrent_peak(start, end)",
    argument(
        name = "start",
        description = "When the call started: a timestamp, a date or a whole number."
    ),
    argument(name = "end", description = "When it ended, of the same kind."),
    sql_example = "```sql\nSELECT concurrent_peak(s, e) FROM (VALUES (0, 60), (30, 90), (60, 120), (60, 61), (100, 100), (89, 130)) AS t(s, e);\n-- 3\n```"
)]
struct ConcurrentPeak;

/// `concurrent_peak(start, end)`
pub fn concurrent_peak() -> AggregateUDF {
    CollectedFunction {
        name: "concurrent_peak",
        parameters: const { &[parameter("start", Kind::Instant), parameter("end", Kind::Instant)] },
        ordered: false,
        returns: || DataType::Int64,
        evaluate,
        documentation: ConcurrentPeak.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::Int64Array;
    use proptest::prelude::*;

    use super::*;

    fn peak(calls: &[(i64, i64)]) -> i64 {
        let starts: ArrayRef = Arc::new(Int64Array::from_iter_values(calls.iter().map(|c| c.0)));
        let ends: ArrayRef = Arc::new(Int64Array::from_iter_values(calls.iter().map(|c| c.1)));
        match evaluate(&[starts, ends]).unwrap() {
            ScalarValue::Int64(Some(peak)) => peak,
            other => panic!("{other:?}"),
        }
    }

    /// Closed intervals would give 4.
    #[test]
    fn golden() {
        assert_eq!(peak(&[(0, 60), (30, 90), (60, 120), (60, 61), (100, 100), (89, 130)]), 3);
        assert_eq!(peak(&[(5, 5), (7, 3)]), 0);
    }

    proptest! {
        #[test]
        fn is_the_largest_count_at_any_instant(
            calls in prop::collection::vec((0_i64..60, -5_i64..40), 1..40),
        ) {
            let calls: Vec<_> = calls.into_iter().map(|(start, length)| (start, start + length)).collect();
            let at = |t: i64| calls.iter().filter(|(start, end)| *start <= t && t < *end).count();
            prop_assert_eq!(peak(&calls), (0..100).map(at).max().unwrap() as i64);
        }
    }
}
