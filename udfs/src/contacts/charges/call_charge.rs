//! What a call costs at a rate.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Decimal128Array, Float64Array};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::billed_seconds::whole;
use super::tariff::{Increments, MODES, Mode, Rounding, Tariff, Tier};
use crate::amount::{self, CHARGE_SCALE, CHARGE_TYPE};
use crate::parameter::{Kind, choice, number, parameter, setting};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

#[user_doc(
    doc_section(label = "Contacts"),
    description = "What a call costs, in exact decimals with six digits after the point: `connect` \
once, `rate` for every `unit` of the seconds that `billed_seconds` tells, at least `min_charge`, \
rounded once at the end. 0 for a call of 0 seconds; NULL for a negative duration or price.",
    syntax_example = "call_charge(s, connect, rate, unit, first, step [, min_s [, min_charge [, decimals [, mode]]]])",
    argument(name = "s", description = "The call's length in seconds."),
    argument(name = "connect", description = "The price of the connection."),
    argument(name = "rate", description = "The price of a unit."),
    argument(name = "unit", description = "Whole seconds in a unit, mostly 60."),
    argument(name = "first", description = "The first increment in whole seconds, 0 or more."),
    argument(name = "step", description = "Each further one in whole seconds, above 0."),
    argument(
        name = "min_s",
        description = "The least that is billed, in whole seconds; 0 if left out."
    ),
    argument(name = "min_charge", description = "The least charge, 0 if left out."),
    argument(name = "decimals", description = "Digits after the point, 0 to 6; 2 if left out."),
    argument(name = "mode", description = "half_up if left out, half_even, up, down."),
    sql_example = "```sql\nSELECT call_charge(83, 0, 0.12, 60, 60, 10), call_charge(31, 0, 0.12, 60, 30, 6, mode => 'up', min_s => 0, min_charge => 0, decimals => 2);\n-- 0.180000 | 0.080000\n```"
)]
struct CallCharge;

/// `call_charge(s, connect, rate, unit, first, step [, min_s [, min_charge [, decimals [, mode]]]])`
pub(super) fn call_charge() -> ScalarUDF {
    ScalarFunction {
        name: "call_charge",
        parameters: const {
            &[
                number("s"),
                parameter("connect", Kind::Amount),
                parameter("rate", Kind::Amount),
                setting("unit", 1.0, f64::MAX),
                setting("first", 0.0, f64::MAX),
                setting("step", f64::MIN_POSITIVE, f64::MAX),
                setting("min_s", 0.0, f64::MAX).or(0.0),
                parameter("min_charge", Kind::Amount).or(0.0),
                setting("decimals", 0.0, CHARGE_SCALE as f64).or(2.0),
                choice("mode", MODES).or_text(MODES[0]),
            ]
        },
        returns: |_| CHARGE_TYPE,
        evaluate,
        documentation: CallCharge.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let Some(mode) = Mode::named(MODES[arguments.choice(9)?]) else {
        return exec_err!("call_charge: no such mode of rounding");
    };
    let price = |i| amount::amounts(&arguments.array(i)?);
    let step = |i| arguments.numbers(i);
    let columns = Columns {
        seconds: arguments.numbers(0)?,
        prices: [price(1)?, price(2)?, price(7)?],
        steps: [step(3)?, step(4)?, step(5)?, step(6)?, step(8)?],
        mode,
    };
    let charges: Decimal128Array = (0..arguments.rows()).map(|row| columns.charge(row)).collect();
    Ok(Arc::new(charges.with_data_type(CHARGE_TYPE)))
}

struct Columns {
    seconds: Float64Array,
    /// connect, rate, min_charge
    prices: [Decimal128Array; 3],
    /// unit, first, step, min_s, decimals
    steps: [Float64Array; 5],
    mode: Mode,
}

impl Columns {
    fn charge(&self, row: usize) -> Option<i128> {
        let price = |i: usize| {
            let prices = &self.prices[i];
            prices.is_valid(row).then(|| prices.value(row)).filter(|price| *price >= 0)
        };
        let step = |i: usize| {
            let steps = &self.steps[i];
            steps.is_valid(row).then(|| steps.value(row)).and_then(whole)
        };
        let seconds = self.seconds.is_valid(row).then(|| self.seconds.value(row).ceil())?;
        let increments = Increments { first: step(1)?, step: step(2).filter(|s| *s > 0)? };
        let unit = step(0).filter(|unit| *unit > 0)?;
        let decimals = step(4).filter(|d| *d <= CHARGE_SCALE.into())?;
        let tariff = Tariff {
            tiers: vec![Tier { start: 0, rate: price(1)?, unit, increments }],
            connect: price(0)?,
            min_seconds: step(3)?,
            min_charge: price(2)?,
            rounding: Rounding { decimals: decimals as u32, mode: self.mode },
        };
        Some(tariff.bill(whole(seconds)?)?.charge)
    }
}
