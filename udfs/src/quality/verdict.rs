//! What Microsoft's rules say of a stream, and why.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Int8Type, UInt16Type};
use datafusion::common::Result;

use crate::rows::{Arguments, MISSING, labels};

/// Names of the codes that [`Verdict`] has.
const NAMES: &[&str] = &["good", "poor", "unclassified"];

/// Packets that a stream must exceed to be judged by the rule of 2024.
const MIN_PACKETS: f64 = 500.0;

/// The outcome of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Poor,
    Unclassified,
}

/// What a rule found in a stream: the conditions that hold, and whether it could judge at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    /// A bit for each condition that made the stream poor, by the position of its metric.
    pub(super) reasons: i64,
    pub(super) known: bool,
}

impl Judgement {
    pub(super) const UNKNOWN: Self = Self { reasons: 0, known: false };

    /// Poor if any condition holds, good if none does but some could be evaluated.
    #[inline(always)]
    pub(super) fn any<const N: usize>(conditions: [Self; N]) -> Self {
        conditions.into_iter().fold(Self::UNKNOWN, |all, one| Self {
            reasons: all.reasons | one.reasons,
            known: all.known | one.known,
        })
    }

    /// The first condition that can be evaluated decides.
    #[inline(always)]
    pub(super) fn first<const N: usize>(conditions: [Self; N]) -> Self {
        let later = conditions.into_iter().rev();
        later.fold(Self::UNKNOWN, |later, one| if one.known { one } else { later })
    }

    /// Unknown unless enough packets are known to have been sent.
    #[inline(always)]
    pub(super) fn if_enough(self, packets: f64) -> Self {
        if packets > MIN_PACKETS { self } else { Self::UNKNOWN }
    }

    #[inline(always)]
    pub(super) fn verdict(self) -> Verdict {
        match (self.reasons != 0, self.known) {
            (true, _) => Verdict::Poor,
            (false, true) => Verdict::Good,
            (false, false) => Verdict::Unclassified,
        }
    }
}

/// Poor when the metric at this position is above the limit. A metric that is NaN or negative is
/// unknown.
#[inline(always)]
pub(super) fn above<const N: usize>(metrics: &[f64; N], position: usize, limit: f64) -> Judgement {
    judge(metrics[position] > limit, metrics[position] >= 0.0, position)
}

/// Poor when the metric at this position is below the limit; unknown as in [`above`].
#[inline(always)]
pub(super) fn below<const N: usize>(metrics: &[f64; N], position: usize, limit: f64) -> Judgement {
    let known = metrics[position] >= 0.0;
    judge(known & (metrics[position] < limit), known, position)
}

#[inline(always)]
fn judge(holds: bool, known: bool, position: usize) -> Judgement {
    Judgement { reasons: i64::from(holds) << position, known }
}

/// A column of verdicts as text.
pub(super) fn verdicts<const N: usize>(
    arguments: &Arguments,
    rule: impl Fn([f64; N]) -> Judgement,
) -> Result<ArrayRef> {
    let codes = arguments.lenient::<Int8Type, N>(|metrics| rule(metrics).verdict() as i64)?;
    labels(NAMES, &codes)
}

/// A column of reasons as bit masks; NULL where the stream is unclassified.
pub(super) fn reasons<const N: usize>(
    arguments: &Arguments,
    rule: impl Fn([f64; N]) -> Judgement,
) -> Result<ArrayRef> {
    let masks = arguments.lenient::<UInt16Type, N>(|metrics| {
        let Judgement { reasons, known } = rule(metrics);
        if known { reasons } else { MISSING }
    })?;
    Ok(Arc::new(masks))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const NULL: f64 = f64::NAN;

    /// Every way to be on the good side, at the limit, on the bad side or unknown.
    pub fn grid<const N: usize>(limits: [f64; N]) -> impl Iterator<Item = ([usize; N], [f64; N])> {
        (0..4_usize.pow(N as u32)).map(move |combination| {
            let states = std::array::from_fn(|k| combination / 4_usize.pow(k as u32) % 4);
            let metric = |k: usize| [limits[k] * 0.5, limits[k], limits[k] * 1.5, NULL][states[k]];
            (states, std::array::from_fn(metric))
        })
    }

    /// For the metric with state `s`: whether it is poor, when poor means above (or below).
    pub fn poor_above(s: usize) -> Option<bool> {
        [Some(false), Some(false), Some(true), None][s]
    }

    pub fn poor_below(s: usize) -> Option<bool> {
        [Some(true), Some(false), Some(false), None][s]
    }

    pub fn verdict(poor: Option<bool>) -> Verdict {
        match poor {
            Some(true) => Verdict::Poor,
            Some(false) => Verdict::Good,
            None => Verdict::Unclassified,
        }
    }
}
