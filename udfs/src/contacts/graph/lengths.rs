//! What a step between two people costs, and shortest ways by that.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use datafusion::common::{Result, exec_err};

use super::csr::Csr;
use super::keys::Node;
use crate::call::Options;
use crate::parameter::{Parameter, choice};

/// The option that says what a step costs.
pub(super) const LENGTH: Parameter =
    choice("length", &["hops", "weight", "inverse"]).or_text("hops");

/// What a step costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// One.
    Hops,
    /// The weight of its edge.
    Weight,
    /// One divided by the weight: who talks a lot is near.
    Inverse,
}

impl Length {
    pub(super) fn of(options: &Options) -> Result<Self> {
        match options.text("length")? {
            Some("hops") => Ok(Self::Hops),
            Some("weight") => Ok(Self::Weight),
            Some("inverse") => Ok(Self::Inverse),
            _ => exec_err!("{}: `length` is unknown", options.function()),
        }
    }

    /// The same edges with lengths for weights.
    pub(super) fn apply(self, graph: Csr) -> Csr {
        match self {
            Self::Hops => graph.with_weights(|_| 1.0),
            Self::Weight => graph,
            Self::Inverse => graph.with_weights(|weight| 1.0 / weight),
        }
    }
}

/// A node that waits to be visited at a distance; the nearest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Waiting {
    pub(super) distance: f64,
    pub(super) node: Node,
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        other.distance.total_cmp(&self.distance).then(other.node.cmp(&self.node))
    }
}

/// Distances from a node along edges that `may` says may be used; infinite where there is no way.
pub(super) fn distances(lengths: &Csr, start: Node, may: impl Fn(Node, Node) -> bool) -> Vec<f64> {
    let mut distances = vec![f64::INFINITY; lengths.len()];
    distances[start as usize] = 0.0;
    let mut waiting = BinaryHeap::from([Waiting { distance: 0.0, node: start }]);
    while let Some(Waiting { distance, node }) = waiting.pop() {
        if distance > distances[node as usize] {
            continue;
        }
        for (next, length) in lengths.edges(node) {
            let there = distance + length;
            if there < distances[next as usize] && may(node, next) {
                distances[next as usize] = there;
                waiting.push(Waiting { distance: there, node: next });
            }
        }
    }
    distances
}
