//! Whether long silence follows long silence.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::intervals::{Moments, intervals};
use crate::collected::CollectedFunction;
use crate::parameter::{Kind, parameter};

/// The fewest intervals: with three, their two pairs always lie on a line.
const FEWEST: usize = 4;

/// Pearson's correlation of each interval with the next.
fn memory(intervals: &[f64]) -> Option<f64> {
    if intervals.len() < FEWEST {
        return None;
    }
    let (now, next) = (&intervals[..intervals.len() - 1], &intervals[1..]);
    let (a, b) = (Moments::of(now)?, Moments::of(next)?);
    let products = now.iter().zip(next).map(|(x, y)| (x - a.mean) * (y - b.mean));
    let covariance = products.sum::<f64>() / now.len() as f64;
    (a.std * b.std > 0.0).then(|| (covariance / (a.std * b.std)).clamp(-1.0, 1.0))
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    Ok(memory(&intervals(&columns[0])?).into())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Whether long silence follows long silence: Pearson's correlation of each interval \
between events with the next, -1 to 1 (Goh and Barabási 2008). NULL for fewer than five events, or when \
the intervals do not differ.",
    syntax_example = "burst_memory(t)",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    sql_example = "```sql\nSELECT CAST(burst_memory(t) AS DECIMAL(9,6)) FROM (VALUES (0), (1), (3), (6), (7), (9)) AS x(t);\n-- -0.426401\n```"
)]
struct BurstMemory;

/// `burst_memory(t)`
pub(super) fn burst_memory() -> AggregateUDF {
    CollectedFunction {
        name: "burst_memory",
        parameters: const { &[parameter("t", Kind::Instant)] },
        ordered: false,
        returns: || DataType::Float64,
        evaluate,
        documentation: BurstMemory.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn by_hand() {
        // (1,2) (2,3) (3,4): on a line.
        assert_close(memory(&[1.0, 2.0, 3.0, 4.0]).unwrap(), 1.0, 1e-12);
        assert_close(memory(&[1.0, 9.0, 1.0, 9.0]).unwrap(), -1.0, 1e-12);
        assert_eq!(memory(&[1.0, 2.0, 3.0]), None);
        assert_eq!(memory(&[5.0, 5.0, 5.0, 5.0, 5.0]), None);
    }
}
