//! What is counted of each pair of people while their calls are read.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::hash_map::Entry;
use datafusion::common::{HashMap, Result, exec_err};

use super::csr::{by_origin, offsets, rows};
use super::events::is_answered;
use super::input::{Rows, amounts, column};
use super::interner::Interner;
use super::keys::{Keys, Node};
use super::parallel::{PIECES, in_pieces};
use crate::call::{Call, Cancelled, Part};
use crate::local_time::{LocalTime, Zone, instants};

const MICROS: f64 = 1e6;

/// The clock by which days, weeks and working hours are told.
#[derive(Clone)]
pub(super) struct Clock {
    pub(super) zone: Zone,
    /// Microseconds since midnight; both ends are off hours.
    pub(super) working: (i64, i64),
}

impl Clock {
    fn is_off_hours(&self, time: LocalTime) -> bool {
        let at_work = self.working.0 < time.of_day() && time.of_day() < self.working.1;
        !at_work || is_weekend(time)
    }
}

fn is_weekend(time: LocalTime) -> bool {
    time.weekday() > 5
}

/// What takes work and need not be known.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// Off hours and weekends.
    pub(super) hours: bool,
    /// What follows from the starts of calls in order.
    pub(super) starts: bool,
}

/// What is counted of the calls from one to another. Calls come in any order of pairs, so that each
/// waits for memory: for one line of it, if a tally does not lie across two.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Tally {
    pub(super) calls: usize,
    /// Microseconds, whose sum does not depend on an order.
    pub(super) micros: i64,
    /// The first and the last start, if there are calls.
    starts: (i64, i64),
    pub(super) offhours_calls: usize,
    pub(super) offhours_micros: i64,
    pub(super) weekend_calls: usize,
    pub(super) missed: usize,
}

impl Tally {
    fn add(&mut self, start: i64, micros: i64) {
        self.plus(&Self { calls: 1, micros, starts: (start, start), ..Self::default() });
    }

    fn add_hours(&mut self, clock: &Clock, start: i64, micros: i64) {
        let time = clock.zone.local(start);
        self.weekend_calls += usize::from(is_weekend(time));
        if clock.is_off_hours(time) {
            self.offhours_calls += 1;
            self.offhours_micros = self.offhours_micros.saturating_add(micros);
        }
    }

    fn plus(&mut self, more: &Self) {
        self.starts = match (self.calls, more.calls) {
            (_, 0) => self.starts,
            (0, _) => more.starts,
            _ => (self.starts.0.min(more.starts.0), self.starts.1.max(more.starts.1)),
        };
        self.calls += more.calls;
        self.micros = self.micros.saturating_add(more.micros);
        self.offhours_calls += more.offhours_calls;
        self.offhours_micros = self.offhours_micros.saturating_add(more.offhours_micros);
        self.weekend_calls += more.weekend_calls;
        self.missed += more.missed;
    }
}

/// What was said between two people; `ab` is the direction from `a` to `b`.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) a: Node,
    pub(super) b: Node,
    pub(super) ab: Tally,
    pub(super) ba: Tally,
    pub(super) times: Times,
}

impl Pair {
    pub(super) fn calls(&self) -> usize {
        self.ab.calls + self.ba.calls
    }

    fn both(&self) -> Tally {
        let mut both = self.ab;
        both.plus(&self.ba);
        both
    }

    pub(super) fn first(&self) -> Option<i64> {
        (self.calls() > 0).then(|| self.both().starts.0)
    }

    pub(super) fn last(&self) -> Option<i64> {
        (self.calls() > 0).then(|| self.both().starts.1)
    }

    pub(super) fn reciprocity(&self) -> Option<f64> {
        let fewer = self.ab.calls.min(self.ba.calls);
        (self.calls() > 0).then(|| 2.0 * fewer as f64 / self.calls() as f64)
    }

    pub(super) fn initiation(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.ab.calls as f64 / self.calls() as f64)
    }
}

/// What follows from the starts of a pair's calls in order.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Times {
    pub(super) days: usize,
    pub(super) weeks: usize,
    pub(super) intervals: Intervals,
}

impl Times {
    /// Of starts in order.
    fn of(starts: &[i64], zone: Zone) -> Self {
        let (mut times, mut last) = (Self::default(), None);
        for start in starts {
            let time = zone.local(*start);
            times.days += usize::from(last.map(LocalTime::day) != Some(time.day()));
            times.weeks += usize::from(last.map(LocalTime::week) != Some(time.week()));
            last = Some(time);
        }
        Self { intervals: Intervals::of(starts), ..times }
    }
}

/// Seconds from the start of one call to the start of the next.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Intervals {
    count: usize,
    mean: f64,
    /// Of the population.
    deviation: f64,
}

impl Intervals {
    fn of(starts: &[i64]) -> Self {
        let intervals = starts.windows(2).map(|two| two[1].saturating_sub(two[0]) as f64 / MICROS);
        let count = starts.len().saturating_sub(1);
        if count == 0 {
            return Self::default();
        }
        let mean = intervals.clone().sum::<f64>() / count as f64;
        let variance = intervals.map(|x| (x - mean).powi(2)).sum::<f64>() / count as f64;
        Self { count, mean, deviation: variance.sqrt() }
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    pub(super) fn deviation(&self) -> Option<f64> {
        (self.count > 0).then_some(self.deviation)
    }

    /// Goh and Barabási's measure, of at least two intervals.
    pub(super) fn burstiness(&self) -> Option<f64> {
        let sum = self.deviation + self.mean;
        (self.count > 1 && sum > 0.0).then(|| (self.deviation - self.mean) / sum)
    }
}

/// Everybody who talked with whom.
pub(super) struct Pairs {
    pub(super) keys: Keys,
    /// In the order of `a` and `b`.
    pub(super) all: Vec<Pair>,
}

impl Pairs {
    /// Reads the calls that count. A pair is `a` before `b`, or if `directed` who called whom.
    pub(super) fn read(
        call: &Call,
        rows: Rows,
        clock: &Clock,
        wanted: Wanted,
        directed: bool,
    ) -> Result<Self> {
        let clock_of_parts = clock.clone();
        let parts = call.in_parts(move |input| {
            let mut part = Tallies::default();
            let keys = part.read(input, &rows, &clock_of_parts, wanted)?;
            Ok((keys, part))
        })?;
        let (interners, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        // Twice, while parts become one; and then as pairs.
        let size = parts.iter().map(Tallies::size).sum::<usize>();
        let tallies = parts.iter().map(|part| part.tallies.len()).sum::<usize>();
        call.reserve(2 * size + 2 * size_of::<Pair>() * tallies)?;
        let key_type = call.input_schema().field_with_name("a")?.data_type().clone();
        let (keys, nodes) = Interner::finish_all(interners, &key_type)?;
        let mut whole = Tallies::default();
        parts.into_iter().zip(nodes).for_each(|(part, nodes)| whole.append(part, &nodes));
        if whole.starts.len() > u32::MAX as usize {
            return exec_err!("more than {} calls; ask for a part of them", u32::MAX);
        }
        let (mut all, pair_of) = whole.pairs(keys.len(), directed);
        if wanted.starts {
            let places = whole.places_of_starts.iter().map(|place| pair_of[*place as usize]);
            add_times(
                &mut all,
                &places.collect::<Vec<_>>(),
                &whole.starts,
                clock,
                call.cancelled(),
            )?;
        }
        Ok(Self { keys, all })
    }
}

/// Calls counted by who called whom, each pair at a place of its own.
#[derive(Default)]
struct Tallies {
    places: HashMap<u64, u32>,
    ends: Vec<(Node, Node)>,
    tallies: Vec<Tally>,
    /// The places of a batch's rows.
    places_of_rows: Vec<u32>,
    /// Starts of calls and the places of their pairs, if they are wanted.
    starts: Vec<i64>,
    places_of_starts: Vec<u32>,
}

impl Tallies {
    /// Reads a part of the input; the keys have numbers that hold there only.
    fn read(
        &mut self,
        input: &mut Part,
        rows: &Rows,
        clock: &Clock,
        wanted: Wanted,
    ) -> Result<Interner> {
        let mut keys = Interner::new(input.schema().field_with_name("a")?.data_type())?;
        let (mut a, mut b) = (vec![], vec![]);
        while let Some(batch) = rows.next(input)? {
            a.clear();
            b.clear();
            keys.intern(column(&batch, "a")?, &mut a)?;
            keys.intern(column(&batch, "b")?, &mut b)?;
            self.add(&batch, a.iter().copied().zip(b.iter().copied()), clock, wanted)?;
            input.memory().try_resize(keys.size() + self.size())?;
        }
        Ok(keys)
    }

    fn add(
        &mut self,
        batch: &RecordBatch,
        ends: impl Iterator<Item = (Node, Node)>,
        clock: &Clock,
        wanted: Wanted,
    ) -> Result<()> {
        let starts = instants(column(batch, "start")?)?;
        let seconds = amounts(batch, "seconds")?;
        let answered = column(batch, "answered")?.as_primitive::<Float64Type>();
        // The cast saturates.
        let micros = seconds.iter().map(|seconds| (seconds * MICROS).round() as i64);
        let micros: Vec<i64> = micros.collect();
        // First all places, then all tallies: in short loops many rows wait for memory at once.
        let mut places = std::mem::take(&mut self.places_of_rows);
        places.clear();
        places.extend(ends.map(|ends| self.place(ends)));
        for (row, &place) in places.iter().enumerate() {
            let tally = &mut self.tallies[place as usize];
            if !is_answered(answered, row) {
                tally.missed += 1;
                continue;
            }
            let (start, micros) = (starts.value(row), micros[row]);
            tally.add(start, micros);
            if wanted.hours {
                tally.add_hours(clock, start, micros);
            }
            if wanted.starts {
                self.starts.push(start);
                self.places_of_starts.push(place);
            }
        }
        self.places_of_rows = places;
        Ok(())
    }

    fn place(&mut self, ends: (Node, Node)) -> u32 {
        match self.places.entry(u64::from(ends.0) << 32 | u64::from(ends.1)) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(vacant) => {
                let place = self.ends.len() as u32;
                self.ends.push(ends);
                self.tallies.push(Tally::default());
                *vacant.insert(place)
            }
        }
    }

    fn size(&self) -> usize {
        let of_place = size_of::<(u64, u32)>() + 1;
        let places = of_place * self.places.capacity() + 8 * self.ends.capacity();
        places + size_of::<Tally>() * self.tallies.capacity() + 12 * self.starts.capacity()
    }

    /// Adds what a part counted, whose keys are these nodes.
    fn append(&mut self, part: Self, nodes: &[Node]) {
        let first = self.ends.len() as u32;
        let node = |number: Node| nodes[number as usize];
        self.ends.extend(part.ends.iter().map(|(a, b)| (node(*a), node(*b))));
        self.tallies.extend(part.tallies);
        self.starts.extend(part.starts);
        self.places_of_starts.extend(part.places_of_starts.iter().map(|place| first + place));
    }

    /// The pairs in order, and for each place which of them it belongs to.
    fn pairs(&self, nodes: usize, directed: bool) -> (Vec<Pair>, Vec<u32>) {
        let swap = |(a, b): (Node, Node)| !directed && a > b;
        let ordered = |ends: (Node, Node)| if swap(ends) { (ends.1, ends.0) } else { ends };
        let firsts: Vec<Node> = self.ends.iter().map(|ends| ordered(*ends).0).collect();
        let seconds = (0..).zip(&self.ends).map(|(place, ends)| (ordered(*ends).1, place));
        let offsets = offsets(nodes, &firsts);
        let mut places: Vec<(Node, u32)> = by_origin(&offsets, &firsts, seconds);
        let (mut pairs, mut pair_of) = (Vec::<Pair>::new(), vec![0; self.ends.len()]);
        for (a, row) in (0..).zip(rows(&offsets)) {
            let row = &mut places[row];
            row.sort_unstable();
            for of_pair in row.chunk_by(|x, y| x.0 == y.0) {
                let mut pair = Pair { a, b: of_pair[0].0, ..Pair::default() };
                for place in of_pair.iter().map(|(_, place)| *place as usize) {
                    pair_of[place] = pairs.len() as u32;
                    let way = if swap(self.ends[place]) { &mut pair.ba } else { &mut pair.ab };
                    way.plus(&self.tallies[place]);
                }
                pairs.push(pair);
            }
        }
        (pairs, pair_of)
    }
}

/// Tells pairs their times, from the starts of calls and which pair each is of.
fn add_times(
    pairs: &mut [Pair],
    pair_of: &[u32],
    starts: &[i64],
    clock: &Clock,
    cancelled: &Cancelled,
) -> Result<()> {
    let offsets = offsets(pairs.len(), pair_of);
    let starts = by_origin(&offsets, pair_of, starts.iter().copied());
    let per_piece = pairs.len().div_ceil(PIECES);
    let pieces = in_pieces(|piece| {
        cancelled.check()?;
        let mut of_pair = vec![];
        let times = rows(&offsets).skip(piece * per_piece).take(per_piece).map(|row| {
            of_pair.clear();
            of_pair.extend_from_slice(&starts[row]);
            of_pair.sort_unstable();
            Times::of(&of_pair, clock.zone)
        });
        Ok(times.collect::<Vec<_>>())
    })?;
    let times = pieces.into_iter().flatten();
    pairs.iter_mut().zip(times).for_each(|(pair, times)| pair.times = times);
    Ok(())
}
