//! A graph out of the rows of a relation.

use datafusion::common::Result;

use super::csr::Csr;
use super::input::{Rows, amounts, column};
use super::keys::{Interner, Keys, Node};
use crate::call::Call;

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
    weights: Vec<f64>,
    /// Empty unless they were asked for.
    pub(super) seconds: Vec<f64>,
}

impl EdgeRows {
    /// Reads the rows that count.
    pub(super) fn read(call: &mut Call, rows: &Rows, with_seconds: bool) -> Result<Self> {
        let schema = call.input_schema();
        let mut keys = Interner::new(schema.field_with_name("a")?.data_type())?;
        let (mut from, mut to): (Vec<Node>, Vec<Node>) = (vec![], vec![]);
        let (mut weights, mut seconds): (Vec<f64>, Vec<f64>) = (vec![], vec![]);
        let row_bytes = if with_seconds { 24 } else { 16 };
        while let Some(batch) = rows.next(call)? {
            keys.intern(column(&batch, "a")?, &mut from)?;
            keys.intern(column(&batch, "b")?, &mut to)?;
            weights.extend(amounts(&batch, "weight")?);
            if with_seconds {
                seconds.extend(amounts(&batch, "seconds")?);
            }
            call.memory().try_resize(keys.size() + row_bytes * from.capacity())?;
        }
        let (keys, nodes) = keys.finish()?;
        for node in from.iter_mut().chain(&mut to) {
            *node = nodes[*node as usize];
        }
        Ok(Self { keys, from, to, weights, seconds })
    }

    /// The edges, each once.
    pub(super) fn join(self, call: &Call) -> Result<Edges> {
        let nodes = self.keys.len();
        // While rows become edges both are there; there are no more edges than rows.
        call.reserve(32 * self.from.len() + 8 * nodes)?;
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
