//! One-way delay from what call records hold.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

fn estimate([rtt_ms, jitter_ms, jitter_factor, fixed_ms]: [f64; 4]) -> f64 {
    let valid = (rtt_ms >= 0.0) & (jitter_ms >= 0.0) & (jitter_factor >= 0.0) & (fixed_ms >= 0.0);
    value_if(valid, rtt_ms / 2.0 + jitter_factor * jitter_ms + fixed_ms)
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Estimated one-way delay in ms, mouth to ear: half the round trip, a jitter \
buffer of `jitter_factor` times the jitter, and a fixed part for coding and decoding. A \
convention, not a standard: every term is an argument. NULL jitter gives NULL; write \
`coalesce(jitter_ms, 0)` to count it as none.",
    syntax_example = "est_one_way_ms(rtt_ms, jitter_ms [, jitter_factor, fixed_ms])",
    argument(name = "rtt_ms", description = "Round-trip time, 0 ms or more."),
    argument(name = "jitter_ms", description = "Interarrival jitter, 0 ms or more."),
    argument(
        name = "jitter_factor",
        description = "Buffer depth in units of jitter; 2 when left out."
    ),
    argument(
        name = "fixed_ms",
        description = "Delay of the end points; 10 when left out, 20 to 40 with a codec's frames."
    ),
    sql_example = "```sql\nSELECT CAST(est_one_way_ms(100, 5) AS INT);\n-- 70\n```"
)]
struct EstOneWayMs;

/// `est_one_way_ms(rtt_ms, jitter_ms [, jitter_factor, fixed_ms])`
pub fn est_one_way_ms() -> ScalarUDF {
    ScalarFunction {
        name: "est_one_way_ms",
        parameters: const {
            &[
                number("rtt_ms"),
                number("jitter_ms"),
                number("jitter_factor").or(2.0),
                number("fixed_ms").or(10.0),
            ]
        },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(estimate),
        documentation: EstOneWayMs.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(estimate([100.0, 5.0, 2.0, 10.0]), 70.0);
        assert_eq!(estimate([0.0, 0.0, 2.0, 10.0]), 10.0);
        assert_eq!(estimate([100.0, 5.0, 0.0, 0.0]), 50.0);
        assert!(estimate([-1.0, 5.0, 2.0, 10.0]).is_nan());
    }
}
