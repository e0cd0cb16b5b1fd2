//! Calls in the order of time.

use std::cmp::Ordering;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DynComparator, Float64Array, TimestampMicrosecondArray, UInt32Array,
    make_comparator, new_null_array,
};
use datafusion::arrow::compute::{SortOptions, cast, concat, take};
use datafusion::arrow::datatypes::{DataType, Float64Type, TimeUnit};
use datafusion::common::{Result, exec_err};

use super::input::{Rows, amounts, column};
use super::interner::Interner;
use super::keys::{Keys, Node};
use crate::call::Call;
use crate::local_time::instants;

const SECONDS: DataType = DataType::Timestamp(TimeUnit::Second, None);

/// A call from `a` to `b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Event {
    pub(super) a: Node,
    pub(super) b: Node,
    /// In microseconds since 1970.
    pub(super) start: i64,
    pub(super) seconds: f64,
    /// The place among the ids.
    pub(super) row: u32,
    pub(super) answered: bool,
}

/// Calls as they were read.
pub(super) struct Events {
    pub(super) keys: Keys,
    pub(super) events: Vec<Event>,
    /// The ids of calls by their `row`, if the relation has any.
    ids: Option<ArrayRef>,
    /// The type of `start`.
    pub(super) start_type: DataType,
}

impl Events {
    /// Reads the calls that count, with their ids if they are wanted.
    pub(super) fn read(call: &mut Call, rows: &Rows, with_ids: bool) -> Result<Self> {
        let schema = call.input_schema();
        let mut keys = Interner::new(schema.field_with_name("a")?.data_type())?;
        let start_type = schema.field_with_name("start")?.data_type().clone();
        let (mut events, mut ids, mut id_bytes) = (vec![], vec![], 0);
        let (mut a, mut b) = (vec![], vec![]);
        let mut input = call.input()?;
        while let Some(batch) = rows.next(&mut input)? {
            a.clear();
            b.clear();
            keys.intern(column(&batch, "a")?, &mut a)?;
            keys.intern(column(&batch, "b")?, &mut b)?;
            let starts = instants(column(&batch, "start")?)?;
            let seconds = amounts(&batch, "seconds")?;
            let answered = column(&batch, "answered")?.as_primitive::<Float64Type>();
            if events.len() + batch.num_rows() > u32::MAX as usize {
                return exec_err!("more than {} calls; ask for a part of them", u32::MAX);
            }
            let first = events.len() as u32;
            events.extend((0..batch.num_rows()).map(|i| Event {
                a: a[i],
                b: b[i],
                start: starts.value(i),
                seconds: seconds[i],
                row: first + i as u32,
                answered: is_answered(answered, i),
            }));
            if with_ids {
                let column = column(&batch, "id")?;
                id_bytes += column.get_array_memory_size();
                ids.push(column.clone());
            }
            call.memory()
                .try_resize(keys.size() + events.capacity() * size_of::<Event>() + id_bytes)?;
        }
        let (keys, nodes) = keys.finish()?;
        for event in &mut events {
            (event.a, event.b) = (nodes[event.a as usize], nodes[event.b as usize]);
        }
        let parts: Vec<&dyn Array> = ids.iter().map(AsRef::as_ref).collect();
        let ids = if parts.is_empty() { None } else { Some(concat(&parts)?) };
        let ids = ids.filter(|ids| !ids.data_type().is_null());
        Ok(Self { keys, events, ids, start_type })
    }

    /// Puts the calls into an order that does not depend on how they came in: by time, then by
    /// who called whom, then by id.
    pub(super) fn sort(&mut self) -> Result<()> {
        let ids = self.compare_ids()?;
        let in_time = |x: &Event, y: &Event| {
            let by_time = (x.start, x.a, x.b).cmp(&(y.start, y.a, y.b));
            let by_time = by_time.then(x.seconds.total_cmp(&y.seconds));
            by_time.then_with(|| ids(x.row as usize, y.row as usize))
        };
        self.events.sort_unstable_by(in_time);
        Ok(())
    }

    fn compare_ids(&self) -> Result<DynComparator> {
        match &self.ids {
            Some(ids) => Ok(make_comparator(ids, ids, SortOptions::default())?),
            None => Ok(Box::new(|_, _| Ordering::Equal)),
        }
    }

    /// A column of ids, of the type in which they came in.
    pub(super) fn ids(&self, rows: UInt32Array, id_type: &DataType) -> Result<ArrayRef> {
        match &self.ids {
            Some(ids) => Ok(take(ids, &rows, None)?),
            None => Ok(new_null_array(id_type, rows.len())),
        }
    }

    /// A column of instants, of the type of `start`.
    pub(super) fn instants(
        &self,
        micros: impl IntoIterator<Item = Option<i64>>,
    ) -> Result<ArrayRef> {
        instants_as(&self.start_type, TimestampMicrosecondArray::from_iter(micros))
    }
}

/// Instants as the type in which `start` came in.
pub(super) fn instants_as(
    start_type: &DataType,
    instants: TimestampMicrosecondArray,
) -> Result<ArrayRef> {
    Ok(match start_type {
        DataType::Null => new_null_array(start_type, instants.len()),
        DataType::Int64 => cast(&cast(&instants, &SECONDS)?, &DataType::Int64)?,
        _ => cast(&instants, start_type)?,
    })
}

impl Event {
    /// When the call ended, in microseconds since 1970.
    pub(super) fn end(&self) -> i64 {
        // The cast saturates.
        self.start.saturating_add((self.seconds * 1e6).round() as i64)
    }
}

pub(super) fn is_answered(answered: &Float64Array, row: usize) -> bool {
    answered.is_valid(row) && answered.value(row) == 1.0
}
