//! Communities by Leiden's method: each is connected.

use datafusion::common::Result;

use super::components::components;
use super::csr::Csr;
use super::keys::Node;
use super::modularity::{
    Community, LEAST_GAIN, Level, Weights, best_community, move_nodes, renumber, singletons,
};
use crate::call::Cancelled;
use crate::random::Random;

/// More passes than it takes to become stable in practice.
const MOST_PASSES: usize = 10;

/// Communities by Leiden's method (Traag et al. 2019), with the best instead of a random merger in
/// the refinement: each community is connected.
pub(super) fn leiden(
    graph: &Csr,
    resolution: f64,
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<Vec<Community>> {
    let finest = Level::new(graph, resolution);
    let mut result = singletons(finest.len());
    for _ in 0..MOST_PASSES {
        let before = result.clone();
        leiden_pass(&finest, &mut result, random, cancelled)?;
        if result == before {
            break;
        }
    }
    // Whatever the last move has put together without an edge between them comes apart.
    let within = |from: Node, to: Node| result[from as usize] == result[to as usize];
    Ok(components(&finest.graph.filter(|_, from, to| within(from, to))))
}

fn leiden_pass(
    finest: &Level<'_>,
    result: &mut [Community],
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<()> {
    // The node of the current level that each node is part of.
    let mut place = singletons(finest.len());
    let mut communities = result.to_vec();
    let mut coarse: Option<Level<'_>> = None;
    loop {
        let level = coarse.as_ref().unwrap_or(finest);
        move_nodes(level, &mut communities, random, cancelled)?;
        let count = renumber(&mut communities);
        result.iter_mut().zip(&place).for_each(|(c, at)| *c = communities[*at as usize]);
        if count == level.len() {
            return Ok(());
        }
        let mut refined = refine(level, &communities, random, cancelled)?;
        let parts = renumber(&mut refined);
        if parts == level.len() {
            return Ok(());
        }
        let next = level.aggregate(&refined, parts);
        let mut next_communities = vec![0; parts];
        for (node, part) in refined.iter().enumerate() {
            next_communities[*part as usize] = communities[node];
        }
        place.iter_mut().for_each(|at| *at = refined[*at as usize]);
        (communities, coarse) = (next_communities, Some(next));
    }
}

/// Splits communities into parts that hang together well: nodes that are alone join the part of
/// their own community where they gain most.
fn refine(
    level: &Level<'_>,
    communities: &[Community],
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<Vec<Community>> {
    let nodes = level.len();
    let mut sizes = vec![0.0; nodes];
    for (node, community) in communities.iter().enumerate() {
        sizes[*community as usize] += level.strengths[node];
    }
    let mut parts = Parts::new(level, communities);
    let mut order: Vec<Node> = level.graph.nodes().collect();
    random.shuffle(&mut order, nodes);
    let mut weights = Weights::new(nodes);
    for (visited, node) in order.into_iter().enumerate() {
        if visited % 4096 == 0 {
            cancelled.check()?;
        }
        let community = communities[node as usize];
        let size = sizes[community as usize];
        if !parts.is_alone(node) || !parts.holds(level, node, size) {
            continue;
        }
        let same = |next: Node| communities[next as usize] == community;
        weights.of(&level.graph, node, &parts.of, same);
        let gain = |part: Community| match parts.holds(level, part, size) {
            _ if part == node => 0.0,
            true => level.gain(node, weights.to[part as usize], parts.sizes[part as usize]),
            false => f64::NEG_INFINITY,
        };
        let best = best_community(node, &weights.touched, gain);
        if best != node {
            parts.join(node, best, weights.to[best as usize], level.strengths[node as usize]);
        }
    }
    Ok(parts.of)
}

/// Parts of communities; a part has the number of its first node.
struct Parts {
    of: Vec<Community>,
    sizes: Vec<f64>,
    members: Vec<u32>,
    /// The weights of edges that lead from each part to the rest of its community.
    outside: Vec<f64>,
}

impl Parts {
    fn new(level: &Level<'_>, communities: &[Community]) -> Self {
        let outside = |node: Node| {
            let same =
                |edge: &(Node, f64)| communities[edge.0 as usize] == communities[node as usize];
            level.graph.edges(node).filter(same).map(|edge| edge.1).sum()
        };
        Self {
            of: singletons(level.len()),
            sizes: level.strengths.clone(),
            members: vec![1; level.len()],
            outside: level.graph.nodes().map(outside).collect(),
        }
    }

    fn is_alone(&self, node: Node) -> bool {
        self.of[node as usize] == node && self.members[node as usize] == 1
    }

    /// Whether a part is bound to the rest of its community of this size as well as chance would.
    fn holds(&self, level: &Level<'_>, part: Community, size: f64) -> bool {
        let part = part as usize;
        let expected = self.sizes[part] * (size - self.sizes[part]) / level.total;
        self.outside[part] + LEAST_GAIN >= level.resolution * expected
    }

    /// A node that was alone joins a part to which its edges have this weight.
    fn join(&mut self, node: Node, part: Community, weight: f64, strength: f64) {
        self.of[node as usize] = part;
        self.members[node as usize] = 0;
        self.members[part as usize] += 1;
        self.sizes[part as usize] += strength;
        self.outside[part as usize] += self.outside[node as usize] - 2.0 * weight;
    }
}
