//! Whether events come in bursts.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::intervals::{Moments, intervals};
use crate::collected::CollectedFunction;
use crate::parameter::{Kind, Parameter, parameter};

const PARAMETERS: &[Parameter] = &[parameter("t", Kind::Instant)];

/// Goh and Barabási 2008.
fn goh_barabasi(intervals: &[f64]) -> Option<f64> {
    let Moments { mean, std, .. } = Moments::of(intervals).filter(|_| intervals.len() > 1)?;
    (mean + std > 0.0).then(|| (std - mean) / (std + mean))
}

/// Kim and Jo 2016 with the number of intervals as n, so that -1 to 1 is the exact range.
fn kim_jo(intervals: &[f64]) -> Option<f64> {
    let Moments { mean, std, .. } = Moments::of(intervals).filter(|_| intervals.len() > 1)?;
    let n = intervals.len() as f64;
    let (above, below) = ((n + 1.0).sqrt(), (n - 1.0).sqrt());
    // r = std / mean, with both sides times the mean.
    let scale = (above - 2.0) * std + below * mean;
    (mean > 0.0).then(|| (above * std - below * mean) / scale)
}

fn evaluate(columns: &[ArrayRef], measure: impl Fn(&[f64]) -> Option<f64>) -> Result<ScalarValue> {
    Ok(measure(&intervals(&columns[0])?).filter(|b| b.is_finite()).into())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Whether events come in bursts: -1 for events at equal intervals, 0 for events at \
random, towards 1 for bursts with long silence between. (s - m) / (s + m) of the intervals' mean m and \
population standard deviation s (Goh and Barabási 2008). NULL for fewer than three events, or when all \
are at the same time. Few events cannot reach 1: compare groups of similar size, or use \
`burstiness_n`.",
    syntax_example = "burstiness(t)",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    sql_example = "```sql\nSELECT CAST(burstiness(t) AS DECIMAL(9,6)) FROM (VALUES (0), (37800), (126000), (479700)) AS x(t);\n-- -0.071452\n```"
)]
struct Burstiness;

/// `burstiness(t)`
pub(super) fn burstiness() -> AggregateUDF {
    CollectedFunction {
        name: "burstiness",
        parameters: PARAMETERS,
        ordered: false,
        returns: || DataType::Float64,
        evaluate: |columns| evaluate(columns, goh_barabasi),
        documentation: Burstiness.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "`burstiness` for few events: -1 for equal intervals, 0 at random, 1 at most, \
however many there are (Kim and Jo 2016, with n the number of intervals, not of events). NULL for \
fewer than three events, or when all are at the same time.",
    syntax_example = "burstiness_n(t)",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    sql_example = "```sql\nSELECT CAST(burstiness_n(t) AS DECIMAL(9,6)) FROM (VALUES (0), (37800), (126000), (479700)) AS x(t);\n-- 0.225593\n```"
)]
struct BurstinessN;

/// `burstiness_n(t)`
pub(super) fn burstiness_n() -> AggregateUDF {
    CollectedFunction {
        name: "burstiness_n",
        parameters: PARAMETERS,
        ordered: false,
        returns: || DataType::Float64,
        evaluate: |columns| evaluate(columns, kim_jo),
        documentation: BurstinessN.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::intervals::tests::pair;
    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn of_the_pair() {
        let intervals = intervals(&pair()).unwrap();
        assert_close(goh_barabasi(&intervals).unwrap(), -0.071_452, 5e-7);
        assert_close(kim_jo(&intervals).unwrap(), 0.225_593, 5e-7);
    }

    #[test]
    fn extremes() {
        assert_eq!(goh_barabasi(&[5.0, 5.0, 5.0]), Some(-1.0));
        assert_eq!(kim_jo(&[5.0, 5.0, 5.0]), Some(-1.0));
        // All the silence in one interval is the most bursts that so many can have.
        assert_close(kim_jo(&[0.0, 0.0, 9.0]).unwrap(), 1.0, 1e-12);
        for measure in [goh_barabasi, kim_jo] {
            assert_eq!(measure(&[0.0, 0.0]), None);
            assert_eq!(measure(&[5.0]), None);
            assert_eq!(measure(&[]), None);
        }
    }

    proptest! {
        #[test]
        fn are_within_their_range_and_know_no_unit(
            intervals in prop::collection::vec(0_u32..100_000, 2..30), unit in 1_u32..1000,
        ) {
            let seconds: Vec<f64> = intervals.iter().map(|x| f64::from(*x)).collect();
            let scaled: Vec<f64> = seconds.iter().map(|x| x * f64::from(unit)).collect();
            for measure in [goh_barabasi, kim_jo] {
                match (measure(&seconds), measure(&scaled)) {
                    (Some(b), Some(other)) => {
                        prop_assert!((-1.0 - 1e-9..=1.0 + 1e-9).contains(&b));
                        prop_assert!((b - other).abs() < 1e-9);
                    }
                    neither => prop_assert_eq!(neither, (None, None)),
                }
            }
        }
    }
}
