//! On how many days or in how many weeks something happened.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::local_time::{LocalTime, instants};
use crate::parameter::{Kind, Parameter, parameter, zone};
use crate::rows::zones;
use crate::tally::{Entries, TallyFunction};

const PARAMETERS: &[Parameter] = &[parameter("t", Kind::Instant), zone("tz")];

/// The period that each row is in.
fn periods(columns: &[ArrayRef], period: impl Fn(LocalTime) -> i64) -> Result<Entries> {
    let times = instants(&columns[0])?;
    let zones = zones(columns.get(1), times.len())?;
    let periods = times.iter().zip(zones).map(|(time, zone)| Some(period(zone?.local(time?))));
    Ok(Entries { keys: Arc::new(periods.collect::<Int64Array>()), weights: None, setting: None })
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "On how many days, by the calendar of a place, something happened; Int64, 0 when \
nothing did.",
    syntax_example = "active_days(t [, tz])",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970."),
    argument(
        name = "tz",
        description = "The place's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT active_days(t), active_days(t, 'Asia/Tokyo') FROM (VALUES (0), (50000), (60000)) AS x(t);\n-- 1 | 2\n```"
)]
struct ActiveDays;

/// `active_days(t [, tz])`
pub(super) fn active_days() -> AggregateUDF {
    TallyFunction {
        name: "active_days",
        parameters: PARAMETERS,
        key: |_| DataType::Int64,
        entries: |columns| periods(columns, LocalTime::day),
        returns: DataType::Int64,
        evaluate: |days, _| Some(days.len() as f64),
        documentation: ActiveDays.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "In how many weeks from Monday to Sunday, by the calendar of a place, something \
happened; Int64, 0 when nothing did.",
    syntax_example = "active_weeks(t [, tz])",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970."),
    argument(
        name = "tz",
        description = "The place's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT active_weeks(t) FROM (VALUES (TIMESTAMP '2014-02-09T23:00:00'), (TIMESTAMP '2014-02-10T01:00:00')) AS x(t);\n-- 2\n```"
)]
struct ActiveWeeks;

/// `active_weeks(t [, tz])`
pub(super) fn active_weeks() -> AggregateUDF {
    TallyFunction {
        name: "active_weeks",
        parameters: PARAMETERS,
        key: |_| DataType::Int64,
        entries: |columns| periods(columns, LocalTime::week),
        returns: DataType::Int64,
        evaluate: |weeks, _| Some(weeks.len() as f64),
        documentation: ActiveWeeks.doc(),
    }
    .into()
}
