//! Numbers and people that join strangers: voicemail, bridges, service desks.

use datafusion::arrow::array::{RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use super::csr::Csr;
use super::input::{Rows, TIES};
use super::keys::{Node, key_type};
use super::network::EdgeRows;
use super::output::{counts, optional_counts, optional_numbers, schema};
use crate::call::{Call, Options};
use crate::parameter::{Kind, parameter, setting};
use crate::relation::RelationFunction;

/// What makes a hub.
struct Rules {
    max_degree: Option<f64>,
    /// The degree that so large a share of people does not exceed.
    percentile: Option<f64>,
    asymmetry: Option<f64>,
}

impl Rules {
    fn new(options: &Options, degrees: impl Iterator<Item = usize>) -> Result<Self> {
        let share = options.optional_number("percentile")?;
        let rules = Self {
            max_degree: options.optional_number("max_degree")?,
            percentile: share.map(|share| degree_at(share, degrees.collect())),
            asymmetry: options.optional_number("asymmetry")?,
        };
        if rules.max_degree.or(rules.percentile).or(rules.asymmetry).is_none() {
            let function = options.function();
            return exec_err!("{function}: give `max_degree`, `percentile` or `asymmetry`");
        }
        Ok(rules)
    }

    /// The rules that make a hub of somebody with so many contacts.
    fn reason(&self, degree: usize, callers: usize, called: usize) -> String {
        let above = |limit: Option<f64>| limit.is_some_and(|limit| degree as f64 > limit);
        let one_sided = |ratio: f64| callers as f64 >= ratio * (called + 1) as f64;
        let reasons = [
            (above(self.max_degree), "degree"),
            (above(self.percentile), "percentile"),
            (self.asymmetry.is_some_and(one_sided), "asymmetry"),
        ];
        let reasons: Vec<_> = reasons.iter().filter(|r| r.0).map(|r| r.1).collect();
        reasons.join(", ")
    }
}

/// The least degree that is not below those of so large a share of people.
fn degree_at(share: f64, mut degrees: Vec<usize>) -> f64 {
    degrees.sort_unstable();
    let at = (share * degrees.len() as f64).ceil().max(1.0) as usize - 1;
    degrees.get(at).map_or(0.0, |degree| *degree as f64)
}

/// How many people each node alone brings within two hops of the seeds.
fn added(graph: &Csr, seeds: &[Node]) -> Vec<usize> {
    let mut added = vec![0; graph.len()];
    let mut near = vec![false; graph.len()];
    for &seed in seeds {
        near[seed as usize] = true;
    }
    let is_seed = near.clone();
    for &seed in seeds {
        graph.neighbours(seed).iter().for_each(|node| near[*node as usize] = true);
    }
    for node in graph.nodes().filter(|node| !near[*node as usize]) {
        let is_step = |step: &&Node| near[**step as usize] && !is_seed[**step as usize];
        let mut steps = graph.neighbours(node).iter().filter(is_step);
        if let (Some(&only), None) = (steps.next(), steps.next()) {
            added[only as usize] += 1;
        }
    }
    added
}

/// The median of the seconds of each hub's calls.
fn medians(rows: &EdgeRows, is_hub: &[bool]) -> Vec<Option<f64>> {
    let ends = rows.from.iter().zip(&rows.to).zip(&rows.seconds);
    let ends = ends.flat_map(|((from, to), seconds)| [(*from, *seconds), (*to, *seconds)]);
    let mut calls: Vec<_> = ends.filter(|(node, _)| is_hub[*node as usize]).collect();
    calls.sort_unstable_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)));
    let mut medians = vec![None; is_hub.len()];
    for calls in calls.chunk_by(|x, y| x.0 == y.0) {
        let (lower, upper) = (calls[(calls.len() - 1) / 2].1, calls[calls.len() / 2].1);
        medians[calls[0].0 as usize] = Some((lower + upper) / 2.0);
    }
    medians
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let rows = EdgeRows::read(call, &Rows::any(), true)?;
    let calls = Csr::new(rows.keys.len(), &rows.from, &rows.to, &rows.seconds)?;
    call.reserve(4 * calls.size())?;
    let (callers, both) = (calls.reversed(), calls.undirected()?);
    let rules = Rules::new(&options, both.nodes().map(|node| both.degree(node)))?;
    let reasons: Vec<_> = both
        .nodes()
        .map(|n| rules.reason(both.degree(n), callers.degree(n), calls.degree(n)))
        .collect();
    let is_hub: Vec<bool> = reasons.iter().map(|reason| !reason.is_empty()).collect();
    let hubs: Vec<Node> = both.nodes().filter(|node| is_hub[*node as usize]).collect();
    let medians = medians(&rows, &is_hub);
    let added = match options.keys("seeds")? {
        Some(seeds) => {
            let seeds: Vec<_> = rows.keys.find(&seeds)?.into_iter().flatten().collect();
            added(&both, &seeds).into_iter().map(Some).collect()
        }
        None => vec![None; both.len()],
    };
    call.result(vec![
        rows.keys.column(hubs.iter().copied())?,
        counts(hubs.iter().map(|hub| both.degree(*hub))),
        counts(hubs.iter().map(|hub| callers.degree(*hub))),
        counts(hubs.iter().map(|hub| calls.degree(*hub))),
        optional_numbers(hubs.iter().map(|hub| medians[*hub as usize])),
        std::sync::Arc::new(StringViewArray::from_iter_values(
            hubs.iter().map(|hub| &reasons[*hub as usize]),
        )),
        optional_counts(hubs.iter().map(|hub| added[*hub as usize])),
    ])
}

fn hub_schema(columns: &[DataType]) -> SchemaRef {
    schema([
        ("node", key_type(&columns[0])),
        ("degree", DataType::Int64),
        ("in_degree", DataType::Int64),
        ("out_degree", DataType::Int64),
        ("median_seconds", DataType::Float64),
        ("reason", DataType::Utf8View),
        ("nodes_added_at_2_hops", DataType::Int64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: who may join strangers only because everybody calls there, such \
as voicemail, bridges and service desks; in order of key. degree is the number of contacts, in_degree \
of those who called, out_degree of those who were called, median_seconds of all calls; reason names \
the rules that apply, which are 'degree', 'percentile' and 'asymmetry'; nodes_added_at_2_hops says how \
many people are within two hops of the seeds through this one alone. The relation has columns a, b, \
and if known answered and seconds.",
    syntax_example = "contact_hubs(relation or (subquery), max_degree, percentile, asymmetry, seeds)",
    argument(name = "max_degree", description = "A hub has more contacts than this."),
    argument(
        name = "percentile",
        description = "A hub has more contacts than this share of people has at most, 0 to 1."
    ),
    argument(
        name = "asymmetry",
        description = "At a hub in_degree is at least this many times out_degree + 1."
    ),
    argument(
        name = "seeds",
        description = "One key or a list of keys whose two-hop chains are compared; without them nodes_added_at_2_hops is NULL."
    ),
    sql_example = "```sql\nSELECT * FROM contact_hubs((SELECT * FROM (VALUES ('ann', 'vm', 20), ('eve', 'vm', 25), ('fay', 'vm', 15), ('ann', 'eve', 60)) AS t(a, b, seconds)), max_degree => 2, asymmetry => 3, seeds => 'ann');\n-- vm | 3 | 3 | 0 | 20.0 | degree, asymmetry | 1\n```"
)]
struct ContactHubs;

/// `contact_hubs(edges, max_degree, percentile, asymmetry, seeds)`
pub fn contact_hubs() -> RelationFunction {
    RelationFunction {
        name: "contact_hubs",
        columns: TIES,
        parameters: const {
            &[
                setting("max_degree", 0.0, f64::MAX).or_null(),
                setting("percentile", 0.0, 1.0).or_null(),
                setting("asymmetry", f64::MIN_POSITIVE, f64::MAX).or_null(),
                parameter("seeds", Kind::Keys).or_null(),
            ]
        },
        schema: hub_schema,
        evaluate,
        documentation: ContactHubs.doc(),
    }
}
