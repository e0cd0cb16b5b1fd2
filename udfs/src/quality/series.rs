//! What the trend functions share: series of numbers, medians, ranks.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::{Result, exec_err};

/// The longest series for which time may grow with the square of the length.
const MAX_POINTS: usize = 5_000;

/// The numbers of a column.
pub(super) fn numbers(column: &ArrayRef) -> &[f64] {
    column.as_primitive::<Float64Type>().values()
}

/// Refuses a series that is too long to compare every pair of points.
pub(super) fn check_length(function: &str, points: usize) -> Result<()> {
    if points > MAX_POINTS {
        return exec_err!(
            "{function}: {points} points in one group, at most {MAX_POINTS} are possible; \
             aggregate them by a longer period first"
        );
    }
    Ok(())
}

/// The median; NaN without numbers. Reorders them.
pub(super) fn median(numbers: &mut [f64]) -> f64 {
    if numbers.is_empty() {
        return f64::NAN;
    }
    let middle = numbers.len() / 2;
    let even = numbers.len().is_multiple_of(2);
    let (lower, upper, _) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
    if !even {
        return *upper;
    }
    let below = lower.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(below, *upper)
}

/// The sizes of the groups of equal numbers.
pub(super) fn ties(numbers: &[f64]) -> Vec<usize> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).collect()
}

/// Rank of each number from 1 on, the mean rank for equal ones.
pub(super) fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for group in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let mean = before as f64 + (group.len() + 1) as f64 / 2.0;
        group.iter().for_each(|&i| ranks[i] = mean);
        before += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [7.0]), 7.0);
        assert!(median(&mut []).is_nan());
        // The mean of these hides a burst, the median does not.
        let mut values = [50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 4550.0];
        assert_eq!(median(&mut values), 50.0);
    }

    #[test]
    fn ranks_and_ties() {
        let numbers = [10.0, 30.0, 10.0, 20.0, -0.0, 0.0];
        assert_eq!(ranks(&numbers), [3.5, 6.0, 3.5, 5.0, 1.5, 1.5]);
        assert_eq!(ties(&numbers), [2, 2, 1, 1]);
    }
}
