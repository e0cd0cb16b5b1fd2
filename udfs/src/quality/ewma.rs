//! Exponentially weighted moving average and its control limits.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ScalarUDF, WindowUDF};
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::{Parameter, number, setting};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;
use crate::window::WindowFunction;

/// The average after each value, from `start` on; a missing value leaves it as it was.
fn averages(
    values: impl Iterator<Item = Option<f64>>,
    lambda: f64,
    start: Option<f64>,
) -> impl Iterator<Item = Option<f64>> {
    values.scan(start, move |average, value| {
        if let Some(value) = value {
            *average = Some(average.map_or(value, |a| lambda * value + (1.0 - lambda) * a));
        }
        Some(*average)
    })
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let values = arguments.finite(0)?.into_iter();
    let start = arguments.finite(2)?.into_iter().next().flatten();
    let averages = averages(values, arguments.setting(1)?, start);
    Ok(Arc::new(averages.collect::<Float64Array>()))
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Exponentially weighted moving average E = lambda x + (1 - lambda) E of the \
previous row, in the window's order. The first x, or `start`, begins it; a NULL or NaN x carries the \
average forward. A window function whose frame is the whole partition. Source: NIST/SEMATECH \
e-Handbook 6.3.2.4.",
    syntax_example = "ewma(x, lambda [, start]) OVER (ORDER BY t)",
    argument(name = "x", description = "The series."),
    argument(
        name = "lambda",
        description = "Weight of the newest value, a constant above 0 and at most 1."
    ),
    argument(
        name = "start",
        description = "The average before the first row, a constant; the first x when left out."
    ),
    sql_example = "```sql\nSELECT CAST(ewma(x, 0.3, 50) OVER (ORDER BY t) AS DECIMAL(9,4)) FROM (VALUES (1, 52.0), (2, 47.0), (3, 53.0)) AS v(t, x) ORDER BY t;\n-- 50.6000\n-- 49.5200\n-- 50.5640\n```"
)]
struct Ewma;

/// `ewma(x, lambda [, start])`
pub fn ewma() -> WindowUDF {
    WindowFunction {
        name: "ewma",
        parameters: const {
            &[number("x"), setting("lambda", f64::MIN_POSITIVE, 1.0), number("start").or(f64::NAN)]
        },
        evaluate,
        documentation: Ewma.doc(),
    }
    .into()
}

const LIMIT: &[Parameter] = &[
    number("mu"),
    number("sigma"),
    setting("lambda", f64::MIN_POSITIVE, 1.0),
    number("l"),
    number("t"),
];

/// How far from the mean the average may be at time t, which starts at 1.
fn half_width([_, sigma, lambda, l, t]: [f64; 5]) -> f64 {
    let settled = 1.0 - (1.0 - lambda).powf(2.0 * t);
    let valid = (sigma >= 0.0) & (lambda > 0.0) & (lambda <= 1.0) & (l >= 0.0) & (t >= 0.0);
    value_if(valid, l * sigma * (lambda / (2.0 - lambda) * settled).sqrt())
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Upper control limit of `ewma` at the t-th value: mu + l sigma sqrt(lambda / (2 - \
lambda) (1 - (1 - lambda)^2t)). Source: NIST/SEMATECH e-Handbook 6.3.2.4.",
    syntax_example = "ewma_upper(mu, sigma, lambda, l, t)",
    argument(name = "mu", description = "Mean without disturbance."),
    argument(name = "sigma", description = "Standard deviation of x, 0 or more."),
    argument(name = "lambda", description = "As given to `ewma`, above 0 and at most 1."),
    argument(name = "l", description = "Width in standard deviations, usually 2.7 to 3."),
    argument(name = "t", description = "Position in the series, from 1."),
    sql_example = "```sql\nSELECT CAST(ewma_upper(50, 2.0539, 0.3, 3, 1000) AS DECIMAL(9,4));\n-- 52.5884\n```"
)]
struct EwmaUpper;

/// `ewma_upper(mu, sigma, lambda, l, t)`
pub fn ewma_upper() -> ScalarUDF {
    ScalarFunction {
        name: "ewma_upper",
        parameters: LIMIT,
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|row: [f64; 5]| row[0] + half_width(row)),
        documentation: EwmaUpper.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Lower control limit of `ewma` at the t-th value; see `ewma_upper`.",
    syntax_example = "ewma_lower(mu, sigma, lambda, l, t)",
    argument(name = "mu", description = "Mean without disturbance."),
    argument(name = "sigma", description = "Standard deviation of x, 0 or more."),
    argument(name = "lambda", description = "As given to `ewma`, above 0 and at most 1."),
    argument(name = "l", description = "Width in standard deviations, usually 2.7 to 3."),
    argument(name = "t", description = "Position in the series, from 1."),
    sql_example = "```sql\nSELECT CAST(ewma_lower(50, 2.0539, 0.3, 3, 1000) AS DECIMAL(9,4));\n-- 47.4116\n```"
)]
struct EwmaLower;

/// `ewma_lower(mu, sigma, lambda, l, t)`
pub fn ewma_lower() -> ScalarUDF {
    ScalarFunction {
        name: "ewma_lower",
        parameters: LIMIT,
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|row: [f64; 5]| row[0] - half_width(row)),
        documentation: EwmaLower.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// NIST/SEMATECH e-Handbook 6.3.2.4.
    #[test]
    fn golden() {
        let x = [
            52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3,
            47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
        ];
        let expected = [
            50.6, 49.52, 50.564, 50.1848, 50.1594, 49.2116, 49.7481, 49.8537, 50.2576, 50.3303,
            50.1112, 49.3578, 49.5205, 50.0543, 49.3780, 49.9246, 50.7272, 51.2291, 51.9403,
            51.9882,
        ];
        let actual = averages(x.into_iter().map(Some), 0.3, Some(50.0));
        for (actual, expected) in actual.zip(expected) {
            assert_close(actual.unwrap(), expected, 1e-4);
        }
        let widths =
            [(1.0, 1.84851), (2.0, 2.25639), (3.0, 2.43141), (5.0, 2.55161), (10.0, 2.58740)];
        for (t, width) in widths {
            assert_close(half_width([50.0, 2.0539, 0.3, 3.0, t]), width, 1e-5);
        }
    }

    #[test]
    fn gaps_and_no_smoothing() {
        let x = [None, Some(4.0), None, Some(8.0)];
        let smoothed: Vec<_> = averages(x.into_iter(), 0.5, None).collect();
        assert_eq!(smoothed, [None, Some(4.0), Some(4.0), Some(6.0)]);
        let plain: Vec<_> = averages([1.0, 5.0, -2.0].into_iter().map(Some), 1.0, None).collect();
        assert_eq!(plain, [Some(1.0), Some(5.0), Some(-2.0)]);
    }
}
