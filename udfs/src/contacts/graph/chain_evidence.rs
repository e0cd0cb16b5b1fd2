//! The calls that a chain of contacts rests on.

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::chain::{CHAIN_OPTIONS, Chain, Seeds};
use super::csr::Csr;
use super::events::{Event, Events};
use super::input::{ID, NAMED_EVENTS, Rows, START};
use super::keys::{Keys, Lists, Node, key_type};
use super::network::{Edges, Network};
use super::output::{counts, list_of, numbers, schema};
use super::search::{FAR, Search};
use crate::call::Call;
use crate::relation::RelationFunction;

/// A step of a chain, with the calls between the two.
struct Step {
    seed: u32,
    hop: u32,
    near: Node,
    far: Node,
    calls: usize,
    seconds: f64,
    first: i64,
    last: i64,
}

/// A call that is part of a chain: the hop it leads to, and from whom to whom.
type Traversal = (u32, Node, Node);

/// How a call fits into what was found, if it does.
fn traversal(chain: &Chain, search: &Search, event: &Event, directed: bool) -> Option<Traversal> {
    let (a, b) = (search.hops(event.a), search.hops(event.b));
    let (near, far, hop) = match (a != FAR && b != FAR, a.cmp(&b)) {
        (true, std::cmp::Ordering::Less) => (event.a, event.b, b),
        (true, std::cmp::Ordering::Greater) if !directed => (event.b, event.a, a),
        _ => return None,
    };
    let steps = search.hops(near) + 1 == hop;
    let passes = search.hops(near) == 0 || chain.passes(near);
    (steps && passes && chain.forth.position(near, far).is_some()).then_some((hop, near, far))
}

/// The calls of chains from one seed, in the order of steps and then of time.
fn traversed<'a>(
    chain: &Chain,
    search: &Search,
    events: &'a [Event],
    directed: bool,
) -> Vec<(Traversal, &'a Event)> {
    let found = events.iter().filter_map(|event| {
        traversal(chain, search, event, directed).map(|traversal| (traversal, event))
    });
    let mut found: Vec<_> = found.collect();
    // Stable, so that calls stay in the order of time.
    found.sort_by_key(|call| call.0);
    found
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let rows = Rows::of_calls(&options, &call.input_schema())?;
    let mut events = Events::read(call, &rows, call.wants("call_ids"))?;
    events.sort()?;
    let edges = edges(call, &events)?;
    let keys = &edges.network.keys;
    let seeds = Seeds::new(&options, keys)?;
    let chain = Chain::new(&edges, &seeds, call)?;
    let directed = options.flag("directed")?;
    let mut search = Search::new(chain.forth.len());
    let (mut steps, mut ids) = (vec![], Lists::default());
    for &(at, seed) in &seeds.seeds {
        let Some(seed) = seed else { continue };
        chain.search(&mut search, seed, chain.hops, call.cancelled())?;
        let found = traversed(&chain, &search, &events.events, directed);
        call.reserve(found.len() * size_of::<(Traversal, &Event)>())?;
        for group in found.chunk_by(|x, y| x.0 == y.0) {
            let (hop, near, far) = group[0].0;
            steps.push(Step {
                seed: at,
                hop,
                near,
                far,
                calls: group.len(),
                seconds: group.iter().map(|(_, event)| event.seconds).sum(),
                first: group[0].1.start,
                last: group[group.len() - 1].1.start,
            });
            ids.push(group.iter().map(|(_, event)| event.row));
        }
    }
    columns(call, &seeds, keys, &events, &steps, &ids)
}

/// The edges that calls make.
fn edges(call: &Call, events: &Events) -> Result<Edges> {
    let nodes = events.keys.len();
    let (from, to): (Vec<Node>, Vec<Node>) = events.events.iter().map(|e| (e.a, e.b)).unzip();
    call.reserve(80 * from.len())?;
    let seconds: Vec<f64> = events.events.iter().map(|e| e.seconds).collect();
    let calls = Csr::new(nodes, &from, &to, &vec![1.0; from.len()])?;
    let seconds = Some(Csr::new(nodes, &from, &to, &seconds)?);
    Ok(Edges { network: Network { keys: events.keys.clone(), calls }, seconds })
}

fn columns(
    call: &Call,
    seeds: &Seeds,
    keys: &Keys,
    events: &Events,
    steps: &[Step],
    ids: &Lists<u32>,
) -> Result<RecordBatch> {
    let given = cast(&seeds.keys, keys.all().data_type())?;
    let id_type = key_type(call.input_schema().field(ID).data_type());
    let named = events.ids(UInt32Array::from(ids.items().to_vec()), &id_type)?;
    call.result(vec![
        take(&given, &UInt32Array::from_iter_values(steps.iter().map(|s| s.seed)), None)?,
        counts(steps.iter().map(|s| s.hop as usize)),
        keys.column(steps.iter().map(|s| s.near))?,
        keys.column(steps.iter().map(|s| s.far))?,
        counts(steps.iter().map(|s| s.calls)),
        numbers(steps.iter().map(|s| s.seconds)),
        events.instants(steps.iter().map(|s| Some(s.first)))?,
        events.instants(steps.iter().map(|s| Some(s.last)))?,
        ids.column(named)?,
    ])
}

fn evidence_schema(columns: &[DataType]) -> SchemaRef {
    let (key, time) = (key_type(&columns[0]), columns[START].clone());
    schema([
        ("seed", key.clone()),
        ("hop", DataType::Int64),
        ("a", key.clone()),
        ("b", key),
        ("calls", DataType::Int64),
        ("seconds", DataType::Float64),
        ("first", time.clone()),
        ("last", time),
        ("call_ids", list_of(key_type(&columns[ID]))),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: the calls that `contact_chain` with the same options rests on. A \
row for each step of a shortest way from a seed, in order of seed, hop, a and b: b is reached from a \
at that hop; calls, seconds, first and last start and call_ids (in order of time, then of id) of the \
calls between them, in both directions unless directed. The relation has columns a, b, start, and if \
known seconds, answered and id. A seed that nobody knows has no rows.",
    syntax_example = "chain_evidence(relation or (subquery), seeds, hops, directed, exclude, hub_mode, max_degree, min_calls, min_seconds, reciprocal, from, to)",
    argument(name = "seeds", description = "One key or a list of keys."),
    argument(name = "hops", description = "How far to go, 2 by default."),
    argument(name = "directed", description = "Whether to go from a to b only; false by default."),
    argument(name = "exclude", description = "Keys to treat as hubs."),
    argument(name = "hub_mode", description = "'stop' (default), 'drop' or 'pass'."),
    argument(name = "max_degree", description = "Who has more contacts than this is a hub."),
    argument(name = "min_calls", description = "Only contacts with as many calls."),
    argument(name = "min_seconds", description = "Only contacts with as many seconds."),
    argument(
        name = "reciprocal",
        description = "Only contacts in which both called; false by default."
    ),
    argument(name = "from", description = "Only calls that start then or later."),
    argument(name = "to", description = "Only calls that start before."),
    sql_example = "```sql\nSELECT hop, a, b, calls, call_ids FROM chain_evidence((SELECT * FROM (VALUES (1, 'ann', 'bob', 60), (2, 'cat', 'bob', 90), (3, 'bob', 'ann', 120)) AS t(id, a, b, start)), seeds => 'ann');\n-- 1 | ann | bob | 2 | [1, 3]\n-- 2 | bob | cat | 1 | [2]\n```"
)]
struct ChainEvidence;

/// `chain_evidence(events, seeds, hops, ...)`
pub fn chain_evidence() -> RelationFunction {
    RelationFunction {
        name: "chain_evidence",
        columns: NAMED_EVENTS,
        parameters: const { &CHAIN_OPTIONS },
        schema: evidence_schema,
        evaluate,
        documentation: ChainEvidence.doc(),
    }
}
