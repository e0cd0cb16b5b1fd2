//! How near each person is to all others.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::lengths::{LENGTH, Length, distances};
use super::network::Network;
use super::output::{numbers, schema};
use super::parallel::{PIECES, in_pieces};
use super::search::{FAR, Search};
use crate::call::{Call, Cancelled};
use crate::parameter::flag;
use crate::relation::RelationFunction;

/// Wasserman and Faust's closeness: the reciprocal mean distance to those who can be reached, times
/// their share of all others.
fn closeness(reached: usize, total: f64, nodes: usize) -> f64 {
    let others = reached as f64 - 1.0;
    if total > 0.0 { others / total * (others / (nodes as f64 - 1.0)) } else { 0.0 }
}

/// How many nodes can be reached from each node of a piece, itself among them, and the sum of
/// their distances.
fn reach(
    lengths: &Csr,
    hops: bool,
    piece: impl Iterator<Item = Node>,
    cancelled: &Cancelled,
) -> Result<Vec<(usize, f64)>> {
    let mut search = Search::new(lengths.len());
    let one = |node| {
        cancelled.check()?;
        if hops {
            search.run(lengths, node, FAR - 1, |_| true, cancelled)?;
            let total = search.reached().iter().map(|node| f64::from(search.hops(*node))).sum();
            return Ok((search.reached().len(), total));
        }
        let distances = distances(lengths, node, |_, _| true);
        let finite = distances.iter().filter(|distance| distance.is_finite());
        Ok((finite.clone().count(), finite.sum()))
    };
    piece.map(one).collect()
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let (directed, length) = (options.flag("directed")?, Length::of(&options)?);
    let network = Network::read(call)?;
    let lengths = length.apply(network.directed(call, directed)?);
    // Who is called from near is close.
    let lengths = if directed { lengths.reversed() } else { lengths };
    let nodes = lengths.len();
    call.reserve(PIECES * 16 * nodes)?;
    let cancelled = call.cancelled();
    let pieces = in_pieces(|piece| {
        let sources = lengths.nodes().skip(piece).step_by(PIECES);
        reach(&lengths, length == Length::Hops, sources, cancelled)
    })?;
    let of = |node: usize| pieces[node % PIECES][node / PIECES];
    let values = (0..nodes).map(|node| closeness(of(node).0, of(node).1, nodes));
    call.result(vec![network.keys.all(), numbers(values)])
}

fn closeness_schema(columns: &[DataType]) -> SchemaRef {
    schema([("node", key_type(&columns[0])), ("closeness", DataType::Float64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the reciprocal of the mean \
distance to those whom the person can reach, times their share of all others (Wasserman and Faust), 0 \
to 1 by hops. A large graph takes long: the work grows with people times contacts. The relation has \
columns a, b, and if known answered and weight.",
    syntax_example = "closeness(relation or (subquery), length, directed)",
    argument(
        name = "length",
        description = "What a step costs: 'hops' (default) 1, 'weight' its number of calls or `weight`, 'inverse' 1 divided by that."
    ),
    argument(
        name = "directed",
        description = "Whether distances are those of ways from others, along a to b; false by default."
    ),
    sql_example = "```sql\nSELECT * FROM closeness((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat')) AS t(a, b)));\n-- ann | 0.6666666666666666\n-- bob | 1.0\n-- cat | 0.6666666666666666\n```"
)]
struct Closeness;

/// `closeness(edges, length, directed)`
pub fn closeness_function() -> RelationFunction {
    RelationFunction {
        name: "closeness",
        columns: EDGES,
        parameters: const { &[LENGTH, flag("directed").or(0.0)] },
        schema: closeness_schema,
        evaluate,
        documentation: Closeness.doc(),
    }
}
