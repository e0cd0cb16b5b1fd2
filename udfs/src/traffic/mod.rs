//! Traffic: Erlang formulas, bandwidth, concurrency.

mod bandwidth;
mod erlang;

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    Functions {
        scalar: vec![
            erlang::erlang_b(),
            erlang::erlang_c(),
            erlang::trunks_required(),
            bandwidth::audio_bandwidth_kbps(),
        ],
        ..Functions::default()
    }
}
