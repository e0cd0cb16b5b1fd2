//! What holds for every aggregate: the result does not depend on how rows are divided among
//! partial states, in which order they come, or whether groups are kept one by one or together;
//! a sliding frame gives what its rows give afresh.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringViewArray, UInt32Array,
};
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{Field, Schema, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Accumulator, AggregateUDF, EmitTo};
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, PhysicalSortExpr};

use super::Random;

const ROWS: usize = 30;

/// Arguments for an aggregate with NULL and NaN among them, and whether it needs an order.
fn arguments(name: &str) -> (Vec<ArrayRef>, bool) {
    let mut random = Random(7);
    let mut numbers = |limit: f64| -> ArrayRef {
        let number = |random: &mut Random| match random.below(10) {
            0 => None,
            1 => Some(f64::NAN),
            _ => Some((random.unit() * limit).floor() / 2.0),
        };
        Arc::new(Float64Array::from_iter((0..ROWS).map(|_| number(&mut random))))
    };
    let constant = |x: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![x; ROWS])) };
    match name {
        "rfc3550_jitter" => (vec![numbers(400.0), numbers(400.0), constant(8000.0)], true),
        "mann_kendall" | "sen_slope" | "pettitt" => (vec![numbers(20.0)], true),
        "seasonal_mann_kendall" => (vec![numbers(20.0), numbers(6.0)], true),
        "theil_sen" => (vec![numbers(20.0), numbers(60.0)], false),
        "weighted_mos" => (vec![numbers(10.0), numbers(60.0)], false),
        "mad" | "loglinear_hist" => (vec![numbers(2000.0)], false),
        "concurrent_peak" | "busy_hour_erlangs" => instants(&mut random),
        "poor_stream_ratio" => {
            let labels = [Some("poor"), Some("good"), Some("good"), Some("unclassified"), None];
            let labels = (0..ROWS).map(|_| random.pick(&labels));
            (vec![Arc::new(StringViewArray::from_iter(labels))], false)
        }
        "loglinear_merge" => {
            let lists = (0..ROWS).map(|_| {
                let cells = random.below(9);
                let counts: Vec<_> = (0..cells).map(|_| Some(random.next() % 5)).collect();
                (random.below(3) > 0).then_some(counts)
            });
            let lists: Vec<_> = lists.collect();
            (vec![Arc::new(ListArray::from_iter_primitive::<UInt64Type, _, _>(lists))], false)
        }
        "burstiness" | "burstiness_n" | "burst_memory" | "interevent" => {
            (vec![instants(&mut random).0.remove(0)], false)
        }
        "active_days" | "active_weeks" | "regularity_week" => {
            let days = (0..ROWS).map(|_| 86_400 * random.below(40) as i64);
            let zones: ArrayRef = Arc::new(StringViewArray::from(vec!["Asia/Tokyo"; ROWS]));
            (vec![Arc::new(Int64Array::from_iter_values(days)), zones], false)
        }
        "conversations" => {
            let kinds = [Some("im"), Some("im"), Some("im"), Some("audio"), None];
            let kinds: ArrayRef =
                Arc::new(StringViewArray::from_iter((0..ROWS).map(|_| random.pick(&kinds))));
            let directions = (0..ROWS).map(|_| Some(random.pick(&[-1.0, 0.0, 1.0])));
            let directions: ArrayRef = Arc::new(Float64Array::from_iter(directions));
            let times = instants(&mut random).0.remove(0);
            (vec![times, directions, kinds, constant(300.0)], false)
        }
        "entropy" | "entropy_norm" | "distinct_persons" => (vec![keys(&mut random)], false),
        "pareto_share" => {
            let weights = numbers(50.0);
            (vec![keys(&mut random), weights, constant(0.8)], false)
        }
        "gini" => (vec![numbers(100.0)], false),
        "top_share" => (vec![numbers(100.0), constant(3.0)], false),
        "reciprocity" | "initiation" => {
            let directions = [Some(-1.0), Some(0.0), Some(1.0), Some(1.0), None];
            let directions = (0..ROWS).map(|_| random.pick(&directions));
            (vec![Arc::new(Float64Array::from_iter(directions))], false)
        }
        "decay_strength" => {
            let times = instants(&mut random).0.remove(0);
            let at: ArrayRef = Arc::new(Int64Array::from(vec![8000; ROWS]));
            let at = datafusion::arrow::compute::cast(&at, times.data_type()).unwrap();
            (vec![times, at, constant(0.02)], false)
        }
        other => panic!("no arguments to test {other} with: add them here"),
    }
}

fn keys(random: &mut Random) -> ArrayRef {
    let names = [Some("ann"), Some("bob"), Some("cat"), Some("a name that fills a view"), None];
    Arc::new(StringViewArray::from_iter((0..ROWS).map(|_| random.pick(&names))))
}

fn instants(random: &mut Random) -> (Vec<ArrayRef>, bool) {
    let starts: Vec<_> = (0..ROWS)
        .map(|_| random.pick(&[true, true, true, false]).then(|| random.below(9000) as i64))
        .collect();
    let ends = starts.iter().map(|start| Some((*start)? + random.below(4000) as i64 - 500));
    let ends: Int64Array = ends.collect();
    let unit = datafusion::arrow::datatypes::DataType::Timestamp(
        datafusion::arrow::datatypes::TimeUnit::Second,
        None,
    );
    let cast = |a: &dyn Array| datafusion::arrow::compute::cast(a, &unit).unwrap();
    (vec![cast(&Int64Array::from(starts)), cast(&ends)], false)
}

/// An aggregate with rows to feed it: its arguments, then the key of its order if it has one.
struct Case {
    name: String,
    aggregate: AggregateFunctionExpr,
    columns: Vec<ArrayRef>,
}

impl Case {
    fn new(udaf: AggregateUDF) -> Self {
        let name = udaf.name().to_string();
        let (mut columns, ordered) = arguments(&name);
        let arguments = columns.len();
        // Keys repeat, so that ties are tested.
        columns.push(Arc::new(Int64Array::from_iter_values((0..ROWS as i64).map(|i| i * 7 % 20))));
        let fields = columns.iter().enumerate();
        let fields = fields.map(|(i, c)| Field::new(i.to_string(), c.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let column = |i: usize| Arc::new(Column::new(&i.to_string(), i)) as Arc<dyn PhysicalExpr>;
        let key = PhysicalSortExpr::new_default(column(arguments));
        if !ordered {
            columns.pop();
        }
        let aggregate =
            AggregateExprBuilder::new(Arc::new(udaf), (0..arguments).map(column).collect())
                .order_by(if ordered { vec![key] } else { vec![] })
                .schema(schema)
                .alias(&name)
                .build()
                .unwrap();
        Self { name, aggregate, columns }
    }

    fn rows(&self, from: usize, to: usize) -> Vec<ArrayRef> {
        self.columns.iter().map(|c| c.slice(from, to - from)).collect()
    }

    fn pick(&self, rows: &[u32]) -> Vec<ArrayRef> {
        let rows = UInt32Array::from(rows.to_vec());
        self.columns.iter().map(|c| take(c, &rows, None).unwrap()).collect()
    }

    fn accumulator(&self) -> Box<dyn Accumulator> {
        self.aggregate.create_accumulator().unwrap()
    }

    fn in_one_go(&self, columns: &[ArrayRef]) -> ScalarValue {
        let mut accumulator = self.accumulator();
        accumulator.update_batch(columns).unwrap();
        accumulator.evaluate().unwrap()
    }

    /// The result from partial states, each over some of the rows.
    fn merged(&self, parts: &[Vec<ArrayRef>]) -> ScalarValue {
        let states: Vec<Vec<ArrayRef>> = parts
            .iter()
            .map(|part| {
                let mut partial = self.accumulator();
                partial.update_batch(part).unwrap();
                let state = partial.state().unwrap();
                let fields = self.aggregate.state_fields().unwrap();
                for (value, field) in state.iter().zip(fields) {
                    assert_eq!(&value.data_type(), field.data_type(), "state of {}", self.name);
                }
                state.iter().map(|value| value.to_array().unwrap()).collect()
            })
            .collect();
        let column = |i: usize| {
            let parts: Vec<_> = states.iter().map(|state| state[i].as_ref()).collect();
            concat(&parts).unwrap()
        };
        let mut merged = self.accumulator();
        merged.merge_batch(&(0..states[0].len()).map(column).collect::<Vec<_>>()).unwrap();
        merged.evaluate().unwrap()
    }

    fn assert_same(&self, actual: &ScalarValue, expected: &ScalarValue, how: &str) {
        let same = match (actual, expected) {
            (ScalarValue::Float64(Some(a)), ScalarValue::Float64(Some(b))) => (a - b).abs() < 1e-9,
            _ => actual == expected,
        };
        assert!(same, "{} {how}: {actual:?} is not {expected:?}", self.name);
    }
}

fn cases() -> impl Iterator<Item = Case> {
    crate::functions().aggregate.into_iter().map(Case::new)
}

#[test]
fn parts_merge_to_the_whole() {
    for case in cases() {
        let whole = case.in_one_go(&case.columns);
        assert!(!whole.is_null(), "{} has nothing to test", case.name);
        for split in 0..=ROWS {
            let (front, back) = (case.rows(0, split), case.rows(split, ROWS));
            case.assert_same(&case.merged(&[front.clone(), back.clone()]), &whole, "in two");
            case.assert_same(&case.merged(&[back, front]), &whole, "in two, reversed");
        }
    }
}

#[test]
fn shuffled_rows_in_many_parts_give_the_same() {
    let mut random = Random(3);
    for case in cases() {
        let whole = case.in_one_go(&case.columns);
        for parts in [1, 2, 7, 64] {
            let mut rows: Vec<u32> = (0..ROWS as u32).collect();
            (1..ROWS).for_each(|i| rows.swap(i, random.below(i + 1)));
            let mut parts: Vec<_> = (0..parts)
                .map(|part| {
                    case.pick(&rows.iter().copied().skip(part).step_by(parts).collect::<Vec<_>>())
                })
                .collect();
            // One more in which every value is NULL.
            let nulls = case.columns.iter();
            parts.push(
                nulls.map(|c| datafusion::arrow::array::new_null_array(c.data_type(), 5)).collect(),
            );
            case.assert_same(&case.merged(&parts), &whole, "shuffled");
        }
    }
}

#[test]
fn nothing_gives_null_and_counts_give_0() {
    const COUNTS: [&str; 3] = ["active_days", "active_weeks", "distinct_persons"];
    for case in cases() {
        let nothing = case.in_one_go(&case.rows(0, 0));
        assert_eq!(nothing.data_type(), *case.aggregate.field().data_type(), "{}", case.name);
        match COUNTS.contains(&case.name.as_str()) {
            true => assert_eq!(nothing, ScalarValue::Int64(Some(0)), "{}", case.name),
            false => assert!(nothing.is_null(), "{}", case.name),
        }
        case.assert_same(&case.merged(&[case.rows(0, 0), case.rows(0, 0)]), &nothing, "of nothing");
    }
}

#[test]
fn a_frame_that_slides_gives_what_its_rows_give() {
    for case in cases().filter(|case| case.accumulator().supports_retract_batch()) {
        let mut sliding = case.accumulator();
        let (mut from, mut to) = (0, 0);
        for (next_from, next_to) in [(0, 3), (0, 4), (1, 5), (3, 12), (11, 12), (12, 30), (29, 30)]
        {
            sliding.update_batch(&case.rows(to, next_to)).unwrap();
            sliding.retract_batch(&case.rows(from, next_from)).unwrap();
            (from, to) = (next_from, next_to);
            let afresh = case.in_one_go(&case.rows(from, to));
            case.assert_same(&sliding.evaluate().unwrap(), &afresh, "sliding");
        }
    }
}

#[test]
fn groups_together_give_what_they_give_one_by_one() {
    for case in cases().filter(|case| case.aggregate.groups_accumulator_supported()) {
        let mut rows: [Vec<u32>; 3] = Default::default();
        (0..ROWS as u32).for_each(|row| rows[row as usize % 3].push(row));
        let expected: Vec<_> = rows.iter().map(|rows| case.in_one_go(&case.pick(rows))).collect();
        let groups: Vec<usize> = (0..ROWS).map(|row| row % 3).collect();

        let mut together = case.aggregate.create_groups_accumulator().unwrap();
        together.update_batch(&case.columns, &groups, None, 3).unwrap();
        let state = together.state(EmitTo::All).unwrap();
        let converted = together.convert_to_state(&case.columns, None).unwrap();
        for (state, groups) in [(state, vec![0, 1, 2]), (converted, groups)] {
            let mut merged = case.aggregate.create_groups_accumulator().unwrap();
            merged.merge_batch(&state, &groups, 3).unwrap();
            let actual = merged.evaluate(EmitTo::All).unwrap();
            for (group, expected) in expected.iter().enumerate() {
                let actual = ScalarValue::try_from_array(&actual, group).unwrap();
                case.assert_same(&actual, expected, "in groups");
            }
        }
    }
}

/// All of them at once in a session with several partitions, over a million groups of one too.
#[tokio::test]
async fn aggregates_run_in_sql() {
    let ctx = super::session();
    let mut tables = vec![];
    for case in cases() {
        let names = (0..case.columns.len()).map(|i| format!("c{i}"));
        let columns = names.zip(case.columns.iter().cloned());
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap();
        let parts = (0..ROWS).step_by(4).map(|i| vec![batch.slice(i, 4.min(ROWS - i))]).collect();
        let table = datafusion::datasource::MemTable::try_new(batch.schema(), parts).unwrap();
        let name = format!("t_{}", case.name);
        ctx.register_table(&name, Arc::new(table)).unwrap();
        tables.push((case, name));
    }
    for (case, table) in tables {
        let (_, ordered) = arguments(&case.name);
        let count = case.columns.len() - usize::from(ordered);
        let list = (0..count).map(|i| format!("c{i}")).collect::<Vec<_>>().join(", ");
        let order = if ordered { format!(" ORDER BY c{count}") } else { String::new() };
        let sql = format!("SELECT {}({list}{order}) FROM {table}", case.name);
        let rows = ctx.sql(&sql).await.unwrap().collect().await.unwrap();
        let actual = ScalarValue::try_from_array(rows[0].column(0), 0).unwrap();
        case.assert_same(&actual, &case.in_one_go(&case.columns), "in SQL");
    }
}
