//! Through whom the shortest ways between others lead.

use std::collections::BinaryHeap;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::lengths::{LENGTH, Length, Waiting};
use super::network::Network;
use super::output::{numbers, schema};
use super::parallel::{PIECES, in_pieces};
use crate::call::{Call, Cancelled};
use crate::parameter::{flag, setting};
use crate::random::Random;
use crate::relation::RelationFunction;

/// Bytes that one piece of the work takes for each node.
const BYTES_PER_NODE: usize = 40;

/// Brandes' algorithm, from one source after the other.
struct Brandes<'a> {
    lengths: &'a Csr,
    /// Whether every step has length 1.
    hops: bool,
    distances: Vec<f64>,
    /// The number of shortest ways to each node.
    ways: Vec<f64>,
    /// How much of the ways from this source leads through each node.
    through: Vec<f64>,
    /// Nodes that were reached, the nearest first.
    order: Vec<Node>,
    /// The sums over all sources.
    sums: Vec<f64>,
}

impl<'a> Brandes<'a> {
    fn new(lengths: &'a Csr, hops: bool) -> Self {
        let nodes = lengths.len();
        Self {
            lengths,
            hops,
            distances: vec![f64::INFINITY; nodes],
            ways: vec![0.0; nodes],
            through: vec![0.0; nodes],
            order: vec![],
            sums: vec![0.0; nodes],
        }
    }

    fn add_source(&mut self, source: Node) {
        for node in self.order.drain(..) {
            self.distances[node as usize] = f64::INFINITY;
            self.ways[node as usize] = 0.0;
            self.through[node as usize] = 0.0;
        }
        self.distances[source as usize] = 0.0;
        self.ways[source as usize] = 1.0;
        if self.hops {
            self.search_by_hops(source)
        } else {
            self.search_by_length(source)
        }
        self.add_up(source);
    }

    fn search_by_hops(&mut self, source: Node) {
        self.order.push(source);
        let mut at = 0;
        while at < self.order.len() {
            let node = self.order[at];
            at += 1;
            let there = self.distances[node as usize] + 1.0;
            for &next in self.lengths.neighbours(node) {
                if self.distances[next as usize] == f64::INFINITY {
                    self.distances[next as usize] = there;
                    self.order.push(next);
                }
                if self.distances[next as usize] == there {
                    self.ways[next as usize] += self.ways[node as usize];
                }
            }
        }
    }

    fn search_by_length(&mut self, source: Node) {
        let mut waiting = BinaryHeap::from([Waiting { distance: 0.0, node: source }]);
        while let Some(Waiting { distance, node }) = waiting.pop() {
            if distance > self.distances[node as usize] {
                continue;
            }
            self.order.push(node);
            for (next, length) in self.lengths.edges(node) {
                let (there, so_far) = (distance + length, self.distances[next as usize]);
                if there < so_far {
                    self.distances[next as usize] = there;
                    self.ways[next as usize] = self.ways[node as usize];
                    waiting.push(Waiting { distance: there, node: next });
                } else if there == so_far {
                    self.ways[next as usize] += self.ways[node as usize];
                }
            }
        }
    }

    /// From the farthest node back to the source.
    fn add_up(&mut self, source: Node) {
        for &node in self.order.iter().rev() {
            let mut through = 0.0;
            for (next, length) in self.lengths.edges(node) {
                if self.distances[node as usize] + length == self.distances[next as usize] {
                    through += (1.0 + self.through[next as usize]) / self.ways[next as usize];
                }
            }
            self.through[node as usize] = through * self.ways[node as usize];
            if node != source {
                self.sums[node as usize] += self.through[node as usize];
            }
        }
    }
}

/// Sums over these sources for every node.
fn sums(lengths: &Csr, hops: bool, sources: &[Node], cancelled: &Cancelled) -> Result<Vec<f64>> {
    let pieces = in_pieces(|piece| {
        let mut brandes = Brandes::new(lengths, hops);
        for source in sources.iter().skip(piece).step_by(PIECES) {
            cancelled.check()?;
            brandes.add_source(*source);
        }
        Ok(brandes.sums)
    })?;
    let mut sums = vec![0.0; lengths.len()];
    for piece in pieces {
        sums.iter_mut().zip(piece).for_each(|(sum, part)| *sum += part);
    }
    Ok(sums)
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let (directed, length) = (options.flag("directed")?, Length::of(&options)?);
    let network = Network::read(call)?;
    let lengths = length.apply(network.directed(call, directed)?);
    let nodes = lengths.len();
    call.reserve(PIECES * BYTES_PER_NODE * nodes)?;
    let mut sources: Vec<Node> = lengths.nodes().collect();
    if let Some(sample) = options.optional_count("sample")? {
        Random(options.count("seed")? as u64).shuffle(&mut sources, sample);
        sources.truncate(sample);
    }
    let sums = sums(&lengths, length == Length::Hops, &sources, call.cancelled())?;
    let scale = match (options.flag("normalized")?, directed) {
        (true, _) if nodes < 3 => 0.0,
        (true, _) => 1.0 / ((nodes - 1) as f64 * (nodes - 2) as f64),
        (false, true) => 1.0,
        // Both directions of a pair were counted.
        (false, false) => 0.5,
    };
    let all = nodes as f64 / sources.len().max(1) as f64;
    call.result(vec![network.keys.all(), numbers(sums.into_iter().map(|sum| sum * scale * all))])
}

fn betweenness_schema(columns: &[DataType]) -> SchemaRef {
    schema([("node", key_type(&columns[0])), ("betweenness", DataType::Float64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the share of the shortest ways \
between all pairs of others that lead through the person (Brandes). A large graph takes long: the work \
grows with people times contacts, or with `sample` times contacts. The relation has columns a, b, and \
if known answered and weight.",
    syntax_example = "betweenness(relation or (subquery), normalized, length, directed, sample, seed)",
    argument(
        name = "normalized",
        description = "Whether to divide by the number of pairs, true by default; else the result is a number of pairs."
    ),
    argument(
        name = "length",
        description = "What a step costs: 'hops' (default) 1, 'weight' its number of calls or `weight`, 'inverse' 1 divided by that."
    ),
    argument(
        name = "directed",
        description = "Whether ways lead from a to b only; false by default."
    ),
    argument(
        name = "sample",
        description = "Estimates the result from ways that begin at so many random people."
    ),
    argument(name = "seed", description = "Picks those people, 1 by default."),
    sql_example = "```sql\nSELECT * FROM betweenness((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'dan')) AS t(a, b)), normalized => false);\n-- ann | 0.0\n-- bob | 2.0\n-- cat | 2.0\n-- dan | 0.0\n```"
)]
struct Betweenness;

/// `betweenness(edges, normalized, length, directed, sample, seed)`
pub fn betweenness() -> RelationFunction {
    RelationFunction {
        name: "betweenness",
        columns: EDGES,
        parameters: const {
            &[
                flag("normalized").or(1.0),
                LENGTH,
                flag("directed").or(0.0),
                setting("sample", 1.0, f64::MAX).or_null(),
                setting("seed", 0.0, f64::MAX).or(1.0),
            ]
        },
        schema: betweenness_schema,
        evaluate,
        documentation: Betweenness.doc(),
    }
}
