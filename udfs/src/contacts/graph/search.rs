//! Breadth first from one person.

use datafusion::common::Result;

use super::csr::Csr;
use super::keys::Node;
use crate::call::Cancelled;

/// What is not reached.
pub(super) const FAR: u32 = u32::MAX;

/// How far everybody is from one person, kept from one search to the next.
pub(super) struct Search {
    /// Hops to each node; [`FAR`] if it was not reached.
    hops: Vec<u32>,
    /// Nodes that were reached, in the order of hops and then of keys.
    reached: Vec<Node>,
}

impl Search {
    pub(super) fn new(nodes: usize) -> Self {
        Self { hops: vec![FAR; nodes], reached: vec![] }
    }

    /// Bytes that a search in a graph of this size takes.
    pub(super) fn size(nodes: usize) -> usize {
        2 * size_of::<u32>() * nodes
    }

    /// Goes from a node over at most so many hops, and on only from nodes that `passes` says so of.
    pub(super) fn run(
        &mut self,
        graph: &Csr,
        start: Node,
        most_hops: u32,
        passes: impl Fn(Node) -> bool,
        cancelled: &Cancelled,
    ) -> Result<()> {
        for node in self.reached.drain(..) {
            self.hops[node as usize] = FAR;
        }
        self.hops[start as usize] = 0;
        self.reached.push(start);
        let (mut level, mut hop) = (0..1, 0);
        while !level.is_empty() && hop < most_hops {
            hop += 1;
            for at in level.clone() {
                if at % 4096 == 0 {
                    cancelled.check()?;
                }
                let node = self.reached[at];
                if node == start || passes(node) {
                    self.visit_neighbours(graph, node, hop);
                }
            }
            level = level.end..self.reached.len();
            self.reached[level.clone()].sort_unstable();
        }
        Ok(())
    }

    fn visit_neighbours(&mut self, graph: &Csr, node: Node, hop: u32) {
        for &next in graph.neighbours(node) {
            if self.hops[next as usize] == FAR {
                self.hops[next as usize] = hop;
                self.reached.push(next);
            }
        }
    }

    /// Nodes that were reached, in the order of hops and then of keys.
    pub(super) fn reached(&self) -> &[Node] {
        &self.reached
    }

    pub(super) fn hops(&self, node: Node) -> u32 {
        self.hops[node as usize]
    }
}
