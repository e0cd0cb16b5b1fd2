//! How the contacts of people change from one period to the next.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use datafusion_macros::user_doc;

use super::events::Events;
use super::input::{EVENTS, Rows, START, zone_of};
use super::keys::{Keys, Node, key_type};
use super::output::{counts, numbers, optional_numbers, schema};
use super::periods::{Contact, contacts};
use crate::call::Call;
use crate::local_time::{LocalTime, Zone, hours};
use crate::parameter::{Kind, parameter, setting, zone};
use crate::relation::RelationFunction;

/// A period of one person, against the one of the same length before.
struct Change {
    node: Node,
    /// The first day of the period.
    day: i64,
    jaccard: f64,
    cosine: f64,
    outside_share: Option<f64>,
    gained: usize,
    lost: usize,
}

/// Days with calls, and how to divide them.
struct Periods {
    first: i64,
    last: i64,
    window: i64,
    step: i64,
}

impl Periods {
    /// First days of periods that the calls cover, as they do the period before.
    fn starts(&self) -> impl Iterator<Item = i64> {
        let last = self.last + 1 - self.window;
        let steps = (self.first..=last).step_by(self.step as usize);
        let earliest = self.first + self.window;
        steps.skip_while(move |day| *day < earliest)
    }
}

/// Calls by counterpart.
fn tally(contacts: &[Contact]) -> Vec<(Node, usize)> {
    let mut counterparts: Vec<Node> = contacts.iter().map(|c| c.counterpart).collect();
    counterparts.sort_unstable();
    counterparts.chunk_by(|x, y| x == y).map(|same| (same[0], same.len())).collect()
}

/// How many are in both, and the sum of the products of their calls.
fn in_common(before: &[(Node, usize)], now: &[(Node, usize)]) -> (usize, f64) {
    let calls = |node| before.binary_search_by_key(&node, |entry| entry.0).map(|at| before[at].1);
    let common = now.iter().filter_map(|(node, n)| calls(*node).ok().map(|m| (n * m) as f64));
    common.fold((0, 0.0), |(count, sum), product| (count + 1, sum + product))
}

/// The sum of the squares of numbers of calls.
fn squares(tally: &[(Node, usize)]) -> f64 {
    tally.iter().map(|(_, n)| (*n as f64).powi(2)).fold(0.0, |x, y| x + y)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// What changed between two periods in which there was any call.
fn change(
    node: Node,
    day: i64,
    before: &[Contact],
    now: &[Contact],
    domains: &Domains,
) -> Option<Change> {
    if before.is_empty() && now.is_empty() {
        return None;
    }
    let (before, tally_now) = (tally(before), tally(now));
    let (common, product) = in_common(&before, &tally_now);
    let (gained, lost) = (tally_now.len() - common, before.len() - common);
    Some(Change {
        node,
        day,
        jaccard: share(common as f64, (common + gained + lost) as f64),
        cosine: share(product, (squares(&before) * squares(&tally_now)).sqrt()),
        outside_share: domains.outside_share(node, now),
        gained,
        lost,
    })
}

/// The part of each key after its @, as a number; `None` where there is none.
struct Domains(Vec<Option<usize>>);

impl Domains {
    fn new(keys: &Keys) -> Self {
        let keys: ArrayRef = keys.all();
        let Some(texts) = keys.as_string_view_opt() else { return Self(vec![None; keys.len()]) };
        let mut numbers = HashMap::new();
        let domains = texts.iter().map(|key| {
            let (_, domain) = key?.rsplit_once('@')?;
            let next = numbers.len();
            Some(*numbers.entry(domain).or_insert(next))
        });
        Self(domains.collect())
    }

    /// The share of calls with people of another domain or none; `None` for who has no domain.
    fn outside_share(&self, node: Node, calls: &[Contact]) -> Option<f64> {
        let own = self.0[node as usize]?;
        let is_outside = |call: &&Contact| self.0[call.counterpart as usize] != Some(own);
        let outside = calls.iter().filter(is_outside).count();
        (!calls.is_empty()).then(|| outside as f64 / calls.len() as f64)
    }
}

/// Contacts by node and time, of the people that are asked for.
fn wanted_contacts(call: &Call, events: &Events, zone: Zone) -> Result<Vec<Contact>> {
    let mut contacts = contacts(&events.events, zone);
    if let Some(people) = call.options().keys("node")? {
        let people: Vec<Node> = events.keys.find(&people)?.into_iter().flatten().collect();
        let mut wanted = vec![false; events.keys.len()];
        people.into_iter().for_each(|node| wanted[node as usize] = true);
        contacts.retain(|contact| wanted[contact.node as usize]);
    }
    contacts.sort_unstable_by_key(|c| (c.node, c.day, c.start, c.counterpart));
    Ok(contacts)
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options().clone();
    let zone = zone_of(&options)?;
    let mut events = Events::read(call, &Rows::calls(), false)?;
    events.sort()?;
    let days = events.events.iter().map(|event| zone.local(event.start).day());
    let window = options.count("window")? as i64;
    let periods = Periods {
        first: days.clone().min().unwrap_or_default(),
        last: days.max().unwrap_or_default(),
        window,
        step: options.optional_count("step")?.map_or(window, |step| step as i64),
    };
    call.reserve(events.events.len() * 3 * size_of::<Contact>())?;
    let contacts = wanted_contacts(call, &events, zone)?;
    let domains = Domains::new(&events.keys);
    let mut changes = vec![];
    for of_node in contacts.chunk_by(|x, y| x.node == y.node) {
        call.cancelled().check()?;
        let from = |day: i64| of_node.partition_point(|contact| contact.day < day);
        let between = |day: i64| &of_node[from(day)..from(day + window)];
        changes.extend(periods.starts().filter_map(|day| {
            change(of_node[0].node, day, between(day - window), between(day), &domains)
        }));
    }
    call.reserve(2 * size_of_val(&*changes))?;
    let midnight = |day: i64| zone.instant(LocalTime(day * hours(24.0)));
    call.result(vec![
        events.keys.column(changes.iter().map(|c| c.node))?,
        events.instants(changes.iter().map(|c| Some(midnight(c.day))))?,
        numbers(changes.iter().map(|c| c.jaccard)),
        numbers(changes.iter().map(|c| c.cosine)),
        optional_numbers(changes.iter().map(|c| c.outside_share)),
        counts(changes.iter().map(|c| c.gained)),
        counts(changes.iter().map(|c| c.lost)),
    ])
}

fn change_schema(columns: &[DataType]) -> SchemaRef {
    schema([
        ("node", key_type(&columns[0])),
        ("window", columns[START].clone()),
        ("jaccard", DataType::Float64),
        ("cosine", DataType::Float64),
        ("outside_share", DataType::Float64),
        ("gained", DataType::Int64),
        ("lost", DataType::Int64),
    ])
}

#[user_doc(
    doc_section(label = "Contact graphs"),
    description = "Table function: how the contacts of each person differ between a period of days and \
the period of the same length right before it, in order of node and time. Periods begin every `step` \
days from the first day of all calls; only those count that lie wholly, with the one before, between \
the first and the last day. window is when the period begins; jaccard the share of all contacts of both \
periods that are in both; cosine the likeness of the numbers of calls by contact; outside_share the \
share of calls with people whose key has another part after @ than the person's, or none, NULL without \
calls or if the person's key has none; gained and lost contacts. Whoever called counts. A person \
without calls in both periods has no row. The relation has columns a, b, start, and if known answered.",
    syntax_example = "contact_change(relation or (subquery), node, window, step, tz)",
    argument(
        name = "node",
        description = "Only of this person, or of these in a list; of everybody if left out."
    ),
    argument(name = "window", description = "Length of a period in days, 30 by default."),
    argument(
        name = "step",
        description = "Days from one period to the next; as long as the period by default."
    ),
    argument(name = "tz", description = "Time zone of days; cdrql.time_zone by default."),
    sql_example = "```sql\nSELECT * FROM contact_change((SELECT a, b, 86400 * day AS start FROM (VALUES ('ann@x', 'bob@x', 0), ('cat@y', 'ann@x', 6), ('ann@x', 'cat@y', 8), ('ann@x', 'dan@x', 13)) AS t(a, b, day)), 'ann@x', window => 7);\n-- ann@x | 604800 | 0.3333333333333333 | 0.5 | 0.5 | 1 | 1\n```"
)]
struct ContactChange;

/// `contact_change(events, node, window, step, tz)`
pub fn contact_change() -> RelationFunction {
    RelationFunction {
        name: "contact_change",
        columns: EVENTS,
        parameters: const {
            &[
                parameter("node", Kind::Keys).or_null(),
                setting("window", 1.0, 1e6).or(30.0),
                setting("step", 1.0, 1e6).or_null(),
                zone("tz"),
            ]
        },
        schema: change_schema,
        evaluate,
        documentation: ContactChange.doc(),
    }
}
