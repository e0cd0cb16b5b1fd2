//! A histogram that merges exactly: 32 cells of width 1, then 16 cells for each doubling, so that
//! a cell is never wider than 1/16 of its values. Whole milliseconds up to 31 are kept exactly.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, UInt64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion_macros::user_doc;

use super::histograms::{histogram, of_histograms, of_values};
use crate::parameter::{Kind, number, parameter, setting};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

/// The position of the cell that a value falls in.
pub(super) fn cell(value: u64) -> usize {
    let octave = u64::from(64 - value.leading_zeros()).saturating_sub(5);
    // At most 16 * 59 + 31, for a value has 64 bits.
    (16 * octave + (value >> octave)) as usize
}

/// The least value of a cell, and how many whole values it has.
fn bounds(cell: usize) -> (u64, u64) {
    if cell < 32 {
        return (cell as u64, 1);
    }
    let octave = (cell >> 4) - 1;
    (((cell & 15) as u64 + 16) << octave, 1 << octave)
}

/// One more than the last cell that a value can fall in; lists that claim more are not ours.
pub(super) const CELLS: usize = 16 * 59 + 32;

/// The value of rank ceil(q n), as the middle of its cell.
fn quantile(counts: &[u64], q: f64) -> Option<f64> {
    let total: u64 = counts.iter().fold(0, |total, count| total.saturating_add(*count));
    if total == 0 || counts.len() > CELLS || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = (q * total as f64).ceil().max(1.0);
    let mut below = 0.0;
    let found = counts.iter().position(|count| {
        below += *count as f64;
        below >= rank
    })?;
    let (least, width) = bounds(found);
    Some(least as f64 + (width - 1) as f64 / 2.0)
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "Histogram of values, such as jitter or round trips in ms, as a list of counts \
(List(UInt64)) for `loglinear_merge` and `loglinear_quantile`: 32 cells of width 1, then 16 cells \
for each doubling. Fractions are cut off; negative values are skipped (count them with count(*) \
FILTER). Merging is adding, so the result does not depend on how the data is divided.",
    syntax_example = "loglinear_hist(v)",
    argument(name = "v", description = "A value of 0 or more."),
    sql_example = "```sql\nSELECT loglinear_hist(ms) FROM (VALUES (0), (3), (3), (5), (-1)) AS t(ms);\n-- [1, 0, 0, 2, 0, 1]\n```"
)]
struct LoglinearHist;

/// `loglinear_hist(v)`
pub fn loglinear_hist() -> AggregateUDF {
    histogram("loglinear_hist", const { &[number("v")] }, of_values, LoglinearHist.doc())
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "Sum of histograms by `loglinear_hist`, exact: the same counts as one histogram \
of all the values.",
    syntax_example = "loglinear_merge(state)",
    argument(name = "state", description = "A histogram by `loglinear_hist`."),
    sql_example = "```sql\nSELECT loglinear_merge(h) FROM (SELECT loglinear_hist(ms) AS h FROM (VALUES (1, 0), (1, 2), (2, 2)) AS t(day, ms) GROUP BY day);\n-- [1, 0, 2]\n```"
)]
struct LoglinearMerge;

/// `loglinear_merge(state)`
pub fn loglinear_merge() -> AggregateUDF {
    let parameters = const { &[parameter("state", Kind::Counts)] };
    histogram("loglinear_merge", parameters, of_histograms, LoglinearMerge.doc())
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "The value below which a share q of a histogram lies (nearest rank), in the \
histogram's unit: exact below 32, else the middle of a cell that is at most 6.25 % wide. NULL for an \
empty histogram.",
    syntax_example = "loglinear_quantile(state, q)",
    argument(
        name = "state",
        description = "A histogram by `loglinear_hist` or `loglinear_merge`."
    ),
    argument(name = "q", description = "The share, 0 to 1."),
    sql_example = "```sql\nSELECT loglinear_quantile(loglinear_hist(ms), 0.5) FROM (VALUES (3), (5), (8), (13)) AS t(ms);\n-- 5.0\n```"
)]
struct LoglinearQuantile;

/// `loglinear_quantile(state, q)`
pub fn loglinear_quantile() -> ScalarUDF {
    ScalarFunction {
        name: "loglinear_quantile",
        parameters: const { &[parameter("state", Kind::Counts), setting("q", 0.0, 1.0)] },
        returns: |_| DataType::Float64,
        evaluate: quantiles,
        documentation: LoglinearQuantile.doc(),
    }
    .into()
}

fn quantiles(arguments: &Arguments) -> Result<ArrayRef> {
    let (lists, shares) = (arguments.array(0)?, arguments.numbers(1)?);
    let counts = |list: ArrayRef| -> Vec<u64> {
        list.as_primitive::<UInt64Type>().iter().map(Option::unwrap_or_default).collect()
    };
    let rows = lists.as_list::<i32>().iter().zip(shares.iter());
    let quantiles = rows.map(|(list, q)| quantile(&counts(list?), q?));
    Ok(Arc::new(quantiles.collect::<Float64Array>()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::histograms::Histograms;
    use super::*;

    /// Value, cell, least value of the cell, first value above it.
    #[test]
    fn golden() {
        let table = [
            (31, 31, 31, 32),
            (32, 32, 32, 34),
            (34, 33, 34, 36),
            (63, 47, 62, 64),
            (64, 48, 64, 68),
            (100, 57, 100, 104),
            (127, 63, 124, 128),
            (128, 64, 128, 136),
            (500, 95, 496, 512),
            (1000, 111, 992, 1024),
            (5000, 147, 4864, 5120),
        ];
        for (value, position, least, end) in table {
            assert_eq!(cell(value), position);
            assert_eq!(bounds(position), (least, end - least));
        }
        assert_eq!(cell(65535), 207);
        assert_eq!(cell(u64::MAX), CELLS - 1);
    }

    #[test]
    fn cells_have_no_gap_and_no_overlap() {
        for value in 0..200_000 {
            let (least, width) = bounds(cell(value));
            assert!(least <= value && value < least + width);
            assert!(cell(value + 1) - cell(value) <= 1);
            assert!(width as f64 <= 1.0 + value as f64 / 16.0);
        }
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_a_cell_of_the_exact_one(
            mut values in prop::collection::vec(0_u64..100_000, 1..200), q in 0.0..=1.0_f64,
        ) {
            let mut histogram = Histograms::new(of_values, 1);
            values.iter().for_each(|v| histogram.count(0, cell(*v), 1));
            let counts = histogram.groups.remove(0);
            prop_assert_eq!(counts.iter().sum::<u64>(), values.len() as u64);
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            let exact = values[rank - 1];
            let found = quantile(&counts, q).unwrap();
            prop_assert!((found - exact as f64).abs() <= exact as f64 / 16.0);
            prop_assert!(exact >= 32 || found == exact as f64);
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[0, 0], 0.5), None);
        assert_eq!(quantile(&[1], 1.5), None);
    }
}
