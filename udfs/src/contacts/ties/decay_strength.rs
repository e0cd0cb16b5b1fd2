//! Contacts that count less the longer ago they are.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::local_time::instants;
use crate::parameter::{Kind, parameter, setting};
use crate::ratio::{Term, TwoSumsFunction};

const DAY: f64 = 86_400e6;

/// The weight of each contact as the value, and 1 for it as the weight.
fn strengths(columns: &[ArrayRef]) -> Result<Vec<Term>> {
    let (times, at) = (instants(&columns[0])?, instants(&columns[1])?);
    let half_lives = columns[2].as_primitive::<Float64Type>();
    let term = |((time, at), half_life): ((Option<i64>, Option<i64>), Option<f64>)| {
        let (age, half_life) = (at?.checked_sub(time?)?, half_life?);
        let counts = age >= 0 && half_life > 0.0;
        counts.then(|| Term { value: (-(age as f64 / DAY) / half_life).exp2(), weight: 1.0 })
    };
    let rows = times.iter().zip(at.iter()).zip(half_lives);
    Ok(rows.map(|row| term(row).unwrap_or_default()).collect())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "How strong a tie is at a time: each contact counts 1 at once and half as much \
every half-life later. Contacts after that time do not count; NULL without any before.",
    syntax_example = "decay_strength(t, at, half_life)",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970."),
    argument(name = "at", description = "The time to look from, of the same kind."),
    argument(name = "half_life", description = "In days, above 0."),
    sql_example = "```sql\nSELECT decay_strength(t, 86400 * 60, 30) FROM (VALUES (86400 * 60), (86400 * 30), (0), (86400 * 61)) AS x(t);\n-- 1.75\n```"
)]
struct DecayStrength;

/// `decay_strength(t, at, half_life)`
pub(super) fn decay_strength() -> AggregateUDF {
    TwoSumsFunction {
        name: "decay_strength",
        parameters: const {
            &[
                parameter("t", Kind::Instant),
                parameter("at", Kind::Instant),
                setting("half_life", f64::MIN_POSITIVE, f64::MAX),
            ]
        },
        terms: strengths,
        result: |sums| (sums.weight > 0.0).then_some(sums.value),
        documentation: DecayStrength.doc(),
    }
    .into()
}
