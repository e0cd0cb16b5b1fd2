//! How fast a series rises or falls: Sen's slope and the Theil-Sen line.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::series::{check_length, median, numbers};
use crate::collected::CollectedFunction;
use crate::parameter::number;
use crate::record::{record, record_type};

/// The slopes between all pairs of points of a series at positions 0, 1, 2, ...
pub(super) fn slopes(series: &[f64]) -> impl Iterator<Item = f64> {
    (0..series.len()).flat_map(move |i| {
        (i + 1..series.len()).map(move |j| (series[j] - series[i]) / (j - i) as f64)
    })
}

/// The slopes between all pairs of points that differ in `t`.
fn slopes_over<'a>(series: &'a [f64], t: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    let pairs = (0..series.len()).flat_map(move |i| (i + 1..series.len()).map(move |j| (i, j)));
    pairs.filter(|&(i, j)| t[i] != t[j]).map(|(i, j)| (series[j] - series[i]) / (t[j] - t[i]))
}

/// The line of median slope through the medians.
fn line(mut slopes: Vec<f64>, series: &[f64], median_t: f64) -> Result<ScalarValue> {
    if slopes.is_empty() {
        return ScalarValue::try_from(&line_type());
    }
    let slope = median(&mut slopes);
    let intercept = median(&mut series.to_vec()) - slope * median_t;
    record(&[("slope", slope.into()), ("intercept", intercept.into())])
}

fn line_type() -> DataType {
    record_type(&[("slope", DataType::Float64), ("intercept", DataType::Float64)])
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Sen's slope of a series: a struct of slope, the median change per step over all \
pairs of points, and intercept, the median minus slope times the median position (counted from 0). \
One gross outlier hardly moves it. NULL for fewer than 2 points; an error for more than 5,000 points \
in a group. Needs ORDER BY inside the call. Source: P. K. Sen, 1968; the intercept as in \
pymannkendall.",
    syntax_example = "sen_slope(x ORDER BY t)",
    argument(name = "x", description = "The series."),
    sql_example = "```sql\nSELECT get_field(m, 'slope'), CAST(get_field(m, 'intercept') AS DECIMAL(9,4)) FROM (SELECT sen_slope(x ORDER BY t) AS m FROM (VALUES (1, 10), (2, 12), (3, 14), (4, 99), (5, 18)) AS v(t, x));\n-- 2.0 | 10.0000\n```"
)]
struct SenSlope;

/// `sen_slope(x ORDER BY t)`
pub fn sen_slope() -> AggregateUDF {
    CollectedFunction {
        name: "sen_slope",
        parameters: const { &[number("x")] },
        ordered: true,
        returns: line_type,
        evaluate: |columns| {
            let series = numbers(&columns[0]);
            check_length("sen_slope", series.len())?;
            let median_position = (series.len() as f64 - 1.0) / 2.0;
            line(slopes(series).collect(), series, median_position)
        },
        documentation: SenSlope.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Theil-Sen line through points (t, x): a struct of slope, the median over all \
pairs that differ in t, and intercept, the median of x minus slope times the median of t. NULL when \
no two points differ in t; an error for more than 5,000 points in a group. Sources: H. Theil, 1950; \
P. K. Sen, 1968.",
    syntax_example = "theil_sen(x, t)",
    argument(name = "x", description = "The value at a point."),
    argument(name = "t", description = "When that was, as a number: `extract(epoch FROM time)`."),
    sql_example = "```sql\nSELECT get_field(m, 'slope'), get_field(m, 'intercept') FROM (SELECT theil_sen(x, t) AS m FROM (VALUES (1, 13), (2, 16), (4, 22), (8, 34)) AS v(t, x));\n-- 3.0 | 10.0\n```"
)]
struct TheilSen;

/// `theil_sen(x, t)`
pub fn theil_sen() -> AggregateUDF {
    CollectedFunction {
        name: "theil_sen",
        parameters: const { &[number("x"), number("t")] },
        ordered: false,
        returns: line_type,
        evaluate: |columns| {
            let (series, t) = (numbers(&columns[0]), numbers(&columns[1]));
            check_length("theil_sen", series.len())?;
            line(slopes_over(series, t).collect(), series, median(&mut t.to_vec()))
        },
        documentation: TheilSen.doc(),
    }
    .into()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::assert_close;

    pub const A: [f64; 14] =
        [12.0, 14.0, 13.0, 15.0, 16.0, 15.0, 18.0, 17.0, 19.0, 21.0, 20.0, 22.0, 24.0, 23.0];
    pub const B: [f64; 10] = [20.0, 21.0, 19.0, 22.0, 20.0, 21.0, 20.0, 19.0, 22.0, 21.0];
    pub const C: [f64; 12] = [5.0, 4.0, 6.0, 3.0, 5.0, 4.0, 3.0, 2.0, 3.0, 1.0, 2.0, 1.0];

    /// Yearly flow of the Nile at Aswan, 1871 to 1970: R's data set `Nile`.
    pub const NILE: [f64; 100] = [
        1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0, 1230.0, 1370.0, 1140.0, 995.0, 935.0,
        1110.0, 994.0, 1020.0, 960.0, 1180.0, 799.0, 958.0, 1140.0, 1100.0, 1210.0, 1150.0, 1250.0,
        1260.0, 1220.0, 1030.0, 1100.0, 774.0, 840.0, 874.0, 694.0, 940.0, 833.0, 701.0, 916.0,
        692.0, 1020.0, 1050.0, 969.0, 831.0, 726.0, 456.0, 824.0, 702.0, 1120.0, 1100.0, 832.0,
        764.0, 821.0, 768.0, 845.0, 864.0, 862.0, 698.0, 845.0, 744.0, 796.0, 1040.0, 759.0, 781.0,
        865.0, 845.0, 944.0, 984.0, 897.0, 822.0, 1010.0, 771.0, 676.0, 649.0, 846.0, 812.0, 742.0,
        801.0, 1040.0, 860.0, 874.0, 848.0, 890.0, 744.0, 749.0, 838.0, 1050.0, 918.0, 986.0,
        797.0, 923.0, 975.0, 815.0, 1020.0, 906.0, 901.0, 1170.0, 912.0, 746.0, 919.0, 718.0,
        714.0, 740.0,
    ];

    fn sen(series: &[f64]) -> (f64, f64) {
        let slope = median(&mut slopes(series).collect::<Vec<_>>());
        let position = (series.len() as f64 - 1.0) / 2.0;
        (slope, median(&mut series.to_vec()) - slope * position)
    }

    #[test]
    fn the_nile_is_the_nile() {
        assert_close(NILE.iter().sum::<f64>() / 100.0, 919.35, 1e-9);
    }

    /// Values that pymannkendall 1.4 gives.
    #[test]
    fn golden() {
        let table = [
            (&A[..], 0.909_090_9, 11.590_909_1),
            (&B, 0.0, 20.5),
            (&C, -0.4, 5.2),
            (&NILE, -2.6, 1022.2),
        ];
        for (series, slope, intercept) in table {
            let (actual_slope, actual_intercept) = sen(series);
            assert_close(actual_slope, slope, 1e-7);
            assert_close(actual_intercept, intercept, 1e-6);
        }
    }

    proptest! {
        #[test]
        fn recovers_a_line(a in -50.0..50.0_f64, b in -5.0..5.0_f64, n in 2_usize..40) {
            let t: Vec<f64> = (0..n).map(|i| (i * i) as f64 / 4.0).collect();
            let x: Vec<f64> = t.iter().map(|t| a + b * t).collect();
            let slope = median(&mut slopes_over(&x, &t).collect::<Vec<_>>());
            prop_assert!((slope - b).abs() < 1e-9);
        }

        #[test]
        fn an_outlier_hardly_matters(b in -5.0..5.0_f64, at in 0_usize..20, outlier in -1e6..1e6) {
            let mut x: Vec<f64> = (0..20).map(|i| b * f64::from(i)).collect();
            x[at] = outlier;
            prop_assert!((sen(&x).0 - b).abs() < 1e-9);
        }
    }
}
