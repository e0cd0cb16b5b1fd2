//! The score that ping tools show, from round trip, jitter and loss.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::r_to_mos::unclamped_mos;
use super::value_if;
use crate::parameter::{flag, number};
use crate::scalar::ScalarFunction;

fn rating(rtt_ms: f64, jitter_ms: f64, loss_pct: f64) -> f64 {
    let latency = rtt_ms + 2.0 * jitter_ms + 10.0;
    let delay = if latency < 160.0 { latency / 40.0 } else { (latency - 120.0) / 10.0 };
    let valid = (rtt_ms >= 0.0) & (jitter_ms >= 0.0) & (0.0..=100.0).contains(&loss_pct);
    value_if(valid, 93.2 - delay - 2.5 * loss_pct)
}

fn score([rtt_ms, jitter_ms, loss_pct, clamp]: [f64; 4]) -> f64 {
    let r = rating(rtt_ms, jitter_ms, loss_pct);
    let mos = unclamped_mos(r);
    value_if(!r.is_nan(), if clamp == 1.0 { mos.max(1.0) } else { mos })
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Mean opinion score, 1 to 4.5, as PingPlotter and its followers compute it. \
Pessimistic: it takes the round trip where the E-model takes one way. Source: the formula that \
PingPlotter published, with the test values of the baresip project.",
    syntax_example = "mos_pingplotter(rtt_ms, jitter_ms, loss_pct [, clamp])",
    argument(name = "rtt_ms", description = "Round-trip time, 0 ms or more."),
    argument(name = "jitter_ms", description = "Jitter, 0 ms or more."),
    argument(name = "loss_pct", description = "Packets lost, 0 to 100 %."),
    argument(
        name = "clamp",
        description = "Whether to hold the score at 1 where the cubic dips to 0.989; true when left out."
    ),
    sql_example = "```sql\nSELECT CAST(mos_pingplotter(500, 0, 0) AS DECIMAL(9,3));\n-- 2.796\n```"
)]
struct MosPingplotter;

/// `mos_pingplotter(rtt_ms, jitter_ms, loss_pct [, clamp])`
pub fn mos_pingplotter() -> ScalarUDF {
    ScalarFunction {
        name: "mos_pingplotter",
        parameters: const {
            &[number("rtt_ms"), number("jitter_ms"), number("loss_pct"), flag("clamp").or(1.0)]
        },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(score),
        documentation: MosPingplotter.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// The eight cases of baresip's tests, which do not clamp.
    #[test]
    fn golden() {
        let table = [
            (0.0, 0.0, 0.0, 92.95, 4.404),
            (500.0, 0.0, 0.0, 54.20, 2.796),
            (1000.0, 0.0, 0.0, 4.20, 0.990),
            (0.0, 100.0, 0.0, 84.20, 4.172),
            (0.0, 200.0, 0.0, 64.20, 3.315),
            (0.0, 0.0, 1.0, 90.45, 4.350),
            (0.0, 0.0, 10.0, 67.95, 3.499),
            (10.0, 10.0, 10.0, 67.20, 3.463),
        ];
        for (rtt, jitter, loss, r, mos) in table {
            assert_close(rating(rtt, jitter, loss), r, 1e-9);
            assert_close(score([rtt, jitter, loss, 0.0]), mos, 5e-4);
        }
        assert_eq!(score([1000.0, 0.0, 0.0, 1.0]), 1.0);
        assert!(score([0.0, 0.0, 101.0, 1.0]).is_nan());
    }
}
