//! Calls as half-open intervals [start, end): what goes on at the same time.

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit};
use datafusion::common::Result;

/// Starts and ends of calls, each sorted by itself, in the ticks of their columns. Calls without
/// length, and those that end before they start, are left out.
pub(super) struct Calls {
    pub(super) starts: Vec<i64>,
    pub(super) ends: Vec<i64>,
}

impl Calls {
    /// Calls from columns without NULL.
    pub(super) fn new(starts: &ArrayRef, ends: &ArrayRef) -> Result<Self> {
        let (starts, ends) = (ticks(starts)?, ticks(ends)?);
        let lasting = starts.values().iter().zip(ends.values()).filter(|(start, end)| start < end);
        let (mut starts, mut ends): (Vec<i64>, Vec<i64>) = lasting.unzip();
        starts.sort_unstable();
        ends.sort_unstable();
        Ok(Self { starts, ends })
    }

    /// The most calls at the same time. Which start belongs to which end does not matter; at
    /// equal times ends come first.
    pub(super) fn peak(&self) -> usize {
        let mut ended = 0;
        let going_on = self.starts.iter().enumerate().map(|(started, start)| {
            // Fewer calls have ended by now than have started: there is always one more end.
            while self.ends[ended] <= *start {
                ended += 1;
            }
            started + 1 - ended
        });
        going_on.max().unwrap_or(0)
    }
}

fn ticks(instants: &ArrayRef) -> Result<Int64Array> {
    Ok(cast(instants, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

/// How many ticks of a column of instants make a second; plain numbers count seconds.
pub(super) fn ticks_per_second(instants: &DataType) -> i64 {
    match instants {
        DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000_000,
        _ => 1,
    }
}
