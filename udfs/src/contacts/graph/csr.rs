//! Edges as compressed sparse rows: for every node its neighbours in order, each once.

use datafusion::common::{Result, exec_err};

use super::keys::Node;

/// Directed edges with weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Csr {
    /// Where the edges of each node begin, and the end of the last one's.
    offsets: Vec<u32>,
    targets: Vec<Node>,
    weights: Vec<f64>,
}

impl Csr {
    /// Edges from rows; rows with the same two ends make one edge with the sum of their weights,
    /// added in an order that does not depend on that of the rows. Without weights each is 1.
    ///
    /// # Errors
    /// When there are more edges than their offsets can count.
    pub(super) fn new(nodes: usize, from: &[Node], to: &[Node], weights: &[f64]) -> Result<Self> {
        if from.len() > u32::MAX as usize {
            return exec_err!("more than {} edges; ask for a part of them", u32::MAX);
        }
        let offsets = offsets(nodes, from);
        if weights.is_empty() {
            let edges = by_origin(&offsets, from, to.iter().copied());
            return Ok(Self::merged(&offsets, edges, |to| (to, 1.0)));
        }
        let weighted = to.iter().copied().zip(weights.iter().copied());
        let mut edges = by_origin(&offsets, from, weighted);
        if !sums_are_exact(weights) {
            for row in rows(&offsets) {
                edges[row].sort_unstable_by(|x, y| x.1.total_cmp(&y.1));
            }
        }
        Ok(Self::merged(&offsets, edges, |edge| edge))
    }

    /// Joins the parallel edges of each row, and puts them in order.
    fn merged<T: Copy>(offsets: &[u32], edges: Vec<T>, edge: impl Fn(T) -> (Node, f64)) -> Self {
        let nodes = offsets.len() - 1;
        let mut merged = Self::with_capacity(nodes, 0);
        // NaN where there is no edge.
        let (mut sums, mut targets) = (vec![f64::NAN; nodes], vec![]);
        for row in rows(offsets) {
            for (to, weight) in edges[row].iter().map(|item| edge(*item)) {
                let sum = &mut sums[to as usize];
                if sum.is_nan() {
                    targets.push(to);
                    *sum = weight;
                } else {
                    *sum += weight;
                }
            }
            targets.sort_unstable();
            for to in targets.drain(..) {
                merged.push(to, std::mem::replace(&mut sums[to as usize], f64::NAN));
            }
            merged.end_row();
        }
        merged
    }

    pub(super) fn with_capacity(nodes: usize, edges: usize) -> Self {
        let mut offsets = Vec::with_capacity(nodes + 1);
        offsets.push(0);
        Self { offsets, targets: Vec::with_capacity(edges), weights: Vec::with_capacity(edges) }
    }

    pub(super) fn push(&mut self, target: Node, weight: f64) {
        self.targets.push(target);
        self.weights.push(weight);
    }

    pub(super) fn end_row(&mut self) {
        // `new` and `undirected` see to it that there are not more; other graphs are smaller.
        self.offsets.push(self.targets.len() as u32);
    }

    /// The number of nodes.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Every node.
    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.len() as Node
    }

    /// The number of directed edges.
    pub(super) fn edge_count(&self) -> usize {
        self.targets.len()
    }

    /// Bytes that the edges take.
    pub(super) fn size(&self) -> usize {
        size_of_val(&*self.offsets) + size_of_val(&*self.targets) + size_of_val(&*self.weights)
    }

    /// The positions of a node's edges among all.
    pub(super) fn row(&self, node: Node) -> std::ops::Range<usize> {
        self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize
    }

    /// The nodes that edges of this one lead to, in order.
    pub(super) fn neighbours(&self, node: Node) -> &[Node] {
        &self.targets[self.row(node)]
    }

    pub(super) fn degree(&self, node: Node) -> usize {
        self.row(node).len()
    }

    /// Neighbours of a node with the weights of the edges that lead there.
    pub(super) fn edges(&self, node: Node) -> impl Iterator<Item = (Node, f64)> {
        let row = self.row(node);
        self.targets[row.clone()].iter().copied().zip(self.weights[row].iter().copied())
    }

    /// Every edge: from, to, weight.
    pub(super) fn all(&self) -> impl Iterator<Item = (Node, Node, f64)> {
        self.nodes().flat_map(|from| self.edges(from).map(move |(to, weight)| (from, to, weight)))
    }

    /// Where edges lead, by position.
    pub(super) fn targets(&self) -> &[Node] {
        &self.targets
    }

    /// Weights of edges by position.
    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The position of an edge.
    pub(super) fn position(&self, from: Node, to: Node) -> Option<usize> {
        let row = self.row(from);
        self.targets[row.clone()].binary_search(&to).ok().map(|at| row.start + at)
    }

    /// The weight of an edge.
    pub(super) fn weight(&self, from: Node, to: Node) -> Option<f64> {
        self.position(from, to).map(|at| self.weights[at])
    }

    /// The sum of the weights of a node's edges.
    pub(super) fn strength(&self, node: Node) -> f64 {
        // From 0: the sum of no floats is -0.
        self.weights[self.row(node)].iter().fold(0.0, |sum, weight| sum + weight)
    }

    /// The same edges the other way.
    pub(super) fn reversed(&self) -> Self {
        let offsets = offsets(self.len(), &self.targets);
        let mut next = offsets.clone();
        let mut targets = vec![0; self.targets.len()];
        let mut weights = vec![0.0; self.targets.len()];
        // Edges come in the order of their origins, so that each row comes out in order.
        for (from, to, weight) in self.all() {
            let place = &mut next[to as usize];
            targets[*place as usize] = from;
            weights[*place as usize] = weight;
            *place += 1;
        }
        Self { offsets, targets, weights }
    }

    /// Every edge in both directions, weights of both added.
    ///
    /// # Errors
    /// When there are more edges than their offsets can count.
    pub(super) fn undirected(&self) -> Result<Self> {
        if 2 * self.edge_count() > u32::MAX as usize {
            return exec_err!("more than {} edges; ask for a part of them", u32::MAX / 2);
        }
        let reversed = self.reversed();
        let mut both = Self::with_capacity(self.len(), 2 * self.edge_count());
        for node in self.nodes() {
            let (mut out, mut back) =
                (self.edges(node).peekable(), reversed.edges(node).peekable());
            while let Some(next) = out.peek().into_iter().chain(back.peek()).map(|e| e.0).min() {
                let forth = out.next_if(|edge| edge.0 == next).map_or(0.0, |edge| edge.1);
                let there = back.next_if(|edge| edge.0 == next).map_or(0.0, |edge| edge.1);
                both.push(next, forth + there);
            }
            both.end_row();
        }
        Ok(both)
    }

    /// The same edges with other weights.
    pub(super) fn with_weights(mut self, mut weight: impl FnMut(f64) -> f64) -> Self {
        self.weights.iter_mut().for_each(|w| *w = weight(*w));
        self
    }

    /// Only edges that `keep` says so of, by position, from and to.
    pub(super) fn filter(&self, mut keep: impl FnMut(usize, Node, Node) -> bool) -> Self {
        let mut kept = Self::with_capacity(self.len(), self.edge_count());
        for from in self.nodes() {
            for at in self.row(from) {
                if keep(at, from, self.targets[at]) {
                    kept.push(self.targets[at], self.weights[at]);
                }
            }
            kept.end_row();
        }
        kept
    }
}

/// The places of each node's edges.
pub(super) fn rows(offsets: &[u32]) -> impl Iterator<Item = std::ops::Range<usize>> {
    offsets.windows(2).map(|row| row[0] as usize..row[1] as usize)
}

/// Whatever edges carry, by the nodes that they come from.
pub(super) fn by_origin<T: Copy + Default>(
    offsets: &[u32],
    from: &[Node],
    items: impl Iterator<Item = T>,
) -> Vec<T> {
    let mut next = offsets.to_vec();
    let mut sorted = vec![T::default(); from.len()];
    for (&from, item) in from.iter().zip(items) {
        let place = &mut next[from as usize];
        sorted[*place as usize] = item;
        *place += 1;
    }
    sorted
}

/// Whether these weights, such as numbers of calls, have the same sum in any order.
fn sums_are_exact(weights: &[f64]) -> bool {
    let most = (1_u64 << f64::MANTISSA_DIGITS) as f64 / weights.len() as f64;
    weights.iter().all(|weight| weight.fract() == 0.0 && weight.abs() <= most)
}

/// Where the rows of nodes begin when these are the nodes of edges.
pub(super) fn offsets(nodes: usize, ends: &[Node]) -> Vec<u32> {
    let mut offsets = vec![0; nodes + 1];
    for &end in ends {
        offsets[end as usize + 1] += 1;
    }
    for node in 0..nodes {
        offsets[node + 1] += offsets[node];
    }
    offsets
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_each_edge_once_with_the_sum_of_its_weights(
            mut rows in prop::collection::vec((0_u32..9, 0_u32..9, -4_i8..5), 0..60), turn in 0_usize..60,
        ) {
            let build = |rows: &[(u32, u32, i8)]| {
                let (from, rest): (Vec<_>, Vec<_>) = rows.iter().map(|r| (r.0, (r.1, r.2))).unzip();
                let (to, weights): (Vec<_>, Vec<_>) =
                    rest.iter().map(|r| (r.0, f64::from(r.1) * 0.1)).unzip();
                Csr::new(9, &from, &to, &weights).unwrap()
            };
            let csr = build(&rows);
            let mut expected: BTreeMap<(u32, u32), f64> = BTreeMap::new();
            for (from, to, weight) in &rows {
                *expected.entry((*from, *to)).or_default() += f64::from(*weight) * 0.1;
            }
            let found: Vec<_> = csr.all().map(|(from, to, _)| (from, to)).collect();
            prop_assert_eq!(&found, &expected.keys().copied().collect::<Vec<_>>());
            for (from, to, weight) in csr.all() {
                prop_assert!((expected[&(from, to)] - weight).abs() < 1e-9);
                prop_assert_eq!(csr.reversed().weight(to, from), Some(weight));
            }
            prop_assert_eq!(&csr.reversed().reversed(), &csr);
            let both = csr.undirected().unwrap();
            prop_assert_eq!(&both.reversed(), &both);
            for (from, to, weight) in both.all() {
                let sum = csr.weight(from, to).unwrap_or(0.0) + csr.weight(to, from).unwrap_or(0.0);
                prop_assert!((sum - weight).abs() < 1e-9);
            }
            // To the last bit the same in any order of the rows.
            let turn = turn % rows.len().max(1);
            rows.rotate_left(turn);
            prop_assert_eq!(build(&rows), csr);
        }
    }
}
