//! The shortest ways from one person to another.

use std::collections::BTreeSet;
use std::collections::HashSet;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::lengths::{LENGTH, Length, distances};
use super::network::Network;
use super::output::{counts, numbers, optional_numbers, schema};
use crate::call::{Call, Cancelled};
use crate::parameter::{Kind, flag, parameter, setting};
use crate::relation::RelationFunction;

/// A way without loops.
#[derive(Debug, Clone, PartialEq)]
struct Path {
    cost: f64,
    nodes: Vec<Node>,
}

impl Eq for Path {}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Path {
    /// By cost, then by the keys along it.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.cost.total_cmp(&other.cost).then_with(|| self.nodes.cmp(&other.nodes))
    }
}

/// Steps with their lengths, there and back.
struct Roads {
    forth: Csr,
    back: Csr,
}

impl Roads {
    /// The shortest way to `goal` that begins with `root` and takes none of the `closed` steps
    /// from its end; of several the smallest by the keys along it.
    fn shortest(&self, root: &[Node], goal: Node, closed: &HashSet<Node>) -> Option<Path> {
        let (&spur, before) = root.split_last()?;
        let before: HashSet<Node> = before.iter().copied().collect();
        let may = |to: Node, from: Node| {
            !before.contains(&from) && (from != spur || !closed.contains(&to))
        };
        // How far it is from everybody to the goal.
        let left = distances(&self.back, goal, may);
        let mut nodes = root.to_vec();
        let mut here = spur;
        while here != goal {
            let remaining = Some(left[here as usize]).filter(|left| left.is_finite())?;
            let on_the_way = |&(next, length): &(Node, f64)| {
                length + left[next as usize] == remaining && may(next, here)
            };
            here = self.forth.edges(here).find(on_the_way)?.0;
            nodes.push(here);
        }
        Some(Path { cost: self.cost(&nodes), nodes })
    }

    fn cost(&self, nodes: &[Node]) -> f64 {
        let steps = nodes.windows(2).filter_map(|step| self.forth.weight(step[0], step[1]));
        steps.fold(0.0, |cost, length| cost + length)
    }

    /// The `count` shortest ways, by Yen's method: each next one leaves one of those before at some
    /// step and goes on the shortest way from there.
    fn several(
        &self,
        start: Node,
        goal: Node,
        count: usize,
        cancelled: &Cancelled,
    ) -> Result<Vec<Path>> {
        let mut found: Vec<Path> = vec![];
        let mut candidates: BTreeSet<Path> =
            self.shortest(&[start], goal, &HashSet::new()).into_iter().collect();
        while let Some(path) = candidates.pop_first() {
            found.push(path);
            if found.len() >= count {
                break;
            }
            let last = &found[found.len() - 1];
            for end in 1..last.nodes.len() {
                cancelled.check()?;
                let root = &last.nodes[..end];
                let leaving = found.iter().filter(|path| path.nodes.starts_with(root));
                let closed = leaving.filter_map(|path| path.nodes.get(end).copied()).collect();
                candidates.extend(self.shortest(root, goal, &closed));
            }
        }
        Ok(found)
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let network = Network::read(call)?;
    let calls = network.directed(call, options.flag("directed")?)?;
    let node = |name| -> Result<Option<Node>> {
        let key = options.keys(name)?.map(|key| network.keys.find(&key)).transpose()?;
        Ok(key.unwrap_or_default().into_iter().flatten().next())
    };
    call.reserve(3 * calls.size())?;
    let forth = Length::of(&options)?.apply(calls.clone());
    let roads = Roads { back: forth.reversed(), forth };
    let paths = match (node("a")?, node("b")?) {
        (Some(a), Some(b)) => roads.several(a, b, options.count("k")?, call.cancelled())?,
        _ => vec![],
    };
    let (mut ranks, mut steps, mut nodes) = (vec![], vec![], vec![]);
    let (mut step_calls, mut costs) = (vec![], vec![]);
    for (rank, path) in (1..).zip(&paths) {
        for (step, node) in path.nodes.iter().enumerate() {
            ranks.push(rank);
            steps.push(step);
            nodes.push(*node);
            step_calls.push(match step {
                0 => None,
                _ => calls.weight(path.nodes[step - 1], *node),
            });
            costs.push(roads.cost(&path.nodes[..=step]));
        }
    }
    call.result(vec![
        counts(ranks),
        counts(steps),
        network.keys.column(nodes)?,
        optional_numbers(step_calls),
        numbers(costs),
    ])
}

fn path_schema(columns: &[DataType]) -> SchemaRef {
    schema([
        ("rank", DataType::Int64),
        ("step", DataType::Int64),
        ("node", key_type(&columns[0])),
        ("calls", DataType::Float64),
        ("cost", DataType::Float64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: the shortest ways without loops from one person to another, by \
cost and then by the keys along them: a row for each step, from 0 at the start, with the calls of \
that step and the cost so far. No rows if there is no way or one of the two is unknown. The relation \
has columns a, b, and if known answered and weight.",
    syntax_example = "shortest_contacts(relation or (subquery), a, b, k, length, directed)",
    argument(name = "a", description = "Key of the person at the start."),
    argument(name = "b", description = "Key of the person at the end."),
    argument(name = "k", description = "How many ways at most, 1 by default."),
    argument(
        name = "length",
        description = "What a step costs: 'hops' (default) 1, 'weight' its number of calls or `weight`, 'inverse' 1 divided by that."
    ),
    argument(name = "directed", description = "Whether to go from a to b only; false by default."),
    sql_example = "```sql\nSELECT * FROM shortest_contacts((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('ann', 'dan'), ('dan', 'eve'), ('eve', 'cat')) AS t(a, b)), a => 'ann', b => 'cat', k => 2) WHERE step > 0;\n-- 1 | 1 | bob | 1.0 | 1.0\n-- 1 | 2 | cat | 1.0 | 2.0\n-- 2 | 1 | dan | 1.0 | 1.0\n-- 2 | 2 | eve | 1.0 | 2.0\n-- 2 | 3 | cat | 1.0 | 3.0\n```"
)]
struct ShortestContacts;

/// `shortest_contacts(edges, a, b, k, length, directed)`
pub fn shortest_contacts() -> RelationFunction {
    RelationFunction {
        name: "shortest_contacts",
        columns: EDGES,
        parameters: const {
            &[
                parameter("a", Kind::Keys),
                parameter("b", Kind::Keys),
                setting("k", 1.0, 10_000.0).or(1.0),
                LENGTH,
                flag("directed").or(0.0),
            ]
        },
        schema: path_schema,
        evaluate,
        documentation: ShortestContacts.doc(),
    }
}
