//! Contacts as a graph: table functions over relations of calls or edges.
//!
//! A relation of calls has the columns `a` (who called), `b`, `start`, `seconds`, `answered` and
//! `id`, one of edges `a`, `b` and `weight`; functions find them by name and say which they need.
//! A row without `a` or `b` is skipped (EXPLAIN ANALYZE counts those), calls to oneself are no
//! contacts, and where there is a column `answered` only rows count in which it is true.

mod betweenness;
mod chain;
mod chain_evidence;
mod closeness;
mod common_contacts;
mod communities;
mod components;
mod contact_chain;
mod contact_change;
mod contact_hubs;
mod contact_pairs;
mod core_number;
mod csr;
mod cuts;
mod degree;
mod ego_network;
mod events;
mod input;
mod interner;
mod keys;
mod leiden;
mod lengths;
mod louvain;
mod modularity;
mod network;
mod new_contacts;
mod output;
mod overlap;
mod pagerank;
mod pairs;
mod parallel;
mod periods;
mod search;
mod shortest_contacts;
mod temporal;
mod temporal_path;
mod temporal_reach;
#[cfg(test)]
mod tests;
mod triangles;

use crate::relation::RelationFunction;

/// Every table function of contacts.
pub(super) fn functions() -> Vec<RelationFunction> {
    vec![
        contact_pairs::contact_pairs(),
        contact_chain::contact_chain(),
        chain_evidence::chain_evidence(),
        contact_hubs::contact_hubs(),
        common_contacts::common_contacts(),
        ego_network::ego_network(),
        degree::degree(),
        components::components_function(),
        components::strong_components_function(),
        core_number::core_number(),
        cuts::articulation(),
        cuts::bridges(),
        triangles::triangles(),
        triangles::clustering(),
        overlap::overlap(),
        pagerank::pagerank(),
        betweenness::betweenness(),
        closeness::closeness_function(),
        shortest_contacts::shortest_contacts(),
        temporal_reach::temporal_reach(),
        temporal_path::temporal_path(),
        new_contacts::new_contacts(),
        contact_change::contact_change(),
        communities::communities(),
    ]
}
