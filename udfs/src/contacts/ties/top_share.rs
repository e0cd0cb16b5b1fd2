//! How much the largest have.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::collected::CollectedFunction;
use crate::parameter::{number, setting};

/// The share that the `count` largest have of the total.
fn share(mut amounts: Vec<f64>, count: usize) -> Option<f64> {
    amounts.sort_unstable_by(|a, b| b.total_cmp(a));
    let total: f64 = amounts.iter().sum();
    let top: f64 = amounts.iter().take(count).sum();
    (total > 0.0).then(|| top / total)
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let [amounts, counts] = [0, 1].map(|i| columns[i].as_primitive::<Float64Type>().values());
    let amounts = amounts.iter().copied().filter(|amount| *amount >= 0.0);
    // Saturates: more than there are is all of them.
    Ok(share(amounts.collect(), counts[0] as usize).into())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The share, 0 to 1, that the k largest amounts have of their total. Negative \
amounts do not count; NULL when the total is 0.",
    syntax_example = "top_share(x, k)",
    argument(name = "x", description = "An amount, 0 or more."),
    argument(name = "k", description = "How many of the largest, a constant."),
    sql_example = "```sql\nSELECT top_share(x, 2) FROM (VALUES (5), (1), (3), (1)) AS t(x);\n-- 0.8\n```"
)]
struct TopShare;

/// `top_share(x, k)`
pub(super) fn top_share() -> AggregateUDF {
    CollectedFunction {
        name: "top_share",
        parameters: const { &[number("x"), setting("k", 1.0, f64::MAX)] },
        ordered: false,
        returns: || DataType::Float64,
        evaluate,
        documentation: TopShare.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let amounts = vec![5.0, 1.0, 3.0, 1.0];
        assert_eq!(share(amounts.clone(), 1), Some(0.5));
        assert_eq!(share(amounts.clone(), 2), Some(0.8));
        assert_eq!(share(amounts, 9), Some(1.0));
        assert_eq!(share(vec![0.0], 1), None);
    }
}
