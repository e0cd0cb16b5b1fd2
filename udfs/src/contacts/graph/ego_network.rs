//! Everybody around one person, and their contacts among each other.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::input::EDGES;
use super::keys::{Node, key_type};
use super::network::Network;
use super::output::{counts, numbers, schema};
use super::search::{FAR, Search};
use crate::call::Call;
use crate::parameter::{Kind, parameter, setting};
use crate::relation::RelationFunction;

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let network = Network::read(call)?;
    let ego = options.keys("node")?.map(|key| network.keys.find(&key)).transpose()?;
    let ego: Vec<Node> = ego.unwrap_or_default().into_iter().flatten().collect();
    let radius = options.count("radius")?.min(FAR as usize - 1) as u32;
    let both = network.undirected(call)?;
    call.reserve(Search::size(both.len()))?;
    let mut search = Search::new(both.len());
    let mut edges: Vec<(Node, Node, f64, u32)> = vec![];
    for ego in ego {
        search.run(&both, ego, radius, |_| true, call.cancelled())?;
        let reached = search.reached().iter();
        let around = reached.flat_map(|&a| both.edges(a).map(move |(b, calls)| (a, b, calls)));
        let within = around.filter(|(a, b, _)| a < b && search.hops(*b) != FAR);
        edges.extend(within.map(|(a, b, n)| (a, b, n, search.hops(a).max(search.hops(b)))));
    }
    call.reserve(3 * size_of_val(&*edges))?;
    edges.sort_unstable_by_key(|edge| (edge.0, edge.1, edge.3));
    edges.dedup_by_key(|edge| (edge.0, edge.1));
    call.result(vec![
        network.keys.column(edges.iter().map(|e| e.0))?,
        network.keys.column(edges.iter().map(|e| e.1))?,
        numbers(edges.iter().map(|e| e.2)),
        counts(edges.iter().map(|e| e.3 as usize)),
    ])
}

fn ego_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([("a", key.clone()), ("b", key), ("calls", DataType::Float64), ("hop", DataType::Int64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: the contacts among everybody within a radius of one person, a row \
for each pair, in order of a and b, a before b. calls counts both directions (or adds up `weight`), \
hop is that of the farther of the two. The relation has columns a, b, and if known answered and \
weight. A person whom nobody knows has no rows; of several, each pair counts once.",
    syntax_example = "ego_network(relation or (subquery), node, radius)",
    argument(name = "node", description = "The person's key, or a list of keys."),
    argument(name = "radius", description = "How many hops around, 1 by default."),
    sql_example = "```sql\nSELECT * FROM ego_network((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'ann'), ('ann', 'cat'), ('cat', 'bob'), ('cat', 'dan')) AS t(a, b)), node => 'ann');\n-- ann | bob | 2.0 | 1\n-- ann | cat | 1.0 | 1\n-- bob | cat | 1.0 | 1\n```"
)]
struct EgoNetwork;

/// `ego_network(edges, node, radius)`
pub fn ego_network() -> RelationFunction {
    RelationFunction {
        name: "ego_network",
        columns: EDGES,
        parameters: const { &[parameter("node", Kind::Keys), setting("radius", 0.0, f64::MAX).or(1.0)] },
        schema: ego_schema,
        evaluate,
        documentation: EgoNetwork.doc(),
    }
}
