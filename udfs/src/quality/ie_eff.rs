//! Impairment by codec and packet loss, ITU-T G.107.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// The impairment of a lost connection on the narrowband and wideband scales.
pub(super) const WORST: f64 = 95.0;

/// Ie,eff on a scale where `worst` is the impairment of total loss; never above it.
#[inline(always)]
pub(super) fn equipment_impairment(
    ie: f64,
    bpl: f64,
    loss_pct: f64,
    burst_ratio: f64,
    worst: f64,
) -> f64 {
    let impairment = ie + (worst - ie) * loss_pct / (loss_pct / burst_ratio + bpl);
    // Bursts and heavy loss together would exceed the scale.
    let capped = if impairment > worst { worst } else { impairment };
    let valid = (0.0..=worst).contains(&ie)
        & (bpl > 0.0)
        & (0.0..=100.0).contains(&loss_pct)
        & (burst_ratio >= 1.0);
    value_if(valid, capped)
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Effective equipment impairment Ie,eff, from `ie` to 95, in points of the rating \
R: what codec and packet loss cost together. Capped at 95. The source's range ends at 20 % loss; \
beyond, the formula is applied all the same. Source: ITU-T G.107.",
    syntax_example = "ie_eff(ie, bpl, loss_pct [, burst_ratio])",
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
        description = "Length of bursts against random loss, 1 or more; 1 when left out."
    ),
    sql_example = "```sql\nSELECT CAST(ie_eff(11, 19, 2) AS DECIMAL(9,4));\n-- 19.0000\n```"
)]
struct IeEff;

/// `ie_eff(ie, bpl, loss_pct [, burst_ratio])`
pub fn ie_eff() -> ScalarUDF {
    ScalarFunction {
        name: "ie_eff",
        parameters: const {
            &[number("ie"), number("bpl"), number("loss_pct"), number("burst_ratio").or(1.0)]
        },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            arguments.floats(|[ie, bpl, loss_pct, burst_ratio]| {
                equipment_impairment(ie, bpl, loss_pct, burst_ratio, WORST)
            })
        },
        documentation: IeEff.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::assert_close;

    /// ie, bpl, loss %, burst ratio, Ie,eff: the reference rows of the narrowband model.
    const TABLE: [(f64, f64, f64, f64, f64); 26] = [
        (0.0, 4.3, 1.0, 1.0, 17.9245),
        (0.0, 4.3, 3.0, 1.0, 39.0411),
        (0.0, 4.3, 10.0, 1.0, 66.4336),
        (0.0, 25.1, 0.5, 1.0, 1.8555),
        (0.0, 25.1, 1.0, 1.0, 3.6398),
        (0.0, 25.1, 2.0, 1.0, 7.0111),
        (0.0, 25.1, 3.0, 1.0, 10.1423),
        (0.0, 25.1, 5.0, 1.0, 15.7807),
        (0.0, 25.1, 10.0, 1.0, 27.0655),
        (0.0, 25.1, 20.0, 1.0, 42.1286),
        (11.0, 19.0, 0.0, 1.0, 11.0),
        (11.0, 19.0, 1.0, 1.0, 15.2),
        (11.0, 19.0, 2.0, 1.0, 19.0),
        (11.0, 19.0, 5.0, 1.0, 28.5),
        (11.0, 19.0, 10.0, 1.0, 39.9655),
        (15.0, 16.1, 2.0, 1.0, 23.8398),
        (15.0, 16.1, 5.0, 1.0, 33.9573),
        (5.0, 10.0, 2.0, 1.0, 20.0),
        (5.0, 10.0, 5.0, 1.0, 35.0),
        (0.0, 25.1, 2.0, 2.0, 7.2797),
        (0.0, 25.1, 5.0, 4.0, 18.0266),
        (0.0, 25.1, 10.0, 8.0, 36.0531),
        (11.0, 19.0, 3.0, 1.5, 23.0),
        (11.0, 19.0, 3.846154, 1.923077, 26.3846),
        (15.0, 16.1, 5.0, 2.0, 36.5054),
        (15.0, 16.1, 100.0, 1.0, 83.9061),
    ];

    #[test]
    fn golden() {
        for (ie, bpl, loss, burst, expected) in TABLE {
            assert_close(equipment_impairment(ie, bpl, loss, burst, WORST), expected, 1e-4);
        }
    }

    #[test]
    fn is_capped_and_refuses_rubbish() {
        assert_eq!(equipment_impairment(0.0, 4.3, 100.0, 8.0, WORST), 95.0);
        for (ie, bpl, loss, burst) in [
            (-1.0, 4.3, 1.0, 1.0),
            (96.0, 4.3, 1.0, 1.0),
            (0.0, 0.0, 1.0, 1.0),
            (0.0, 4.3, -0.1, 1.0),
            (0.0, 4.3, 100.1, 1.0),
            (0.0, 4.3, 1.0, 0.9),
        ] {
            assert!(equipment_impairment(ie, bpl, loss, burst, WORST).is_nan());
        }
    }

    proptest! {
        #[test]
        fn lies_between_codec_and_worst(
            ie in 0.0..95.0, bpl in 0.1..40.0, loss in 0.0..100.0, burst in 1.0..8.0,
        ) {
            let impairment = equipment_impairment(ie, bpl, loss, burst, WORST);
            prop_assert!((ie..=WORST).contains(&impairment));
            prop_assert_eq!(equipment_impairment(ie, bpl, 0.0, burst, WORST), ie);
        }
    }
}
