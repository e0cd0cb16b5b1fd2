//! People and contacts without whom the graph falls apart.

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

/// Cut nodes and cut edges of an undirected graph.
struct Cuts {
    /// Into how many pieces the node's part falls without it.
    pieces: Vec<usize>,
    bridges: Vec<(Node, Node)>,
}

/// A node on the way of the search.
struct Frame {
    node: Node,
    parent: Option<Node>,
    /// The next of its edges.
    at: usize,
}

/// Hopcroft and Tarjan's depth-first search, on a stack of its own.
struct Depths<'a> {
    graph: &'a Csr,
    /// When each node was first seen, from 1.
    number: Vec<u32>,
    /// The earliest node that the search reaches from each without the edge it came by.
    low: Vec<u32>,
    numbered: u32,
    cuts: Cuts,
}

impl Depths<'_> {
    fn enter(&mut self, node: Node, parent: Option<Node>) -> Frame {
        self.numbered += 1;
        self.number[node as usize] = self.numbered;
        self.low[node as usize] = self.numbered;
        // Without it there is what lies above, unless it is the root.
        self.cuts.pieces[node as usize] = usize::from(parent.is_some());
        Frame { node, parent, at: self.graph.row(node).start }
    }

    fn visit(&mut self, root: Node) {
        let mut stack = vec![self.enter(root, None)];
        while let Some(frame) = stack.last_mut() {
            let (node, parent) = (frame.node, frame.parent);
            if frame.at == self.graph.row(node).end {
                stack.pop();
                if let Some(parent) = parent {
                    self.leave(node, parent);
                }
                continue;
            }
            let next = self.graph.targets()[frame.at];
            frame.at += 1;
            if self.number[next as usize] == 0 {
                stack.push(self.enter(next, Some(node)));
            } else if Some(next) != parent {
                let low = &mut self.low[node as usize];
                *low = self.number[next as usize].min(*low);
            }
        }
    }

    fn leave(&mut self, node: Node, parent: Node) {
        let low = self.low[node as usize];
        let above = self.number[parent as usize];
        self.low[parent as usize] = low.min(self.low[parent as usize]);
        self.cuts.pieces[parent as usize] += usize::from(low >= above);
        if low > above {
            self.cuts.bridges.push((node.min(parent), node.max(parent)));
        }
    }
}

fn cuts(graph: &Csr) -> Cuts {
    let nodes = graph.len();
    let mut depths = Depths {
        graph,
        number: vec![0; nodes],
        low: vec![0; nodes],
        numbered: 0,
        cuts: Cuts { pieces: vec![0; nodes], bridges: vec![] },
    };
    for node in graph.nodes() {
        if depths.number[node as usize] == 0 {
            depths.visit(node);
        }
    }
    depths.cuts.bridges.sort_unstable();
    depths.cuts
}

fn read_cuts(call: &mut Call) -> Result<(Network, Cuts)> {
    let network = Network::read(call)?;
    let both = network.undirected(call)?;
    call.reserve(64 * both.len())?;
    let cuts = cuts(&both);
    Ok((network, cuts))
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: people without whom some others would no longer be connected, in \
order of key, with the number of pieces that would be left of their part of the graph. Whoever called \
counts; the relation has columns a, b, and if known answered.",
    syntax_example = "articulation(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM articulation((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan')) AS t(a, b)));\n-- cat | 2\n```"
)]
struct Articulation;

/// `articulation(edges)`
pub fn articulation() -> RelationFunction {
    RelationFunction {
        name: "articulation",
        columns: EDGES,
        parameters: &[],
        schema: |columns| schema([("node", key_type(&columns[0])), ("pieces", DataType::Int64)]),
        evaluate: |call| {
            let (network, cuts) = read_cuts(call)?;
            let pieces = |node: &Node| cuts.pieces[*node as usize];
            let nodes: Vec<Node> = network.keys.nodes().filter(|node| pieces(node) > 1).collect();
            call.result(vec![
                network.keys.column(nodes.iter().copied())?,
                counts(nodes.iter().map(pieces)),
            ])
        },
        documentation: Articulation.doc(),
    }
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: contacts without which some people would no longer be connected, \
in order of a and b, a before b. Whoever called counts; the relation has columns a, b, and if known \
answered.",
    syntax_example = "bridges(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM bridges((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('dan', 'cat')) AS t(a, b)));\n-- cat | dan\n```"
)]
struct Bridges;

fn bridge_schema(columns: &[DataType]) -> SchemaRef {
    schema([("a", key_type(&columns[0])), ("b", key_type(&columns[0]))])
}

/// `bridges(edges)`
pub fn bridges() -> RelationFunction {
    RelationFunction {
        name: "bridges",
        columns: EDGES,
        parameters: &[],
        schema: bridge_schema,
        evaluate: |call| {
            let (network, cuts) = read_cuts(call)?;
            call.result(vec![
                network.keys.column(cuts.bridges.iter().map(|bridge| bridge.0))?,
                network.keys.column(cuts.bridges.iter().map(|bridge| bridge.1))?,
            ])
        },
        documentation: Bridges.doc(),
    }
}
