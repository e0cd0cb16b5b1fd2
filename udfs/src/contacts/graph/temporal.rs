//! Ways through calls in time: each next call starts when the one before has ended.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap, VecDeque};

use datafusion::common::{Result, exec_err};

use super::events::{Event, Events};
use super::input::{FROM, NAMED_EVENTS, Rows, TO};
use super::keys::Node;
use crate::call::{Call, Cancelled, Options};
use crate::parameter::{Parameter, choice, flag, setting};

/// The options that all functions of ways in time take, in their order.
pub(super) const WAY_OPTIONS: [Parameter; 6] = [
    FROM,
    TO,
    flag("strict").or(0.0),
    setting("max_wait", 0.0, f64::MAX).or_null(),
    flag("directed").or(0.0),
    choice("objective", &["foremost", "latest", "fastest", "fewest"]).or_text("foremost"),
];

/// The columns that they read.
pub(super) const COLUMNS: &[Parameter] = NAMED_EVENTS;

/// Which of several ways to somebody is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objective {
    /// Arrives first.
    Foremost,
    /// Departs last.
    Latest,
    /// Takes the least time.
    Fastest,
    /// Takes the fewest calls.
    Fewest,
}

/// What ways are allowed, and which are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// A call must start after the one before has ended, and not just then.
    strict: bool,
    /// Microseconds between the end of a call and the start of the next.
    max_wait: Option<i64>,
    directed: bool,
    objective: Objective,
}

impl Rules {
    pub(super) fn new(options: &Options) -> Result<Self> {
        let objective = match options.text("objective")? {
            Some("foremost") => Objective::Foremost,
            Some("latest") => Objective::Latest,
            Some("fastest") => Objective::Fastest,
            Some("fewest") => Objective::Fewest,
            _ => return exec_err!("{}: `objective` is unknown", options.function()),
        };
        let seconds = options.optional_number("max_wait")?;
        Ok(Self {
            strict: options.flag("strict")?,
            // The cast saturates.
            max_wait: seconds.map(|seconds| (seconds * 1e6).round() as i64),
            directed: options.flag("directed")?,
            objective,
        })
    }
}

/// Reads the calls that ways may lead through, in the order of time.
pub(super) fn read_events(call: &mut Call, with_ids: bool) -> Result<Events> {
    let options = call.options().clone();
    let rows = Rows::of_calls(&options, &call.input_schema())?;
    let mut events = Events::read(call, &rows, with_ids)?;
    events.sort()?;
    Ok(events)
}

/// A call as the last one of a way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// The place of the call among all, in the order of time.
    pub(super) event: u32,
    pub(super) from: Node,
    pub(super) to: Node,
    pub(super) start: i64,
    pub(super) end: i64,
    /// When the way began.
    pub(super) departure: i64,
    pub(super) hops: u32,
    /// The leg before, among all legs.
    before: Option<u32>,
}

/// The best ways from one person that end with each call.
pub(super) struct Ways {
    rules: Rules,
    seed: Node,
    /// Those that were found, in the order in which they were.
    legs: Vec<Leg>,
    /// Legs that wait for their end, the first end first.
    under_way: BinaryHeap<Reverse<(i64, u32)>>,
    /// Legs that ended at each node: of each the best one that is not too old comes first.
    arrived: HashMap<Node, VecDeque<u32>>,
}

impl Ways {
    /// Finds them, in one pass over calls in the order of time.
    pub(super) fn find(
        events: &[Event],
        seed: Node,
        rules: Rules,
        cancelled: &Cancelled,
    ) -> Result<Self> {
        let mut ways = Self {
            rules,
            seed,
            legs: vec![],
            under_way: BinaryHeap::new(),
            arrived: HashMap::new(),
        };
        let mut first = 0;
        for (turn, at_once) in events.chunk_by(|x, y| x.start == y.start).enumerate() {
            if turn % 4096 == 0 {
                cancelled.check()?;
            }
            ways.take(at_once, first);
            first += at_once.len();
        }
        Ok(ways)
    }

    /// Bytes that ways through so many calls may take.
    pub(super) fn size(events: usize) -> usize {
        2 * events * (size_of::<Leg>() + 32)
    }

    /// Goes on with calls that start at the same time.
    fn take(&mut self, events: &[Event], first: usize) {
        let now = events[0].start;
        // With strict rules who arrives now is too late for calls that start now.
        self.arrive_until(if self.rules.strict { now.saturating_sub(1) } else { now });
        let directions: &[bool] = if self.rules.directed { &[true] } else { &[true, false] };
        let steps = (first..).zip(events).flat_map(|(at, event)| {
            directions.iter().map(move |forth| {
                let (from, to) = if *forth { (event.a, event.b) } else { (event.b, event.a) };
                Step { event: at as u32, from, to, start: event.start, end: event.end() }
            })
        });
        let (instant, lasting): (Vec<_>, Vec<_>) = steps.partition(|step| step.end == now);
        if self.rules.strict {
            instant.iter().for_each(|step| self.set_out(step));
        } else {
            self.take_instant(&instant);
        }
        lasting.iter().for_each(|step| self.set_out(step));
    }

    /// Calls without length may follow each other within an instant: as often as somebody is
    /// reached in a better way, those that begin there are looked at again.
    fn take_instant(&mut self, steps: &[Step]) {
        let mut from: HashMap<Node, Vec<&Step>> = HashMap::new();
        for step in steps {
            from.entry(step.from).or_default().push(step);
        }
        let mut best: HashMap<(u32, Node), (i64, u32)> = HashMap::new();
        let mut waiting: VecDeque<&Step> = steps.iter().collect();
        while let Some(step) = waiting.pop_front() {
            let Some(leg) = self.leg(step) else { continue };
            let (key, rank) = ((step.event, step.from), self.rank(&leg));
            if best.get(&key).is_some_and(|so_far| *so_far <= rank) {
                continue;
            }
            best.insert(key, rank);
            let at = self.add(leg);
            self.arrive(at);
            waiting.extend(from.get(&step.to).into_iter().flatten());
        }
    }

    fn set_out(&mut self, step: &Step) {
        if let Some(leg) = self.leg(step) {
            let at = self.add(leg);
            self.under_way.push(Reverse((leg.end, at)));
        }
    }

    /// The best way that ends with a call, if there is any.
    fn leg(&mut self, step: &Step) -> Option<Leg> {
        let Step { event, from, to, start, end } = *step;
        if from == self.seed {
            return Some(Leg {
                event,
                from,
                to,
                start,
                end,
                departure: start,
                hops: 1,
                before: None,
            });
        }
        if to == self.seed {
            return None;
        }
        let oldest = self.rules.max_wait.map(|wait| start.saturating_sub(wait));
        let arrived = self.arrived.get_mut(&from)?;
        while oldest.is_some_and(|oldest| {
            arrived.front().is_some_and(|leg| self.legs[*leg as usize].end < oldest)
        }) {
            arrived.pop_front();
        }
        let legs = &self.legs;
        let before = *arrived.iter().find(|leg| !leads_through(legs, **leg, event, start))?;
        let way = self.legs[before as usize];
        let (departure, hops) = (way.departure, way.hops + 1);
        Some(Leg { event, from, to, start, end, departure, hops, before: Some(before) })
    }

    fn add(&mut self, leg: Leg) -> u32 {
        self.legs.push(leg);
        self.legs.len() as u32 - 1
    }

    fn arrive_until(&mut self, now: i64) {
        while let Some(Reverse((end, leg))) = self.under_way.peek().copied() {
            if end > now {
                return;
            }
            self.under_way.pop();
            self.arrive(leg);
        }
    }

    /// Somebody is reached, no earlier than before: older ways that are no better are of no use any
    /// more. Of those that end at this instant the worse stay too, behind it, where ages count: a
    /// call without length that the better one leads through can only be taken from them.
    fn arrive(&mut self, at: u32) {
        let leg = self.legs[at as usize];
        let rank = self.rank(&leg);
        let arrived = self.arrived.entry(leg.to).or_default();
        let (rules, legs) = (self.rules, &self.legs);
        let worse = |other: &u32| rank_of(rules, &legs[*other as usize]) > rank;
        let ages_count = rules.max_wait.is_some();
        let is_older = |other: &u32| !ages_count || legs[*other as usize].end < leg.end;
        // Those before it are as good, and of use as long as they do not get too old.
        let worse_ones = arrived.split_off(arrived.partition_point(|other| !worse(other)));
        if arrived.is_empty() || ages_count {
            arrived.push_back(at);
        }
        arrived.extend(worse_ones.into_iter().filter(|other| !is_older(other)));
    }

    fn rank(&self, leg: &Leg) -> (i64, u32) {
        rank_of(self.rules, leg)
    }

    /// The best way to each node that was reached, by node.
    pub(super) fn best(&self) -> Vec<u32> {
        let mut best: HashMap<Node, u32> = HashMap::new();
        for (at, leg) in (0..).zip(&self.legs) {
            let so_far = best.entry(leg.to).or_insert(at);
            if self.compare(leg, &self.legs[*so_far as usize]) == Ordering::Less {
                *so_far = at;
            }
        }
        let mut best: Vec<u32> = best.into_values().collect();
        best.sort_unstable_by_key(|at| self.legs[*at as usize].to);
        best
    }

    /// The better one of two ways to the same node is the lesser.
    fn compare(&self, x: &Leg, y: &Leg) -> Ordering {
        let duration = |leg: &Leg| i128::from(leg.end) - i128::from(leg.departure);
        let by_objective = match self.rules.objective {
            Objective::Foremost => x.end.cmp(&y.end),
            Objective::Latest => y.departure.cmp(&x.departure),
            Objective::Fastest => duration(x).cmp(&duration(y)),
            Objective::Fewest => x.hops.cmp(&y.hops),
        };
        by_objective
            .then((x.end, x.hops).cmp(&(y.end, y.hops)))
            .then(y.departure.cmp(&x.departure))
            .then(x.event.cmp(&y.event))
    }

    pub(super) fn leg_at(&self, at: u32) -> &Leg {
        &self.legs[at as usize]
    }

    /// All legs of the way that ends with one, the first one first.
    pub(super) fn way(&self, at: u32) -> Vec<&Leg> {
        let mut way = vec![self.leg_at(at)];
        while let Some(before) = way[way.len() - 1].before {
            way.push(self.leg_at(before));
        }
        way.reverse();
        way
    }
}

/// One direction of a call.
struct Step {
    event: u32,
    from: Node,
    to: Node,
    start: i64,
    end: i64,
}

/// Whether the way that ends with a leg takes the call at that instant. Only legs without length
/// can have come before within it.
fn leads_through(legs: &[Leg], last: u32, call: u32, instant: i64) -> bool {
    let mut at = Some(last);
    while let Some(leg) = at.map(|at| &legs[at as usize]).filter(|leg| leg.start == instant) {
        if leg.event == call {
            return true;
        }
        at = leg.before;
    }
    false
}

/// What makes one way to go on from better than another: less is better.
fn rank_of(rules: Rules, leg: &Leg) -> (i64, u32) {
    match rules.objective {
        // Departures later than others' are negative.
        Objective::Latest | Objective::Fastest => (leg.departure.saturating_neg(), leg.hops),
        Objective::Foremost | Objective::Fewest => (0, leg.hops),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEED: Node = 0;

    /// Whether a step may follow one that ends then.
    fn follows(rules: Rules, end: i64, start: i64) -> bool {
        let late_enough = if rules.strict { end < start } else { end <= start };
        late_enough && rules.max_wait.is_none_or(|wait| start - end <= wait)
    }

    /// Every way from the seed, as departure, arrival, calls and whom it reaches.
    fn all_ways(events: &[Event], rules: Rules) -> Vec<(i64, i64, u32, Node)> {
        let (mut found, mut open) = (vec![], vec![(SEED, None, 0_u32, 0_u32)]);
        while let Some((here, times, taken, hops)) = open.pop() {
            for (at, event) in events.iter().enumerate().filter(|(at, _)| taken >> at & 1 == 0) {
                let back = (event.b == here && !rules.directed).then_some(event.a);
                let Some(next) = (event.a == here).then_some(event.b).or(back) else { continue };
                let departure = match times {
                    None => event.start,
                    Some((departure, end)) if follows(rules, end, event.start) => departure,
                    Some(_) => continue,
                };
                found.push((departure, event.end(), hops + 1, next));
                open.push((next, Some((departure, event.end())), taken | 1 << at, hops + 1));
            }
        }
        found.retain(|way| way.3 != SEED);
        found
    }

    fn any_rules() -> impl Strategy<Value = Rules> {
        use Objective::{Fastest, Fewest, Foremost, Latest};
        let objective = prop::sample::select(vec![Foremost, Latest, Fastest, Fewest]);
        let rules = (any::<bool>(), prop::option::of(0_i64..4), any::<bool>(), objective);
        rules.prop_map(|(strict, wait, directed, objective)| Rules {
            strict,
            max_wait: wait.map(|s| s * 1_000_000),
            directed,
            objective,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn is_the_best_of_all_ways(
            calls in prop::collection::vec((0_u32..5, 0_u32..5, 0_i64..8, 0_u8..4), 1..7), rules in any_rules(),
        ) {
            let calls = calls.into_iter().filter(|call| call.0 != call.1).enumerate();
            let mut events: Vec<Event> = calls.map(|(row, (a, b, start, seconds))| Event {
                a, b, start: start * 1_000_000, seconds: f64::from(seconds), row: row as u32, answered: true,
            }).collect();
            events.sort_by_key(|event| (event.start, event.a, event.b));
            let all = all_ways(&events, rules);
            let value = |departure: i64, end: i64, hops: u32| match rules.objective {
                Objective::Foremost => end,
                Objective::Latest => -departure,
                Objective::Fastest => end - departure,
                Objective::Fewest => i64::from(hops),
            };
            let ways = Ways::find(&events, SEED, rules, &Cancelled::default()).unwrap();
            let best = ways.best();
            for node in 1..5 {
                let expected = all.iter().filter(|way| way.3 == node).map(|w| value(w.0, w.1, w.2)).min();
                let found = best.iter().copied().find(|at| ways.leg_at(*at).to == node);
                let leg = found.map(|at| ways.leg_at(at));
                prop_assert_eq!(leg.map(|l| value(l.departure, l.end, l.hops)), expected, "{}", node);
                // And the way that is told is one.
                let way = found.map(|at| ways.way(at)).unwrap_or_default();
                prop_assert!(way.first().is_none_or(|leg| leg.from == SEED));
                let mut steps = way.windows(2);
                let fits = |two: &[&Leg]| two[0].to == two[1].from && follows(rules, two[0].end, two[1].start);
                prop_assert!(steps.all(fits));
                prop_assert_eq!(leg.map_or(0, |leg| leg.hops as usize), way.len());
            }
        }
    }
}
