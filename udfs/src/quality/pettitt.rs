//! When a series changed its level: Pettitt's test.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::series::{numbers, ranks};
use crate::collected::CollectedFunction;
use crate::parameter::number;
use crate::record::{record, record_type};

/// The largest |U| and after how many points it is reached first.
fn statistic(series: &[f64]) -> (i64, i64) {
    let n = series.len() as f64;
    let (mut rank_sum, mut best) = (0.0, (0, 0));
    for (t, rank) in (1_i64..).zip(ranks(series)) {
        rank_sum += rank;
        // U by ranks; whole, for ranks are halves at the least.
        let u = (2.0 * rank_sum - t as f64 * (n + 1.0)).abs() as i64;
        if u > best.0 {
            best = (u, t);
        }
    }
    best
}

fn p_value(k: i64, points: usize) -> f64 {
    let (k, n) = (k as f64, points as f64);
    (2.0 * (-6.0 * k * k / (n.powi(3) + n.powi(2))).exp()).min(1.0)
}

fn pettitt_type() -> DataType {
    record_type(&[("k", DataType::Int64), ("t", DataType::Int64), ("p", DataType::Float64)])
}

fn test(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let series = numbers(&columns[0]);
    if series.len() < 4 {
        return ScalarValue::try_from(&pettitt_type());
    }
    let (k, t) = statistic(series);
    let t = Some(t).filter(|_| k > 0);
    record(&[("k", k.into()), ("t", t.into()), ("p", p_value(k, series.len()).into())])
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Pettitt's test for one change of level in a series: a struct of k (Int64, the \
statistic), t (Int64, the number of points before the change; NULL without any) and p (approximate, \
two-sided). NULL for fewer than 4 points. Needs ORDER BY inside the call. Source: A. N. Pettitt, \
1979.",
    syntax_example = "pettitt(x ORDER BY t)",
    argument(name = "x", description = "The series."),
    sql_example = "```sql\nSELECT get_field(m, 'k'), get_field(m, 't') FROM (SELECT pettitt(x ORDER BY t) AS m FROM (VALUES (1, 10), (2, 12), (3, 11), (4, 19), (5, 18), (6, 20)) AS v(t, x));\n-- 9 | 3\n```"
)]
struct Pettitt;

/// `pettitt(x ORDER BY t)`
pub fn pettitt() -> AggregateUDF {
    CollectedFunction {
        name: "pettitt",
        parameters: const { &[number("x")] },
        ordered: true,
        returns: pettitt_type,
        evaluate: test,
        documentation: Pettitt.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sen_slope::tests::NILE;
    use super::*;
    use crate::testing::assert_close;

    /// The Nile changed after 1898, the 28th year.
    #[test]
    fn golden() {
        assert_eq!(statistic(&NILE), (1617, 28));
        assert_close(p_value(1617, 100), 3.591e-7, 1e-10);
    }

    #[test]
    fn no_change_has_no_time() {
        assert_eq!(statistic(&[5.0; 9]), (0, 0));
        assert_eq!(p_value(0, 9), 1.0);
    }

    proptest! {
        #[test]
        fn ranks_give_what_counting_gives(series in prop::collection::vec(-9_i32..9, 4..40)) {
            let series: Vec<f64> = series.into_iter().map(f64::from).collect();
            let sign = |x: f64, y: f64| i64::from(y > x) - i64::from(y < x);
            let u = |t: usize| -> i64 {
                let (before, after) = series.split_at(t);
                before.iter().map(|x| after.iter().map(|y| sign(*x, *y)).sum::<i64>()).sum::<i64>().abs()
            };
            let k = (1..series.len()).map(u).max().unwrap_or_default();
            let (actual, t) = statistic(&series);
            prop_assert_eq!(actual, k);
            prop_assert!(k == 0 || u(usize::try_from(t).unwrap()) == k);
        }
    }
}
