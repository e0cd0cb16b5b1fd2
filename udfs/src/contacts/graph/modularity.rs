//! What the methods that look for the largest modularity share: graphs of graphs, and moving nodes.

use std::borrow::Cow;
use std::collections::VecDeque;

use datafusion::common::Result;

use super::csr::Csr;
use super::keys::Node;
use crate::call::Cancelled;
use crate::random::Random;

/// A gain smaller than this is one of rounding.
pub(super) const LEAST_GAIN: f64 = 1e-12;

/// A community's number.
pub(super) type Community = u32;

/// A graph whose nodes may stand for whole communities of a finer one.
pub(super) struct Level<'a> {
    /// Edges in both directions, none from a node to itself.
    pub(super) graph: Cow<'a, Csr>,
    /// Of each node the weights of all edges, those within it counted twice.
    pub(super) strengths: Vec<f64>,
    /// The sum of all strengths.
    pub(super) total: f64,
    pub(super) resolution: f64,
}

impl<'a> Level<'a> {
    pub(super) fn new(graph: &'a Csr, resolution: f64) -> Self {
        let strengths: Vec<f64> = graph.nodes().map(|node| graph.strength(node)).collect();
        let total = strengths.iter().sum();
        Self { graph: Cow::Borrowed(graph), strengths, total, resolution }
    }

    pub(super) fn len(&self) -> usize {
        self.graph.len()
    }

    /// What a node with edges of this weight into a community gains by being in it.
    pub(super) fn gain(&self, node: Node, weight: f64, community_strength: f64) -> f64 {
        let expected = self.strengths[node as usize] * community_strength / self.total;
        weight - self.resolution * expected
    }

    /// The graph whose nodes are these communities, numbered without gaps.
    pub(super) fn aggregate(&self, communities: &[Community], count: usize) -> Level<'static> {
        let members = Members::new(communities, count);
        let mut graph = Csr::with_capacity(count, 0);
        let mut strengths = vec![0.0; count];
        let mut weights = Weights::new(count);
        for (community, strength) in strengths.iter_mut().enumerate() {
            weights.clear();
            for &node in members.of(community) {
                weights.add(&self.graph, node, communities, |_| true);
                *strength += self.strengths[node as usize];
            }
            weights.touched.sort_unstable();
            for &other in weights.touched.iter().filter(|other| **other as usize != community) {
                graph.push(other, weights.to[other as usize]);
            }
            graph.end_row();
        }
        Level {
            graph: Cow::Owned(graph),
            strengths,
            total: self.total,
            resolution: self.resolution,
        }
    }
}

/// The nodes of each community.
struct Members {
    starts: Vec<usize>,
    nodes: Vec<Node>,
}

impl Members {
    fn new(communities: &[Community], count: usize) -> Self {
        let mut starts = vec![0; count + 1];
        communities.iter().for_each(|community| starts[*community as usize + 1] += 1);
        (0..count).for_each(|community| starts[community + 1] += starts[community]);
        let (mut next, mut nodes) = (starts.clone(), vec![0; communities.len()]);
        for (node, community) in (0..).zip(communities) {
            let place = &mut next[*community as usize];
            nodes[*place] = node;
            *place += 1;
        }
        Self { starts, nodes }
    }

    fn of(&self, community: usize) -> &[Node] {
        &self.nodes[self.starts[community]..self.starts[community + 1]]
    }
}

/// The weights of one node's edges by community.
pub(super) struct Weights {
    pub(super) to: Vec<f64>,
    pub(super) touched: Vec<Community>,
}

impl Weights {
    pub(super) fn new(communities: usize) -> Self {
        Self { to: vec![0.0; communities], touched: vec![] }
    }

    fn clear(&mut self) {
        for community in self.touched.drain(..) {
            self.to[community as usize] = 0.0;
        }
    }

    /// Adds up the edges of a node to those neighbours that `counts` says so of, and no others.
    pub(super) fn of(
        &mut self,
        graph: &Csr,
        node: Node,
        communities: &[Community],
        counts: impl Fn(Node) -> bool,
    ) {
        self.clear();
        self.add(graph, node, communities, counts);
    }

    fn add(
        &mut self,
        graph: &Csr,
        node: Node,
        communities: &[Community],
        counts: impl Fn(Node) -> bool,
    ) {
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
pub(super) fn move_nodes(
    level: &Level<'_>,
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
pub(super) fn best_community(
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
pub(super) fn renumber(communities: &mut [Community]) -> usize {
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
pub(super) fn singletons(count: usize) -> Vec<Community> {
    (0..count as Community).collect()
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
