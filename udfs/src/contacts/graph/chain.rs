//! Chains of contacts: who is reached from a seed over how many hops, and through whom.

use std::cmp::Reverse;

use datafusion::arrow::array::ArrayRef;
use datafusion::common::{Result, exec_err};

use super::csr::Csr;
use super::input::{FROM, TO};
use super::keys::{Keys, Node};
use super::network::Edges;
use super::search::Search;
use crate::call::{Call, Cancelled, Options};
use crate::parameter::{Kind, Parameter, choice, flag, parameter, setting};

/// The options that all functions of chains take, in their order.
pub(super) const CHAIN_OPTIONS: [Parameter; 11] = [
    parameter("seeds", Kind::Keys),
    setting("hops", 0.0, f64::MAX).or(2.0),
    flag("directed").or(0.0),
    parameter("exclude", Kind::Keys).or_null(),
    choice("hub_mode", HUB_MODES).or_text("stop"),
    setting("max_degree", 0.0, f64::MAX).or(f64::MAX),
    setting("min_calls", 0.0, f64::MAX).or(0.0),
    setting("min_seconds", 0.0, f64::MAX).or(0.0),
    flag("reciprocal").or(0.0),
    FROM,
    TO,
];

const HUB_MODES: &[&str] = &["stop", "drop", "pass"];

/// What a chain does at a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HubMode {
    /// Ends there.
    Stop,
    /// Does not see it.
    Drop,
    /// Goes on, but says so.
    Pass,
}

impl HubMode {
    fn of(options: &Options) -> Result<Self> {
        match options.text("hub_mode")? {
            Some("stop") => Ok(Self::Stop),
            Some("drop") => Ok(Self::Drop),
            Some("pass") => Ok(Self::Pass),
            _ => exec_err!("{}: `hub_mode` is unknown", options.function()),
        }
    }
}

/// People from whom chains begin, in the order of their keys, unknown ones last.
pub(super) struct Seeds {
    /// As they were given.
    pub(super) keys: ArrayRef,
    /// Where each stands among the keys, and who it is.
    pub(super) seeds: Vec<(u32, Option<Node>)>,
}

impl Seeds {
    pub(super) fn new(options: &Options, keys: &Keys) -> Result<Self> {
        let Some(given) = options.keys("seeds")? else {
            return exec_err!("{}: `seeds` is NULL; give one or more keys", options.function());
        };
        let found = keys.find(&given)?;
        let mut seeds: Vec<_> = (0..).zip(found).collect();
        seeds.retain(|(at, _)| given.is_valid(*at as usize));
        seeds.sort_by_key(|(at, node)| (Reverse(node.is_some()), *node, *at));
        seeds.dedup_by(|x, y| x.1.is_some() && x.1 == y.1);
        Ok(Self { keys: given, seeds })
    }

    pub(super) fn known(&self) -> impl Iterator<Item = Node> {
        self.seeds.iter().filter_map(|seed| seed.1)
    }
}

/// Contacts that chains follow, and what they do at hubs.
pub(super) struct Chain {
    /// Calls along each edge that may be followed.
    pub(super) forth: Csr,
    /// The same edges the other way, if that is another way.
    back: Option<Csr>,
    hubs: Vec<bool>,
    mode: HubMode,
    pub(super) hops: u32,
}

impl Chain {
    /// Contacts that satisfy the options.
    pub(super) fn new(edges: &Edges, seeds: &Seeds, call: &Call) -> Result<Self> {
        let options = call.options();
        let (keys, directed) = (&edges.network.keys, options.flag("directed")?);
        let strong = strong_contacts(edges, directed, call)?;
        let mode = HubMode::of(options)?;
        let hubs = hubs(&strong, keys, seeds, directed, options)?;
        let forth = match mode {
            HubMode::Drop => {
                strong.filter(|_, from, to| !hubs[from as usize] && !hubs[to as usize])
            }
            _ => strong,
        };
        let back = directed.then(|| forth.reversed());
        let hops = options.count("hops")?.min(u32::MAX as usize - 2) as u32;
        call.reserve(4 * forth.len() + Search::size(forth.len()))?;
        Ok(Self { forth, back, hubs, mode, hops })
    }

    /// Whether chains go on from a node, which is no seed.
    pub(super) fn passes(&self, node: Node) -> bool {
        self.mode == HubMode::Pass || !self.hubs[node as usize]
    }

    pub(super) fn is_hub(&self, node: Node) -> bool {
        self.hubs[node as usize]
    }

    /// Finds everybody at most so many hops from a seed.
    pub(super) fn search(
        &self,
        search: &mut Search,
        seed: Node,
        hops: u32,
        cancelled: &Cancelled,
    ) -> Result<()> {
        search.run(&self.forth, seed, hops, |node| self.passes(node), cancelled)
    }

    /// Who comes right before a node on shortest ways from the seed, with the calls of that step.
    pub(super) fn predecessors<'a>(
        &'a self,
        search: &'a Search,
        node: Node,
    ) -> impl Iterator<Item = (Node, f64)> + 'a {
        let hop = search.hops(node);
        let back = self.back.as_ref().unwrap_or(&self.forth).edges(node);
        back.filter(move |&(before, _)| {
            let before_hop = search.hops(before);
            hop > 0 && before_hop == hop - 1 && (before_hop == 0 || self.passes(before))
        })
    }
}

/// Contacts with as many calls and seconds as are asked for.
fn strong_contacts(edges: &Edges, directed: bool, call: &Call) -> Result<Csr> {
    let options = call.options();
    let one_way = &edges.network.calls;
    let min_calls = options.number("min_calls")?;
    let min_seconds = options.number("min_seconds")?;
    let reciprocal = options.flag("reciprocal")?;
    let calls = edges.network.directed(call, directed)?;
    if min_calls <= 0.0 && min_seconds <= 0.0 && !reciprocal {
        return Ok(calls);
    }
    let seconds = match (&edges.seconds, directed) {
        (Some(seconds), true) => Some(seconds.clone()),
        (Some(seconds), false) => Some(seconds.undirected()?),
        (None, _) => None,
    };
    let has = |from, to| one_way.position(from, to).is_some();
    Ok(calls.filter(|at, from, to| {
        calls.weights()[at] >= min_calls
            && seconds.as_ref().is_none_or(|s| s.weights()[at] >= min_seconds)
            && (!reciprocal || (has(from, to) && has(to, from)))
    }))
}

/// Whom chains treat as hubs: those who are excluded and those with too many contacts; no seeds.
fn hubs(
    contacts: &Csr,
    keys: &Keys,
    seeds: &Seeds,
    directed: bool,
    options: &Options,
) -> Result<Vec<bool>> {
    let most = options.number("max_degree")?;
    let undirected = if directed { Some(contacts.undirected()?) } else { None };
    let contacts = undirected.as_ref().unwrap_or(contacts);
    let mut hubs: Vec<bool> =
        contacts.nodes().map(|node| contacts.degree(node) as f64 > most).collect();
    if let Some(excluded) = options.keys("exclude")? {
        keys.find(&excluded)?.into_iter().flatten().for_each(|node| hubs[node as usize] = true);
    }
    seeds.known().for_each(|seed| hubs[seed as usize] = false);
    Ok(hubs)
}
