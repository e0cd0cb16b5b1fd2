//! Parts of a graph within which everybody can be reached.

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

/// What is not yet numbered.
const NONE: u32 = u32::MAX;

/// For each node the smallest one of its part, whatever the direction of edges.
pub(super) fn components(out: &Csr) -> Vec<Node> {
    let mut parent: Vec<Node> = out.nodes().collect();
    for (from, to, _) in out.all() {
        let (x, y) = (root(&mut parent, from), root(&mut parent, to));
        parent[x.max(y) as usize] = x.min(y);
    }
    out.nodes().map(|node| root(&mut parent, node)).collect()
}

fn root(parent: &mut [Node], mut node: Node) -> Node {
    while parent[node as usize] != node {
        // Halves the way for whoever comes next.
        parent[node as usize] = parent[parent[node as usize] as usize];
        node = parent[node as usize];
    }
    node
}

/// For each node the smallest one of those that it reaches and that reach it.
fn strong_components(out: &Csr) -> Vec<Node> {
    let mut tarjan = Tarjan {
        out,
        number: vec![NONE; out.len()],
        low: vec![0; out.len()],
        label: vec![NONE; out.len()],
        open: vec![],
        numbered: 0,
    };
    for node in out.nodes() {
        if tarjan.number[node as usize] == NONE {
            tarjan.visit(node);
        }
    }
    tarjan.label
}

/// Tarjan's search, on a stack of its own: paths are longer than the thread's.
struct Tarjan<'a> {
    out: &'a Csr,
    /// When each node was first seen.
    number: Vec<u32>,
    /// The earliest node that each is known to reach.
    low: Vec<u32>,
    label: Vec<Node>,
    /// Nodes whose part is not complete.
    open: Vec<Node>,
    numbered: u32,
}

impl Tarjan<'_> {
    fn enter(&mut self, node: Node) -> (Node, usize) {
        self.number[node as usize] = self.numbered;
        self.low[node as usize] = self.numbered;
        self.numbered += 1;
        self.open.push(node);
        (node, self.out.row(node).start)
    }

    fn visit(&mut self, start: Node) {
        let mut stack = vec![self.enter(start)];
        while let Some((node, at)) = stack.last_mut() {
            let node = *node;
            if *at == self.out.row(node).end {
                stack.pop();
                self.leave(node, stack.last().map(|frame| frame.0));
                continue;
            }
            let next = self.out.targets()[*at];
            *at += 1;
            if self.number[next as usize] == NONE {
                stack.push(self.enter(next));
            } else if self.label[next as usize] == NONE {
                let low = &mut self.low[node as usize];
                *low = self.number[next as usize].min(*low);
            }
        }
    }

    fn leave(&mut self, node: Node, before: Option<Node>) {
        let low = self.low[node as usize];
        if let Some(before) = before {
            let so_far = &mut self.low[before as usize];
            *so_far = low.min(*so_far);
        }
        if low == self.number[node as usize] {
            let first = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
            let part = self.open.split_off(first);
            let smallest = part.iter().copied().min().unwrap_or(node);
            part.iter().for_each(|member| self.label[*member as usize] = smallest);
        }
    }
}

fn evaluate(call: &mut Call, labels: fn(&Csr) -> Vec<Node>) -> Result<RecordBatch> {
    let network = Network::read(call)?;
    call.reserve(24 * network.keys.len())?;
    let labels = labels(&network.calls);
    let mut sizes = vec![0; labels.len()];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    call.result(vec![
        network.keys.all(),
        network.keys.column(labels.iter().copied())?,
        counts(labels.iter().map(|label| sizes[*label as usize])),
    ])
}

fn component_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([("node", key.clone()), ("component", key), ("size", DataType::Int64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the connected part of the graph \
it belongs to (component, named by its smallest key) and how many people that has (size), whoever \
called. The relation has columns a, b, and if known answered.",
    syntax_example = "components(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM components((SELECT * FROM (VALUES ('bob', 'ann'), ('dan', 'eve')) AS t(a, b)));\n-- ann | ann | 2\n-- bob | ann | 2\n-- dan | dan | 2\n-- eve | dan | 2\n```"
)]
struct Components;

/// `components(edges)`
pub fn components_function() -> RelationFunction {
    RelationFunction {
        name: "components",
        columns: EDGES,
        parameters: &[],
        schema: component_schema,
        evaluate: |call| evaluate(call, components),
        documentation: Components.doc(),
    }
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: like `components`, but along the direction of calls: a part is \
people each of whom can be reached from each other one. The relation has columns a, b, and if known \
answered.",
    syntax_example = "strong_components(relation or (subquery))",
    sql_example = "```sql\nSELECT * FROM strong_components((SELECT * FROM (VALUES ('bob', 'ann'), ('ann', 'bob'), ('bob', 'eve')) AS t(a, b)));\n-- ann | ann | 2\n-- bob | ann | 2\n-- eve | eve | 1\n```"
)]
struct StrongComponents;

/// `strong_components(edges)`
pub fn strong_components_function() -> RelationFunction {
    RelationFunction {
        name: "strong_components",
        columns: EDGES,
        parameters: &[],
        schema: component_schema,
        evaluate: |call| evaluate(call, strong_components),
        documentation: StrongComponents.doc(),
    }
}
