//! Traffic: Erlang formulas, bandwidth, concurrency.

mod bandwidth;
mod busy_hour;
mod concurrency;
mod concurrent_peak;
mod erlang;
mod sweep;

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
        aggregate: vec![concurrent_peak::concurrent_peak(), busy_hour::busy_hour_erlangs()],
        relation: vec![concurrency::concurrency()],
        ..Functions::default()
    }
}
