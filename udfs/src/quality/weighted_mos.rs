//! Mean opinion scores averaged by what they stand for.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::parameter::number;
use crate::ratio::{RatioFunction, Term};

fn terms(columns: &[ArrayRef]) -> Result<Vec<Term>> {
    let [mos, weight] = [0, 1].map(|i| columns[i].as_primitive::<Float64Type>());
    let term = |(mos, weight): (Option<f64>, Option<f64>)| match (mos, weight) {
        (Some(mos), Some(weight))
            if (1.0..=5.0).contains(&mos) && weight > 0.0 && weight.is_finite() =>
        {
            Term { value: mos * weight, weight }
        }
        _ => Term::default(),
    };
    Ok(mos.iter().zip(weight.iter()).map(term).collect())
}

#[user_doc(
    doc_section(label = "Aggregates of quality"),
    description = "Mean opinion score weighted by duration or packets, 1 to 5. Rows whose score is \
not from 1 to 5, or whose weight is not above 0, do not count; NULL when none does.",
    syntax_example = "weighted_mos(mos, weight)",
    argument(name = "mos", description = "Mean opinion score of a stream, 1 to 5."),
    argument(name = "weight", description = "What the stream counts for, above 0."),
    sql_example = "```sql\nSELECT weighted_mos(mos, seconds) FROM (VALUES (4.0, 30), (2.0, 10), (1.0, 0)) AS t(mos, seconds);\n-- 3.5\n```"
)]
struct WeightedMos;

/// `weighted_mos(mos, weight)`
pub fn weighted_mos() -> AggregateUDF {
    RatioFunction {
        name: "weighted_mos",
        parameters: const { &[number("mos"), number("weight")] },
        terms,
        documentation: WeightedMos.doc(),
    }
    .into()
}
