//! A table of rates: for the numbers that begin with a prefix, at some times, a tariff.

use std::collections::BTreeMap;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Float64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{HashMap, Result, exec_err};

use super::billed_seconds::whole;
use super::tariff::{Increments, MODES, Mode, Rounding, Tariff, Tier};
use crate::amount::{CHARGE_SCALE, amounts};
use crate::local_time::{LocalTime, hours, instants};
use crate::texts::text_at;

/// Rates by prefix.
#[derive(Debug, Default)]
pub(super) struct Rates {
    by_prefix: HashMap<String, Vec<Rate>>,
    longest: usize,
}

/// What holds for a prefix at some times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rate {
    pub plan: Option<String>,
    pub prefix: String,
    pub currency: Option<String>,
    pub tariff: Tariff,
    times: Times,
}

/// When a rate holds, by the clock of a place; it holds from a time on and not at its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Times {
    valid_from: Option<i64>,
    valid_to: Option<i64>,
    /// Digits from 1 Monday to 7 Sunday; all days if there are none.
    days_of_week: Option<String>,
    /// Microseconds since midnight; over midnight where the second is the lesser.
    from: Option<i64>,
    to: Option<i64>,
}

impl Times {
    fn contain(&self, time: LocalTime) -> bool {
        // One digit, 1 to 7.
        let weekday = char::from(b'0' + time.weekday() as u8);
        let (from, to) = (self.from.unwrap_or(0), self.to.unwrap_or(hours(24.0)));
        let after_from = time.of_day() >= from;
        let before_to = time.of_day() < to;
        self.valid_from.is_none_or(|from| time.0 >= from)
            && self.valid_to.is_none_or(|to| time.0 < to)
            && self.days_of_week.as_ref().is_none_or(|days| days.contains(weekday))
            && if from <= to { after_from && before_to } else { after_from || before_to }
    }

    /// Of two that hold the one that says more: days or hours, then the later beginning.
    fn rank(&self) -> (bool, Option<i64>) {
        (self.days_of_week.is_some() || self.from.is_some() || self.to.is_some(), self.valid_from)
    }
}

/// Which rate a number has.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    Rate(&'a Rate),
    /// Only at other times.
    NotThen,
    /// No prefix of the plan fits.
    None,
}

impl Rates {
    /// The rate of the longest prefix of a number, of all plans or of one, at a time.
    pub fn find(&self, plan: Option<&str>, digits: &str, time: LocalTime) -> Found<'_> {
        let mut any = false;
        let lengths = (1..=digits.len().min(self.longest)).rev();
        for prefix in lengths.filter_map(|length| digits.get(..length)) {
            let rates = self.by_prefix.get(prefix).into_iter().flatten();
            let of_plan: Vec<_> =
                rates.filter(|rate| plan.is_none() || rate.plan.as_deref() == plan).collect();
            any |= !of_plan.is_empty();
            let then = of_plan.into_iter().filter(|rate| rate.times.contain(time));
            // The first of equal ones, which are in the order of their plans.
            let best = then.reduce(|a, b| if b.times.rank() > a.times.rank() { b } else { a });
            if let Some(rate) = best {
                return Found::Rate(rate);
            }
        }
        if any { Found::NotThen } else { Found::None }
    }

    /// Reads a table of rates, a row for each tier.
    pub fn read(rows: &RecordBatch) -> Result<Self> {
        let columns = Columns::new(rows)?;
        let mut tiers: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for row in 0..rows.num_rows() {
            let Some(prefix) = text_at(&columns.prefix, row).map(digits_of) else {
                return exec_err!("rate_calls: a rate has no prefix");
            };
            let plan = text_at(&columns.plan, row).map(str::to_owned);
            tiers.entry((plan, prefix, columns.times(row))).or_default().push(row);
        }
        let mut rates = Self::default();
        for ((plan, prefix, times), mut rows) in tiers {
            rows.sort_by(|a, b| {
                columns.tier_start.value(*a).total_cmp(&columns.tier_start.value(*b))
            });
            let Some(tariff) = columns.tariff(&rows) else {
                return exec_err!(
                    "rate_calls: the rate of prefix {prefix}{} is not usable: its tiers must start \
                     at 0 and at rising whole seconds, units and increments be whole seconds above \
                     0, prices not negative, decimals 0 to 6, rounding one of {}",
                    plan.map(|plan| format!(" of plan '{plan}'")).unwrap_or_default(),
                    MODES.join(", ")
                );
            };
            let currency = text_at(&columns.currency, rows[0]).map(str::to_owned);
            rates.longest = rates.longest.max(prefix.len());
            let rate = Rate { plan, prefix: prefix.clone(), currency, tariff, times };
            rates.by_prefix.entry(prefix).or_default().push(rate);
        }
        Ok(rates)
    }
}

/// The digits of a number or a prefix, without its `+`, its key's `t:` and its extension.
pub(super) fn digits_of(number: &str) -> String {
    let number = number.split(';').next().unwrap_or_default();
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Plan, prefix and times.
type Key = (Option<String>, String, Times);

/// The columns of a table of rates.
struct Columns {
    plan: StringViewArray,
    prefix: StringViewArray,
    valid: [TimestampMicrosecondArray; 2],
    days_of_week: StringViewArray,
    time: [Float64Array; 2],
    connect: Decimal128Array,
    tier_start: Float64Array,
    rate_per_unit: Decimal128Array,
    unit_seconds: Float64Array,
    increments: [Float64Array; 2],
    min_seconds: Float64Array,
    min_charge: Decimal128Array,
    rounding: StringViewArray,
    decimals: Float64Array,
    currency: StringViewArray,
}

impl Columns {
    fn new(rows: &RecordBatch) -> Result<Self> {
        let column = |name: &str| -> Result<&ArrayRef> {
            match rows.column_by_name(name) {
                Some(column) => Ok(column),
                None => exec_err!("rate_calls: no column `{name}`"),
            }
        };
        let texts = |name| -> Result<StringViewArray> {
            Ok(cast(column(name)?, &DataType::Utf8View)?.as_string_view().clone())
        };
        let numbers = |name| -> Result<Float64Array> {
            Ok(cast(column(name)?, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
        };
        Ok(Self {
            plan: texts("plan")?,
            prefix: texts("prefix")?,
            valid: [instants(column("valid_from")?)?, instants(column("valid_to")?)?],
            days_of_week: texts("days_of_week")?,
            time: [numbers("time_from")?, numbers("time_to")?],
            connect: amounts(column("connect")?)?,
            tier_start: numbers("tier_start")?,
            rate_per_unit: amounts(column("rate_per_unit")?)?,
            unit_seconds: numbers("unit_seconds")?,
            increments: [numbers("first_increment")?, numbers("increment")?],
            min_seconds: numbers("min_seconds")?,
            min_charge: amounts(column("min_charge")?)?,
            rounding: texts("rounding")?,
            decimals: numbers("decimals")?,
            currency: texts("currency")?,
        })
    }

    fn times(&self, row: usize) -> Times {
        let instant =
            |times: &TimestampMicrosecondArray| times.is_valid(row).then(|| times.value(row));
        let hour = |times: &Float64Array| times.is_valid(row).then(|| hours(times.value(row)));
        Times {
            valid_from: instant(&self.valid[0]),
            valid_to: instant(&self.valid[1]),
            days_of_week: text_at(&self.days_of_week, row).map(str::to_owned),
            from: hour(&self.time[0]),
            to: hour(&self.time[1]),
        }
    }

    /// The tariff of these rows, a tier each, whose first says what holds for the whole call.
    fn tariff(&self, rows: &[usize]) -> Option<Tariff> {
        let first = rows[0];
        let tiers = rows.iter().map(|row| self.tier(*row)).collect::<Option<Vec<_>>>()?;
        let rising = tiers.windows(2).all(|pair| pair[0].start < pair[1].start);
        let decimals = seconds(&self.decimals, first).filter(|d| *d <= CHARGE_SCALE.into())?;
        (rising && tiers[0].start == 0).then_some(Tariff {
            tiers,
            connect: price(&self.connect, first)?,
            min_seconds: seconds(&self.min_seconds, first)?,
            min_charge: price(&self.min_charge, first)?,
            rounding: Rounding {
                decimals: decimals as u32,
                mode: Mode::named(text_at(&self.rounding, first)?)?,
            },
        })
    }

    fn tier(&self, row: usize) -> Option<Tier> {
        let positive = |seconds: &i64| *seconds > 0;
        Some(Tier {
            start: seconds(&self.tier_start, row)?,
            rate: price(&self.rate_per_unit, row)?,
            unit: seconds(&self.unit_seconds, row).filter(positive)?,
            increments: Increments {
                first: seconds(&self.increments[0], row)?,
                step: seconds(&self.increments[1], row).filter(positive)?,
            },
        })
    }
}

fn seconds(numbers: &Float64Array, row: usize) -> Option<i64> {
    numbers.is_valid(row).then(|| numbers.value(row)).and_then(whole)
}

fn price(prices: &Decimal128Array, row: usize) -> Option<i128> {
    prices.is_valid(row).then(|| prices.value(row)).filter(|price| *price >= 0)
}
