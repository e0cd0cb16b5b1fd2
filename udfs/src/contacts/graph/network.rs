//! A graph out of the rows of a relation.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::Result;

use super::csr::Csr;
use super::input::{Rows, amounts, column};
use super::interner::Interner;
use super::keys::{Keys, Node};
use crate::call::{Call, Part};

/// People and who has to do with whom.
pub(super) struct Network {
    pub(super) keys: Keys,
    /// Edges from `a` to `b`; the weight is the number of calls, or the sum of `weight`.
    pub(super) calls: Csr,
}

impl Network {
    /// Reads edges.
    pub(super) fn read(call: &mut Call) -> Result<Self> {
        Ok(EdgeRows::read(call, &Rows::any(), false)?.join(call)?.network)
    }

    /// All edges in both directions.
    pub(super) fn undirected(&self, call: &Call) -> Result<Csr> {
        // The edges the other way, and then both.
        call.reserve(3 * self.calls.size())?;
        let undirected = self.calls.undirected()?;
        call.memory().shrink(self.calls.size());
        Ok(undirected)
    }

    /// The edges as they are, or in both directions.
    pub(super) fn directed(&self, call: &Call, directed: bool) -> Result<Csr> {
        match directed {
            true => Ok(self.calls.clone()),
            false => self.undirected(call),
        }
    }
}

/// A network whose edges may also have a duration.
pub(super) struct Edges {
    pub(super) network: Network,
    /// The same edges with the seconds of their calls for weights, if they were asked for.
    pub(super) seconds: Option<Csr>,
}

/// Edges as they were read: a row may say again what another says.
pub(super) struct EdgeRows {
    pub(super) keys: Keys,
    pub(super) from: Vec<Node>,
    pub(super) to: Vec<Node>,
    /// Empty when all of them are 1.
    weights: Vec<f64>,
    /// Empty unless they were asked for.
    pub(super) seconds: Vec<f64>,
}

impl EdgeRows {
    /// Reads the rows that count.
    pub(super) fn read(call: &Call, rows: &Rows, with_seconds: bool) -> Result<Self> {
        let rows = rows.clone();
        let parts = call.in_parts(move |part| EdgePart::read(part, &rows, with_seconds))?;
        let (interners, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let count = parts.iter().map(|part| part.from.len()).sum::<usize>();
        let weighted = parts.iter().any(|part| !part.weights.is_empty());
        // Twice, for a moment.
        call.reserve(2 * parts.iter().map(EdgePart::size).sum::<usize>())?;
        let key_type = call.input_schema().field_with_name("a")?.data_type().clone();
        let (keys, nodes) = Interner::finish_all(interners, &key_type)?;
        let (mut from, mut to) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut weights, mut seconds) = (vec![], vec![]);
        for (part, nodes) in parts.into_iter().zip(nodes) {
            from.extend(part.from.iter().map(|number| nodes[*number as usize]));
            to.extend(part.to.iter().map(|number| nodes[*number as usize]));
            if weighted {
                weights.extend(&part.weights);
                weights.resize(from.len(), 1.0);
            }
            seconds.extend(part.seconds);
        }
        let rows = Self { keys, from, to, weights, seconds };
        call.memory().try_resize(rows.size())?;
        Ok(rows)
    }

    fn size(&self) -> usize {
        let numbers = self.from.capacity() + self.to.capacity();
        let amounts = self.weights.capacity() + self.seconds.capacity();
        self.keys.size() + size_of::<Node>() * numbers + size_of::<f64>() * amounts
    }

    /// Leaves out what no way of so many hops from these nodes comes to.
    pub(super) fn keep_near(&mut self, nodes: impl Iterator<Item = Node>, hops: usize) {
        let mut near = vec![false; self.keys.len()];
        nodes.for_each(|node| near[node as usize] = true);
        let rows = || self.from.iter().zip(&self.to).map(|(a, b)| (*a as usize, *b as usize));
        for _ in 1..hops {
            let mut further = near.clone();
            for (a, b) in rows() {
                further[a] |= near[b];
                further[b] |= near[a];
            }
            near = further;
        }
        let kept = rows().enumerate().filter(|(_, (a, b))| near[*a] | near[*b]);
        let kept: Vec<usize> = kept.map(|(row, _)| row).collect();
        self.from = kept.iter().map(|row| self.from[*row]).collect();
        self.to = kept.iter().map(|row| self.to[*row]).collect();
        for amounts in [&mut self.weights, &mut self.seconds] {
            if !amounts.is_empty() {
                *amounts = kept.iter().map(|row| amounts[*row]).collect();
            }
        }
    }

    /// The edges, each once.
    pub(super) fn join(self, call: &Call) -> Result<Edges> {
        let nodes = self.keys.len();
        // While rows become edges both are there; there are no more edges than rows.
        call.reserve(32 * self.from.len() + 16 * nodes)?;
        let calls = Csr::new(nodes, &self.from, &self.to, &self.weights)?;
        let seconds = match self.seconds.is_empty() {
            true => None,
            false => Some(Csr::new(nodes, &self.from, &self.to, &self.seconds)?),
        };
        let kept = self.keys.size() + calls.size() + seconds.as_ref().map_or(0, Csr::size);
        call.memory().try_resize(kept)?;
        Ok(Edges { network: Network { keys: self.keys, calls }, seconds })
    }
}

/// The edges of a part of the input, whose keys have numbers that hold there only.
#[derive(Default)]
struct EdgePart {
    from: Vec<Node>,
    to: Vec<Node>,
    weights: Vec<f64>,
    seconds: Vec<f64>,
}

impl EdgePart {
    fn read(input: &mut Part, rows: &Rows, with_seconds: bool) -> Result<(Interner, Self)> {
        let mut keys = Interner::new(input.schema().field_with_name("a")?.data_type())?;
        let mut part = Self::default();
        while let Some(batch) = rows.next(input)? {
            part.add_weights(&batch)?;
            keys.intern(column(&batch, "a")?, &mut part.from)?;
            keys.intern(column(&batch, "b")?, &mut part.to)?;
            if with_seconds {
                part.seconds.extend(amounts(&batch, "seconds")?);
            }
            input.memory().try_resize(keys.size() + part.size())?;
        }
        Ok((keys, part))
    }

    /// Adds weights as soon as not all are 1.
    fn add_weights(&mut self, batch: &RecordBatch) -> Result<()> {
        let weights = column(batch, "weight")?.as_primitive::<Float64Type>().values();
        if !self.weights.is_empty() || weights.iter().any(|weight| *weight != 1.0) {
            self.weights.resize(self.from.len(), 1.0);
            self.weights.extend(weights);
        }
        Ok(())
    }

    fn size(&self) -> usize {
        let numbers = self.from.capacity() + self.to.capacity();
        let amounts = self.weights.capacity() + self.seconds.capacity();
        size_of::<Node>() * numbers + size_of::<f64>() * amounts
    }
}
