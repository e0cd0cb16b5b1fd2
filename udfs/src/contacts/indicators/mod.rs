//! The indicators of bandicoot: what the records of one person tell of that person's habits.

mod bandicoot_indicators;
mod indicator;
mod period;
mod record;

use crate::relation::RelationFunction;

pub(super) fn relations() -> Vec<RelationFunction> {
    vec![bandicoot_indicators::bandicoot_indicators()]
}
