//! How unequal amounts are.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::collected::CollectedFunction;
use crate::parameter::number;

/// Gini's coefficient of a population; `None` when there is nothing to share.
fn coefficient(mut amounts: Vec<f64>) -> Option<f64> {
    amounts.sort_unstable_by(f64::total_cmp);
    let count = amounts.len() as f64;
    let total: f64 = amounts.iter().sum();
    // How far each rank is from the middle: -(n-1), ..., n-1.
    let ranks = (1..).map(|rank: u32| 2.0 * f64::from(rank) - count - 1.0);
    let spread: f64 = amounts.iter().zip(ranks).map(|(amount, rank)| amount * rank).sum();
    (total > 0.0).then(|| spread / (count * total))
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let amounts = columns[0].as_primitive::<Float64Type>().values();
    let amounts = amounts.iter().copied().filter(|amount| *amount >= 0.0);
    Ok(coefficient(amounts.collect()).into())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Gini's coefficient: how unequal amounts are, 0 when all are the same, (n - 1) / n \
when one of n has all. Of the population, not corrected for small samples. Negative amounts do not \
count; NULL when the total is 0.",
    syntax_example = "gini(x)",
    argument(name = "x", description = "An amount, 0 or more."),
    sql_example = "```sql\nSELECT gini(x) FROM (VALUES (0), (0), (0), (8)) AS t(x);\n-- 0.75\n```"
)]
struct Gini;

/// `gini(x)`
pub(super) fn gini() -> AggregateUDF {
    CollectedFunction {
        name: "gini",
        parameters: const { &[number("x")] },
        ordered: false,
        returns: || DataType::Float64,
        evaluate,
        documentation: Gini.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn by_hand() {
        assert_eq!(coefficient(vec![3.0; 5]), Some(0.0));
        assert_eq!(coefficient(vec![0.0, 8.0, 0.0, 0.0]), Some(0.75));
        // Mean absolute difference of 1, 2, 3, 4 is 20/16, twice their mean is 5.
        assert_close(coefficient(vec![4.0, 2.0, 3.0, 1.0]).unwrap(), 0.25, 1e-12);
        assert_eq!(coefficient(vec![0.0, 0.0]), None);
        assert_eq!(coefficient(vec![]), None);
    }

    proptest! {
        #[test]
        fn is_half_the_mean_difference_over_the_mean(
            amounts in prop::collection::vec(0_u32..1000, 1..30),
        ) {
            let amounts: Vec<f64> = amounts.into_iter().map(f64::from).collect();
            let count = amounts.len() as f64;
            let mean = amounts.iter().sum::<f64>() / count;
            prop_assume!(mean > 0.0);
            let differences = amounts.iter().flat_map(|a| amounts.iter().map(move |b| (a - b).abs()));
            let expected = differences.sum::<f64>() / (count * count) / (2.0 * mean);
            prop_assert!((coefficient(amounts).unwrap() - expected).abs() < 1e-9);
        }
    }
}
