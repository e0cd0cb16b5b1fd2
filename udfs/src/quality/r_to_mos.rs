//! Transmission rating R to mean opinion score, ITU-T G.107 Annex B.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// MOS for a rating on the narrowband scale. The cubic dips below 1 for R under 6.5153; it is
/// held at 1, or the mapping would not be monotone.
#[inline(always)]
pub(super) fn mos(r: f64) -> f64 {
    let mos = unclamped_mos(r);
    if mos > 1.0 { mos } else { 1.0 }
}

/// The cubic of Annex B as printed, which some tools report as it is.
#[inline(always)]
pub(super) fn unclamped_mos(r: f64) -> f64 {
    // The cubic is 1 at 0 and 4.5 at 100, so limiting its argument gives the ends of the scale.
    let r = if r < 0.0 { 0.0 } else { r };
    let r = if r > 100.0 { 100.0 } else { r };
    1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Mean opinion score, 1 to 4.5, for a narrowband E-model rating R: 1 below R = 0, \
4.5 from R = 100 on. Held at 1 where the cubic dips under it (R < 6.5153). Source: ITU-T G.107 \
Annex B.",
    syntax_example = "r_to_mos(r)",
    argument(name = "r", description = "Transmission rating, usually 0 to 100."),
    sql_example = "```sql\nSELECT CAST(r_to_mos(93.2) AS DECIMAL(9,4));\n-- 4.4093\n```"
)]
struct RToMos;

/// `r_to_mos(r)`
pub fn r_to_mos() -> ScalarUDF {
    ScalarFunction {
        name: "r_to_mos",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[r]| mos(r)),
        documentation: RToMos.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// ITU-T G.107 Table B.1 at full precision, and the ends of the scale.
    #[test]
    fn golden() {
        let table = [
            (90.0, 4.339),
            (80.0, 4.024),
            (70.0, 3.597),
            (60.0, 3.1),
            (50.0, 2.575),
            (94.0, 4.4242),
            (93.2, 4.4093),
            (40.0, 2.064),
            (30.0, 1.609),
            (20.0, 1.252),
            (10.0, 1.035),
            (6.5, 1.0),
            (0.0, 1.0),
            (-5.0, 1.0),
            (100.0, 4.5),
            (120.0, 4.5),
        ];
        for (r, expected) in table {
            assert_close(mos(r), expected, 1e-4);
        }
        assert_close(mos(93.206208), 4.409406, 1e-6);
        assert_close(unclamped_mos(3.222), 0.98884, 1e-5);
    }

    #[test]
    fn never_falls() {
        let scores: Vec<f64> = (-5000..=15000).map(|r| mos(f64::from(r) / 100.0)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
