//! Whether a series rises or falls: Mann-Kendall, also by seasons.

use std::collections::BTreeMap;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::sen_slope::slopes;
use super::series::{check_length, median, numbers, ties};
use crate::collected::CollectedFunction;
use crate::normal::two_sided_p;
use crate::parameter::number;
use crate::record::{record, record_type};

/// The statistic, and what it would be without a trend.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    /// How many pairs rise more than fall.
    s: i64,
    /// The variance of `s` without a trend.
    variance: f64,
    pairs: u64,
}

impl Score {
    fn of(series: &[f64]) -> Self {
        let n = series.len() as u64;
        let spread = |n: u64| (n * n.saturating_sub(1) * (2 * n + 5)) as f64;
        let tied: f64 = ties(series).into_iter().map(|t| spread(t as u64)).sum();
        Self {
            s: rises_minus_falls(series),
            variance: (spread(n) - tied) / 18.0,
            pairs: n * n.saturating_sub(1) / 2,
        }
    }

    fn add(self, other: Self) -> Self {
        Self {
            s: self.s + other.s,
            variance: self.variance + other.variance,
            pairs: self.pairs + other.pairs,
        }
    }

    fn z(&self) -> f64 {
        if self.variance <= 0.0 {
            return 0.0;
        }
        // One less towards 0, for S moves in steps.
        (self.s - self.s.signum()) as f64 / self.variance.sqrt()
    }

    fn fields(&self) -> Vec<(&'static str, ScalarValue)> {
        let z = self.z();
        vec![
            ("s", self.s.into()),
            ("var", self.variance.into()),
            ("z", z.into()),
            ("p", two_sided_p(z).into()),
            ("tau", (self.s as f64 / self.pairs as f64).into()),
        ]
    }
}

fn rises_minus_falls(series: &[f64]) -> i64 {
    let after = |i: usize| &series[i + 1..];
    let compare = |x: f64, later: &[f64]| -> i64 {
        later.iter().map(|y| i64::from(*y > x) - i64::from(*y < x)).sum()
    };
    series.iter().enumerate().map(|(i, x)| compare(*x, after(i))).sum()
}

fn score_type() -> Vec<(&'static str, DataType)> {
    vec![
        ("s", DataType::Int64),
        ("var", DataType::Float64),
        ("z", DataType::Float64),
        ("p", DataType::Float64),
        ("tau", DataType::Float64),
    ]
}

fn mann_kendall_type() -> DataType {
    record_type(&score_type())
}

fn test(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let series = numbers(&columns[0]);
    check_length("mann_kendall", series.len())?;
    if series.len() < 3 {
        return ScalarValue::try_from(&mann_kendall_type());
    }
    record(&Score::of(series).fields())
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Mann-Kendall test for a trend in a series: a struct of s (Int64: pairs that rise \
minus pairs that fall), var (its variance without a trend, corrected for ties), z, p (two-sided) and \
tau (s by the number of pairs, -1 to 1). NULL for fewer than 3 points; z 0 and p 1 when all are \
equal; an error for more than 5,000 points in a group. Needs ORDER BY inside the call; equal keys \
are ordered by x. Sources: H. B. Mann, 1945; M. G. Kendall, 1975.",
    syntax_example = "mann_kendall(x ORDER BY t)",
    argument(name = "x", description = "The series, for instance the poor ratio of a week."),
    sql_example = "```sql\nSELECT CAST(get_field(m, 's') AS INT), CAST(get_field(m, 'p') AS DECIMAL(9,6)) FROM (SELECT mann_kendall(x ORDER BY t) AS m FROM (VALUES (1, 5), (2, 4), (3, 6), (4, 3), (5, 5), (6, 4), (7, 3), (8, 2), (9, 3), (10, 1), (11, 2), (12, 1)) AS v(t, x));\n-- -45 | 0.002119\n```"
)]
struct MannKendall;

/// `mann_kendall(x ORDER BY t)`
pub fn mann_kendall() -> AggregateUDF {
    CollectedFunction {
        name: "mann_kendall",
        parameters: const { &[number("x")] },
        ordered: true,
        returns: mann_kendall_type,
        evaluate: test,
        documentation: MannKendall.doc(),
    }
    .into()
}

fn seasonal_type() -> DataType {
    let mut fields = score_type();
    fields.push(("slope", DataType::Float64));
    record_type(&fields)
}

/// The series of each season, in order.
fn by_season(series: &[f64], seasons: &[f64]) -> Vec<Vec<f64>> {
    let mut by_season: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (x, season) in series.iter().zip(seasons) {
        // Seasons are equal when their bits are; adding 0 makes one of both zeros.
        by_season.entry((season + 0.0).to_bits()).or_default().push(*x);
    }
    by_season.into_values().collect()
}

fn seasonal_test(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let (series, seasons) = (numbers(&columns[0]), numbers(&columns[1]));
    check_length("seasonal_mann_kendall", series.len())?;
    let seasons = by_season(series, seasons);
    let score = seasons.iter().map(|s| Score::of(s)).fold(Score::default(), Score::add);
    if series.len() < 3 || score.pairs == 0 {
        return ScalarValue::try_from(&seasonal_type());
    }
    let mut within: Vec<f64> = seasons.iter().flat_map(|season| slopes(season)).collect();
    let mut fields = score.fields();
    fields.push(("slope", median(&mut within).into()));
    record(&fields)
}

#[user_doc(
    doc_section(label = "Trend and control"),
    description = "Mann-Kendall test that compares points of the same season only, such as Mondays \
with Mondays: the struct of `mann_kendall` for all seasons together, with slope, the median change \
from one cycle to the next. NULL for fewer than 3 points or when no season has two; an error for \
more than 5,000 points in a group. Needs ORDER BY inside the call. Source: R. M. Hirsch and others, \
1982.",
    syntax_example = "seasonal_mann_kendall(x, season ORDER BY t)",
    argument(name = "x", description = "The series."),
    argument(
        name = "season",
        description = "A number for the season of each point, such as the day of the week."
    ),
    sql_example = "```sql\nSELECT CAST(get_field(m, 's') AS INT), get_field(m, 'slope') FROM (SELECT seasonal_mann_kendall(x, t % 3 ORDER BY t) AS m FROM (VALUES (0, 10), (1, 20), (2, 30), (3, 11), (4, 22), (5, 29), (6, 13), (7, 21), (8, 33), (9, 14), (10, 25), (11, 35)) AS v(t, x));\n-- 14 | 1.5\n```"
)]
struct SeasonalMannKendall;

/// `seasonal_mann_kendall(x, season ORDER BY t)`
pub fn seasonal_mann_kendall() -> AggregateUDF {
    CollectedFunction {
        name: "seasonal_mann_kendall",
        parameters: const { &[number("x"), number("season")] },
        ordered: true,
        returns: seasonal_type,
        evaluate: seasonal_test,
        documentation: SeasonalMannKendall.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sen_slope::tests::{A, B, C, NILE};
    use super::*;
    use crate::testing::assert_close;

    /// Values that pymannkendall 1.4 gives.
    #[test]
    fn golden() {
        let table = [
            (&A[..], 80, 332.666_666_7, 4.331_341_7, 1.482_034_7e-5, 0.879_120_9),
            (&B, 5, 115.666_666_7, 0.371_925_4, 0.709_948_4, 0.111_111_1),
            (&C, -45, 205.0, -3.073_093_3, 0.002_118_52, -0.681_818_2),
            (&NILE, -1387, 112_728.333_3, -4.128_066_5, 3.658_26e-5, -0.280_202_0),
        ];
        for (series, s, variance, z, p, tau) in table {
            let score = Score::of(series);
            assert_eq!(score.s, s);
            assert_close(score.variance, variance, 1e-4);
            assert_close(score.z(), z, 1e-7);
            assert_close(two_sided_p(score.z()), p, p * 2e-6);
            assert_close(score.s as f64 / score.pairs as f64, tau, 1e-7);
        }
    }

    #[test]
    fn golden_seasonal() {
        let series = [10.0, 20.0, 30.0, 11.0, 22.0, 29.0, 13.0, 21.0, 33.0, 14.0, 25.0, 35.0];
        let seasons: Vec<f64> = (0..12).map(|i| f64::from(i % 3)).collect();
        let seasons = by_season(&series, &seasons);
        let score = seasons.iter().map(|s| Score::of(s)).fold(Score::default(), Score::add);
        assert_eq!((score.s, score.variance, score.pairs), (14, 26.0, 18));
        assert_close(score.z(), 2.549_509_8, 1e-7);
        assert_close(two_sided_p(score.z()), 0.010_787_45, 1e-8);
        let mut within: Vec<f64> = seasons.iter().flat_map(|s| slopes(s)).collect();
        assert_eq!(median(&mut within), 1.5);
    }

    #[test]
    fn no_change_is_no_trend() {
        let score = Score::of(&[5.0; 20]);
        assert_eq!(
            (score.s, score.variance, score.z(), two_sided_p(score.z())),
            (0, 0.0, 0.0, 1.0)
        );
    }

    proptest! {
        #[test]
        fn laws(series in prop::collection::vec(-20_i32..20, 3..60)) {
            let series: Vec<f64> = series.into_iter().map(f64::from).collect();
            let score = Score::of(&series);
            let reversed: Vec<f64> = series.iter().rev().copied().collect();
            prop_assert_eq!(Score::of(&reversed).s, -score.s);
            let transformed: Vec<f64> = series.iter().map(|x| (x / 10.0).exp()).collect();
            prop_assert_eq!(Score::of(&transformed).s, score.s);
            let one_season = by_season(&series, &vec![4.0; series.len()]);
            prop_assert_eq!(Score::of(&one_season[0]).s, score.s);
            let rising: Vec<f64> = (0..series.len()).map(|i| i as f64).collect();
            prop_assert_eq!(Score::of(&rising).s as u64, score.pairs);
        }
    }
}
