//! Times between events, and what describes them.

use datafusion::arrow::array::ArrayRef;
use datafusion::common::Result;

use crate::local_time::instants;

/// Seconds from each event of a column to the next, in order of time.
pub(super) fn intervals(times: &ArrayRef) -> Result<Vec<f64>> {
    let times = instants(times)?;
    let mut times: Vec<i64> = times.iter().flatten().collect();
    times.sort_unstable();
    // Exact up to 285 years.
    Ok(times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 / 1e6).collect())
}

/// Moments of numbers that are a whole population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moments {
    pub mean: f64,
    pub std: f64,
    /// Third moment over the standard deviation cubed; 0 for numbers that are all the same.
    pub skew: f64,
    /// Fourth moment over the variance squared, 3 for a normal distribution; 0 as above.
    pub kurt: f64,
}

impl Moments {
    /// `None` without numbers.
    pub fn of(numbers: &[f64]) -> Option<Self> {
        if numbers.is_empty() {
            return None;
        }
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let moment = |n: i32| numbers.iter().map(|x| (x - mean).powi(n)).sum::<f64>() / count;
        let variance = moment(2);
        let scaled = |moment: f64, scale: f64| if scale > 0.0 { moment / scale } else { 0.0 };
        Some(Self {
            mean,
            std: variance.sqrt(),
            skew: scaled(moment(3), variance.powf(1.5)),
            kurt: scaled(moment(4), variance * variance),
        })
    }
}

/// The median, of an even number of them the mean of both in the middle; `None` without numbers.
pub(crate) fn median(numbers: &mut [f64]) -> Option<f64> {
    let middle = numbers.len().checked_sub(1)? / 2;
    let (_, lower, above) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = *lower;
    let upper = above.iter().copied().fold(f64::INFINITY, f64::min);
    let has_two = numbers.len().is_multiple_of(2);
    Some(if has_two { f64::midpoint(lower, upper) } else { lower })
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::Int64Array;

    use super::*;

    const DAY: i64 = 86_400;
    const HOUR: i64 = 3600;

    /// Ann's and Bob's calls of a week: Monday 9:00 and 19:30, Tuesday 20:00, Saturday 22:15.
    pub(in super::super) fn pair() -> ArrayRef {
        let at = [9 * HOUR, 19 * HOUR + 1800, DAY + 20 * HOUR, 5 * DAY + 22 * HOUR + 900];
        // Not in order, for records are not.
        Arc::new(Int64Array::from(vec![at[2], at[0], at[3], at[1]]))
    }

    #[test]
    fn of_the_pair() {
        let intervals = intervals(&pair()).unwrap();
        assert_eq!(intervals, [37_800.0, 88_200.0, 353_700.0]);
        let moments = Moments::of(&intervals).unwrap();
        assert_eq!(moments.mean, 159_900.0);
        assert!((moments.std - 138_573.374_066).abs() < 1e-6);
    }

    /// bandicoot's `summary_stats([0, 1])`, and of numbers that are all the same.
    #[test]
    fn moments() {
        let moments = Moments::of(&[0.0, 1.0]).unwrap();
        assert_eq!(moments, Moments { mean: 0.5, std: 0.5, skew: 0.0, kurt: 1.0 });
        let same = Moments::of(&[7.0, 7.0]).unwrap();
        assert_eq!(same, Moments { mean: 7.0, std: 0.0, skew: 0.0, kurt: 0.0 });
        assert_eq!(Moments::of(&[]), None);
    }

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [7.0, 1.0, 5.0, 3.0]), Some(4.0));
        assert_eq!(median(&mut []), None);
    }
}
