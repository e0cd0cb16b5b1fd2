//! The burst ratio of a two-state Markov loss model (Gilbert), ITU-T G.107.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

fn burst_ratio_of(p_rl: f64, p_lr: f64, floor: f64) -> f64 {
    let probability = |p: f64| (p > 0.0) & (p <= 1.0);
    let valid = probability(p_rl) & probability(p_lr) & (floor >= 0.0);
    value_if(valid, (1.0 / (p_rl + p_lr)).max(floor))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Burst ratio 1 / (p + q) of a loss process that goes from received to lost with \
probability p and back with q: 1 for random loss, above 1 for bursts, 0.5 at the least (losses \
that avoid each other). The E-model needs 1 or more: pass 1 as `floor`. Source: ITU-T G.107.",
    syntax_example = "burst_ratio(p_rl, p_lr [, floor])",
    argument(
        name = "p_rl",
        description = "Probability of a loss after a received packet, above 0 to 1."
    ),
    argument(
        name = "p_lr",
        description = "Probability of a received packet after a loss, above 0 to 1."
    ),
    argument(name = "floor", description = "The least result; 0 when left out."),
    sql_example = "```sql\nSELECT CAST(burst_ratio(0.01, 0.5) AS DECIMAL(9,6));\n-- 1.960784\n```"
)]
struct BurstRatio;

/// `burst_ratio(p_rl, p_lr [, floor])`
pub fn burst_ratio() -> ScalarUDF {
    ScalarFunction {
        name: "burst_ratio",
        parameters: const { &[number("p_rl"), number("p_lr"), number("floor").or(0.0)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[p, q, floor]| burst_ratio_of(p, q, floor)),
        documentation: BurstRatio.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn golden() {
        assert_close(burst_ratio_of(0.01, 0.5, 0.0), 1.960784, 1e-6);
        assert_close(burst_ratio_of(0.02, 0.5, 0.0), 1.923077, 1e-6);
        assert_close(burst_ratio_of(0.005, 0.25, 0.0), 3.921569, 1e-6);
        assert_close(burst_ratio_of(0.05, 0.95, 0.0), 1.0, 1e-15);
        assert_eq!(burst_ratio_of(1.0, 1.0, 0.0), 0.5);
        assert_eq!(burst_ratio_of(1.0, 1.0, 1.0), 1.0);
    }

    #[test]
    fn random_loss_has_no_bursts() {
        for p in (1..100).map(|percent| f64::from(percent) / 100.0) {
            assert_close(burst_ratio_of(p, 1.0 - p, 0.0), 1.0, 1e-12);
        }
    }

    #[test]
    fn refuses_what_is_no_probability() {
        for (p, q) in [(0.0, 0.5), (0.5, 0.0), (1.1, 0.5), (0.5, -0.1)] {
            assert!(burst_ratio_of(p, q, 0.0).is_nan());
        }
    }
}
