//! Communities by Louvain's method.

use datafusion::common::Result;

use super::csr::Csr;
use super::modularity::{Community, Level, modularity, move_nodes, renumber, singletons};
use super::parallel::in_order;
use crate::call::Cancelled;
use crate::random::Random;

/// From how many random orders the best result is taken: one alone may end up to 0.015 below the
/// best known modularity of a graph without clear communities.
pub(super) const STARTS: usize = 4;

/// Communities by Louvain's method (Blondel et al. 2008) with refinement on the way back (Rotta
/// and Noack 2011), the best of some starts.
pub(super) fn louvain(
    graph: &Csr,
    resolution: f64,
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<Vec<Community>> {
    let finest = Level::new(graph, resolution);
    let seeds: Vec<u64> = (0..STARTS).map(|_| random.next()).collect();
    let results = in_order(STARTS, |start| {
        let communities = communities_of(&finest, &mut Random(seeds[start]), cancelled)?;
        Ok((modularity(graph, &communities, resolution), communities))
    })?;
    let mut best = (f64::NEG_INFINITY, singletons(graph.len()));
    for (quality, communities) in results {
        if quality > best.0 {
            best = (quality, communities);
        }
    }
    Ok(best.1)
}

/// Moves nodes, does the same with the communities that come out as nodes of a coarser graph, and
/// moves nodes once more from where that has put them.
fn communities_of(
    level: &Level<'_>,
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<Vec<Community>> {
    let mut communities = singletons(level.len());
    move_nodes(level, &mut communities, random, cancelled)?;
    let count = renumber(&mut communities);
    if count == level.len() {
        return Ok(communities);
    }
    let merged = communities_of(&level.aggregate(&communities, count), random, cancelled)?;
    communities.iter_mut().for_each(|community| *community = merged[*community as usize]);
    move_nodes(level, &mut communities, random, cancelled)?;
    Ok(communities)
}
