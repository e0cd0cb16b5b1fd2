//! How fast the mirror may read, so that the server's own work comes first.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A ceiling on rows per second over all connections together.
#[derive(Debug)]
pub struct Pace {
    rate: Option<NonZeroU32>,
    /// When the rows spent so far will have been earned.
    earned: Mutex<Instant>,
}

impl Pace {
    pub fn new(rows_per_second: Option<NonZeroU32>) -> Self {
        Self { rate: rows_per_second, earned: Mutex::new(Instant::now()) }
    }

    /// The most rows to read between two pauses, so that a slow pace is an even one.
    pub fn stride(&self) -> usize {
        self.rate.map_or(usize::MAX, |rate| (rate.get() as usize / 4).max(1))
    }

    /// Accounts for rows that were read, and waits until they have been earned.
    pub async fn spend(&self, rows: usize) {
        let Some(rate) = self.rate else { return };
        let cost = Duration::from_secs_f64(rows as f64 / f64::from(rate.get()));
        let due = {
            // An instant cannot be left half-changed, so a poisoned lock does no harm.
            let mut earned = self.earned.lock().unwrap_or_else(PoisonError::into_inner);
            *earned = (*earned).max(Instant::now()) + cost;
            *earned
        };
        sleep_until(due).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_readers_together_keep_to_the_rate() {
        let pace = Pace::new(NonZeroU32::new(2_000));
        let start = Instant::now();
        tokio::join!(pace.spend(pace.stride()), pace.spend(pace.stride()));
        // 2 x 500 rows at 2,000 a second.
        assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn without_a_rate_nobody_waits() {
        let pace = Pace::new(None);
        let waited = tokio::time::timeout(Duration::from_secs(5), pace.spend(usize::MAX));
        assert!(waited.await.is_ok());
    }
}
