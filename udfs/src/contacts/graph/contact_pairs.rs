//! Who talks with whom, and how.

use datafusion::arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err, internal_err};
use datafusion_macros::user_doc;

use super::events::instants_as;
use super::input::{EVENTS, FROM, Rows, START, TO, zone_of};
use super::keys::key_type;
use super::output::{counts, numbers, optional_numbers, schema};
use super::pairs::{Clock, Pair, Pairs, Wanted};
use crate::call::{Call, Options};
use crate::local_time::hours;
use crate::parameter::{flag, setting, zone};
use crate::relation::RelationFunction;

const MICROS: f64 = 1e6;

fn clock(options: &Options) -> Result<Clock> {
    let working = (hours(options.number("day_from")?), hours(options.number("day_to")?));
    if working.0 >= working.1 {
        return exec_err!("{}: `day_from` must be before `day_to`", options.function());
    }
    Ok(Clock { zone: zone_of(options)?, working })
}

/// What the query uses of the result.
fn wanted(call: &Call) -> Wanted {
    let any = |names: &[&str]| names.iter().any(|name| call.wants(name));
    Wanted {
        hours: any(&["offhours_calls", "offhours_seconds", "weekend_calls"]),
        starts: any(&["active_days", "active_weeks", "iet_mean", "iet_std", "burstiness"]),
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options();
    let rows = Rows::of_calls(options, &call.input_schema())?.with_unanswered();
    let (clock, directed) = (clock(options)?, options.flag("directed")?);
    let min_calls = options.count("min_calls")?;
    let mut pairs = Pairs::read(call, rows, &clock, wanted(call), directed)?;
    pairs.all.retain(|pair| pair.calls() >= min_calls);
    columns(call, &pairs)
}

fn columns(call: &Call, pairs: &Pairs) -> Result<RecordBatch> {
    let (all, rows) = (&pairs.all, pairs.all.len());
    let start_type = call.input_schema().field_with_name("start")?.data_type().clone();
    let count = |of: fn(&Pair) -> usize| Ok(counts(all.iter().map(of)));
    let seconds = |of: fn(&Pair) -> i64| Ok(numbers(all.iter().map(|p| of(p) as f64 / MICROS)));
    let number = |of: fn(&Pair) -> Option<f64>| Ok(optional_numbers(all.iter().map(of)));
    let moment = |of: fn(&Pair) -> Option<i64>| {
        instants_as(&start_type, TimestampMicrosecondArray::from_iter(all.iter().map(of)))
    };
    let make = |name: &str| -> Result<ArrayRef> {
        match name {
            "a" => pairs.keys.column(all.iter().map(|p| p.a)),
            "b" => pairs.keys.column(all.iter().map(|p| p.b)),
            "calls" => count(Pair::calls),
            "calls_ab" => count(|p| p.ab.calls),
            "calls_ba" => count(|p| p.ba.calls),
            "seconds" => seconds(|p| p.ab.micros.saturating_add(p.ba.micros)),
            "seconds_ab" => seconds(|p| p.ab.micros),
            "seconds_ba" => seconds(|p| p.ba.micros),
            "first" => moment(Pair::first),
            "last" => moment(Pair::last),
            "active_days" => count(|p| p.times.days),
            "active_weeks" => count(|p| p.times.weeks),
            "reciprocity" => number(Pair::reciprocity),
            "initiation" => number(Pair::initiation),
            "offhours_calls" => count(|p| p.ab.offhours_calls + p.ba.offhours_calls),
            "offhours_seconds" => {
                seconds(|p| p.ab.offhours_micros.saturating_add(p.ba.offhours_micros))
            }
            "weekend_calls" => count(|p| p.ab.weekend_calls + p.ba.weekend_calls),
            "iet_mean" => number(|p| p.times.intervals.mean()),
            "iet_std" => number(|p| p.times.intervals.deviation()),
            "burstiness" => number(|p| p.times.intervals.burstiness()),
            "missed" => count(|p| p.ab.missed + p.ba.missed),
            other => internal_err!("contact_pairs: no column `{other}`"),
        }
    };
    let schema = call.schema();
    let names = schema.fields().iter().map(|field| field.name());
    let columns = names.map(|name| call.column(name, rows, || make(name)));
    call.result(columns.collect::<Result<_>>()?)
}

fn pair_schema(columns: &[DataType]) -> SchemaRef {
    use DataType::{Float64, Int64};
    let (key, time) = (key_type(&columns[0]), columns[START].clone());
    schema([
        ("a", key.clone()),
        ("b", key),
        ("calls", Int64),
        ("calls_ab", Int64),
        ("calls_ba", Int64),
        ("seconds", Float64),
        ("seconds_ab", Float64),
        ("seconds_ba", Float64),
        ("first", time.clone()),
        ("last", time),
        ("active_days", Int64),
        ("active_weeks", Int64),
        ("reciprocity", Float64),
        ("initiation", Float64),
        ("offhours_calls", Int64),
        ("offhours_seconds", Float64),
        ("weekend_calls", Int64),
        ("iet_mean", Float64),
        ("iet_std", Float64),
        ("burstiness", Float64),
        ("missed", Int64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: a row for each pair of people who talked, in order of `a` and \
`b`, the lesser and the greater key. calls and seconds of both directions, and of each (calls_ab are \
those from a to b); first and last start; active_days and active_weeks with a call; reciprocity 2 min \
/ (calls_ab + calls_ba) from 0 to 1; initiation calls_ab / calls; offhours_calls and offhours_seconds \
of calls that start outside working hours, which are those `is_off_hours` knows, weekend_calls of those \
on a Saturday or Sunday; mean and population standard deviation of the seconds \
between starts (iet_mean, iet_std) and their burstiness (s - m) / (s + m), from -1 regular to 1 \
bursty, NULL below three calls; missed, calls that nobody answered and that count nowhere else. The \
relation has columns a, b, start, and if known seconds and answered. Calls to oneself do not count.",
    syntax_example = "contact_pairs(relation or (subquery), from, to, tz, day_from, day_to, min_calls, directed)",
    argument(name = "from", description = "Only calls that start then or later."),
    argument(name = "to", description = "Only calls that start before."),
    argument(
        name = "tz",
        description = "Time zone of days, weeks (from Monday) and hours; cdrql.time_zone by default."
    ),
    argument(
        name = "day_from",
        description = "Hour at which work begins, 7 by default. What starts on it is still off hours."
    ),
    argument(
        name = "day_to",
        description = "Hour at which work ends, 19 by default. What starts on it is off hours."
    ),
    argument(
        name = "min_calls",
        description = "Only pairs with as many calls, 1 by default; 0 shows those with missed calls alone."
    ),
    argument(
        name = "directed",
        description = "Whether each direction has a row of its own, from a to b; false by default."
    ),
    sql_example = "```sql\nSELECT a, b, calls, seconds, reciprocity FROM contact_pairs((SELECT * FROM (VALUES ('bob', 'ann', 60, 30), ('ann', 'bob', 7200, 45), ('ann', 'bob', 9000, 15)) AS t(a, b, start, seconds)));\n-- ann | bob | 3 | 90.0 | 0.6666666666666666\n```"
)]
struct ContactPairs;

/// `contact_pairs(events, from, to, tz, day_from, day_to, min_calls, directed)`
pub fn contact_pairs() -> RelationFunction {
    RelationFunction {
        name: "contact_pairs",
        columns: EVENTS,
        parameters: const {
            &[
                FROM,
                TO,
                zone("tz"),
                setting("day_from", 0.0, 24.0).or(7.0),
                setting("day_to", 0.0, 24.0).or(19.0),
                setting("min_calls", 0.0, f64::MAX).or(1.0),
                flag("directed").or(0.0),
            ]
        },
        schema: pair_schema,
        evaluate,
        documentation: ContactPairs.doc(),
    }
}
