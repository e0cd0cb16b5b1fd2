//! The simplified model of R. Cole and J. Rosenbluth, "Voice over IP performance monitoring",
//! ACM CCR 31(2), 2001.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::r_to_mos::mos;
use super::value_if;
use crate::parameter::{choice, number};
use crate::scalar::ScalarFunction;

const CODECS: &[&str] = &["g711", "g711_bursty", "g729"];

/// Impairment by loss for each of [`CODECS`].
const LOSS_IMPAIRMENTS: [fn(f64) -> f64; 3] = [
    |loss| 30.0 * (1.0 + 15.0 * loss).ln(),
    |loss| {
        if loss <= 0.04 { 30.0 * (1.0 + 15.0 * loss).ln() } else { 19.0 * (1.0 + 70.0 * loss).ln() }
    },
    |loss| 11.0 + 40.0 * (1.0 + 10.0 * loss).ln(),
];

fn rating(one_way_ms: f64, loss_ratio: f64, loss_impairment: fn(f64) -> f64) -> f64 {
    let delay = 0.024 * one_way_ms + 0.11 * (one_way_ms - 177.3).max(0.0);
    let valid = (one_way_ms >= 0.0) & (0.0..=1.0).contains(&loss_ratio);
    value_if(valid, 94.2 - delay - loss_impairment(loss_ratio))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Mean opinion score, 1 to 4.5, by the simplified E-model of Cole and Rosenbluth \
(ACM CCR 31(2), 2001), fitted for three cases. With bursts the fit changes at 4 % loss and has a \
step there.",
    syntax_example = "mos_cole_rosenbluth(one_way_ms, loss_ratio, codec)",
    argument(name = "one_way_ms", description = "One-way delay, 0 ms or more."),
    argument(name = "loss_ratio", description = "Packet loss, 0 to 1."),
    argument(name = "codec", description = "A constant: 'g711', 'g711_bursty' or 'g729'."),
    sql_example = "```sql\nSELECT CAST(mos_cole_rosenbluth(150, 0.02, 'g729') AS DECIMAL(9,4));\n-- 3.7033\n```"
)]
struct MosColeRosenbluth;

/// `mos_cole_rosenbluth(one_way_ms, loss_ratio, codec)`
pub fn mos_cole_rosenbluth() -> ScalarUDF {
    ScalarFunction {
        name: "mos_cole_rosenbluth",
        parameters: const { &[number("one_way_ms"), number("loss_ratio"), choice("codec", CODECS)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let impairment = LOSS_IMPAIRMENTS[arguments.choice(2)?];
            arguments.floats(|[ms, loss]| {
                let r = rating(ms, loss, impairment);
                value_if(!r.is_nan(), mos(r))
            })
        },
        documentation: MosColeRosenbluth.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    const G711: fn(f64) -> f64 = LOSS_IMPAIRMENTS[0];
    const BURSTY: fn(f64) -> f64 = LOSS_IMPAIRMENTS[1];
    const G729: fn(f64) -> f64 = LOSS_IMPAIRMENTS[2];

    /// Delay ms, loss, R and MOS of G.729, R and MOS of G.711 with random loss.
    #[test]
    fn golden() {
        let table = [
            (50.0, 0.0, 82.0, 4.0973, 93.0, 4.4054),
            (100.0, 0.01, 76.9876, 3.9052, 87.6071, 4.2761),
            (150.0, 0.02, 72.3071, 3.7033, 82.7291, 4.1228),
            (177.3, 0.0, 78.9448, 3.9835, 89.9448, 4.3376),
            (200.0, 0.02, 68.6101, 3.5312, 79.0321, 3.9869),
            (250.0, 0.05, 52.9844, 2.7321, 63.4145, 3.2750),
            (300.0, 0.10, 34.7771, 1.8167, 46.0143, 2.3673),
        ];
        for (ms, loss, g729, mos_g729, g711, mos_g711) in table {
            assert_close(rating(ms, loss, G729), g729, 1e-4);
            assert_close(mos(rating(ms, loss, G729)), mos_g729, 1e-4);
            assert_close(rating(ms, loss, G711), g711, 1e-4);
            assert_close(mos(rating(ms, loss, G711)), mos_g711, 1e-4);
        }
    }

    #[test]
    fn delay_has_no_step_and_bursts_have_one() {
        let r = |ms: f64| rating(ms, 0.0, G711);
        assert_close(r(177.3_f64.next_up()), r(177.3), 1e-9);
        assert_close(BURSTY(0.04), 14.1001, 1e-4);
        assert_close(BURSTY(0.04_f64.next_up()), 25.3650, 1e-4);
    }

    #[test]
    fn refuses_rubbish() {
        assert!(rating(-1.0, 0.0, G711).is_nan() && rating(1.0, 1.1, G711).is_nan());
    }
}
