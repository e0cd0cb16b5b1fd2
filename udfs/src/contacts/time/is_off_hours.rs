//! Whether something happens outside working hours.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, Float64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::local_time::{hours, instants};
use crate::parameter::{Kind, choice, parameter, setting, zone};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

const WEEKENDS: &[&str] = &["sat-sun", "fri-sat", "thu-fri", "fri", "sat", "sun", "none"];
/// ISO weekdays of each of [`WEEKENDS`].
const DAYS_OFF: [&[i64]; 7] = [&[6, 7], &[5, 6], &[4, 5], &[5], &[6], &[7], &[]];

/// The hours at which people are not at work: `from` and `to` themselves are among them.
#[derive(Debug, Clone, Copy)]
struct OffHours {
    /// When work begins and ends, in microseconds since midnight.
    from: i64,
    to: i64,
}

impl OffHours {
    fn contains(self, of_day: i64) -> bool {
        let Self { from, to } = self;
        if from <= to { of_day <= from || of_day >= to } else { to < of_day && of_day < from }
    }
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Whether a time is outside working hours on the clock of a place: on a day of \
the weekend, or not after `from` and before `to`. Both edges are off hours, so that at 7 and at 19 \
o'clock sharp nobody works (bandicoot's night); where `from` is above `to`, work goes over midnight, \
and the edges are working hours.",
    syntax_example = "is_off_hours(t [, tz [, from [, to [, weekend]]]])",
    argument(name = "t", description = "A time in UTC: a timestamp, or seconds since 1970."),
    argument(
        name = "tz",
        description = "The place's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    argument(name = "from", description = "When work begins, in hours; 7 if left out."),
    argument(name = "to", description = "When work ends, in hours; 19 if left out."),
    argument(
        name = "weekend",
        description = "sat-sun if left out, fri-sat, thu-fri, fri, sat, sun, none."
    ),
    sql_example = "```sql\nSELECT is_off_hours(TIMESTAMP '2014-02-03T18:00:00', 'Europe/Berlin'), is_off_hours(TIMESTAMP '2014-02-03T17:59:59', 'Europe/Berlin');\n-- true | false\n```"
)]
struct IsOffHours;

/// `is_off_hours(t [, tz [, from [, to [, weekend]]]])`
pub(super) fn is_off_hours() -> ScalarUDF {
    ScalarFunction {
        name: "is_off_hours",
        parameters: const {
            &[
                parameter("t", Kind::Instant),
                zone("tz"),
                setting("from", 0.0, 24.0).or(7.0),
                setting("to", 0.0, 24.0).or(19.0),
                choice("weekend", WEEKENDS).or_text("sat-sun"),
            ]
        },
        returns: |_| DataType::Boolean,
        evaluate,
        documentation: IsOffHours.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let times = instants(&arguments.array(0)?)?;
    let zones = arguments.zones(1)?;
    let (from, to) = (arguments.numbers(2)?, arguments.numbers(3)?);
    let days_off = DAYS_OFF[arguments.choice(4)?];
    let off = |row: usize| {
        let (time, zone) = (times.is_valid(row).then(|| times.value(row))?, zones[row]?);
        let local = zone.local(time);
        let hour = |column: &Float64Array| {
            let hour = column.is_valid(row).then(|| column.value(row));
            hour.filter(|hour| (0.0..=24.0).contains(hour)).map(hours)
        };
        let off_hours = OffHours { from: hour(&from)?, to: hour(&to)? };
        Some(days_off.contains(&local.weekday()) || off_hours.contains(local.of_day()))
    };
    Ok(Arc::new((0..arguments.rows()).map(off).collect::<BooleanArray>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// bandicoot's night is `not (07:00 < t < 19:00)`, and strict where it does not go over midnight.
    #[test]
    fn edges() {
        let work = OffHours { from: hours(7.0), to: hours(19.0) };
        for (time, off) in [(6.99, true), (7.0, true), (7.01, false), (18.99, false), (19.0, true)]
        {
            assert_eq!(work.contains(hours(time)), off, "{time}");
        }
        let night_work = OffHours { from: hours(22.0), to: hours(6.0) };
        for (time, off) in [(22.0, false), (23.0, false), (6.0, false), (6.5, true), (21.99, true)]
        {
            assert_eq!(night_work.contains(hours(time)), off, "{time}");
        }
    }
}
