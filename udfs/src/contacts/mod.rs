//! Contacts: who had to do with whom.

mod charges;
mod graph;
mod identity;
mod indicators;
mod pair;
mod ties;
mod time;

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    let pairs = vec![pair::pair_lo(), pair::pair_hi(), pair::pair_dir()];
    Functions {
        scalar: [pairs, identity::scalars(), time::scalars()].concat(),
        aggregate: [time::aggregates(), ties::aggregates()].concat(),
        relation: [graph::functions(), indicators::relations()].concat(),
        lookup: identity::lookups(),
        ..Functions::default()
    }
    .extend(charges::functions())
}
