//! Whom news from one person can have reached through calls.

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
    let seed = options.keys("seed")?.map(|key| events.keys.find(&key)).transpose()?;
    let seed: Option<Node> = seed.unwrap_or_default().into_iter().flatten().next();
    call.reserve(Ways::size(events.events.len()))?;
    let ways = match seed {
        Some(seed) => {
            Some(Ways::find(&events.events, seed, Rules::new(&options)?, call.cancelled())?)
        }
        None => None,
    };
    let legs: Vec<&Leg> = match &ways {
        Some(ways) => ways.best().into_iter().map(|at| ways.leg_at(at)).collect(),
        None => vec![],
    };
    let rows = legs.iter().map(|leg| events.events[leg.event as usize].row);
    let id_type = key_type(call.input_schema().field(ID).data_type());
    call.result(vec![
        events.keys.column(legs.iter().map(|leg| leg.to))?,
        events.instants(legs.iter().map(|leg| Some(leg.end)))?,
        events.instants(legs.iter().map(|leg| Some(leg.departure)))?,
        counts(legs.iter().map(|leg| leg.hops as usize)),
        events.keys.column(legs.iter().map(|leg| leg.from))?,
        events.ids(UInt32Array::from_iter_values(rows), &id_type)?,
    ])
}

fn reach_schema(columns: &[DataType]) -> SchemaRef {
    let (key, time) = (key_type(&columns[0]), columns[START].clone());
    schema([
        ("node", key.clone()),
        ("arrival", time.clone()),
        ("departure", time),
        ("hops", DataType::Int64),
        ("via", key),
        ("call_id", key_type(&columns[ID])),
    ])
}

/// The seed, then the options of ways.
const PARAMETERS: [Parameter; 7] = {
    let mut all = [parameter("seed", Kind::Keys); 7];
    let mut at = 0;
    while at < WAY_OPTIONS.len() {
        all[at + 1] = WAY_OPTIONS[at];
        at += 1;
    }
    all
};

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: everybody whom news from one person can have reached through \
calls, each of which starts when the one before has ended, or later. In order of key, without the seed: \
arrival at the end of the last call, departure at the start of the first, hops (calls), via (who passed \
it on) and call_id of the last call. Of several ways the best by the objective is shown, then the one \
that arrives first, has fewer hops, departs last. Calls without length at the same time may follow each \
other. The relation has columns a, b, start, and if known seconds, answered and id. A seed that nobody \
knows reaches nobody.",
    syntax_example = "temporal_reach(relation or (subquery), seed, from, to, strict, max_wait, directed, objective)",
    argument(name = "seed", description = "Key of the person."),
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
        description = "'foremost' (default) arrives first, 'latest' departs last, 'fastest' takes the least time, 'fewest' the fewest calls."
    ),
    sql_example = "```sql\nSELECT * FROM temporal_reach((SELECT * FROM (VALUES (1, 'ann', 'bob', 100, 60), (2, 'bob', 'cat', 130, 60), (3, 'cat', 'bob', 200, 30)) AS t(id, a, b, start, seconds)), seed => 'ann');\n-- bob | 160 | 100 | 1 | ann | 1\n-- cat | 230 | 100 | 2 | bob | 3\n```"
)]
struct TemporalReach;

/// `temporal_reach(events, seed, from, to, strict, max_wait, directed, objective)`
pub fn temporal_reach() -> RelationFunction {
    RelationFunction {
        name: "temporal_reach",
        columns: COLUMNS,
        parameters: const { &PARAMETERS },
        schema: reach_schema,
        evaluate,
        documentation: TemporalReach.doc(),
    }
}
