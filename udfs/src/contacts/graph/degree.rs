//! With how many people each has to do.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::input::EDGES;
use super::keys::key_type;
use super::network::Network;
use super::output::{counts, numbers, schema};
use crate::call::Call;
use crate::relation::RelationFunction;

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let network = Network::read(call)?;
    let (both, out) = (network.undirected(call)?, &network.calls);
    call.reserve(out.size())?;
    let incoming = out.reversed();
    let nodes = out.nodes();
    call.result(vec![
        network.keys.all(),
        counts(nodes.clone().map(|node| both.degree(node))),
        counts(nodes.clone().map(|node| incoming.degree(node))),
        counts(nodes.clone().map(|node| out.degree(node))),
        numbers(nodes.clone().map(|node| incoming.strength(node))),
        numbers(nodes.map(|node| out.strength(node))),
    ])
}

fn degree_schema(columns: &[DataType]) -> SchemaRef {
    schema([
        ("node", key_type(&columns[0])),
        ("degree", DataType::Int64),
        ("in_degree", DataType::Int64),
        ("out_degree", DataType::Int64),
        ("in_calls", DataType::Float64),
        ("out_calls", DataType::Float64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the number of contacts (degree), \
of those who called (in_degree) and were called (out_degree), and the calls themselves (in_calls, \
out_calls: rows, or the sums of `weight`). The relation has columns a, b, and if known answered and \
weight.",
    syntax_example = "degree(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM degree((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'ann'), ('ann', 'bob'), ('ann', 'cat')) AS t(a, b)));\n-- ann | 2 | 1 | 2 | 1.0 | 3.0\n-- bob | 1 | 1 | 1 | 2.0 | 1.0\n-- cat | 1 | 1 | 0 | 1.0 | 0.0\n```"
)]
struct Degree;

/// `degree(edges)`
pub fn degree() -> RelationFunction {
    RelationFunction {
        name: "degree",
        columns: EDGES,
        parameters: &[],
        schema: degree_schema,
        evaluate,
        documentation: Degree.doc(),
    }
}
