//! What tests share, and the tests that hold for every function.

mod aggregates;
mod documentation;
mod rubbish;
mod scalars;
mod slt;

use datafusion::prelude::SessionContext;

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

/// Numbers that look random and are the same in every run (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 to below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
