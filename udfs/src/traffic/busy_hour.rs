//! The clock hour with the most traffic.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::sweep::ticks_per_second;
use crate::collected::CollectedFunction;
use crate::parameter::{Kind, parameter};
use crate::record::{record, record_type};

const HOUR_START: DataType = DataType::Timestamp(TimeUnit::Second, None);

/// What begins in an hour of the clock.
#[derive(Debug, Default, Clone, Copy)]
struct Change {
    /// Ticks of calls that last for a part of the hour.
    part: i128,
    /// Calls that from here on last whole hours, less those that no longer do.
    whole: i64,
}

/// The hour, as its number, with the most ticks of calls, the earliest if there are several.
fn busiest(calls: impl Iterator<Item = (i64, i64)>, hour: i64) -> Option<(i64, i128)> {
    let mut changes: BTreeMap<i64, Change> = BTreeMap::new();
    for (start, end) in calls.filter(|(start, end)| start < end) {
        let (first, last) = (start.div_euclid(hour), end.div_euclid(hour));
        if first == last {
            changes.entry(first).or_default().part += i128::from(end) - i128::from(start);
            continue;
        }
        // All of the hours from the first to the one before the last, less what it missed.
        let before = changes.entry(first).or_default();
        before.whole += 1;
        before.part -= i128::from(start.rem_euclid(hour));
        let after = changes.entry(last).or_default();
        after.whole -= 1;
        after.part += i128::from(end.rem_euclid(hour));
    }
    largest(&changes, hour)
}

fn largest(changes: &BTreeMap<i64, Change>, hour: i64) -> Option<(i64, i128)> {
    let mut best: Option<(i64, i128)> = None;
    let mut going_on = 0;
    let mut offer = |hour: i64, ticks: i128| {
        if ticks > best.map_or(0, |(_, most)| most) {
            best = Some((hour, ticks));
        }
    };
    let next = changes.keys().skip(1).copied().map(Some).chain([None]);
    for ((&number, change), next) in changes.iter().zip(next) {
        going_on += i128::from(change.whole);
        let whole = going_on * i128::from(hour);
        offer(number, whole + change.part);
        // Until the next change every hour is alike.
        if next.is_some_and(|next| next > number + 1) {
            offer(number + 1, whole);
        }
    }
    best
}

fn busy_hour_type() -> DataType {
    record_type(&[("hour_start", HOUR_START), ("erlangs", DataType::Float64)])
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let hour = 3600 * ticks_per_second(columns[0].data_type());
    let ticks = |i: usize| Ok(cast(&columns[i], &DataType::Int64)?) as Result<ArrayRef>;
    let (starts, ends) = (ticks(0)?, ticks(1)?);
    let (starts, ends) = (starts.as_primitive::<Int64Type>(), ends.as_primitive::<Int64Type>());
    let calls = starts.values().iter().copied().zip(ends.values().iter().copied());
    let Some((number, ticks)) = busiest(calls, hour) else {
        return ScalarValue::try_from(&busy_hour_type());
    };
    record(&[
        ("hour_start", ScalarValue::TimestampSecond(Some(number.saturating_mul(3600)), None)),
        ("erlangs", (ticks as f64 / hour as f64).into()),
    ])
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "The clock hour (UTC) with the most traffic: a struct of hour_start (timestamp) \
and erlangs, the mean number of calls at the same time in that hour. The earliest of equal hours. \
Calls without length, without start or end, or that end before they start do not count; NULL without \
any.",
    syntax_example = "busy_hour_erlangs(start, end)",
    argument(
        name = "start",
        description = "When the call started: a timestamp, or a whole number of seconds since 1970."
    ),
    argument(name = "end", description = "When it ended, of the same kind."),
    sql_example = "```sql\nSELECT get_field(b, 'hour_start'), get_field(b, 'erlangs') FROM (SELECT busy_hour_erlangs(s, e) AS b FROM (VALUES (0, 3600), (1800, 5400), (3600, 5400)) AS t(s, e));\n-- 1970-01-01T00:00:00 | 1.5\n```"
)]
struct BusyHourErlangs;

/// `busy_hour_erlangs(start, end)`
pub fn busy_hour_erlangs() -> AggregateUDF {
    CollectedFunction {
        name: "busy_hour_erlangs",
        parameters: const { &[parameter("start", Kind::Instant), parameter("end", Kind::Instant)] },
        ordered: false,
        returns: busy_hour_type,
        evaluate,
        documentation: BusyHourErlangs.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(busiest([(7200, 10_800)].into_iter(), 3600), Some((2, 3600)));
        // Half an hour before midnight 1970 and three hours after it.
        assert_eq!(busiest([(-1800, 10_800)].into_iter(), 3600), Some((0, 3600)));
        assert_eq!(busiest([(5, 5), (9, 3)].into_iter(), 3600), None);
        // A record that never ended takes no longer than another.
        assert_eq!(busiest([(0, i64::MAX), (i64::MIN, 0)].into_iter(), 3600).unwrap().1, 3600);
    }

    proptest! {
        #[test]
        fn is_the_hour_with_the_largest_overlap(
            calls in prop::collection::vec((-50_i64..50, -5_i64..60), 1..20),
        ) {
            let calls: Vec<_> = calls.into_iter().map(|(start, length)| (start, start + length)).collect();
            let overlap = |hour: i64| -> i64 {
                let (from, to) = (hour * 10, hour * 10 + 10);
                calls.iter().map(|(start, end)| (end.min(&to) - start.max(&from)).max(0)).sum()
            };
            let most = (-20..20).map(overlap).max().filter(|most| *most > 0);
            let first = most.and_then(|most| (-20..20).find(|hour| overlap(*hour) == most));
            let expected = first.zip(most).map(|(hour, most)| (hour, i128::from(most)));
            prop_assert_eq!(busiest(calls.iter().copied(), 10), expected);
        }
    }
}
