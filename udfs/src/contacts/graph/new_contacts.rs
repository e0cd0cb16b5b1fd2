//! Who came to know whom, and when.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::events::{Event, Events};
use super::input::{EVENTS, Rows, START, zone_of};
use super::keys::{Node, key_type};
use super::output::{counts, numbers, schema};
use super::periods::{Contact, contacts};
use crate::call::Call;
use crate::parameter::{setting, zone};
use crate::relation::RelationFunction;

/// How long to look back and ahead, in days.
struct Periods {
    baseline: i64,
    window: i64,
}

/// Calls with somebody after a time without any.
struct Appearance {
    node: Node,
    counterpart: Node,
    first_seen: i64,
    status: &'static str,
    calls: usize,
    seconds: f64,
}

/// Appearances of one counterpart, from all contacts with it in the order of time.
fn appearances<'a>(
    contacts: &'a [Contact],
    observed_from: i64,
    periods: &'a Periods,
    events: &'a [Event],
) -> impl Iterator<Item = Appearance> + 'a {
    let goes_on = |x: &Contact, y: &Contact| y.day - x.day <= periods.baseline;
    contacts.chunk_by(goes_on).enumerate().map(move |(number, run)| {
        let first = run[0];
        let status = match (first.day - observed_from < periods.baseline, number) {
            (true, _) => "unknown",
            (false, 0) => "new",
            (false, _) => "returned",
        };
        let in_window = run.iter().take_while(|c| c.day - first.day < periods.window);
        Appearance {
            node: first.node,
            counterpart: first.counterpart,
            first_seen: first.start,
            status,
            calls: in_window.clone().count(),
            seconds: in_window.map(|c| events[c.event as usize].seconds).fold(0.0, |x, y| x + y),
        }
    })
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let periods = Periods {
        baseline: options.count("baseline_days")? as i64,
        window: options.count("window")? as i64,
    };
    let zone = zone_of(&options)?;
    let mut events = Events::read(call, &Rows::calls(), false)?;
    events.sort()?;
    call.reserve(events.events.len() * 2 * size_of::<Contact>())?;
    let mut contacts = contacts(&events.events, zone);
    contacts.sort_unstable();
    let mut found = vec![];
    for of_node in contacts.chunk_by(|x, y| x.node == y.node) {
        call.cancelled().check()?;
        let observed_from = of_node.iter().map(|contact| contact.day).min().unwrap_or_default();
        for pair in of_node.chunk_by(|x, y| x.counterpart == y.counterpart) {
            found.extend(appearances(pair, observed_from, &periods, &events.events));
        }
    }
    call.reserve(2 * size_of_val(&*found))?;
    call.result(vec![
        events.keys.column(found.iter().map(|a| a.node))?,
        events.keys.column(found.iter().map(|a| a.counterpart))?,
        events.instants(found.iter().map(|a| Some(a.first_seen)))?,
        Arc::new(StringViewArray::from_iter_values(found.iter().map(|a| a.status))),
        counts(found.iter().map(|a| a.calls)),
        numbers(found.iter().map(|a| a.seconds)),
    ])
}

fn new_schema(columns: &[DataType]) -> SchemaRef {
    let key = key_type(&columns[0]);
    schema([
        ("node", key.clone()),
        ("counterpart", key),
        ("first_seen", columns[START].clone()),
        ("status", DataType::Utf8View),
        ("calls", DataType::Int64),
        ("seconds", DataType::Float64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: when each person's contacts first appeared, or appeared again \
after more than `baseline_days` days without a call, whoever called; in order of node, counterpart and \
time. status is 'new' if there was no call with the counterpart before, 'returned' if there was, and \
'unknown' if the person's own first call of all is less than baseline_days days earlier: what was \
before is not known. calls and seconds are those of the first `window` days. The relation has columns \
a, b, start, and if known seconds and answered.",
    syntax_example = "new_contacts(relation or (subquery), baseline_days, window, tz)",
    argument(
        name = "baseline_days",
        description = "Days without a call that make a contact new, 28 by default."
    ),
    argument(name = "window", description = "Days to count calls in, 30 by default."),
    argument(name = "tz", description = "Time zone of days; cdrql.time_zone by default."),
    sql_example = "```sql\nSELECT * FROM new_contacts((SELECT a, b, 86400 * day AS start FROM (VALUES ('ann', 'bob', 0), ('ann', 'bob', 20), ('cat', 'ann', 30), ('ann', 'cat', 31), ('ann', 'bob', 60)) AS t(a, b, day)), baseline_days => 28) WHERE node = 'ann';\n-- ann | bob | 0 | unknown | 2 | 0.0\n-- ann | bob | 5184000 | returned | 1 | 0.0\n-- ann | cat | 2592000 | new | 2 | 0.0\n```"
)]
struct NewContacts;

/// `new_contacts(events, baseline_days, window, tz)`
pub fn new_contacts() -> RelationFunction {
    RelationFunction {
        name: "new_contacts",
        columns: EVENTS,
        parameters: const {
            &[
                setting("baseline_days", 1.0, 1e6).or(28.0),
                setting("window", 1.0, 1e6).or(30.0),
                zone("tz"),
            ]
        },
        schema: new_schema,
        evaluate,
        documentation: NewContacts.doc(),
    }
}
