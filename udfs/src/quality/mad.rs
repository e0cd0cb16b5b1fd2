//! Spread and outliers that outliers do not hide.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion_macros::user_doc;

use super::series::{median, numbers};
use super::value_if;
use crate::collected::CollectedFunction;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// What makes the median absolute deviation of a normal distribution its standard deviation.
const NORMAL: f64 = 1.4826;

fn deviation(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    let centre = median(&mut numbers);
    numbers.iter_mut().for_each(|x| *x = (*x - centre).abs());
    median(&mut numbers)
}

fn score(x: f64, median: f64, mad: f64) -> f64 {
    value_if(mad > 0.0, (x - median) / (NORMAL * mad))
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let mad = deviation(numbers(&columns[0]));
    Ok(Some(mad).filter(|mad| mad.is_finite()).into())
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Median absolute deviation from the median, 0 or more, in the unit of x; not \
scaled (times 1.4826 it estimates the standard deviation).",
    syntax_example = "mad(x)",
    argument(name = "x", description = "Any number."),
    sql_example = "```sql\nSELECT mad(x) FROM (VALUES (11), (12), (12), (13), (12), (11), (14), (13), (12), (45)) AS t(x);\n-- 1.0\n```"
)]
struct Mad;

/// `mad(x)`
pub fn mad() -> AggregateUDF {
    CollectedFunction {
        name: "mad",
        parameters: const { &[number("x")] },
        ordered: false,
        returns: || DataType::Float64,
        evaluate,
        documentation: Mad.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "How many robust standard deviations (1.4826 times `mad`) x is above the median; \
beyond 3.5 either way it is usually called an outlier. NULL when `mad` is 0.",
    syntax_example = "robust_z(x, median, mad)",
    argument(name = "x", description = "Any number."),
    argument(name = "median", description = "Median of the baseline."),
    argument(name = "mad", description = "`mad` of the baseline, above 0."),
    sql_example = "```sql\nSELECT CAST(robust_z(45, 12, 1) AS DECIMAL(9,4));\n-- 22.2582\n```"
)]
struct RobustZ;

/// `robust_z(x, median, mad)`
pub fn robust_z() -> ScalarUDF {
    ScalarFunction {
        name: "robust_z",
        parameters: const { &[number("x"), number("median"), number("mad")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[x, median, mad]| score(x, median, mad)),
        documentation: RobustZ.doc(),
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
        let numbers = [11.0, 12.0, 12.0, 13.0, 12.0, 11.0, 14.0, 13.0, 12.0, 45.0];
        assert_eq!(deviation(&numbers), 1.0);
        assert_close(score(14.0, 12.0, 1.0), 1.3490, 1e-4);
        assert_close(score(45.0, 12.0, 1.0), 22.2582, 1e-4);
        assert!(score(1.0, 1.0, 0.0).is_nan());
    }

    proptest! {
        #[test]
        fn moves_and_scales_with_the_numbers(
            numbers in prop::collection::vec(-100_i32..100, 1..50), shift in -50_i32..50, scale in -8_i32..8,
        ) {
            let numbers: Vec<f64> = numbers.into_iter().map(f64::from).collect();
            let moved: Vec<f64> =
                numbers.iter().map(|x| x * f64::from(scale) + f64::from(shift)).collect();
            prop_assert_eq!(deviation(&moved), deviation(&numbers) * f64::from(scale.abs()));
        }
    }
}
