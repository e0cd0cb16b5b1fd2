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

    /// The stretches of time of this width, in order, in which any call goes on.
    pub(super) fn buckets(&self, width: i64) -> impl Iterator<Item = Bucket> {
        let mut sweep = Sweep { calls: self, started: 0, ended: 0, now: i64::MIN };
        std::iter::from_fn(move || sweep.next_bucket(width))
    }
}

/// What goes on in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) start: i64,
    pub(super) peak: usize,
    /// The time of all calls in it together.
    pub(super) ticks: i128,
}

/// A walk through the starts and ends of calls.
struct Sweep<'a> {
    calls: &'a Calls,
    started: usize,
    ended: usize,
    now: i64,
}

impl Sweep<'_> {
    fn going_on(&self) -> usize {
        self.started - self.ended
    }

    /// When the next call starts or ends.
    fn next_change(&self) -> Option<i64> {
        let start = self.calls.starts.get(self.started);
        let end = self.calls.ends.get(self.ended);
        start.into_iter().chain(end).min().copied()
    }

    fn pass(&mut self, change: i64) {
        let at_change = |times: &[i64]| times.iter().take_while(|t| **t == change).count();
        self.ended += at_change(&self.calls.ends[self.ended..]);
        self.started += at_change(&self.calls.starts[self.started..]);
        self.now = change;
    }

    fn next_bucket(&mut self, width: i64) -> Option<Bucket> {
        let change = self.next_change()?;
        // Without calls time flies to the next one.
        let from = if self.going_on() == 0 { change } else { self.now };
        let start = from.div_euclid(width).saturating_mul(width);
        let end = start.saturating_add(width);
        let mut bucket = Bucket { start, peak: 0, ticks: 0 };
        while let Some(change) = self.next_change().filter(|change| *change <= end) {
            bucket.add(self.going_on(), self.now, change);
            self.pass(change);
        }
        bucket.add(self.going_on(), self.now, end);
        self.now = end;
        Some(bucket)
    }
}

impl Bucket {
    fn add(&mut self, calls: usize, from: i64, to: i64) {
        if calls > 0 && from < to {
            self.peak = self.peak.max(calls);
            self.ticks += calls as i128 * (i128::from(to) - i128::from(from));
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calls(calls: &[(i64, i64)]) -> Calls {
        let mut starts: Vec<_> = calls.iter().map(|call| call.0).collect();
        let mut ends: Vec<_> = calls.iter().map(|call| call.1).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        Calls { starts, ends }
    }

    #[test]
    fn by_hand() {
        let calls = calls(&[(0, 60), (30, 90), (60, 61), (250, 260)]);
        let bucket = |start, peak, ticks| Bucket { start, peak, ticks };
        let expected = [bucket(0, 2, 90), bucket(60, 2, 31), bucket(240, 1, 10)];
        assert_eq!(calls.buckets(60).collect::<Vec<_>>(), expected);
    }

    proptest! {
        #[test]
        fn buckets_hold_all_calls(
            intervals in prop::collection::vec((-60_i64..60, 1_i64..90), 1..40), width in 1_i64..50,
        ) {
            let intervals: Vec<_> =
                intervals.into_iter().map(|(start, length)| (start, start + length)).collect();
            let calls = calls(&intervals);
            let buckets: Vec<_> = calls.buckets(width).collect();
            let total: i64 = intervals.iter().map(|(start, end)| end - start).sum();
            prop_assert_eq!(buckets.iter().map(|b| b.ticks).sum::<i128>(), i128::from(total));
            prop_assert_eq!(buckets.iter().map(|b| b.peak).max(), Some(calls.peak()));
            prop_assert!(buckets.windows(2).all(|pair| pair[0].start < pair[1].start));
            for bucket in buckets {
                let at = |t: i64| intervals.iter().filter(|(s, e)| *s <= t && t < *e).count();
                let instants = bucket.start..bucket.start + width;
                prop_assert_eq!(bucket.start.rem_euclid(width), 0);
                prop_assert_eq!(instants.clone().map(at).max(), Some(bucket.peak));
                prop_assert_eq!(instants.map(at).sum::<usize>() as i128, bucket.ticks);
                prop_assert!(bucket.peak > 0);
            }
        }
    }
}
