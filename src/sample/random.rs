//! Random numbers that depend on a seed and a position alone: the same on every machine, in any order.

/// SplitMix64 (Steele, Lea, Flood 2014). Only exact operations follow from it (no `ln`, no `powf`,
/// whose last digit differs between machines), so a seed fixes every row.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

/// The additive constant of SplitMix64: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64: a bijection that scatters neighbouring numbers.
pub const fn scatter(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Random {
    /// The stream that belongs to a path of numbers, e.g. seed, purpose, day, ordinal.
    pub fn at(path: &[u64]) -> Self {
        let mix = |state: u64, &step: &u64| {
            scatter(state ^ step.wrapping_mul(GOLDEN)).wrapping_add(GOLDEN)
        };
        Self { state: path.iter().fold(0, mix) }
    }

    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        scatter(self.state)
    }

    /// 128 random bits, for a GUID or a dialog id.
    pub fn wide(&mut self) -> u128 {
        u128::from(self.bits()) << 64 | u128::from(self.bits())
    }

    /// A number below `limit`, by multiplication instead of division (Lemire 2019).
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// An index into a list of `len` items.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A whole number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A bell around `mean` that never leaves `mean ± spread` (three uniforms added).
    pub fn bell(&mut self, mean: f64, spread: f64) -> f64 {
        mean + spread * ((self.unit() + self.unit() + self.unit()) / 1.5 - 1.0)
    }

    /// Mostly near `typical`, now and then up to `reach` times it: u / (1 - u) with a cut tail.
    pub fn long_tail(&mut self, typical: f64, reach: f64) -> f64 {
        let u = self.unit();
        typical * u / (1.0 - u * reach / (reach + 1.0))
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// Chooses by weight: the index whose share the draw falls into.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|&weight| {
                let found = left < weight;
                left = left.saturating_sub(weight);
                found
            })
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_of_splitmix64() {
        // First outputs for seed 1234567 of the reference implementation (Vigna, splitmix64.c).
        let mut random = Random { state: 1_234_567 };
        let first: [u64; 3] = [random.bits(), random.bits(), random.bits()];
        assert_eq!(first, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn shares_follow_the_weights() {
        let mut random = Random::at(&[7]);
        let mut seen = [0u32; 3];
        (0..30_000).for_each(|_| seen[random.weighted(&[1, 0, 2])] += 1);
        assert_eq!(seen[1], 0);
        assert!((19_400..20_600).contains(&seen[2]), "{seen:?}");
    }

    #[test]
    fn neighbouring_paths_share_nothing() {
        let first = |path: &[u64]| Random::at(path).bits();
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[0]), first(&[0, 0]));
    }
}
