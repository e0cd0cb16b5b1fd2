//! How news can have come from one person to another.

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::input::{ID, START};
use super::keys::{Node, key_type};
use super::output::{counts, schema};
use super::temporal::{COLUMNS, Leg, Rules, WAY_OPTIONS, Ways, read_events};
use crate::call::Call;
use crate::parameter::{Kind, Parameter, parameter};
use crate::relation::RelationFunction;

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let events = read_events(call, call.wants("call_id"))?;
    let node = |name| -> Result<Option<Node>> {
        let key = options.keys(name)?.map(|key| events.keys.find(&key)).transpose()?;
        Ok(key.unwrap_or_default().into_iter().flatten().next())
    };
    call.reserve(Ways::size(events.events.len()))?;
    let (a, b) = (node("a")?, node("b")?);
    let ways = match a {
        Some(a) => Some(Ways::find(&events.events, a, Rules::new(&options)?, call.cancelled())?),
        None => None,
    };
    let way = ways.as_ref().and_then(|ways| {
        let best = ways.best().into_iter().find(|at| Some(ways.leg_at(*at).to) == b);
        best.map(|at| ways.way(at))
    });
    let way: Vec<&Leg> = way.unwrap_or_default();
    let rows = way.iter().map(|leg| events.events[leg.event as usize].row);
    let id_type = key_type(call.input_schema().field(ID).data_type());
    call.result(vec![
        counts(1..=way.len()),
        events.keys.column(way.iter().map(|leg| leg.from))?,
        events.keys.column(way.iter().map(|leg| leg.to))?,
        events.ids(UInt32Array::from_iter_values(rows), &id_type)?,
        events.instants(way.iter().map(|leg| Some(leg.start)))?,
        events.instants(way.iter().map(|leg| Some(leg.end)))?,
    ])
}

fn path_schema(columns: &[DataType]) -> SchemaRef {
    let (key, time) = (key_type(&columns[0]), columns[START].clone());
    schema([
        ("step", DataType::Int64),
        ("from", key.clone()),
        ("to", key),
        ("call_id", key_type(&columns[ID])),
        ("start", time.clone()),
        ("end", time),
    ])
}

/// The two people, then the options of ways.
const PARAMETERS: [Parameter; 8] = {
    let mut all = [parameter("a", Kind::Keys); 8];
    all[1] = parameter("b", Kind::Keys);
    let mut at = 0;
    while at < WAY_OPTIONS.len() {
        all[at + 2] = WAY_OPTIONS[at];
        at += 1;
    }
    all
};

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: how news can have come from one person to another through calls, \
each of which starts when the one before has ended, or later: the calls of the way that \
`temporal_reach` with the same options finds, in their order. No rows if there is no way. The relation \
has columns a, b, start, and if known seconds, answered and id.",
    syntax_example = "temporal_path(relation or (subquery), a, b, from, to, strict, max_wait, directed, objective)",
    argument(name = "a", description = "Key of the person who knows first."),
    argument(name = "b", description = "Key of the person to reach."),
    argument(name = "from", description = "Only calls that start then or later."),
    argument(name = "to", description = "Only calls that start before."),
    argument(
        name = "strict",
        description = "Whether a call must start after the one before has ended and not just then; false by default."
    ),
    argument(
        name = "max_wait",
        description = "Seconds between the end of a call and the start of the next at most; no limit by default."
    ),
    argument(
        name = "directed",
        description = "Whether news goes from a to b only; false by default."
    ),
    argument(
        name = "objective",
        description = "'foremost' (default), 'latest', 'fastest' or 'fewest'."
    ),
    sql_example = "```sql\nSELECT * FROM temporal_path((SELECT * FROM (VALUES (1, 'ann', 'bob', 100, 60), (2, 'bob', 'cat', 130, 60), (3, 'cat', 'bob', 200, 30)) AS t(id, a, b, start, seconds)), 'ann', 'cat');\n-- 1 | ann | bob | 1 | 100 | 160\n-- 2 | bob | cat | 3 | 200 | 230\n```"
)]
struct TemporalPath;

/// `temporal_path(events, a, b, from, to, strict, max_wait, directed, objective)`
pub fn temporal_path() -> RelationFunction {
    RelationFunction {
        name: "temporal_path",
        columns: COLUMNS,
        parameters: const { &PARAMETERS },
        schema: path_schema,
        evaluate,
        documentation: TemporalPath.doc(),
    }
}
