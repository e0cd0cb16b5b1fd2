//! What tests share, and the tests that hold for every function.

mod aggregates;
mod documentation;
mod rubbish;
mod scalars;
mod slt;

use datafusion::prelude::SessionContext;

pub(crate) use crate::random::Random;

/// A session with every function of this crate.
pub fn session() -> SessionContext {
    let ctx = SessionContext::new();
    crate::register_all(&ctx).unwrap();
    ctx
}

/// Panics unless `actual` is within `tolerance` of `expected`.
#[track_caller]
pub fn assert_close(actual: f64, expected: f64, tolerance: f64) {
    let difference = (actual - expected).abs();
    assert!(difference <= tolerance, "{actual} is not {expected} (within {tolerance})");
}

impl Random {
    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
