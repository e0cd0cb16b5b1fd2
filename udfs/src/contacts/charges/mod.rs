//! Charges: what calls cost and who bears it, in exact decimals.

mod billed_seconds;
mod call_charge;
mod charge_split;
mod rate_calls;
mod rates;
mod tariff;

use crate::Functions;

pub(super) fn functions() -> Functions {
    Functions {
        scalar: vec![billed_seconds::billed_seconds(), call_charge::call_charge()],
        relation: vec![charge_split::charge_split()],
        lookup: vec![rate_calls::rate_calls()],
        ..Functions::default()
    }
}
