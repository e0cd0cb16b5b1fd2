//! Communities by modularity: Leiden's method.

use std::collections::VecDeque;

use datafusion::common::Result;

use super::components::components;
use super::csr::Csr;
use super::keys::Node;
use crate::call::Cancelled;
use crate::random::Random;

/// A gain smaller than this is one of rounding.
const LEAST_GAIN: f64 = 1e-12;
/// More passes of Leiden's method than it takes to become stable in practice.
const MOST_PASSES: usize = 10;

/// A community's number.
type Community = u32;

/// A graph whose nodes may stand for whole communities of a finer one.
struct Level {
    /// Edges in both directions, none from a node to itself.
    graph: Csr,
    /// Of each node the weights of all edges, those within it counted twice.
    strengths: Vec<f64>,
    /// The sum of all strengths.
    total: f64,
    resolution: f64,
}

impl Level {
    fn new(graph: Csr, resolution: f64) -> Self {
        let strengths: Vec<f64> = graph.nodes().map(|node| graph.strength(node)).collect();
        let total = strengths.iter().sum();
        Self { graph, strengths, total, resolution }
    }

    fn len(&self) -> usize {
        self.graph.len()
    }

    /// What a node with edges of this weight into a community gains by being in it.
    fn gain(&self, node: Node, weight: f64, community_strength: f64) -> f64 {
        let expected = self.strengths[node as usize] * community_strength / self.total;
        weight - self.resolution * expected
    }

    /// The graph whose nodes are these communities, numbered without gaps.
    fn aggregate(&self, communities: &[Community], count: usize) -> Result<Self> {
        let of = |node: Node| communities[node as usize];
        let between = self.graph.all().map(|(from, to, weight)| (of(from), of(to), weight));
        let between = between.filter(|(from, to, _)| from != to);
        let (mut from, mut to, mut weights) = (vec![], vec![], vec![]);
        for (one, other, weight) in between {
            from.push(one);
            to.push(other);
            weights.push(weight);
        }
        let graph = Csr::new(count, &from, &to, &weights)?;
        let mut strengths = vec![0.0; count];
        for node in self.graph.nodes() {
            strengths[of(node) as usize] += self.strengths[node as usize];
        }
        Ok(Self { graph, strengths, ..*self })
    }
}

/// The weights of one node's edges by community.
struct Weights {
    to: Vec<f64>,
    touched: Vec<Community>,
}

impl Weights {
    fn new(communities: usize) -> Self {
        Self { to: vec![0.0; communities], touched: vec![] }
    }

    /// Adds up the edges of a node to those neighbours that `counts` says so of.
    fn of(
        &mut self,
        graph: &Csr,
        node: Node,
        communities: &[Community],
        counts: impl Fn(Node) -> bool,
    ) {
        for community in self.touched.drain(..) {
            self.to[community as usize] = 0.0;
        }
        for (next, weight) in graph.edges(node).filter(|edge| counts(edge.0)) {
            let community = communities[next as usize];
            // Weights are above 0.
            if self.to[community as usize] == 0.0 {
                self.touched.push(community);
            }
            self.to[community as usize] += weight;
        }
    }
}

/// Moves nodes to the neighbouring community where they gain most, until nobody gains.
fn move_nodes(
    level: &Level,
    communities: &mut [Community],
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<()> {
    let mut sizes = vec![0.0; level.len()];
    for (node, community) in communities.iter().enumerate() {
        sizes[*community as usize] += level.strengths[node];
    }
    let mut order: Vec<Node> = level.graph.nodes().collect();
    random.shuffle(&mut order, level.len());
    let mut waiting = VecDeque::from(order);
    let mut waits = vec![true; level.len()];
    let mut weights = Weights::new(level.len());
    let mut visited = 0_usize;
    while let Some(node) = waiting.pop_front() {
        visited += 1;
        if visited.is_multiple_of(4096) {
            cancelled.check()?;
        }
        waits[node as usize] = false;
        let home = communities[node as usize];
        sizes[home as usize] -= level.strengths[node as usize];
        weights.of(&level.graph, node, communities, |_| true);
        let gain = |c: Community| level.gain(node, weights.to[c as usize], sizes[c as usize]);
        let best = best_community(home, &weights.touched, gain);
        sizes[best as usize] += level.strengths[node as usize];
        if best != home {
            communities[node as usize] = best;
            for &next in level.graph.neighbours(node) {
                if communities[next as usize] != best && !waits[next as usize] {
                    waits[next as usize] = true;
                    waiting.push_back(next);
                }
            }
        }
    }
    Ok(())
}

/// The community with the largest gain, of equal ones the first in number; `home` unless another
/// is better.
fn best_community(
    home: Community,
    others: &[Community],
    gain: impl Fn(Community) -> f64,
) -> Community {
    let mut best = (gain(home), home);
    for &other in others.iter().filter(|other| **other != home) {
        let here = gain(other);
        let equal = (here - best.0).abs() <= LEAST_GAIN && best.1 != home && other < best.1;
        if here > best.0 + LEAST_GAIN || equal {
            best = (here, other);
        }
    }
    best.1
}

/// Numbers communities without gaps in the order of their first nodes; how many there are.
fn renumber(communities: &mut [Community]) -> usize {
    let mut numbers = vec![Community::MAX; communities.len()];
    let mut count = 0;
    for community in communities {
        let number = &mut numbers[*community as usize];
        if *number == Community::MAX {
            *number = count;
            count += 1;
        }
        *community = *number;
    }
    count as usize
}

/// Everybody alone.
fn singletons(count: usize) -> Vec<Community> {
    (0..count as Community).collect()
}

/// Communities by Leiden's method (Traag et al. 2019), with the best instead of a random merger in
/// the refinement: each community is connected.
pub(super) fn leiden(
    graph: Csr,
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
    finest: &Level,
    result: &mut [Community],
    random: &mut Random,
    cancelled: &Cancelled,
) -> Result<()> {
    // The node of the current level that each node is part of.
    let mut place = singletons(finest.len());
    let mut communities = result.to_vec();
    let mut coarse: Option<Level> = None;
    loop {
        let level = coarse.as_ref().unwrap_or(finest);
        move_nodes(level, &mut communities, random, cancelled)?;
        let count = renumber(&mut communities);
        result.iter_mut().zip(&place).for_each(|(c, at)| *c = communities[*at as usize]);
        if count == level.len() {
            return Ok(());
        }
        let mut refined = refine(level, &communities, random);
        let parts = renumber(&mut refined);
        if parts == level.len() {
            return Ok(());
        }
        let next = level.aggregate(&refined, parts)?;
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
fn refine(level: &Level, communities: &[Community], random: &mut Random) -> Vec<Community> {
    let nodes = level.len();
    let mut sizes = vec![0.0; nodes];
    for (node, community) in communities.iter().enumerate() {
        sizes[*community as usize] += level.strengths[node];
    }
    let mut parts = Parts::new(level, communities);
    let mut order: Vec<Node> = level.graph.nodes().collect();
    random.shuffle(&mut order, nodes);
    let mut weights = Weights::new(nodes);
    for node in order {
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
    parts.of
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
    fn new(level: &Level, communities: &[Community]) -> Self {
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
    fn holds(&self, level: &Level, part: Community, size: f64) -> bool {
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

/// Newman's modularity of a partition: the share of weight within communities, less what would be
/// there by chance.
pub(super) fn modularity(graph: &Csr, communities: &[Node], resolution: f64) -> f64 {
    let mut sizes = vec![0.0; graph.len()];
    let (mut within, mut total) = (0.0, 0.0);
    for (from, to, weight) in graph.all() {
        total += weight;
        sizes[communities[from as usize] as usize] += weight;
        if communities[from as usize] == communities[to as usize] {
            within += weight;
        }
    }
    let by_chance = sizes.iter().map(|size| (size / total).powi(2)).sum::<f64>();
    if total > 0.0 { within / total - resolution * by_chance } else { 0.0 }
}
