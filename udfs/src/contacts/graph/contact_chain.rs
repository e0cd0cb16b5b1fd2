//! Who is reached from a person over how many hops.

use datafusion::arrow::array::{Array, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::chain::{CHAIN_OPTIONS, Chain, Seeds};
use super::input::{Rows, TIES};
use super::keys::{Keys, Lists, Node, key_type};
use super::network::EdgeRows;
use super::output::{flags, list_of, optional_counts, optional_numbers, schema};
use super::search::Search;
use crate::call::{Call, Options};
use crate::parameter::{Parameter, flag, setting};
use crate::relation::RelationFunction;

/// Over so few hops most of a graph is never seen. How many contacts somebody has, it would take
/// all of them to know.
const FEW_HOPS: usize = 2;

/// One way to a node: the smallest of the shortest ones by the keys along it.
#[derive(Debug, Clone, Copy)]
struct Way {
    paths: u64,
    before: Node,
    /// The place of this way among those of as many hops, in the order of keys.
    rank: u32,
    weakest: Option<f64>,
    via_hub: bool,
}

const SEED: Way = Way { paths: 1, before: 0, rank: 0, weakest: None, via_hub: false };

/// The rows of the result, column by column.
#[derive(Default)]
struct Reached {
    seed: Vec<u32>,
    node: Vec<Option<Node>>,
    hop: Vec<Option<usize>>,
    paths: Vec<Option<usize>>,
    predecessors: Lists<Node>,
    path: Lists<Node>,
    weakest: Vec<Option<f64>>,
    via_hub: Vec<Option<bool>>,
    boundary: Vec<Option<bool>>,
}

impl Reached {
    /// A row that says that nobody knows this seed.
    fn push_unknown(&mut self, seed: u32) {
        self.seed.push(seed);
        self.node.push(None);
        self.hop.push(None);
        self.paths.push(None);
        self.predecessors.push_null();
        self.path.push_null();
        self.weakest.push(None);
        self.via_hub.push(None);
        self.boundary.push(None);
    }
}

/// A walk from one seed after the other.
struct Walk<'a> {
    chain: &'a Chain,
    search: Search,
    ways: Vec<Way>,
    /// How many hops are walked: one more than are asked for if the boundary is.
    hops: u32,
    most_rows: usize,
    /// Whether the query uses these columns, which may be long.
    with_predecessors: bool,
    with_paths: bool,
}

impl<'a> Walk<'a> {
    fn new(chain: &'a Chain, call: &Call, options: &Options) -> Result<Self> {
        let nodes = chain.forth.len();
        call.reserve(nodes * size_of::<Way>())?;
        Ok(Self {
            chain,
            search: Search::new(nodes),
            ways: vec![SEED; nodes],
            hops: chain.hops + u32::from(options.flag("boundary")?),
            most_rows: options.count("limit")?,
            with_predecessors: call.wants("pred"),
            with_paths: call.wants("path"),
        })
    }

    fn from(&mut self, seed: Node, call: &Call) -> Result<()> {
        self.chain.search(&mut self.search, seed, self.hops, call.cancelled())?;
        self.ways[seed as usize] = SEED;
        let reached = self.search.reached();
        for level in reached.chunk_by(|x, y| self.search.hops(*x) == self.search.hops(*y)).skip(1) {
            for &node in level {
                self.ways[node as usize] = self.way_to(node);
            }
            let mut in_order = level.to_vec();
            in_order.sort_unstable_by_key(|node| (self.ways[*node as usize].rank, *node));
            for (rank, node) in (0..).zip(in_order) {
                self.ways[node as usize].rank = rank;
            }
        }
        Ok(())
    }

    /// The way to a node; its rank is still that of the way to who comes before.
    fn way_to(&self, node: Node) -> Way {
        let mut way = Way { paths: 0, before: node, rank: u32::MAX, ..SEED };
        for (before, calls) in self.chain.predecessors(&self.search, node) {
            let so_far = self.ways[before as usize];
            way.paths = way.paths.saturating_add(so_far.paths);
            if so_far.rank < way.rank {
                let passes_hub = self.search.hops(before) > 0 && self.chain.is_hub(before);
                way = Way {
                    before,
                    rank: so_far.rank,
                    weakest: Some(so_far.weakest.map_or(calls, |weakest| weakest.min(calls))),
                    via_hub: so_far.via_hub || passes_hub,
                    ..way
                };
            }
        }
        way
    }

    fn path_to(&self, node: Node) -> Vec<Node> {
        let mut path = vec![node];
        for _ in 0..self.search.hops(node) {
            path.push(self.ways[path[path.len() - 1] as usize].before);
        }
        path.reverse();
        path
    }

    /// Adds a row for each node that was reached.
    fn report(&self, seed: u32, call: &Call, rows: &mut Reached) -> Result<()> {
        for &node in self.search.reached().iter().take(self.most_rows) {
            let (hop, way) = (self.search.hops(node), &self.ways[node as usize]);
            let lists = if self.with_paths { 8 * hop as usize } else { 0 };
            call.reserve(160 + lists)?;
            rows.seed.push(seed);
            rows.node.push(Some(node));
            rows.hop.push(Some(hop as usize));
            rows.paths.push(Some(way.paths.min(i64::MAX as u64) as usize));
            rows.weakest.push(way.weakest);
            rows.via_hub.push(Some(way.via_hub));
            rows.boundary.push(Some(hop > self.chain.hops));
            if self.with_predecessors {
                rows.predecessors.push(self.chain.predecessors(&self.search, node).map(|e| e.0));
            } else {
                rows.predecessors.push_null();
            }
            if self.with_paths {
                rows.path.push(self.path_to(node));
            } else {
                rows.path.push_null();
            }
        }
        Ok(())
    }
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let with_seconds = options.number("min_seconds")? > 0.0;
    let rows = Rows::within(&options, &call.input_schema())?;
    let mut rows = EdgeRows::read(call, &rows, with_seconds)?;
    let seeds = Seeds::new(&options, &rows.keys)?;
    let hops = options.count("hops")?.saturating_add(usize::from(options.flag("boundary")?));
    if hops <= FEW_HOPS && options.number("max_degree")? == f64::MAX {
        rows.keep_near(seeds.known(), hops);
    }
    let edges = rows.join(call)?;
    let chain = Chain::new(&edges, &seeds, call)?;
    let mut walk = Walk::new(&chain, call, &options)?;
    let mut reached = Reached::default();
    for &(at, seed) in &seeds.seeds {
        match seed {
            Some(seed) => {
                walk.from(seed, call)?;
                walk.report(at, call, &mut reached)?;
            }
            None => reached.push_unknown(at),
        }
    }
    columns(call, &seeds, &edges.network.keys, reached)
}

fn columns(call: &Call, seeds: &Seeds, keys: &Keys, rows: Reached) -> Result<RecordBatch> {
    let given = cast(&seeds.keys, keys.all().data_type())?;
    call.result(vec![
        take(&given, &UInt32Array::from(rows.seed), None)?,
        keys.optional(rows.node)?,
        optional_counts(rows.hop),
        optional_counts(rows.paths),
        keys.lists(&rows.predecessors)?,
        keys.lists(&rows.path)?,
        optional_numbers(rows.weakest),
        flags(rows.via_hub),
        flags(rows.boundary),
    ])
}

fn chain_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([
        ("seed", key.clone()),
        ("node", key.clone()),
        ("hop", DataType::Int64),
        ("paths", DataType::Int64),
        ("pred", list_of(key.clone())),
        ("path", list_of(key)),
        ("weakest_edge_calls", DataType::Float64),
        ("via_hub", DataType::Boolean),
        ("boundary", DataType::Boolean),
    ])
}

/// The options of chains, then those of this function.
const PARAMETERS: [Parameter; 13] = {
    let mut all = [flag("boundary").or(0.0); 13];
    let mut at = 0;
    while at < CHAIN_OPTIONS.len() {
        all[at] = CHAIN_OPTIONS[at];
        at += 1;
    }
    all[12] = setting("limit", 1.0, f64::MAX).or(f64::MAX);
    all
};

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: everybody within some hops of each seed, in order of seed, hop \
and key; the seed itself at hop 0. paths is the number of shortest ways (at most 9223372036854775807), \
pred who comes right before on any of them, path the smallest of them by the keys along it, \
weakest_edge_calls the fewest calls of a step of it, via_hub whether it leads through a hub. The \
relation has columns a, b, and if known answered, weight (calls; each row is one call without it), \
seconds and start. A seed that nobody knows gives one row with NULL for all else. Columns pred and \
path are computed only if the query uses them.",
    syntax_example = "contact_chain(relation or (subquery), seeds, hops, directed, exclude, hub_mode, max_degree, min_calls, min_seconds, reciprocal, from, to, boundary, limit)",
    argument(name = "seeds", description = "One key or a list of keys."),
    argument(name = "hops", description = "How far to go, 2 by default."),
    argument(name = "directed", description = "Whether to go from a to b only; false by default."),
    argument(name = "exclude", description = "Keys to treat as hubs."),
    argument(
        name = "hub_mode",
        description = "'stop' (default): a hub may end a chain but is no stepping stone; 'drop': it is left out; 'pass': it is passed through, and via_hub says so. Seeds are no hubs."
    ),
    argument(
        name = "max_degree",
        description = "Who has more contacts than this is a hub; no limit by default."
    ),
    argument(
        name = "min_calls",
        description = "Only contacts with as many calls (in both directions, unless directed)."
    ),
    argument(name = "min_seconds", description = "Only contacts with as many seconds."),
    argument(
        name = "reciprocal",
        description = "Only contacts in which both called; false by default."
    ),
    argument(name = "from", description = "Only calls that start then or later."),
    argument(name = "to", description = "Only calls that start before."),
    argument(
        name = "boundary",
        description = "Whether to show also who is named one hop further on, as boundary; false by default."
    ),
    argument(name = "limit", description = "At most so many rows for a seed."),
    sql_example = "```sql\nSELECT node, hop, path FROM contact_chain((SELECT * FROM (VALUES ('ann', 'bob'), ('cat', 'bob'), ('cat', 'dan')) AS t(a, b)), seeds => make_array('ann'), hops => 2);\n-- ann | 0 | [ann]\n-- bob | 1 | [ann, bob]\n-- cat | 2 | [ann, bob, cat]\n```"
)]
struct ContactChain;

/// `contact_chain(edges, seeds, hops, ...)`
pub fn contact_chain() -> RelationFunction {
    RelationFunction {
        name: "contact_chain",
        columns: TIES,
        parameters: const { &PARAMETERS },
        schema: chain_schema,
        evaluate,
        documentation: ContactChain.doc(),
    }
}
