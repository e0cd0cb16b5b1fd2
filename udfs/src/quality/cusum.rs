//! Cumulative sums that tell of a small lasting shift.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array};
use datafusion::common::Result;
use datafusion::logical_expr::WindowUDF;
use datafusion_macros::user_doc;

use crate::parameter::{Parameter, number, setting};
use crate::rows::Arguments;
use crate::window::WindowFunction;

const PARAMETERS: &[Parameter] = &[number("x"), number("mu"), setting("k", 0.0, f64::MAX)];

/// The sum of what exceeds the slack, never below 0; a missing excess leaves it as it was.
fn sums(excess: impl Iterator<Item = Option<f64>>, k: f64) -> impl Iterator<Item = Option<f64>> {
    excess.scan(0.0_f64, move |sum, excess| {
        Some(excess.map(|excess| {
            *sum = (*sum + excess - k).max(0.0);
            *sum
        }))
    })
}

/// The sums for deviations from the mean, upwards for sign 1 and downwards for sign -1.
fn evaluate(arguments: &Arguments, sign: f64) -> Result<ArrayRef> {
    let (x, mu) = (arguments.finite(0)?, arguments.finite(1)?);
    let excess = x.into_iter().zip(mu).map(|(x, mu)| Some(sign * (x? - mu?)));
    // The difference of two finite numbers may be infinite.
    let excess = excess.map(|excess| excess.filter(|excess| excess.is_finite()));
    Ok(Arc::new(sums(excess, arguments.setting(2)?).collect::<Float64Array>()))
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Upper cumulative sum, 0 or more, in the unit of x and the window's order: what x \
exceeds mu + k by, added up and never below 0. Above 4 to 5 standard deviations it tells of a lasting \
shift upwards. A NULL or NaN x gives NULL and leaves the sum. A window function whose frame is the \
whole partition. Source: NIST/SEMATECH e-Handbook 6.3.2.3.",
    syntax_example = "cusum_high(x, mu, k) OVER (ORDER BY t)",
    argument(name = "x", description = "The series."),
    argument(name = "mu", description = "Mean without disturbance."),
    argument(
        name = "k",
        description = "Slack, a constant of 0 or more, usually half a standard deviation."
    ),
    sql_example = "```sql\nSELECT cusum_high(x, 10, 0.5) OVER (ORDER BY t) FROM (VALUES (1, 10), (2, 12), (3, 13), (4, 9)) AS v(t, x) ORDER BY t;\n-- 0.0\n-- 1.5\n-- 4.0\n-- 2.5\n```"
)]
struct CusumHigh;

/// `cusum_high(x, mu, k)`
pub fn cusum_high() -> WindowUDF {
    WindowFunction {
        name: "cusum_high",
        parameters: PARAMETERS,
        evaluate: |arguments| evaluate(arguments, 1.0),
        documentation: CusumHigh.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Lower cumulative sum, 0 or more: what x falls below mu - k by, added up and \
never below 0; see `cusum_high`.",
    syntax_example = "cusum_low(x, mu, k) OVER (ORDER BY t)",
    argument(name = "x", description = "The series."),
    argument(name = "mu", description = "Mean without disturbance."),
    argument(
        name = "k",
        description = "Slack, a constant of 0 or more, usually half a standard deviation."
    ),
    sql_example = "```sql\nSELECT cusum_low(x, 10, 0.5) OVER (ORDER BY t) FROM (VALUES (1, 10), (2, 8), (3, 9), (4, 12)) AS v(t, x) ORDER BY t;\n-- 0.0\n-- 1.5\n-- 2.0\n-- 0.0\n```"
)]
struct CusumLow;

/// `cusum_low(x, mu, k)`
pub fn cusum_low() -> WindowUDF {
    WindowFunction {
        name: "cusum_low",
        parameters: PARAMETERS,
        evaluate: |arguments| evaluate(arguments, -1.0),
        documentation: CusumLow.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    const MU: f64 = 325.0;
    const K: f64 = 0.3175;
    const X: [f64; 20] = [
        324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600,
        324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350,
    ];

    fn cusum(x: &[f64], sign: f64) -> Vec<f64> {
        sums(x.iter().map(|x| Some(sign * (x - MU))), K).flatten().collect()
    }

    /// NIST/SEMATECH e-Handbook 6.3.2.3: the first alarm above 4.1959 is the 14th value.
    #[test]
    fn golden() {
        let high = [
            0.0, 0.0, 0.0, 0.0, 0.0325, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0075, 4.94, 7.4475,
            10.63, 11.9875, 14.445, 16.0025, 19.035,
        ];
        let low = [
            0.0, 0.0075, 0.0, 0.3325, 0.0, 0.0, 0.5575, 0.715, 0.1725, 0.255, 0.3125, 0.0, 0.0,
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        ];
        for (actual, expected) in cusum(&X, 1.0).into_iter().zip(high) {
            assert_close(actual, expected, 1e-9);
        }
        for (actual, expected) in cusum(&X, -1.0).into_iter().zip(low) {
            assert_close(actual, expected, 1e-9);
        }
        assert_eq!(cusum(&X, 1.0).iter().position(|sum| *sum > 4.1959), Some(13));
    }

    #[test]
    fn laws() {
        assert_eq!(cusum(&[MU; 9], 1.0), [0.0; 9]);
        let mirrored = X.map(|x| 2.0 * MU - x);
        for (low, high) in cusum(&X, -1.0).into_iter().zip(cusum(&mirrored, 1.0)) {
            assert_close(low, high, 1e-9);
        }
        let gap: Vec<_> = sums([Some(1.0), None, Some(1.0)].into_iter(), 0.0).collect();
        assert_eq!(gap, [Some(1.0), None, Some(2.0)]);
    }
}
