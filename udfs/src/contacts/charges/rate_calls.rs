//! What calls cost by a table of rates.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Builder, Float64Array, Int64Builder, RecordBatch,
    StringViewBuilder,
};
use datafusion::arrow::compute::{SortColumn, cast, lexsort_to_indices, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::rates::{Found, Rate, Rates, digits_of};
use super::tariff::Bill;
use crate::amount::CHARGE_TYPE;
use crate::call::Call;
use crate::local_time::{Zone, instants};
use crate::lookup::{IS_SECOND, LookupFunction, both};
use crate::parameter::{Kind, Parameter, flag, number, parameter, text, zone};
use crate::relation::RelationFunction;
use crate::texts::text_at;

/// How many of [`COLUMNS`] are the calls'.
const OF_CALLS: usize = 6;

const COLUMNS: &[Parameter] = &[
    parameter("id", Kind::Id),
    text("number"),
    parameter("start", Kind::Instant),
    number("seconds"),
    flag("answered").or(1.0),
    text("rate_plan").or_null(),
    text("plan").or_null(),
    text("prefix"),
    parameter("valid_from", Kind::Instant).or_null(),
    parameter("valid_to", Kind::Instant).or_null(),
    text("days_of_week").or_null(),
    number("time_from").or_null(),
    number("time_to").or_null(),
    parameter("connect", Kind::Amount).or(0.0),
    number("tier_start").or(0.0),
    parameter("rate_per_unit", Kind::Amount),
    number("unit_seconds").or(60.0),
    number("first_increment").or(1.0),
    number("increment").or(1.0),
    number("min_seconds").or(0.0),
    parameter("min_charge", Kind::Amount).or(0.0),
    text("rounding").or_text("half_up"),
    number("decimals").or(4.0),
    text("currency").or_null(),
    IS_SECOND,
];

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Table function: what calls cost, a row for each of them in the order of `id`: \
call, prefix and plan of the rate, billed (Int64, seconds), charge (decimal, six digits), \
currency, and reason where there is no charge or none to pay: `not answered`, `no number`, `no \
duration`, `no rate`, `no rate at that time`, `out of range`. No call is ever dropped. Calls have \
the columns id, number (in E.164 with its `+`, or a key of `contact_key`; others are no number \
here), start, seconds, and may have answered and rate_plan. Rates have prefix (digits), \
rate_per_unit, and may have plan, valid_from and valid_to, days_of_week (as '12345', 1 is Monday), \
time_from and time_to (hours), connect, tier_start, unit_seconds (60), first_increment, increment \
(1), min_seconds, min_charge, rounding (half_up, half_even, up, down), decimals (4), currency. The \
longest prefix that has a rate at the call's start counts, for the whole call; of several the one \
for days or hours, then the latest. Several tiers are rows that differ in tier_start; connect to \
currency are those of the first. A call record may be missing: the source does not promise \
completeness, so this is no billing system.",
    syntax_example = "rate_calls(calls, rates [, tz])",
    argument(
        name = "tz",
        description = "The time zone of the rates' dates and hours; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT call, prefix, billed, charge, reason FROM rate_calls((SELECT * FROM (VALUES (1, '+447700900123', TIMESTAMP '2026-03-02T09:00:00', 61), (2, '+33123456789', TIMESTAMP '2026-03-02T09:00:00', 9)) AS c(id, number, start, seconds)), (SELECT * FROM (VALUES ('44', 0.05, 60, 60), ('447', 0.18, 60, 10)) AS r(prefix, rate_per_unit, first_increment, increment)));\n-- 1 | 447 | 70 | 0.210000 | NULL\n-- 2 | NULL | NULL | NULL | no rate\n```"
)]
struct RateCalls;

/// `rate_calls(calls, rates [, tz])`
pub(super) fn rate_calls() -> LookupFunction {
    let function = RelationFunction {
        name: "rate_calls",
        columns: COLUMNS,
        parameters: const { &[zone("tz")] },
        schema,
        evaluate,
        documentation: RateCalls.doc(),
    };
    LookupFunction { function, first: OF_CALLS }
}

fn schema(columns: &[DataType]) -> SchemaRef {
    let id = columns.first().cloned().unwrap_or(DataType::Null);
    Arc::new(Schema::new(vec![
        Field::new("call", id, true),
        Field::new("prefix", DataType::Utf8View, true),
        Field::new("plan", DataType::Utf8View, true),
        Field::new("billed", DataType::Int64, true),
        Field::new("charge", CHARGE_TYPE, true),
        Field::new("currency", DataType::Utf8View, true),
        Field::new("reason", DataType::Utf8View, true),
    ]))
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let [calls, rates] = both(call)?;
    let zone = call.options().text("tz")?.and_then(Zone::named).unwrap_or_default();
    let rates = Rates::read(&rates)?;
    // Calls with the same id stay in the order of their other columns.
    let keys = calls.columns()[..OF_CALLS].iter().map(Arc::clone);
    let keys: Vec<_> = keys.map(|values| SortColumn { values, options: None }).collect();
    let calls = take_record_batch(&calls, &lexsort_to_indices(&keys, None)?)?;
    let columns = bills(&calls, &rates, zone)?;
    call.result(columns)
}

/// The result's columns.
fn bills(calls: &RecordBatch, rates: &Rates, zone: Zone) -> Result<Vec<ArrayRef>> {
    let [numbers, plans] = [1, 5].map(|i| cast(calls.column(i), &DataType::Utf8View));
    let (numbers, plans) = (numbers?, plans?);
    let starts = instants(calls.column(2))?;
    let [seconds, answered] = [3, 4].map(|i| calls.column(i).as_primitive::<Float64Type>());
    let mut bills = Bills::default();
    for row in 0..calls.num_rows() {
        let subject = Subject {
            number: text_at(numbers.as_string_view(), row),
            plan: text_at(plans.as_string_view(), row),
            start: starts.is_valid(row).then(|| starts.value(row)),
            seconds: number_at(seconds, row),
            answered: number_at(answered, row) == Some(1.0),
        };
        bills.append(subject.rate(rates, zone));
    }
    Ok(bills.finish(Arc::clone(calls.column(0))))
}

fn number_at(numbers: &Float64Array, row: usize) -> Option<f64> {
    numbers.is_valid(row).then(|| numbers.value(row))
}

/// A call to be rated.
struct Subject<'a> {
    number: Option<&'a str>,
    plan: Option<&'a str>,
    start: Option<i64>,
    seconds: Option<f64>,
    answered: bool,
}

/// What came of it: the rate, the bill, and why there is none to pay.
type Rated<'a> = (Option<&'a Rate>, Option<Bill>, Option<&'static str>);

impl Subject<'_> {
    fn rate<'r>(&self, rates: &'r Rates, zone: Zone) -> Rated<'r> {
        let digits = self.number.and_then(global_digits);
        let (Some(digits), Some(start)) = (digits, self.start) else {
            return (None, None, Some(if self.answered { "no number" } else { NOT_ANSWERED }));
        };
        let rate = match rates.find(self.plan, &digits, zone.local(start)) {
            Found::Rate(rate) => rate,
            _ if !self.answered => return (None, None, Some(NOT_ANSWERED)),
            Found::NotThen => return (None, None, Some("no rate at that time")),
            Found::None => return (None, None, Some("no rate")),
        };
        if !self.answered {
            return (Some(rate), Some(Bill { seconds: 0, charge: 0 }), Some(NOT_ANSWERED));
        }
        let seconds = self.seconds.filter(|seconds| *seconds >= 0.0);
        match seconds.map(|seconds| rate.tariff.bill(seconds.ceil() as i64)) {
            Some(Some(bill)) => (Some(rate), Some(bill), None),
            Some(None) => (Some(rate), None, Some("out of range")),
            None => (Some(rate), None, Some("no duration")),
        }
    }
}

/// The digits of a number of the whole world: 112 must not pass for one that begins with 1.
fn global_digits(number: &str) -> Option<String> {
    let number = number.strip_prefix("t:").unwrap_or(number).trim_start();
    number.starts_with('+').then(|| digits_of(number)).filter(|digits| !digits.is_empty())
}

const NOT_ANSWERED: &str = "not answered";

#[derive(Default)]
struct Bills {
    prefix: StringViewBuilder,
    plan: StringViewBuilder,
    billed: Int64Builder,
    charge: Decimal128Builder,
    currency: StringViewBuilder,
    reason: StringViewBuilder,
}

impl Bills {
    fn append(&mut self, (rate, bill, reason): Rated) {
        self.prefix.append_option(rate.map(|rate| &rate.prefix));
        self.plan.append_option(rate.and_then(|rate| rate.plan.as_ref()));
        self.billed.append_option(bill.map(|bill| bill.seconds));
        self.charge.append_option(bill.map(|bill| bill.charge));
        self.currency.append_option(rate.and_then(|rate| rate.currency.as_ref()));
        self.reason.append_option(reason);
    }

    fn finish(mut self, id: ArrayRef) -> Vec<ArrayRef> {
        vec![
            id,
            Arc::new(self.prefix.finish()),
            Arc::new(self.plan.finish()),
            Arc::new(self.billed.finish()),
            Arc::new(self.charge.finish().with_data_type(CHARGE_TYPE)),
            Arc::new(self.currency.finish()),
            Arc::new(self.reason.finish()),
        ]
    }
}
