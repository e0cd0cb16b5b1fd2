//! What Microsoft's rules say of a stream.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::Int8Type;
use datafusion::common::Result;

use crate::rows::{Arguments, labels};

/// Names of the codes that [`Verdict::code`] gives.
const NAMES: &[&str] = &["good", "poor", "unclassified"];

/// Packets that a stream must exceed to be judged by the rule of 2024.
const MIN_PACKETS: f64 = 500.0;

/// The outcome of a rule. Metrics are NaN where they are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Poor,
    Unclassified,
}

impl Verdict {
    /// Poor if any condition holds, good if none does but some could be evaluated.
    pub(super) fn any<const N: usize>(conditions: [Condition; N]) -> Self {
        let poor = conditions.iter().fold(false, |any, c| any | c.holds);
        let known = conditions.iter().fold(false, |any, c| any | c.known);
        Self::of(poor, known)
    }

    /// The first condition that can be evaluated decides.
    pub(super) fn first<const N: usize>(conditions: [Condition; N]) -> Self {
        let first = conditions.into_iter().find(|c| c.known);
        first.map_or(Self::Unclassified, |c| Self::of(c.holds, true))
    }

    /// Unclassified unless enough packets are known to have been sent.
    pub(super) fn if_enough(self, packets: f64) -> Self {
        if packets > MIN_PACKETS { self } else { Self::Unclassified }
    }

    pub(super) fn code(self) -> i8 {
        self as i8
    }

    fn of(poor: bool, known: bool) -> Self {
        match (poor, known) {
            (true, _) => Self::Poor,
            (false, true) => Self::Good,
            (false, false) => Self::Unclassified,
        }
    }
}

/// One comparison of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    pub(super) holds: bool,
    pub(super) known: bool,
}

/// Poor when the metric is above the limit; a negative metric counts as unknown.
pub(super) fn above(metric: f64, limit: f64) -> Condition {
    Condition { holds: metric > limit, known: metric >= 0.0 }
}

/// Poor when the metric is below the limit; a negative metric counts as unknown.
pub(super) fn below(metric: f64, limit: f64) -> Condition {
    Condition { holds: (0.0..limit).contains(&metric), known: metric >= 0.0 }
}

/// A column of verdicts as text.
pub(super) fn verdicts<const N: usize>(
    arguments: &Arguments,
    row: impl Fn([f64; N]) -> Verdict,
) -> Result<ArrayRef> {
    labels(NAMES, &arguments.lenient::<Int8Type, N>(|metrics| row(metrics).code())?)
}
