//! How much the circles of two people who are in contact overlap.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::network::Network;
use super::output::{counts, numbers, schema};
use super::triangles::{each_triangle, upward};
use crate::call::{Call, Cancelled};
use crate::parameter::flag;
use crate::relation::RelationFunction;

/// A contact and what its two have in common.
struct Tie {
    a: Node,
    b: Node,
    common: usize,
    adamic_adar: f64,
    /// In the circle of a, and in that of b.
    dispersion: [usize; 2],
}

/// Every contact, in order, without its dispersion.
fn ties(graph: &Csr, cancelled: &Cancelled) -> Result<Vec<Tie>> {
    let upward = upward(graph);
    let mut common = vec![0; upward.edge_count()];
    let mut adamic_adar = vec![0.0; upward.edge_count()];
    each_triangle(&upward, cancelled, |[first, second, third], [low, high, long]| {
        for (edge, other) in [(low, third), (high, first), (long, second)] {
            common[edge] += 1;
            adamic_adar[edge] += 1.0 / (graph.degree(other) as f64).ln();
        }
    })?;
    let ties = upward.all().zip(common.into_iter().zip(adamic_adar));
    let mut ties: Vec<Tie> = ties
        .map(|((from, to, _), (common, adamic_adar))| Tie {
            a: from.min(to),
            b: from.max(to),
            common,
            adamic_adar,
            dispersion: [0; 2],
        })
        .collect();
    ties.sort_unstable_by_key(|tie| (tie.a, tie.b));
    Ok(ties)
}

/// Marks nodes, and forgets all of them at once.
struct Marks {
    stamps: Vec<u32>,
    stamp: u32,
}

impl Marks {
    fn new(nodes: usize) -> Self {
        Self { stamps: vec![0; nodes], stamp: 0 }
    }

    fn mark(&mut self, nodes: impl IntoIterator<Item = Node>) {
        if self.stamp == u32::MAX {
            self.stamps.fill(0);
            self.stamp = 0;
        }
        self.stamp += 1;
        nodes.into_iter().for_each(|node| self.stamps[node as usize] = self.stamp);
    }

    fn has(&self, node: Node) -> bool {
        self.stamps[node as usize] == self.stamp && self.stamp > 0
    }
}

/// How many pairs of common contacts of the two know each other neither directly nor through
/// anybody else in the circle of `ego`.
fn dispersion(graph: &Csr, circle: &Marks, near: &mut Marks, ego: Node, other: Node) -> usize {
    let in_circle = |node: &&Node| circle.has(**node);
    let common: Vec<Node> = graph.neighbours(other).iter().filter(in_circle).copied().collect();
    let mut dispersed = 0;
    for (i, &one) in common.iter().enumerate() {
        let known = graph.neighbours(one).iter().filter(in_circle).copied();
        near.mark(known.filter(|node| *node != ego && *node != other));
        let apart = |two: &&Node| {
            !near.has(**two) && !graph.neighbours(**two).iter().any(|node| near.has(*node))
        };
        dispersed += common[i + 1..].iter().filter(apart).count();
    }
    dispersed
}

fn add_dispersion(graph: &Csr, ties: &mut [Tie], cancelled: &Cancelled) -> Result<()> {
    let (mut circle, mut near) = (Marks::new(graph.len()), Marks::new(graph.len()));
    for side in 0..2 {
        let ends = |tie: &Tie| if side == 0 { (tie.a, tie.b) } else { (tie.b, tie.a) };
        ties.sort_unstable_by_key(ends);
        for of_ego in ties.chunk_by_mut(|x, y| ends(x).0 == ends(y).0) {
            cancelled.check()?;
            let ego = ends(&of_ego[0]).0;
            circle.mark(graph.neighbours(ego).iter().copied());
            for tie in of_ego {
                let other = ends(tie).1;
                tie.dispersion[side] = dispersion(graph, &circle, &mut near, ego, other);
            }
        }
    }
    ties.sort_unstable_by_key(|tie| (tie.a, tie.b));
    Ok(())
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let endpoints = call.options().flag("endpoints")?;
    let network = Network::read(call)?;
    let graph = network.undirected(call)?;
    call.reserve(graph.edge_count() / 2 * (size_of::<Tie>() + 40) + 16 * graph.len())?;
    let mut ties = ties(&graph, call.cancelled())?;
    if call.wants("dispersion_a") || call.wants("dispersion_b") {
        add_dispersion(&graph, &mut ties, call.cancelled())?;
    }
    let overlap = |tie: &Tie| {
        // Each is a contact of the other, and left out unless endpoints count.
        let both = graph.degree(tie.a) + graph.degree(tie.b) - if endpoints { 0 } else { 2 };
        let all = both - tie.common;
        if all > 0 { tie.common as f64 / all as f64 } else { 0.0 }
    };
    call.result(vec![
        network.keys.column(ties.iter().map(|t| t.a))?,
        network.keys.column(ties.iter().map(|t| t.b))?,
        counts(ties.iter().map(|t| t.common)),
        numbers(ties.iter().map(overlap)),
        numbers(ties.iter().map(|t| t.adamic_adar)),
        counts(ties.iter().map(|t| t.dispersion[0])),
        counts(ties.iter().map(|t| t.dispersion[1])),
    ])
}

fn overlap_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([
        ("a", key.clone()),
        ("b", key),
        ("common", DataType::Int64),
        ("overlap", DataType::Float64),
        ("adamic_adar", DataType::Float64),
        ("dispersion_a", DataType::Int64),
        ("dispersion_b", DataType::Int64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each pair in contact, in order of a and b, a before b: the \
number of common contacts; their share of all other contacts of the two (overlap, Onnela's form, 0 \
without others); the sum of 1 / ln(degree) over common contacts (adamic_adar); and how many pairs of \
common contacts know each other neither directly nor through anybody else among a's (dispersion_a) or \
b's contacts (dispersion_b), high between partners, after Backstrom and Kleinberg, computed only if the \
query uses it. Whoever called counts; the relation has columns a, b, and if known answered.",
    syntax_example = "overlap(relation or (subquery), endpoints)",
    argument(
        name = "endpoints",
        description = "Whether the two themselves count among all contacts (networkx's Jaccard coefficient); false by default."
    ),
    sql_example = "```sql\nSELECT a, b, common, overlap FROM overlap((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan')) AS t(a, b)));\n-- ann | bob | 1 | 1.0\n-- ann | cat | 1 | 0.5\n-- bob | cat | 1 | 0.5\n-- cat | dan | 0 | 0.0\n```"
)]
struct Overlap;

/// `overlap(edges, endpoints)`
pub fn overlap() -> RelationFunction {
    RelationFunction {
        name: "overlap",
        columns: EDGES,
        parameters: const { &[flag("endpoints").or(0.0)] },
        schema: overlap_schema,
        evaluate,
        documentation: Overlap.doc(),
    }
}
