//! How far a running query has come, read off its scans.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};

/// A handle on a running plan; cheap to clone, to be polled from another task.
#[derive(Debug, Clone)]
pub struct Progress {
    plan: Arc<dyn ExecutionPlan>,
}

impl Progress {
    pub(super) fn of(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self { plan }
    }

    /// The share of the scans' rows that have been read, 0 to 1; None where their size is unknown.
    pub fn fraction(&self) -> Option<f64> {
        let (read, total) = scans(&self.plan);
        (total > 0).then(|| (read as f64 / total as f64).min(1.0))
    }
}

/// Rows read and rows expected, summed over the plan's leaves.
fn scans(plan: &Arc<dyn ExecutionPlan>) -> (usize, usize) {
    let children = plan.children();
    if children.is_empty() {
        let read = plan.metrics().and_then(|m| m.output_rows()).unwrap_or(0);
        let rows = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new()).ok();
        let total = rows.and_then(|s| s.num_rows.get_value().copied()).unwrap_or(0);
        return (read, total);
    }
    children.into_iter().map(scans).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
}
