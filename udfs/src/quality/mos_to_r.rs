//! Mean opinion score back to transmission rating, ITU-T G.107 Appendix I.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// The rating whose MOS is `mos`: the root of the cubic of Annex B on its rising branch. Appendix I
/// writes it with the cosine of a third of an angle; here the sine of that third is found by
/// Halley's rule from the sine of the whole, in plain arithmetic, which the compiler turns into
/// vector instructions.
#[inline(always)]
fn rating(mos: f64) -> f64 {
    const ROOT_226: f64 = 15.033_296_378_372_908;
    let whole = (18_566.0 - 6_750.0 * mos) * (1.0 / (791.0 * ROOT_226));
    let square = whole * whole;
    let guess = whole * (0.333_33 + square * (0.048_5 + square * (0.028 + square * 0.04)));
    // sin 3a = 3 sin a - 4 sin^3 a; three times as many digits with each step.
    let halley = |third: f64| {
        let excess = third * (3.0 - 4.0 * third * third) - whole;
        let slope = 3.0 - 12.0 * third * third;
        third - 2.0 * excess * slope / (2.0 * slope * slope + 24.0 * third * excess)
    };
    let third = halley(halley(halley(guess)));
    value_if((1.0..=4.5).contains(&mos), 20.0 / 3.0 * (8.0 - ROOT_226 * third))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Narrowband E-model rating R, 6.5153 to 100, for a mean opinion score; the \
inverse of `r_to_mos` where that is one to one. MOS 1 gives 6.5153, MOS outside 1 to 4.5 gives \
NULL. Source: ITU-T G.107 Appendix I.",
    syntax_example = "mos_to_r(mos)",
    argument(name = "mos", description = "Mean opinion score, 1 to 4.5."),
    sql_example = "```sql\nSELECT CAST(mos_to_r(3.6) AS DECIMAL(9,4));\n-- 70.0640\n```"
)]
struct MosToR;

/// `mos_to_r(mos)`
pub fn mos_to_r() -> ScalarUDF {
    ScalarFunction {
        name: "mos_to_r",
        parameters: const { &[number("mos")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[mos]| rating(mos)),
        documentation: MosToR.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_3;

    use super::super::r_to_mos::mos;
    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn golden() {
        let table = [
            (1.0, 6.5153),
            (1.5, 27.2688),
            (2.0, 38.6837),
            (2.5, 48.5683),
            (3.0, 58.0785),
            (3.1, 60.0),
            (3.5, 67.9615),
            (3.6, 70.0640),
            (4.0, 79.3709),
            (4.03, 80.1591),
            (4.2, 85.0593),
            (4.34, 90.0409),
            (4.41, 93.2370),
            (4.5, 100.0),
        ];
        for (mos, expected) in table {
            assert_close(rating(mos), expected, 1e-4);
        }
        assert!(rating(0.99).is_nan() && rating(4.51).is_nan());
    }

    #[test]
    fn is_the_formula_as_printed() {
        let printed = |mos: f64| {
            let discriminant = -903_522.0 + 1_113_960.0 * mos - 202_500.0 * mos * mos;
            let h = (15.0 * discriminant.sqrt()).atan2(18_566.0 - 6_750.0 * mos) / 3.0;
            20.0 / 3.0 * (8.0 - 226_f64.sqrt() * (h + FRAC_PI_3).cos())
        };
        for mos in (0..=35_000).map(|i| 1.0 + f64::from(i) / 1e4) {
            assert_close(rating(mos), printed(mos), 1e-11);
        }
    }

    #[test]
    fn undoes_r_to_mos() {
        for r in 660..=9990 {
            let r = f64::from(r) / 100.0;
            assert_close(rating(mos(r)), r, 1e-9);
        }
        // The slope tends to 0 at the ends.
        for r in [6.52, 99.95, 99.99] {
            assert_close(rating(mos(r)), r, 1e-6);
        }
    }
}
