//! Whether events keep to the same hours of the week.

use std::collections::BTreeSet;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::collected::CollectedFunction;
use crate::contacts::ties::shannon_entropy;
use crate::local_time::{LocalTime, instants};
use crate::parameter::{Kind, parameter, zone};
use crate::rows::zones;

const HOURS: usize = 7 * 24;

/// One less the entropy of the hours of the week over its maximum.
fn regularity(times: impl Iterator<Item = LocalTime>) -> Option<f64> {
    let mut weeks = BTreeSet::new();
    let mut counts = [0.0; HOURS];
    for time in times {
        weeks.insert(time.week());
        // 0 to 167.
        counts[time.hour_of_week() as usize] += 1.0;
    }
    let entropy = shannon_entropy(&counts)?;
    (weeks.len() > 1).then(|| 1.0 - entropy / (HOURS as f64).ln())
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let times = instants(&columns[0])?;
    let zones = zones(columns.get(1), times.len())?;
    let local = times.iter().zip(zones).filter_map(|(time, zone)| Some(zone?.local(time?)));
    Ok(regularity(local).into())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Whether events keep to the same hours of the week on the clock of a place: 1 if \
all are in one hour of the week, 0 if they spread over all 168 alike (one less their entropy over \
ln 168). NULL for events of fewer than two weeks.",
    syntax_example = "regularity_week(t [, tz])",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    argument(
        name = "tz",
        description = "The place's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT CAST(regularity_week(t) AS DECIMAL(9,6)) FROM (VALUES (0), (604800), (1209600), (3600)) AS x(t);\n-- 0.890254\n```"
)]
struct RegularityWeek;

/// `regularity_week(t [, tz])`
pub(super) fn regularity_week() -> AggregateUDF {
    CollectedFunction {
        name: "regularity_week",
        parameters: const { &[parameter("t", Kind::Instant), zone("tz")] },
        ordered: false,
        returns: || DataType::Float64,
        evaluate,
        documentation: RegularityWeek.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn extremes() {
        let at = |hours: &[i64]| regularity(hours.iter().map(|hour| LocalTime(hour * HOUR)));
        assert_eq!(at(&[9, 9 + 168, 9 + 336]), Some(1.0));
        let every_hour: Vec<i64> = (0..336).collect();
        assert_close(at(&every_hour).unwrap(), 0.0, 1e-12);
        // Two hours alike: ln 2 of ln 168.
        assert_close(at(&[9, 10, 9 + 168, 10 + 168]).unwrap(), 0.864_724, 1e-6);
        assert_eq!(at(&[9, 10]), None);
        assert_eq!(at(&[]), None);
    }
}
