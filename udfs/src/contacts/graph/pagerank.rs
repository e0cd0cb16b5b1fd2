//! Who is called by those who are called.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::key_type;
use super::network::Network;
use super::output::{numbers, schema};
use crate::call::{Call, Cancelled};
use crate::parameter::{flag, setting};
use crate::relation::RelationFunction;

/// More rounds than any damping below 1 needs in practice.
const MOST_ROUNDS: usize = 100_000;

/// Ranks by the power method: who calls nobody passes rank on to everybody alike.
struct Ranks {
    damping: f64,
    /// Edges to each node, with the share of the caller's rank that each carries.
    incoming: Csr,
    /// Nodes that call nobody.
    silent: Vec<bool>,
}

impl Ranks {
    fn new(out: &Csr, damping: f64, weighted: bool) -> Self {
        let total = |node| if weighted { out.strength(node) } else { out.degree(node) as f64 };
        let totals: Vec<f64> = out.nodes().map(total).collect();
        let incoming = out.reversed();
        let incoming = if weighted { incoming } else { incoming.with_weights(|_| 1.0) };
        let callers: Vec<usize> = incoming.targets().iter().map(|node| *node as usize).collect();
        let mut at = callers.into_iter();
        // Weights are visited in the order of positions.
        let share = |weight| at.next().map_or(0.0, |caller| weight / totals[caller]);
        let silent = out.nodes().map(|node| out.degree(node) == 0).collect();
        Self { damping, incoming: incoming.with_weights(share), silent }
    }

    /// The ranks after one more round.
    fn round(&self, ranks: &[f64]) -> Vec<f64> {
        let nodes = ranks.len() as f64;
        let lost: f64 = ranks.iter().zip(&self.silent).filter(|(_, s)| **s).map(|(r, _)| r).sum();
        let base = (1.0 - self.damping + self.damping * lost.max(0.0)) / nodes;
        let rank = |node| {
            let callers = self.incoming.edges(node);
            base + self.damping * callers.map(|(from, w)| ranks[from as usize] * w).sum::<f64>()
        };
        self.incoming.nodes().map(rank).collect()
    }

    /// Rounds until all ranks together change by at most `tolerance`.
    fn converge(&self, tolerance: f64, cancelled: &Cancelled) -> Result<Vec<f64>> {
        let nodes = self.incoming.len();
        let mut ranks = vec![1.0 / nodes as f64; nodes];
        for _ in 0..MOST_ROUNDS {
            cancelled.check()?;
            let next = self.round(&ranks);
            let change: f64 = next.iter().zip(&ranks).map(|(x, y)| (x - y).abs()).sum();
            ranks = next;
            if change <= tolerance {
                return Ok(ranks);
            }
        }
        exec_err!("pagerank: no result after {MOST_ROUNDS} rounds; take a larger `tol`")
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let network = Network::read(call)?;
    call.reserve(2 * network.calls.size() + 32 * network.keys.len())?;
    let ranks = Ranks::new(&network.calls, options.number("damping")?, options.flag("weighted")?);
    let ranks = ranks.converge(options.number("tol")?, call.cancelled())?;
    call.result(vec![network.keys.all(), numbers(ranks)])
}

fn rank_schema(columns: &[DataType]) -> SchemaRef {
    schema([("node", key_type(&columns[0])), ("rank", DataType::Float64)])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: for each person, in order of key, the PageRank (rank) along the \
direction of calls; all ranks add up to 1. Who calls nobody passes rank on to everybody alike. The \
relation has columns a, b, and if known answered and weight.",
    syntax_example = "pagerank(relation or (subquery), damping, tol, weighted)",
    argument(
        name = "damping",
        description = "The share of rank that follows calls, from 0 to 0.999; 0.85 by default."
    ),
    argument(
        name = "tol",
        description = "The sum of all changes at which to stop, 1e-10 by default."
    ),
    argument(
        name = "weighted",
        description = "Whether rank is passed on by numbers of calls (or `weight`), true by default, or to each contact alike."
    ),
    sql_example = "```sql\nSELECT node, round(rank, 6) FROM pagerank((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'ann'), ('cat', 'ann')) AS t(a, b)));\n-- ann | 0.486486\n-- bob | 0.463514\n-- cat | 0.05\n```"
)]
struct PageRank;

/// `pagerank(edges, damping, tol, weighted)`
pub fn pagerank() -> RelationFunction {
    RelationFunction {
        name: "pagerank",
        columns: EDGES,
        parameters: const {
            &[
                setting("damping", 0.0, 0.999).or(0.85),
                setting("tol", 1e-15, 1.0).or(1e-10),
                flag("weighted").or(1.0),
            ]
        },
        schema: rank_schema,
        evaluate,
        documentation: PageRank.doc(),
    }
}
