//! Proportions of small samples, such as poor streams of a subnet.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::normal::Z_95;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// The limits of Wilson's interval for x of n.
fn wilson(x: f64, n: f64, z: f64) -> [f64; 2] {
    let (p, z2) = (x / n, z * z);
    let centre = p + z2 / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let valid = is_count(x, n) & (z >= 0.0);
    // Rounding must not leave the bounds 0, p and 1.
    let lower = ((centre - spread) / (1.0 + z2 / n)).max(0.0).min(p);
    let upper = ((centre + spread) / (1.0 + z2 / n)).max(p).min(1.0);
    [value_if(valid, lower), value_if(valid, upper)]
}

fn is_count(x: f64, n: f64) -> bool {
    (n > 0.0) & (0.0 <= x) & (x <= n)
}

/// How many standard errors two proportions are apart, with pooled variance.
fn two_proportion([x1, n1, x2, n2]: [f64; 4]) -> f64 {
    let pooled = (x1 + x2) / (n1 + n2);
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    let z = if error == 0.0 { 0.0 } else { (x1 / n1 - x2 / n2) / error };
    value_if(is_count(x1, n1) & is_count(x2, n2), z)
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Lower limit, 0 to x/n, of Wilson's confidence interval for a proportion of x \
among n. NULL when n is 0 or x is not from 0 to n. Source: E. B. Wilson, 1927.",
    syntax_example = "wilson_lower(x, n [, z])",
    argument(name = "x", description = "How many have the property, 0 to n."),
    argument(name = "n", description = "How many there are, above 0."),
    argument(
        name = "z",
        description = "Normal quantile of the confidence; 1.96 (95 %) when left out."
    ),
    sql_example = "```sql\nSELECT CAST(wilson_lower(5, 100) AS DECIMAL(9,6));\n-- 0.021544\n```"
)]
struct WilsonLower;

/// `wilson_lower(x, n [, z])`
pub fn wilson_lower() -> ScalarUDF {
    ScalarFunction {
        name: "wilson_lower",
        parameters: const { &[number("x"), number("n"), number("z").or(Z_95)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[x, n, z]| wilson(x, n, z)[0]),
        documentation: WilsonLower.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Upper limit, x/n to 1, of Wilson's confidence interval for a proportion of x \
among n. NULL when n is 0 or x is not from 0 to n. Source: E. B. Wilson, 1927.",
    syntax_example = "wilson_upper(x, n [, z])",
    argument(name = "x", description = "How many have the property, 0 to n."),
    argument(name = "n", description = "How many there are, above 0."),
    argument(
        name = "z",
        description = "Normal quantile of the confidence; 1.96 (95 %) when left out."
    ),
    sql_example = "```sql\nSELECT CAST(wilson_upper(0, 50) AS DECIMAL(9,6));\n-- 0.071348\n```"
)]
struct WilsonUpper;

/// `wilson_upper(x, n [, z])`
pub fn wilson_upper() -> ScalarUDF {
    ScalarFunction {
        name: "wilson_upper",
        parameters: const { &[number("x"), number("n"), number("z").or(Z_95)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[x, n, z]| wilson(x, n, z)[1]),
        documentation: WilsonUpper.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "How many standard errors the proportion x1 of n1 is above x2 of n2, with pooled \
variance: beyond 1.96 either way they differ at 95 % confidence. 0 when no or every one has the \
property; NULL for impossible counts.",
    syntax_example = "two_proportion_z(x1, n1, x2, n2)",
    argument(name = "x1", description = "How many of the first have the property, 0 to n1."),
    argument(name = "n1", description = "How many are in the first, above 0."),
    argument(name = "x2", description = "How many of the second have the property, 0 to n2."),
    argument(name = "n2", description = "How many are in the second, above 0."),
    sql_example = "```sql\nSELECT CAST(two_proportion_z(30, 300, 12, 300) AS DECIMAL(9,4));\n-- 2.8801\n```"
)]
struct TwoProportionZ;

/// `two_proportion_z(x1, n1, x2, n2)`
pub fn two_proportion_z() -> ScalarUDF {
    ScalarFunction {
        name: "two_proportion_z",
        parameters: const { &[number("x1"), number("n1"), number("x2"), number("n2")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(two_proportion),
        documentation: TwoProportionZ.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn golden() {
        let table = [
            (5.0, 100.0, 0.021544, 0.111750),
            (0.0, 50.0, 0.0, 0.071348),
            (15.0, 300.0, 0.030532, 0.080847),
            (20.0, 300.0, 0.043568, 0.100723),
        ];
        for (x, n, low, high) in table {
            let [lower, upper] = wilson(x, n, Z_95);
            assert_close(lower, low, 1e-6);
            assert_close(upper, high, 1e-6);
        }
        assert_close(two_proportion([30.0, 300.0, 12.0, 300.0]), 2.880_092_2, 1e-7);
    }

    #[test]
    fn impossible_counts_are_unknown() {
        for (x, n) in [(2.0, 1.0), (0.0, 0.0), (-1.0, 5.0), (0.0, -5.0)] {
            assert!(wilson(x, n, Z_95)[0].is_nan() && wilson(x, n, Z_95)[1].is_nan());
            assert!(two_proportion([x, n, 1.0, 2.0]).is_nan());
        }
        assert_eq!(two_proportion([0.0, 5.0, 0.0, 7.0]), 0.0);
        assert_eq!(two_proportion([5.0, 5.0, 7.0, 7.0]), 0.0);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_proportion(n in 1_u32..10_000, share in 0.0..=1.0_f64, z in 0.0..5.0) {
            let n = f64::from(n);
            let x = (share * n).floor();
            let [lower, upper] = wilson(x, n, z);
            prop_assert!(0.0 <= lower && lower <= x / n && x / n <= upper && upper <= 1.0);
        }
    }
}
