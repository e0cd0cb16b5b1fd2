//! Each indicator as a formula over records in order of time.

use std::collections::BTreeMap;

use super::record::{Kind, Record};
use crate::contacts::ties::{fewest_share, shannon_entropy};
use crate::contacts::time::{Conversations, Moments, median};

/// An indicator: its name, the kinds of records that it is told for, and how it is computed.
pub(super) struct Indicator {
    pub name: &'static str,
    pub kinds: &'static [Kind],
    pub measure: Measure,
}

/// How an indicator is computed.
pub(super) enum Measure {
    /// To one number.
    Number(fn(&[Record]) -> Option<f64>),
    /// To numbers, of which statistics are told.
    Distribution(fn(&[Record]) -> Vec<f64>),
}

use Measure::{Distribution, Number};

const CALL: &[Kind] = &[Kind::Call];
const EACH: &[Kind] = &[Kind::Call, Kind::Text];
const BOTH: &[Kind] = &[Kind::CallAndText];

/// The share of contacts or time that bandicoot's Pareto indicators ask for.
const MOST: f64 = 0.8;
/// The silence that ends a conversation, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// All indicators, in the order in which they are told.
pub(super) const INDICATORS: &[Indicator] = &[
    Indicator { name: "active_days", kinds: BOTH, measure: Number(active_days) },
    Indicator { name: "number_of_contacts", kinds: EACH, measure: Number(contacts) },
    Indicator { name: "number_of_interactions", kinds: EACH, measure: Number(interactions) },
    Indicator { name: "number_of_interactions_in", kinds: EACH, measure: Number(received) },
    Indicator { name: "number_of_interactions_out", kinds: EACH, measure: Number(sent) },
    Indicator { name: "call_duration", kinds: CALL, measure: Distribution(durations) },
    Indicator { name: "percent_nocturnal", kinds: EACH, measure: Number(nocturnal) },
    Indicator { name: "percent_initiated_interactions", kinds: CALL, measure: Number(initiated) },
    Indicator {
        name: "percent_initiated_conversations",
        kinds: BOTH,
        measure: Number(initiated_conversations),
    },
    Indicator { name: "response_rate_text", kinds: BOTH, measure: Number(response_rate) },
    Indicator { name: "response_delay_text", kinds: BOTH, measure: Distribution(response_delays) },
    Indicator { name: "entropy_of_contacts", kinds: EACH, measure: Number(entropy) },
    Indicator { name: "balance_of_contacts", kinds: EACH, measure: Distribution(balances) },
    Indicator { name: "interactions_per_contact", kinds: EACH, measure: Distribution(per_contact) },
    Indicator { name: "interevent_time", kinds: EACH, measure: Distribution(intervals) },
    Indicator {
        name: "percent_pareto_interactions",
        kinds: EACH,
        measure: Number(pareto_interactions),
    },
    Indicator { name: "percent_pareto_durations", kinds: CALL, measure: Number(pareto_durations) },
];

/// Names of the statistics of a distribution, and what they are.
pub(super) fn statistics(mut numbers: Vec<f64>) -> [(&'static str, Option<f64>); 7] {
    // Sums do not depend on how records came.
    numbers.sort_unstable_by(f64::total_cmp);
    let moments = Moments::of(&numbers);
    [
        ("mean", moments.map(|m| m.mean)),
        ("std", moments.map(|m| m.std)),
        ("median", median(&mut numbers.clone())),
        ("skewness", moments.map(|m| m.skew)),
        ("kurtosis", moments.map(|m| m.kurt)),
        ("min", numbers.first().copied()),
        ("max", numbers.last().copied()),
    ]
}

/// What each contact has, the most first.
fn amounts(records: &[Record], amount: impl Fn(&Record) -> f64) -> Vec<f64> {
    let mut by_contact: BTreeMap<u32, f64> = BTreeMap::new();
    for record in records {
        *by_contact.entry(record.correspondent).or_default() += amount(record);
    }
    let mut amounts: Vec<f64> = by_contact.into_values().collect();
    amounts.sort_unstable_by(|a, b| b.total_cmp(a));
    amounts
}

fn share(records: &[Record], counts: impl Fn(&Record) -> bool) -> Option<f64> {
    let count = records.iter().filter(|record| counts(record)).count();
    Some(if records.is_empty() { 0.0 } else { count as f64 / records.len() as f64 })
}

fn active_days(records: &[Record]) -> Option<f64> {
    // In order of time, so that a day's records are together.
    Some(records.chunk_by(|a, b| a.time.day() == b.time.day()).count() as f64)
}

fn contacts(records: &[Record]) -> Option<f64> {
    Some(amounts(records, |_| 1.0).len() as f64)
}

fn interactions(records: &[Record]) -> Option<f64> {
    Some(records.len() as f64)
}

fn received(records: &[Record]) -> Option<f64> {
    Some(records.iter().filter(|record| !record.outgoing).count() as f64)
}

fn sent(records: &[Record]) -> Option<f64> {
    Some(records.iter().filter(|record| record.outgoing).count() as f64)
}

fn durations(records: &[Record]) -> Vec<f64> {
    records.iter().map(|record| record.seconds).collect()
}

fn nocturnal(records: &[Record]) -> Option<f64> {
    share(records, Record::is_at_night)
}

fn initiated(records: &[Record]) -> Option<f64> {
    share(records, |record| record.outgoing)
}

/// The conversations with all contacts together.
fn conversations(records: &[Record]) -> Conversations {
    let mut by_contact: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for record in records {
        by_contact.entry(record.correspondent).or_default().push(record.interaction());
    }
    let each = by_contact.values().map(|interactions| Conversations::among(interactions, HOUR));
    each.fold(Conversations::default(), Conversations::plus)
}

fn initiated_conversations(records: &[Record]) -> Option<f64> {
    let found = conversations(records);
    Some(if found.count > 0 { found.initiated as f64 / found.count as f64 } else { 0.0 })
}

fn response_rate(records: &[Record]) -> Option<f64> {
    let found = conversations(records);
    let received = found.count - found.initiated;
    (received > 0).then(|| found.answered as f64 / received as f64)
}

fn response_delays(records: &[Record]) -> Vec<f64> {
    conversations(records).delays
}

fn entropy(records: &[Record]) -> Option<f64> {
    shannon_entropy(&amounts(records, |_| 1.0))
}

fn balances(records: &[Record]) -> Vec<f64> {
    let sent = amounts(records, |record| f64::from(u8::from(record.outgoing)));
    sent.into_iter().map(|sent| sent / records.len() as f64).collect()
}

fn per_contact(records: &[Record]) -> Vec<f64> {
    amounts(records, |_| 1.0)
}

fn intervals(records: &[Record]) -> Vec<f64> {
    records.windows(2).map(|pair| (pair[1].time.0 - pair[0].time.0) as f64 / 1e6).collect()
}

fn pareto_interactions(records: &[Record]) -> Option<f64> {
    fewest_share(&amounts(records, |_| 1.0), MOST)
}

fn pareto_durations(records: &[Record]) -> Option<f64> {
    fewest_share(&amounts(records, |record| record.seconds), MOST)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::super::record::Part;
    use super::*;
    use crate::local_time::LocalTime;
    use crate::testing::assert_close;

    /// kind, direction, correspondent, time, seconds.
    type Line = (&'static str, &'static str, char, &'static str, f64);

    fn records(lines: &[Line]) -> Vec<Record> {
        let record = |(kind, direction, correspondent, time, seconds): &Line| {
            let time: NaiveDateTime = time.parse().unwrap();
            let time = LocalTime(time.and_utc().timestamp_micros());
            Record::new(time, u32::from(*correspondent), *direction == "out", kind, *seconds)
        };
        lines.iter().map(record).collect()
    }

    #[track_caller]
    fn assert_indicators(records: &[Record], expected: &[(&str, Kind, &str, f64)]) {
        for (name, kind, statistic, expected) in expected {
            let indicator = INDICATORS.iter().find(|i| i.name == *name).unwrap();
            let part = Part::all(false)[0].of(records, *kind);
            let value = match indicator.measure {
                Number(measure) => measure(&part),
                Distribution(measure) => {
                    let all = statistics(measure(&part));
                    all.iter().find(|(name, _)| name == statistic).unwrap().1
                }
            };
            assert_close(value.unwrap(), *expected, 6e-5);
        }
    }

    /// The records and answers A of bandicoot's test data, which were made by hand.
    #[test]
    fn bandicoots_user_a() {
        use Kind::{Call, CallAndText, Text};
        let a = records(&[
            ("call", "in", 'A', "2014-08-20T20:30:37", 137.0),
            ("call", "out", 'B', "2014-08-21T20:31:42", 542.0),
            ("text", "in", 'C', "2014-08-21T21:10:31", 0.0),
            ("text", "out", 'C', "2014-08-21T21:15:31", 0.0),
            ("text", "in", 'C', "2014-08-21T21:16:31", 0.0),
            ("text", "out", 'C', "2014-08-21T21:17:31", 0.0),
            ("text", "out", 'C', "2014-08-21T21:18:31", 0.0),
        ]);
        assert_indicators(
            &a,
            &[
                ("active_days", CallAndText, "", 2.0),
                ("call_duration", Call, "mean", 339.5),
                ("call_duration", Call, "std", 202.5),
                ("entropy_of_contacts", Call, "", std::f64::consts::LN_2),
                ("entropy_of_contacts", Text, "", 0.0),
                ("interactions_per_contact", Text, "mean", 5.0),
                ("interevent_time", Call, "mean", 86_465.0),
                ("interevent_time", Text, "mean", 120.0),
                ("interevent_time", Text, "std", 103.923_04),
                ("number_of_contacts", Call, "", 2.0),
                ("number_of_interactions", Text, "", 5.0),
                ("percent_initiated_conversations", CallAndText, "", 0.0),
                ("percent_initiated_interactions", Call, "", 0.5),
                ("percent_nocturnal", Text, "", 1.0),
                ("response_delay_text", CallAndText, "mean", 180.0),
                ("response_delay_text", CallAndText, "std", 120.0),
                ("response_rate_text", CallAndText, "", 1.0),
                ("balance_of_contacts", Call, "mean", 0.25),
                ("balance_of_contacts", Text, "mean", 0.6),
                ("percent_pareto_interactions", Call, "", 1.0),
                ("percent_pareto_durations", Call, "", 1.0),
            ],
        );
    }

    /// The same for B.
    #[test]
    fn bandicoots_user_b() {
        use Kind::{Call, CallAndText, Text};
        let b = records(&[
            ("call", "out", 'D', "2014-07-10T10:13:30", 122.0),
            ("call", "in", 'D', "2014-07-11T10:23:41", 222.0),
            ("text", "out", 'C', "2014-07-13T14:51:12", 0.0),
            ("text", "in", 'C', "2014-07-13T14:56:41", 0.0),
            ("text", "in", 'B', "2014-07-13T14:57:41", 0.0),
            ("text", "out", 'C', "2014-07-13T20:31:26", 0.0),
            ("text", "out", 'B', "2014-07-13T20:32:26", 0.0),
        ]);
        assert_indicators(
            &b,
            &[
                ("active_days", CallAndText, "", 3.0),
                ("call_duration", Call, "mean", 172.0),
                ("percent_initiated_conversations", CallAndText, "", 0.75),
                ("percent_initiated_interactions", Call, "", 0.5),
                ("entropy_of_contacts", Text, "", 0.673_012),
                ("interevent_time", Text, "mean", 5118.5),
                ("interactions_per_contact", Text, "mean", 2.5),
                ("percent_nocturnal", Text, "", 0.4),
                ("balance_of_contacts", Text, "mean", 0.3),
                ("percent_pareto_interactions", Text, "", 1.0),
            ],
        );
    }
}
