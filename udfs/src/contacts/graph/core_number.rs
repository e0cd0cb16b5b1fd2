//! How deep in the graph's core each person is.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::network::Network;
use super::output::{counts, schema};
use crate::call::Call;
use crate::relation::RelationFunction;

/// Core numbers by Batagelj and Zaveršnik: nodes in the order of their degrees, who are taken away
/// one after the other and move their neighbours one bin down.
fn core_numbers(graph: &Csr) -> Vec<usize> {
    let mut degrees: Vec<usize> = graph.nodes().map(|node| graph.degree(node)).collect();
    let mut bins = Bins::new(&degrees);
    for at in 0..graph.len() {
        let node = bins.order[at];
        for &next in graph.neighbours(node) {
            if degrees[next as usize] > degrees[node as usize] {
                bins.move_down(next, &mut degrees[next as usize]);
            }
        }
    }
    degrees
}

/// Nodes sorted by degree.
struct Bins {
    order: Vec<Node>,
    /// Where each node stands in the order.
    places: Vec<usize>,
    /// Where each degree begins.
    starts: Vec<usize>,
}

impl Bins {
    fn new(degrees: &[usize]) -> Self {
        let mut order: Vec<Node> = (0..degrees.len() as Node).collect();
        order.sort_by_key(|node| degrees[*node as usize]);
        let mut places = vec![0; degrees.len()];
        for (place, node) in order.iter().enumerate() {
            places[*node as usize] = place;
        }
        let most = degrees.iter().max().map_or(0, |most| most + 1);
        let start = |degree| order.partition_point(|node| degrees[*node as usize] < degree);
        let starts = (0..most).map(start).collect();
        Self { order, places, starts }
    }

    /// Swaps a node to the start of its bin, which then belongs to the bin below.
    fn move_down(&mut self, node: Node, degree: &mut usize) {
        let (place, start) = (self.places[node as usize], self.starts[*degree]);
        let first = self.order[start];
        self.order.swap(place, start);
        self.places[first as usize] = place;
        self.places[node as usize] = start;
        self.starts[*degree] += 1;
        *degree -= 1;
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let network = Network::read(call)?;
    let both = network.undirected(call)?;
    call.reserve(32 * both.len())?;
    call.result(vec![network.keys.all(), counts(core_numbers(&both))])
}

fn core_schema(columns: &[DataType]) -> SchemaRef {
    schema([("node", key_type(&columns[0])), ("core", DataType::Int64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the largest k for which the \
person belongs to a group in which everybody has at least k contacts (core). Whoever called counts; the \
relation has columns a, b, and if known answered.",
    syntax_example = "core_number(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM core_number((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan')) AS t(a, b)));\n-- ann | 2\n-- bob | 2\n-- cat | 2\n-- dan | 1\n```"
)]
struct CoreNumber;

/// `core_number(edges)`
pub fn core_number() -> RelationFunction {
    RelationFunction {
        name: "core_number",
        columns: EDGES,
        parameters: &[],
        schema: core_schema,
        evaluate,
        documentation: CoreNumber.doc(),
    }
}
