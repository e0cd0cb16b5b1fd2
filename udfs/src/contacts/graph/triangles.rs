//! How many of a person's contacts are in contact with each other.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::network::Network;
use super::output::{counts, numbers, schema};
use crate::call::{Call, Cancelled};
use crate::parameter::{Parameter, flag};
use crate::relation::RelationFunction;

const RECIPROCAL: Parameter = flag("reciprocal").or(0.0);

/// Each contact once, from who has fewer contacts to who has more: nobody has many of those.
pub(super) fn upward(graph: &Csr) -> Csr {
    let rank = |node: Node| (graph.degree(node), node);
    graph.filter(|_, from, to| rank(from) < rank(to))
}

/// Calls `found` for each triangle once: its nodes, and the positions of its edges between the
/// first and the second, the second and the third, the first and the third.
pub(super) fn each_triangle(
    upward: &Csr,
    cancelled: &Cancelled,
    mut found: impl FnMut([Node; 3], [usize; 3]),
) -> Result<()> {
    let mut marked = vec![usize::MAX; upward.len()];
    for first in upward.nodes() {
        if first % 1024 == 0 {
            cancelled.check()?;
        }
        for at in upward.row(first) {
            marked[upward.targets()[at] as usize] = at;
        }
        for near in upward.row(first) {
            let second = upward.targets()[near];
            for far in upward.row(second) {
                let third = upward.targets()[far];
                let closing = marked[third as usize];
                if closing != usize::MAX {
                    found([first, second, third], [near, far, closing]);
                }
            }
        }
        for at in upward.row(first) {
            marked[upward.targets()[at] as usize] = usize::MAX;
        }
    }
    Ok(())
}

/// The number of triangles that each node is part of.
fn triangle_counts(graph: &Csr, cancelled: &Cancelled) -> Result<Vec<usize>> {
    let mut triangles = vec![0; graph.len()];
    each_triangle(&upward(graph), cancelled, |nodes, _| {
        nodes.iter().for_each(|node| triangles[*node as usize] += 1);
    })?;
    Ok(triangles)
}

/// For each node the sum over its triangles of the cube root of the product of their weights, each
/// divided by the largest weight of all.
fn triangle_intensities(graph: &Csr, cancelled: &Cancelled) -> Result<Vec<f64>> {
    let largest = graph.weights().iter().copied().fold(0.0, f64::max);
    let upward = upward(graph);
    let mut sums = vec![0.0; graph.len()];
    each_triangle(&upward, cancelled, |nodes, edges| {
        let product: f64 = edges.iter().map(|at| upward.weights()[*at] / largest).product();
        nodes.iter().for_each(|node| sums[*node as usize] += product.cbrt());
    })?;
    Ok(sums)
}

/// Contacts in both directions; only those in which both called if `reciprocal` says so.
fn read_contacts(call: &mut Call) -> Result<(Network, Csr)> {
    let reciprocal = call.options().flag("reciprocal")?;
    let network = Network::read(call)?;
    let both = network.undirected(call)?;
    call.reserve(2 * both.size())?;
    let has = |from, to| network.calls.position(from, to).is_some();
    let contacts = match reciprocal {
        true => both.filter(|_, from, to| has(from, to) && has(to, from)),
        false => both,
    };
    Ok((network, contacts))
}

/// The share of the pairs among so many contacts that this is.
fn share_of_pairs(triangles: f64, contacts: usize) -> f64 {
    let pairs = contacts as f64 * (contacts as f64 - 1.0) / 2.0;
    if pairs > 0.0 { triangles / pairs } else { 0.0 }
}

fn evaluate_clustering(call: &mut Call) -> Result<RecordBatch> {
    let weighted = call.options().flag("weighted")?;
    let (network, contacts) = read_contacts(call)?;
    let sums: Vec<f64> = match weighted {
        true => triangle_intensities(&contacts, call.cancelled())?,
        false => triangle_counts(&contacts, call.cancelled())?.iter().map(|n| *n as f64).collect(),
    };
    let shares = contacts.nodes().zip(sums).map(|(n, sum)| share_of_pairs(sum, contacts.degree(n)));
    call.result(vec![network.keys.all(), numbers(shares)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, how many triangles of contacts \
the person is part of. The relation has columns a, b, and if known answered.",
    syntax_example = "triangles(relation or (subquery), reciprocal)",
    argument(
        name = "reciprocal",
        description = "Only contacts in which both called; false by default."
    ),
    sql_example = "```sql\nSELECT * FROM triangles((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan')) AS t(a, b)));\n-- ann | 1\n-- bob | 1\n-- cat | 1\n-- dan | 0\n```"
)]
struct Triangles;

/// `triangles(edges, reciprocal)`
pub fn triangles() -> RelationFunction {
    RelationFunction {
        name: "triangles",
        columns: EDGES,
        parameters: const { &[RECIPROCAL] },
        schema: |columns| schema([("node", key_type(&columns[0])), ("triangles", DataType::Int64)]),
        evaluate: |call| {
            let (network, contacts) = read_contacts(call)?;
            let triangles = triangle_counts(&contacts, call.cancelled())?;
            call.result(vec![network.keys.all(), counts(triangles)])
        },
        documentation: Triangles.doc(),
    }
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the share of the pairs of the \
person's contacts that are in contact with each other, 0 to 1 and 0 below two contacts. Weighted, each \
triangle counts as the cube root of the product of its three weights, divided by the largest weight of \
the graph. The relation has columns a, b, and if known answered and weight.",
    syntax_example = "clustering(relation or (subquery), weighted, reciprocal)",
    argument(
        name = "weighted",
        description = "Whether to weigh triangles by their calls; false by default."
    ),
    argument(
        name = "reciprocal",
        description = "Only contacts in which both called (bandicoot's form); false by default."
    ),
    sql_example = "```sql\nSELECT * FROM clustering((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan')) AS t(a, b)));\n-- ann | 1.0\n-- bob | 1.0\n-- cat | 0.3333333333333333\n-- dan | 0.0\n```"
)]
struct Clustering;

fn clustering_schema(columns: &[DataType]) -> SchemaRef {
    schema([("node", key_type(&columns[0])), ("clustering", DataType::Float64)])
}

/// `clustering(edges, weighted, reciprocal)`
pub fn clustering() -> RelationFunction {
    RelationFunction {
        name: "clustering",
        columns: EDGES,
        parameters: const { &[flag("weighted").or(0.0), RECIPROCAL] },
        schema: clustering_schema,
        evaluate: evaluate_clustering,
        documentation: Clustering.doc(),
    }
}
