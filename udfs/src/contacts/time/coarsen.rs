//! Times and durations with less detail, so that a record cannot be told from its neighbours.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate};
use datafusion::arrow::array::{ArrayRef, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::local_time::{LocalTime, hours, instants};
use crate::parameter::{Kind, choice, number, parameter, zone};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

const UNITS: &[&str] =
    &["minute", "quarter_hour", "half_hour", "hour", "day", "week", "month", "quarter", "year"];

/// The start of the unit, by its position in [`UNITS`], that a local time is in.
fn start_of(unit: usize, local: LocalTime) -> Option<LocalTime> {
    let day = hours(24.0);
    let whole = |length: i64| Some(LocalTime(local.0.div_euclid(length) * length));
    match UNITS[unit] {
        "minute" => whole(hours(1.0) / 60),
        "quarter_hour" => whole(hours(0.25)),
        "half_hour" => whole(hours(0.5)),
        "hour" => whole(hours(1.0)),
        "day" => whole(day),
        "week" => (local.day() - local.weekday() + 1).checked_mul(day).map(LocalTime),
        unit => {
            let date = DateTime::from_timestamp_micros(local.0)?.date_naive();
            let month = match unit {
                "month" => date.month(),
                "quarter" => date.month0() / 3 * 3 + 1,
                _ => 1,
            };
            let first =
                NaiveDate::from_ymd_opt(date.year(), month, 1)?.and_time(chrono::NaiveTime::MIN);
            Some(LocalTime(first.and_utc().timestamp_micros()))
        }
    }
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The start of the hour, day, ... that a time is in on the clock of a place, as a \
timestamp in UTC (microseconds). Weeks begin on Monday. Where clocks skip that start, the first time \
after it; where they show it twice, the first of both.",
    syntax_example = "coarsen_time(t, unit [, tz])",
    argument(name = "t", description = "A time in UTC: a timestamp, or seconds since 1970."),
    argument(
        name = "unit",
        description = "minute, quarter_hour, half_hour, hour, day, week, month, quarter, year."
    ),
    argument(
        name = "tz",
        description = "The place's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT coarsen_time(TIMESTAMP '2014-02-03T23:30:00', 'day', 'Europe/Berlin');\n-- 2014-02-03T23:00:00\n```"
)]
struct CoarsenTime;

/// `coarsen_time(t, unit [, tz])`
pub(super) fn coarsen_time() -> ScalarUDF {
    ScalarFunction {
        name: "coarsen_time",
        parameters: const { &[parameter("t", Kind::Instant), choice("unit", UNITS), zone("tz")] },
        returns: |_| DataType::Timestamp(TimeUnit::Microsecond, None),
        evaluate,
        documentation: CoarsenTime.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let times = instants(&arguments.array(0)?)?;
    let (unit, zones) = (arguments.choice(1)?, arguments.zones(2)?);
    let start = |(time, zone): (Option<i64>, Option<crate::local_time::Zone>)| {
        let zone = zone?;
        start_of(unit, zone.local(time?)).map(|start| zone.instant(start))
    };
    let starts: TimestampMicrosecondArray = times.iter().zip(zones).map(start).collect();
    Ok(Arc::new(starts))
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The greatest step that is not above a duration, as Float64; NULL below the first.",
    syntax_example = "coarsen_seconds(s, steps)",
    argument(name = "s", description = "A duration in seconds."),
    argument(name = "steps", description = "A list of rising numbers, a constant."),
    sql_example = "```sql\nSELECT coarsen_seconds(130, make_array(0, 60, 300, 3600));\n-- 60.0\n```"
)]
struct CoarsenSeconds;

/// `coarsen_seconds(s, steps)`
pub(super) fn coarsen_seconds() -> ScalarUDF {
    ScalarFunction {
        name: "coarsen_seconds",
        parameters: const { &[number("s"), parameter("steps", Kind::Edges)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let steps = arguments.edges(1)?;
            arguments.floats(|[seconds]| {
                let above = steps.partition_point(|step| *step <= seconds);
                above.checked_sub(1).map_or(f64::NAN, |last| steps[last])
            })
        },
        documentation: CoarsenSeconds.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;

    fn local(text: &str) -> LocalTime {
        LocalTime(text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros())
    }

    #[test]
    fn by_hand() {
        let time = local("2014-05-15T13:47:59.500");
        let starts = UNITS.iter().enumerate().map(|(unit, _)| start_of(unit, time).unwrap());
        let expected = [
            "2014-05-15T13:47:00",
            "2014-05-15T13:45:00",
            "2014-05-15T13:30:00",
            "2014-05-15T13:00:00",
            "2014-05-15T00:00:00",
            "2014-05-12T00:00:00",
            "2014-05-01T00:00:00",
            "2014-04-01T00:00:00",
            "2014-01-01T00:00:00",
        ];
        assert_eq!(starts.collect::<Vec<_>>(), expected.map(local));
        assert_eq!(start_of(6, LocalTime(i64::MAX)), None);
    }
}
