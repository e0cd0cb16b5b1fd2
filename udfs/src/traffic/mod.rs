//! Traffic: Erlang formulas, bandwidth, concurrency.

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    Functions::default()
}
