//! The E-model with the parameters that call records hold, ITU-T G.107.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::idd::delay_impairment;
use super::ie_eff::{WORST, equipment_impairment};
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// R of the narrowband model with everything at its default, as the Recommendation prints it;
/// the full model gives 93.206208.
pub(super) const BEST: f64 = 93.2;

/// R = 93.2 - Idd - Ie,eff + A.
#[inline(always)]
pub(super) fn rating([ie, bpl, loss_pct, burst_ratio, one_way_ms, advantage]: [f64; 6]) -> f64 {
    let equipment = equipment_impairment(ie, bpl, loss_pct, burst_ratio, WORST);
    BEST - delay_impairment(one_way_ms) - equipment + advantage
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Narrowband E-model rating R = 93.2 - Idd - Ie,eff + A, at most 93.2 + A; it can \
be negative. Everything that call records do not hold is at its default; `e_model_r_full` takes \
all of it and gives 0.006208 more, for 93.2 is the rounded figure that the Recommendation prints. \
Source: ITU-T G.107.",
    syntax_example = "e_model_r(ie, bpl, loss_pct, burst_ratio, one_way_ms [, advantage])",
    argument(
        name = "ie",
        description = "Impairment of the codec without loss, 0 to 95; see `codec_ie`."
    ),
    argument(
        name = "bpl",
        description = "Robustness of the codec to loss, above 0; see `codec_bpl`."
    ),
    argument(name = "loss_pct", description = "Packets lost or discarded, 0 to 100 %."),
    argument(
        name = "burst_ratio",
        description = "Length of bursts against random loss, 1 or more."
    ),
    argument(
        name = "one_way_ms",
        description = "One-way delay, mouth to ear, 0 or more; see `est_one_way_ms`."
    ),
    argument(
        name = "advantage",
        description = "What users forgive for convenience, 0 (wire) to 20; 0 when left out."
    ),
    sql_example = "```sql\nSELECT CAST(e_model_r(11, 19, 2, 1, 200) AS DECIMAL(9,4));\n-- 71.1556\n```"
)]
struct EModelR;

/// `e_model_r(ie, bpl, loss_pct, burst_ratio, one_way_ms [, advantage])`
pub fn e_model_r() -> ScalarUDF {
    ScalarFunction {
        name: "e_model_r",
        parameters: const {
            &[
                number("ie"),
                number("bpl"),
                number("loss_pct"),
                number("burst_ratio"),
                number("one_way_ms"),
                number("advantage").or(0.0),
            ]
        },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(rating),
        documentation: EModelR.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::r_to_mos::mos;
    use super::*;
    use crate::testing::assert_close;

    /// ie, bpl, loss %, burst ratio, delay ms, advantage, then R and MOS.
    const TABLE: [([f64; 6], f64, f64); 8] = [
        ([0.0, 4.3, 0.0, 1.0, 0.0, 0.0], 93.2, 4.4093),
        ([0.0, 25.1, 1.0, 1.0, 150.0, 0.0], 89.3966, 4.3239),
        ([11.0, 19.0, 2.0, 1.0, 200.0, 0.0], 71.1556, 3.6507),
        ([15.0, 16.1, 5.0, 2.0, 400.0, 0.0], 32.6245, 1.7206),
        ([20.0, 10.0, 2.0, 1.0, 150.0, 10.0], 70.5365, 3.6221),
        ([0.0, 25.1, 10.0, 8.0, 300.0, 0.0], 42.3862, 2.1824),
        ([5.0, 10.0, 2.0, 1.0, 250.0, 0.0], 64.2833, 3.3188),
        ([11.0, 19.0, 10.0, 1.0, 500.0, 0.0], 22.5986, 1.3330),
    ];

    #[test]
    fn golden() {
        for (arguments, r, expected_mos) in TABLE {
            assert_close(rating(arguments), r, 1e-4);
            assert_close(mos(rating(arguments)), expected_mos, 1e-4);
        }
    }

    /// Telektronikk, Internet Traffic Engineering, Table 3: the largest delay at which a codec
    /// keeps R at 70, ties Idd and Ie of ten codecs together.
    #[test]
    fn published_delay_bounds() {
        let bounds = [
            (0.0, 400.0),
            (23.0, 177.0),
            (20.0, 210.0),
            (7.0, 322.0),
            (7.0, 322.0),
            (2.0, 375.0),
            (19.0, 219.0),
            (15.0, 251.0),
            (10.0, 294.0),
            (5.0, 342.0),
        ];
        let r = |ie, ms| rating([ie, 4.3, 0.0, 1.0, ms, 0.0]);
        for (ie, ms) in bounds {
            assert_close(r(ie, ms), r(0.0, 400.0), 0.1);
        }
    }

    proptest! {
        #[test]
        fn is_monotone(
            ie in 0.0..90.0, bpl in 1.0..40.0, loss in 0.0..90.0, burst in 1.0..2.0,
            delay in 0.0..900.0, advantage in 0.0..20.0, step in 0.0..5.0,
        ) {
            let arguments = [ie, bpl, loss, burst, delay, advantage];
            let raised = |k: usize| {
                let mut raised = arguments;
                raised[k] += step;
                rating(raised) - rating(arguments)
            };
            for falls in [0, 2, 4] {
                prop_assert!(raised(falls) <= 1e-9);
            }
            for rises in [1, 5] {
                prop_assert!(raised(rises) >= -1e-9);
            }
        }
    }
}
