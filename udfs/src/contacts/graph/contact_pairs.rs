//! Who talks with whom, and how.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::events::{Event, Events};
use super::input::{EVENTS, FROM, Rows, START, TO, zone_of};
use super::keys::{Node, key_type};
use super::output::{counts, numbers, optional_numbers, schema};
use crate::call::{Call, Options};
use crate::local_time::{LocalTime, Zone, hours};
use crate::parameter::{flag, setting, zone};
use crate::relation::RelationFunction;

const MICROS: f64 = 1e6;

/// The clock by which days, weeks and working hours are told.
struct Clock {
    zone: Zone,
    /// Microseconds since midnight; both ends are off hours.
    working: (i64, i64),
}

impl Clock {
    fn new(options: &Options) -> Result<Self> {
        let working = (hours(options.number("day_from")?), hours(options.number("day_to")?));
        if working.0 >= working.1 {
            return exec_err!("{}: `day_from` must be before `day_to`", options.function());
        }
        Ok(Self { zone: zone_of(options)?, working })
    }

    fn is_off_hours(&self, time: LocalTime) -> bool {
        let at_work = self.working.0 < time.of_day() && time.of_day() < self.working.1;
        !at_work || is_weekend(time)
    }
}

fn is_weekend(time: LocalTime) -> bool {
    time.weekday() > 5
}

/// What was said between two people; `ab` is the direction from `a` to `b`.
#[derive(Debug, Default, Clone, PartialEq)]
struct Pair {
    a: Node,
    b: Node,
    calls_ab: usize,
    calls_ba: usize,
    seconds_ab: f64,
    seconds_ba: f64,
    first: Option<i64>,
    last: Option<i64>,
    active_days: usize,
    active_weeks: usize,
    offhours_calls: usize,
    offhours_seconds: f64,
    weekend_calls: usize,
    missed: usize,
    intervals: Intervals,
}

impl Pair {
    /// The pair of these calls, which are in the order of time.
    fn of(a: Node, b: Node, events: &[Event], clock: &Clock) -> Self {
        let mut pair = Self { a, b, ..Self::default() };
        let mut last = None;
        for event in events {
            if !event.answered {
                pair.missed += 1;
                continue;
            }
            let time = clock.zone.local(event.start);
            pair.add(event, clock.is_off_hours(time), is_weekend(time));
            pair.active_days += usize::from(last.map(LocalTime::day) != Some(time.day()));
            pair.active_weeks += usize::from(last.map(LocalTime::week) != Some(time.week()));
            last = Some(time);
        }
        pair.intervals = Intervals::of(events.iter().filter(|e| e.answered).map(|e| e.start));
        pair
    }

    fn add(&mut self, event: &Event, off_hours: bool, weekend: bool) {
        let (calls, seconds) = match event.a == self.a {
            true => (&mut self.calls_ab, &mut self.seconds_ab),
            false => (&mut self.calls_ba, &mut self.seconds_ba),
        };
        *calls += 1;
        *seconds += event.seconds;
        self.first = self.first.or(Some(event.start));
        self.last = Some(event.start);
        self.weekend_calls += usize::from(weekend);
        if off_hours {
            self.offhours_calls += 1;
            self.offhours_seconds += event.seconds;
        }
    }

    fn calls(&self) -> usize {
        self.calls_ab + self.calls_ba
    }

    fn reciprocity(&self) -> Option<f64> {
        let fewer = self.calls_ab.min(self.calls_ba);
        (self.calls() > 0).then(|| 2.0 * fewer as f64 / self.calls() as f64)
    }

    fn initiation(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.calls_ab as f64 / self.calls() as f64)
    }
}

/// Seconds from the start of one call to the start of the next.
#[derive(Debug, Default, Clone, PartialEq)]
struct Intervals {
    count: usize,
    mean: f64,
    /// Of the population.
    deviation: f64,
}

impl Intervals {
    fn of(starts: impl Iterator<Item = i64> + Clone) -> Self {
        let intervals = starts.clone().zip(starts.skip(1));
        let intervals = intervals.map(|(start, next)| (next - start) as f64 / MICROS);
        let count = intervals.clone().count();
        if count == 0 {
            return Self::default();
        }
        let mean = intervals.clone().sum::<f64>() / count as f64;
        let variance = intervals.map(|x| (x - mean).powi(2)).sum::<f64>() / count as f64;
        Self { count, mean, deviation: variance.sqrt() }
    }

    fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    fn deviation(&self) -> Option<f64> {
        (self.count > 0).then_some(self.deviation)
    }

    /// Goh and Barabási's measure, of at least two intervals.
    fn burstiness(&self) -> Option<f64> {
        let sum = self.deviation + self.mean;
        (self.count > 1 && sum > 0.0).then(|| (self.deviation - self.mean) / sum)
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let clock = Clock::new(&options)?;
    let (directed, min_calls) = (options.flag("directed")?, options.count("min_calls")?);
    let rows = Rows::of_calls(&options, &call.input_schema())?.with_unanswered();
    let mut events = Events::read(call, &rows, false)?;
    let parties = |e: &Event| match directed {
        true => (e.a, e.b),
        false => (e.a.min(e.b), e.a.max(e.b)),
    };
    events.events.sort_unstable_by(|x, y| {
        let by_time = (parties(x), x.start, x.a).cmp(&(parties(y), y.start, y.a));
        by_time.then(x.seconds.total_cmp(&y.seconds))
    });
    call.cancelled().check()?;
    let groups = events.events.chunk_by(|x, y| parties(x) == parties(y));
    let pairs = groups.map(|group| {
        let (a, b) = parties(&group[0]);
        Pair::of(a, b, group, &clock)
    });
    let pairs: Vec<Pair> = pairs.filter(|pair| pair.calls() >= min_calls).collect();
    call.reserve(2 * size_of::<Pair>() * pairs.len())?;
    columns(call, &events, &pairs)
}

fn columns(call: &Call, events: &Events, pairs: &[Pair]) -> Result<RecordBatch> {
    let count = |value: fn(&Pair) -> usize| counts(pairs.iter().map(value));
    let number = |value: fn(&Pair) -> f64| numbers(pairs.iter().map(value));
    let optional = |value: fn(&Pair) -> Option<f64>| optional_numbers(pairs.iter().map(value));
    call.result(vec![
        events.keys.column(pairs.iter().map(|p| p.a))?,
        events.keys.column(pairs.iter().map(|p| p.b))?,
        count(Pair::calls),
        count(|p| p.calls_ab),
        count(|p| p.calls_ba),
        number(|p| p.seconds_ab + p.seconds_ba),
        number(|p| p.seconds_ab),
        number(|p| p.seconds_ba),
        events.instants(pairs.iter().map(|p| p.first))?,
        events.instants(pairs.iter().map(|p| p.last))?,
        count(|p| p.active_days),
        count(|p| p.active_weeks),
        optional(Pair::reciprocity),
        optional(Pair::initiation),
        count(|p| p.offhours_calls),
        number(|p| p.offhours_seconds),
        count(|p| p.weekend_calls),
        optional(|p| p.intervals.mean()),
        optional(|p| p.intervals.deviation()),
        optional(|p| p.intervals.burstiness()),
        count(|p| p.missed),
    ])
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
