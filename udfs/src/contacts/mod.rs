//! Contacts: who had to do with whom.

mod pair;

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    Functions {
        scalar: vec![pair::pair_lo(), pair::pair_hi(), pair::pair_dir()],
        ..Functions::default()
    }
}
