//! A histogram that merges exactly: 32 cells of width 1, then 16 cells for each doubling, so that
//! a cell is never wider than 1/16 of its values. Whole milliseconds up to 31 are kept exactly.

use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, ListArray, UInt64Array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator,
    ScalarUDF, Signature,
};
use datafusion_macros::user_doc;

use crate::named::equal_by_name;
use crate::parameter::{self, Kind, Parameter, number, parameter, setting};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

/// The position of the cell that a value falls in.
fn cell(value: u64) -> usize {
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
const CELLS: usize = 16 * 59 + 32;

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

fn histogram(
    name: &'static str,
    parameters: &'static [Parameter],
    counts: Counts,
    documentation: Option<&'static Documentation>,
) -> AggregateUDF {
    let signature = parameter::signature(parameters);
    let function = Function { name, parameters, counts, documentation };
    AggregateUDF::new_from_impl(Adapter { function, signature })
}

/// Tells for each row of a column which cells it adds to, and how much.
type Counts = fn(&ArrayRef, &mut dyn FnMut(usize, usize, u64));

fn of_values(column: &ArrayRef, add: &mut dyn FnMut(usize, usize, u64)) {
    let usable = |value: &f64| value.is_finite() && *value >= 0.0;
    for (row, value) in column.as_primitive::<Float64Type>().iter().enumerate() {
        if let Some(value) = value.filter(usable) {
            add(row, cell(value as u64), 1);
        }
    }
}

fn of_histograms(column: &ArrayRef, add: &mut dyn FnMut(usize, usize, u64)) {
    for (row, list) in column.as_list::<i32>().iter().enumerate() {
        let Some(list) = list else { continue };
        for (cell, count) in list.as_primitive::<UInt64Type>().iter().enumerate().take(CELLS) {
            add(row, cell, count.unwrap_or(0));
        }
    }
}

#[derive(Debug, Clone)]
struct Function {
    name: &'static str,
    parameters: &'static [Parameter],
    counts: Counts,
    documentation: Option<&'static Documentation>,
}

#[derive(Debug)]
struct Adapter {
    function: Function,
    signature: Signature,
}

impl AggregateUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        parameter::coerce(self.name(), self.function.parameters, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::UInt64, true))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let counts = Field::new_list_field(DataType::UInt64, true);
        Ok(vec![Arc::new(Field::new_list(format_state_name(args.name, "counts"), counts, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        parameter::refuse_distinct(&args)?;
        Ok(Box::new(Histograms::new(self.function.counts, 1)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Histograms::new(self.function.counts, 0)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);

/// The histograms of groups.
#[derive(Debug)]
struct Histograms {
    counts: Counts,
    /// Counts by cell, up to the last cell that has any.
    groups: Vec<Vec<u64>>,
    /// How many cells the groups have together.
    cells: usize,
}

impl Histograms {
    fn new(counts: Counts, groups: usize) -> Self {
        Self { counts, groups: vec![vec![]; groups], cells: 0 }
    }

    fn count(&mut self, group: usize, cell: usize, count: u64) {
        let counts = &mut self.groups[group];
        if cell >= counts.len() {
            self.cells += cell + 1 - counts.len();
            counts.resize(cell + 1, 0);
        }
        counts[cell] = counts[cell].saturating_add(count);
    }

    /// Adds the rows of a column to their groups; none for a row that does not count.
    fn add(&mut self, column: &ArrayRef, counts: Counts, group: impl Fn(usize) -> Option<usize>) {
        counts(column, &mut |row, cell, count| {
            if let Some(group) = group(row) {
                self.count(group, cell, count);
            }
        });
    }

    /// A list for each group, NULL for one in which nothing was counted.
    fn lists(&mut self, emit_to: EmitTo) -> ArrayRef {
        let groups = emit_to.take_needed(&mut self.groups);
        self.cells -= groups.iter().map(Vec::len).sum::<usize>();
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let present = groups.iter().map(|counts| !counts.is_empty()).collect::<NullBuffer>();
        let counts = UInt64Array::from_iter_values(groups.into_iter().flatten());
        let item = Arc::new(Field::new_list_field(DataType::UInt64, true));
        Arc::new(ListArray::new(item, offsets, Arc::new(counts), Some(present)))
    }

    fn one(&self) -> Result<ScalarValue> {
        let mut copy = Self { groups: self.groups.clone(), ..*self };
        ScalarValue::try_from_array(&copy.lists(EmitTo::All), 0)
    }

    fn bytes(&self) -> usize {
        // Vectors grow by doubling.
        2 * self.cells * size_of::<u64>() + self.groups.capacity() * size_of::<Vec<u64>>()
    }
}

impl Accumulator for Histograms {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], self.counts, |_| Some(0));
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(&states[0], of_histograms, |_| Some(0));
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.one()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.one()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes()
    }
}

impl GroupsAccumulator for Histograms {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, Vec::new);
        let counts = |row| filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        self.add(&values[0], self.counts, |row| counts(row).then(|| group_indices[row]));
        Ok(())
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        group_indices: &[usize],
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, Vec::new);
        self.add(&states[0], of_histograms, |row| Some(group_indices[row]));
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.lists(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.lists(emit_to)])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let mut each = Self::new(self.counts, rows);
        let own: Vec<usize> = (0..rows).collect();
        GroupsAccumulator::update_batch(&mut each, values, &own, filter, rows)?;
        Ok(vec![each.lists(EmitTo::All)])
    }

    fn size(&self) -> usize {
        self.bytes()
    }
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
