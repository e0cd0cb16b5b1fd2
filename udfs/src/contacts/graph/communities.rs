//! Groups of people who talk more with each other than with others.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::EDGES;
use super::keys::{Node, key_type};
use super::leiden::leiden;
use super::louvain::{STARTS, louvain};
use super::modularity::modularity;
use super::network::Network;
use super::output::{counts, numbers, schema};
use super::parallel::threads;
use crate::call::{Call, Cancelled};
use crate::parameter::{choice, setting};
use crate::random::Random;
use crate::relation::RelationFunction;

/// Label propagation stops after as many rounds if it does not come to rest before.
const MOST_ROUNDS: usize = 100;

/// Everybody takes over the label that weighs most among contacts, in random order, until nobody
/// would change any more (Raghavan et al. 2007). Who already has one of the best labels keeps it;
/// else of equal ones the smallest is taken.
fn propagate_labels(graph: &Csr, random: &mut Random, cancelled: &Cancelled) -> Result<Vec<u32>> {
    let mut labels: Vec<u32> = graph.nodes().collect();
    let mut order: Vec<Node> = graph.nodes().collect();
    let mut weights = vec![0.0; graph.len()];
    for _ in 0..MOST_ROUNDS {
        cancelled.check()?;
        random.shuffle(&mut order, graph.len());
        let mut changed = false;
        for &node in &order {
            let label = heaviest_label(graph, node, &labels, &mut weights);
            changed |= label != labels[node as usize];
            labels[node as usize] = label;
        }
        if !changed {
            break;
        }
    }
    Ok(labels)
}

/// `weights` are 0 before and after.
fn heaviest_label(graph: &Csr, node: Node, labels: &[u32], weights: &mut [f64]) -> u32 {
    for (next, weight) in graph.edges(node) {
        weights[labels[next as usize] as usize] += weight;
    }
    let mut best = labels[node as usize];
    for next in graph.neighbours(node) {
        let label = labels[*next as usize];
        let (here, most) = (weights[label as usize], weights[best as usize]);
        if here > most || (here == most && best != labels[node as usize] && label < best) {
            best = label;
        }
    }
    for next in graph.neighbours(node) {
        weights[labels[*next as usize] as usize] = 0.0;
    }
    best
}

/// Communities named by their smallest nodes.
fn by_smallest(communities: &[u32]) -> Vec<Node> {
    let mut smallest = vec![Node::MAX; communities.len()];
    for (node, community) in (0..).zip(communities) {
        let so_far = &mut smallest[*community as usize];
        *so_far = node.min(*so_far);
    }
    communities.iter().map(|community| smallest[*community as usize]).collect()
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let network = Network::read(call)?;
    let graph = network.undirected(call)?;
    let resolution = options.number("resolution")?;
    // A coarser graph, while the finer one is still there, in each of louvain's threads.
    call.reserve(threads(STARTS) * (2 * graph.size() + 64 * graph.len()))?;
    let mut random = Random(options.count("seed")? as u64);
    let communities = match options.text("method")? {
        Some("louvain") => louvain(&graph, resolution, &mut random, call.cancelled())?,
        Some("leiden") => leiden(&graph, resolution, &mut random, call.cancelled())?,
        Some("label_propagation") => propagate_labels(&graph, &mut random, call.cancelled())?,
        _ => return exec_err!("communities: `method` is unknown"),
    };
    let communities = by_smallest(&communities);
    let mut sizes = vec![0; communities.len()];
    communities.iter().for_each(|community| sizes[*community as usize] += 1);
    let quality = modularity(&graph, &communities, resolution);
    call.result(vec![
        network.keys.all(),
        network.keys.column(communities.iter().copied())?,
        counts(communities.iter().map(|community| sizes[*community as usize])),
        numbers(communities.iter().map(|_| quality)),
    ])
}

fn community_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([
        ("node", key.clone()),
        ("community", key),
        ("size", DataType::Int64),
        ("modularity", DataType::Float64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: groups of people who talk more with each other than with others. \
For each person, in order of key: the community, named by its smallest key, how many people it has \
(size) and the modularity of the whole division, which is the same in all rows. The same seed gives the \
same result; another seed may give another one that is as good. Weights count, whoever called; the \
relation has columns a, b, and if known answered and weight.",
    syntax_example = "communities(relation or (subquery), method, resolution, seed)",
    argument(
        name = "method",
        description = "'leiden' (default) and 'louvain' look for the largest modularity; those of 'leiden' are connected, and mostly it comes closer. 'label_propagation' only lets people join the group that most of their contacts are in."
    ),
    argument(
        name = "resolution",
        description = "1 by default; more gives more and smaller communities."
    ),
    argument(name = "seed", description = "A whole number, 1 by default."),
    sql_example = "```sql\nSELECT node, community, size, round(modularity, 6) FROM communities((SELECT * FROM (VALUES ('ann', 'bob'), ('bob', 'cat'), ('cat', 'ann'), ('cat', 'dan'), ('dan', 'eve'), ('eve', 'fay'), ('fay', 'dan')) AS t(a, b)));\n-- ann | ann | 3 | 0.357143\n-- bob | ann | 3 | 0.357143\n-- cat | ann | 3 | 0.357143\n-- dan | dan | 3 | 0.357143\n-- eve | dan | 3 | 0.357143\n-- fay | dan | 3 | 0.357143\n```"
)]
struct Communities;

/// `communities(edges, method, resolution, seed)`
pub fn communities() -> RelationFunction {
    RelationFunction {
        name: "communities",
        columns: EDGES,
        parameters: const {
            &[
                choice("method", &["leiden", "louvain", "label_propagation"]).or_text("leiden"),
                setting("resolution", f64::MIN_POSITIVE, f64::MAX).or(1.0),
                setting("seed", 0.0, f64::MAX).or(1.0),
            ]
        },
        schema: community_schema,
        evaluate,
        documentation: Communities.doc(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contacts::graph::components::components;
    use crate::testing::assert_close;

    /// Two triangles that share an edge between them.
    #[test]
    fn modularity_by_hand() {
        let edges = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)];
        let (from, to): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
        let graph = Csr::new(6, &from, &to, &[1.0; 7]).unwrap().undirected().unwrap();
        // 6 of 7 edges are within; each triangle has half of all ends.
        assert_close(modularity(&graph, &[0, 0, 0, 3, 3, 3], 1.0), 6.0 / 7.0 - 0.5, 1e-12);
        assert_close(modularity(&graph, &[0; 6], 1.0), 0.0, 1e-12);
        assert_close(modularity(&graph, &[0; 6], 2.0), -1.0, 1e-12);
    }

    /// Without a contact in common, somebody alone stays alone.
    #[test]
    fn isolated_people_are_communities_of_their_own() {
        let graph = Csr::new(3, &[], &[], &[]).unwrap();
        for method in [louvain, leiden] {
            let found = method(&graph, 1.0, &mut Random(1), &Cancelled::default()).unwrap();
            assert_eq!(by_smallest(&found), [0, 1, 2]);
        }
        assert_eq!(modularity(&graph, &[0, 1, 2], 1.0), 0.0);
    }

    proptest! {
        #[test]
        fn communities_hang_together_and_are_no_worse_than_none(
            rows in prop::collection::vec((0_u32..12, 0_u32..12, 1_u8..5), 0..40), seed in 0_u64..9,
        ) {
            let rows: Vec<_> = rows.into_iter().filter(|row| row.0 != row.1).collect();
            let column = |of: fn(&(u32, u32, u8)) -> u32| rows.iter().map(of).collect::<Vec<_>>();
            let weights: Vec<_> = rows.iter().map(|row| f64::from(row.2)).collect();
            let graph = Csr::new(12, &column(|row| row.0), &column(|row| row.1), &weights).unwrap();
            let graph = graph.undirected().unwrap();
            let alone: Vec<Node> = graph.nodes().collect();
            let none = modularity(&graph, &alone, 1.0).max(modularity(&graph, &[0; 12], 1.0));
            for method in [louvain, leiden] {
                let run = || method(&graph, 1.0, &mut Random(seed), &Cancelled::default()).unwrap();
                let found = by_smallest(&run());
                prop_assert_eq!(&by_smallest(&run()), &found);
                prop_assert!(modularity(&graph, &found, 1.0) >= none - 1e-9);
            }
            let found = leiden(&graph, 1.0, &mut Random(seed), &Cancelled::default()).unwrap();
            let found = by_smallest(&found);
            let within = graph.filter(|_, from, to| found[from as usize] == found[to as usize]);
            prop_assert_eq!(components(&within), found);
        }
    }
}
