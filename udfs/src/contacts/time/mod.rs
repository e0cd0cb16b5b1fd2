//! When contacts happen: hours, days and the rhythm of events.

mod active;
mod burst_memory;
mod burstiness;
mod coarsen;
mod conversations;
mod interevent;
mod intervals;
mod is_off_hours;
mod regularity_week;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub(super) use conversations::{Conversations, Interaction, is_message};
pub(super) use intervals::{Moments, median};

pub(super) fn scalars() -> Vec<ScalarUDF> {
    vec![coarsen::coarsen_seconds(), coarsen::coarsen_time(), is_off_hours::is_off_hours()]
}

pub(super) fn aggregates() -> Vec<AggregateUDF> {
    vec![
        active::active_days(),
        active::active_weeks(),
        burst_memory::burst_memory(),
        burstiness::burstiness(),
        burstiness::burstiness_n(),
        conversations::conversations(),
        interevent::interevent(),
        regularity_week::regularity_week(),
    ]
}
