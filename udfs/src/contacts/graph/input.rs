//! What the functions read: rows of edges or calls, with the columns of their relations.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, Scalar,
    TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::compute::kernels::cmp::{eq, gt, gt_eq, lt, neq};
use datafusion::arrow::compute::{and, filter_record_batch, is_not_null};
use datafusion::arrow::datatypes::{DataType, Float64Type, SchemaRef};
use datafusion::common::{Result, ScalarValue, exec_err, internal_err};

use crate::call::{Options, Part};
use crate::local_time::{Zone, instants};
use crate::parameter::{Kind, Parameter, flag, number, parameter};

/// The columns of edges.
pub(super) const EDGES: &[Parameter] = &[A, B, ANSWERED, number("weight").or(1.0)];

/// The columns of calls that may as well be edges.
pub(super) const TIES: &[Parameter] = &[
    A,
    B,
    ANSWERED,
    number("weight").or(1.0),
    number("seconds").or(0.0),
    parameter("start", Kind::Instant).or_null(),
];

/// The columns of calls.
pub(super) const EVENTS: &[Parameter] =
    &[A, B, ANSWERED, parameter("start", Kind::Instant), number("seconds").or(0.0)];

/// The columns of calls that are named in the result.
pub(super) const NAMED_EVENTS: &[Parameter] = &[
    A,
    B,
    ANSWERED,
    parameter("start", Kind::Instant),
    number("seconds").or(0.0),
    parameter("id", Kind::Id).or_null(),
];

const A: Parameter = parameter("a", Kind::Key);
const B: Parameter = parameter("b", Kind::Key);
const ANSWERED: Parameter = flag("answered").or(1.0);

/// Where `start` and `id` stand among [`EVENTS`] and [`NAMED_EVENTS`].
pub(super) const START: usize = 3;
pub(super) const ID: usize = 5;

/// The limits of time as options of a function.
pub(super) const FROM: Parameter = parameter("from", Kind::Moment).or_null();
pub(super) const TO: Parameter = parameter("to", Kind::Moment).or_null();

/// Which rows of the input count.
#[derive(Clone)]
pub(super) struct Rows {
    /// `start` may not lie before the first nor reach the second.
    limits: Option<[Option<TimestampMicrosecondArray>; 2]>,
    starts: bool,
    unanswered: bool,
}

impl Rows {
    /// Rows with two parties; with weights, those above 0.
    pub(super) fn any() -> Self {
        Self { limits: None, starts: false, unanswered: false }
    }

    /// Rows of calls whose start is known.
    pub(super) fn calls() -> Self {
        Self { starts: true, ..Self::any() }
    }

    /// Rows of calls whose start is known and within the options `from` and `to`.
    pub(super) fn of_calls(options: &Options, input: &SchemaRef) -> Result<Self> {
        let rows = Self::within(options, input)?;
        Ok(Self { starts: true, ..rows })
    }

    /// Rows whose start is within the options `from` and `to` if there are any.
    pub(super) fn within(options: &Options, input: &SchemaRef) -> Result<Self> {
        let start = input.field_with_name("start")?.data_type();
        let limit = |name| match options.moment(name)? {
            Some(limit) => limit_of_time(options.function(), name, limit, start).map(Some),
            None => Ok(None),
        };
        let limits = [limit("from")?, limit("to")?];
        let limits = limits.iter().any(Option::is_some).then_some(limits);
        Ok(Self { limits, starts: false, unanswered: false })
    }

    /// Rows of calls that nobody answered as well.
    pub(super) fn with_unanswered(self) -> Self {
        Self { unanswered: true, ..self }
    }

    /// The rows of the next batch that count.
    pub(super) fn next(&self, part: &mut Part) -> Result<Option<RecordBatch>> {
        let Some(batch) = part.next_batch()? else { return Ok(None) };
        let complete = self.complete(&batch)?;
        part.skip(batch.num_rows() - complete.true_count());
        let counts = and(&complete, &self.wanted(&batch)?)?;
        match counts.true_count() == batch.num_rows() {
            true => Ok(Some(batch)),
            false => Ok(Some(filter_record_batch(&batch, &counts)?)),
        }
    }

    /// Rows that say who called whom, and when if that matters.
    fn complete(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let parties = and(&is_not_null(column(batch, "a")?)?, &is_not_null(column(batch, "b")?)?)?;
        match self.starts || self.limits.is_some() {
            true => Ok(and(&parties, &is_not_null(column(batch, "start")?)?)?),
            false => Ok(parties),
        }
    }

    /// Complete rows that count. A NULL does not.
    fn wanted(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let mut wanted = neq(column(batch, "a")?, column(batch, "b")?)?;
        if let Some(weights) = batch.column_by_name("weight") {
            // In the order of these comparisons NaN is above infinity.
            let above = gt(weights, &Float64Array::new_scalar(0.0))?;
            let finite = lt(weights, &Float64Array::new_scalar(f64::INFINITY))?;
            wanted = and(&wanted, &and(&above, &finite)?)?;
        }
        if !self.unanswered {
            let yes = Float64Array::new_scalar(1.0);
            wanted = and(&wanted, &eq(column(batch, "answered")?, &yes)?)?;
        }
        if let Some([from, to]) = &self.limits {
            let starts = instants(column(batch, "start")?)?;
            if let Some(from) = from {
                wanted = and(&wanted, &gt_eq(&starts, &Scalar::new(from))?)?;
            }
            if let Some(to) = to {
                wanted = and(&wanted, &lt(&starts, &Scalar::new(to))?)?;
            }
        }
        Ok(without_nulls(&wanted))
    }
}

fn without_nulls(mask: &BooleanArray) -> BooleanArray {
    let values: BooleanBuffer = match mask.nulls() {
        Some(nulls) => mask.values() & nulls.inner(),
        None => mask.values().clone(),
    };
    BooleanArray::new(values, None)
}

/// A limit of time as `start` is compared with it.
fn limit_of_time(
    function: &str,
    name: &str,
    limit: &ScalarValue,
    start: &DataType,
) -> Result<TimestampMicrosecondArray> {
    if start.is_null() {
        return exec_err!("{function}: `{name}` needs a column `start` in the relation");
    }
    if (limit.data_type() == DataType::Int64) != (*start == DataType::Int64) {
        let given = limit.data_type();
        return exec_err!("{function}: `{name}` is {given} but `start` is {start}");
    }
    instants(&limit.to_array()?)
}

/// The time zone of the option `tz`.
pub(super) fn zone_of(options: &Options) -> Result<Zone> {
    let name = options.text("tz")?.unwrap_or_default();
    match Zone::named(name) {
        Some(zone) => Ok(zone),
        None => {
            exec_err!("{}: `tz` is '{name}', must be a time zone such as 'UTC'", options.function())
        }
    }
}

/// A column of the input by its name.
pub(super) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    match batch.column_by_name(name) {
        Some(column) => Ok(column),
        None => internal_err!("the input has no column `{name}`"),
    }
}

/// Numbers of a column; what is NULL, negative or not finite is 0.
pub(super) fn amounts(batch: &RecordBatch, name: &str) -> Result<Vec<f64>> {
    let numbers = column(batch, name)?.as_primitive::<Float64Type>();
    let amount = |number: Option<f64>| number.filter(|x| x.is_finite() && *x >= 0.0);
    Ok(numbers.iter().map(|number| amount(number).unwrap_or(0.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_columns() {
        for columns in [EVENTS, NAMED_EVENTS] {
            assert_eq!(columns[START].name, "start");
        }
        assert_eq!(NAMED_EVENTS[ID].name, "id");
    }
}
