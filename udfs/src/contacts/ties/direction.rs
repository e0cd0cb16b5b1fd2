//! How two sides share in their contacts.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::parameter::{Parameter, number};
use crate::ratio::{Term, TwoSumsFunction};

const PARAMETERS: &[Parameter] = &[number("dir")];

/// Contacts one way as the value, those the other way as the weight.
fn both_ways(columns: &[ArrayRef]) -> Result<Vec<Term>> {
    let directions = columns[0].as_primitive::<Float64Type>();
    let one = |counts: bool| f64::from(u8::from(counts));
    let term = |direction: Option<f64>| {
        let direction = direction.unwrap_or_default();
        Term { value: one(direction > 0.0), weight: one(direction < 0.0) }
    };
    Ok(directions.iter().map(term).collect())
}

fn balance(sums: &Term) -> Option<f64> {
    let all = sums.value + sums.weight;
    (all > 0.0).then(|| 2.0 * sums.value.min(sums.weight) / all)
}

fn forth(sums: &Term) -> Option<f64> {
    let all = sums.value + sums.weight;
    (all > 0.0).then(|| sums.value / all)
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "How far the contacts of a pair go both ways, 0 (one way alone) to 1 (as many \
each): twice the lesser number over both. Contacts of direction 0 do not count.",
    syntax_example = "reciprocity(dir)",
    argument(name = "dir", description = "Above 0 one way, below 0 the other; see `pair_dir`."),
    sql_example = "```sql\nSELECT reciprocity(pair_dir(a, b)) FROM (VALUES ('ann', 'bob'), ('bob', 'ann'), ('ann', 'bob'), ('ann', 'bob')) AS t(a, b);\n-- 0.5\n```"
)]
struct Reciprocity;

/// `reciprocity(dir)`
pub(super) fn reciprocity() -> AggregateUDF {
    TwoSumsFunction {
        name: "reciprocity",
        parameters: PARAMETERS,
        terms: both_ways,
        result: balance,
        documentation: Reciprocity.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The share, 0 to 1, of a pair's contacts that go one way, with `pair_dir` that \
`pair_lo` began. Contacts of direction 0 do not count.",
    syntax_example = "initiation(dir)",
    argument(name = "dir", description = "Above 0 one way, below 0 the other; see `pair_dir`."),
    sql_example = "```sql\nSELECT initiation(pair_dir(a, b)) FROM (VALUES ('ann', 'bob'), ('bob', 'ann'), ('ann', 'bob'), ('ann', 'bob')) AS t(a, b);\n-- 0.75\n```"
)]
struct Initiation;

/// `initiation(dir)`
pub(super) fn initiation() -> AggregateUDF {
    TwoSumsFunction {
        name: "initiation",
        parameters: PARAMETERS,
        terms: both_ways,
        result: forth,
        documentation: Initiation.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ann and Bob: three calls from Ann, one from Bob.
    #[test]
    fn of_the_pair() {
        let sums = Term { value: 3.0, weight: 1.0 };
        assert_eq!(balance(&sums), Some(0.5));
        assert_eq!(forth(&sums), Some(0.75));
        assert_eq!(balance(&Term { value: 2.0, weight: 0.0 }), Some(0.0));
        assert_eq!(balance(&Term::default()), None);
        assert_eq!(forth(&Term::default()), None);
    }
}
