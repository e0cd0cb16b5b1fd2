//! Identity: addresses and telephone numbers as they stand in records, and the one key of the
//! party behind them.

mod address;
mod contact_key;
mod mask_number;
mod number;
mod party;
mod phone_info;
mod resolve_persons;
mod uri;

use datafusion::logical_expr::ScalarUDF;

use crate::lookup::LookupFunction;

pub(super) fn lookups() -> Vec<LookupFunction> {
    vec![resolve_persons::resolve_persons()]
}

pub(super) fn scalars() -> Vec<ScalarUDF> {
    vec![
        contact_key::contact_key(),
        mask_number::mask_number(),
        number::normalize_e164(),
        number::number_kind(),
        number::number_region(),
        phone_info::phone_info(),
        uri::sip_host(),
        uri::sip_user(),
        uri::uri_kind(),
        uri::uri_param(),
    ]
}
