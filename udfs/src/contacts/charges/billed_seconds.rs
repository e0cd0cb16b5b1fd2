//! The seconds that a call is billed for.

use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::tariff::Increments;
use crate::parameter::{number, setting};
use crate::scalar::ScalarFunction;

/// A number of seconds as a whole one, if that is what it is.
pub(super) fn whole(seconds: f64) -> Option<i64> {
    // Far beyond the length of any call, and exact in both types.
    let in_range = (0.0..=1e12).contains(&seconds) && seconds.fract() == 0.0;
    in_range.then_some(seconds as i64)
}

fn billed(seconds: f64, increments: [f64; 2], min: f64) -> Option<i64> {
    let [first, step] = increments.map(whole);
    let increments = Increments { first: first?, step: step.filter(|step| *step > 0)? };
    let (seconds, min) = (whole(seconds.ceil())?, whole(min)?);
    increments.billed(if seconds > 0 { seconds.max(min) } else { 0 })
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The seconds that a call is billed for, as Int64: at least `min`, then `first`, \
then whole further steps; 0 for a call of 0 seconds. Fractions of a second count as a whole one. NULL \
for a negative duration.",
    syntax_example = "billed_seconds(s, first, step [, min])",
    argument(name = "s", description = "The call's length in seconds."),
    argument(name = "first", description = "The first increment in whole seconds, 0 or more."),
    argument(name = "step", description = "Each further one in whole seconds, above 0."),
    argument(
        name = "min",
        description = "The least that is billed, in whole seconds; 0 if left out."
    ),
    sql_example = "```sql\nSELECT billed_seconds(83, 60, 10), billed_seconds(0, 60, 10);\n-- 90 | 0\n```"
)]
struct BilledSeconds;

/// `billed_seconds(s, first, step [, min])`
pub(super) fn billed_seconds() -> ScalarUDF {
    ScalarFunction {
        name: "billed_seconds",
        parameters: const {
            &[
                number("s"),
                setting("first", 0.0, f64::MAX),
                setting("step", f64::MIN_POSITIVE, f64::MAX),
                setting("min", 0.0, f64::MAX).or(0.0),
            ]
        },
        returns: |_| DataType::Int64,
        evaluate: |arguments| {
            let seconds = arguments.strict::<Int64Type, 4>(|[seconds, first, step, min]| {
                billed(seconds, [first, step], min).unwrap_or(i64::MIN)
            })?;
            Ok(std::sync::Arc::new(seconds))
        },
        documentation: BilledSeconds.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(billed(83.0, [60.0, 10.0], 0.0), Some(90));
        assert_eq!(billed(320.4, [1.0, 1.0], 0.0), Some(321));
        assert_eq!(billed(5.0, [1.0, 1.0], 30.0), Some(30));
        assert_eq!(billed(0.0, [60.0, 60.0], 30.0), Some(0));
        assert_eq!(billed(-1.0, [60.0, 60.0], 0.0), None);
        assert_eq!(billed(1.0, [60.0, 0.0], 0.0), None);
        assert_eq!(billed(1.0, [0.5, 1.0], 0.0), None);
    }
}
