//! Ties: how contacts spread over others, and how two sides share in them.

mod decay_strength;
mod direction;
mod distinct_persons;
mod entropy;
mod gini;
mod pareto_share;
mod top_share;

use datafusion::logical_expr::AggregateUDF;

pub(super) use entropy::shannon_entropy;
pub(super) use pareto_share::fewest_share;

pub(super) fn aggregates() -> Vec<AggregateUDF> {
    vec![
        decay_strength::decay_strength(),
        direction::initiation(),
        direction::reciprocity(),
        distinct_persons::distinct_persons(),
        entropy::entropy(),
        entropy::entropy_norm(),
        gini::gini(),
        pareto_share::pareto_share(),
        top_share::top_share(),
    ]
}
