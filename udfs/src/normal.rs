//! The standard normal distribution.

use std::f64::consts::SQRT_2;

/// The quantile of 97.5 %: what a two-sided confidence of 95 % takes.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// The probability of a value up to `z`.
pub fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The probability of a value at least as far from 0 as `z`.
pub fn two_sided_p(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// Published tables of the normal distribution.
    #[test]
    fn golden() {
        assert_eq!(cumulative(0.0), 0.5);
        assert_close(cumulative(1.0), 0.841_344_746_068_543, 1e-14);
        assert_close(cumulative(Z_95), 0.975, 1e-14);
        assert_close(two_sided_p(-Z_95), 0.05, 1e-14);
    }
}
