//! Charges: what calls cost and who bears it, in exact decimals.

mod billed_seconds;
mod call_charge;
mod tariff;

use datafusion::logical_expr::ScalarUDF;

pub(super) fn scalars() -> Vec<ScalarUDF> {
    vec![billed_seconds::billed_seconds(), call_charge::call_charge()]
}
