//! Trying again what may go well the next time.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

use super::fault::Fault;

/// How often and how patiently a passing fault is met with another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// All attempts, the first one too.
    pub attempts: u32,
    /// Before the second attempt; doubled before each further one.
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for Retry {
    /// Gives up after about four minutes: a restarting server is back by then.
    fn default() -> Self {
        Self {
            attempts: 9,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// Does the work until it succeeds, fails for good, or has been tried often enough.
    pub async fn run<T>(
        &self,
        what: &str,
        mut work: impl AsyncFnMut() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        for attempt in 1.. {
            match work().await {
                Ok(done) => return Ok(done),
                Err(Fault::Passing(error)) if attempt < self.attempts => {
                    let pause = self.pause(attempt);
                    warn!(what, attempt, pause_ms = pause.as_millis() as u64, %error, "trying again");
                    sleep(pause).await;
                }
                Err(Fault::Passing(error)) => {
                    let hint = format!("gave up after {attempt} attempts; run it again to go on");
                    return Err(Fault::Passing(error.hinted(hint)));
                }
                Err(lasting) => return Err(lasting),
            }
        }
        unreachable!("attempts are counted without end")
    }

    /// Three quarters to all of the doubled pause, so that readers cut off together do not return
    /// together.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(1 << (attempt - 1).min(16));
        let longest = doubled.min(self.longest_pause);
        let random = RandomState::new().hash_one(attempt) % 256;
        longest - longest.mul_f64(random as f64 / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    const QUICK: Retry = Retry {
        attempts: 9,
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(25),
    };

    fn passing() -> Fault {
        Fault::Passing(Error::source("cut"))
    }

    #[tokio::test]
    async fn passing_faults_are_tried_again_with_longer_pauses() {
        let start = tokio::time::Instant::now();
        let mut calls = 0;
        let work = async || {
            calls += 1;
            if calls < 4 { Err(passing()) } else { Ok(calls) }
        };
        assert_eq!(QUICK.run("work", work).await, Ok(4));
        // At least three quarters of 10 + 20 + 25 ms.
        assert!(start.elapsed() >= Duration::from_millis(41), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn lasting_faults_are_not_tried_again_and_passing_ones_not_for_ever() {
        let retry = Retry { attempts: 3, ..QUICK };
        let mut calls = 0;
        let lasting = async || -> Result<(), Fault> {
            calls += 1;
            Err(Fault::Lasting(Error::source("denied")))
        };
        assert_eq!(retry.run("work", lasting).await.unwrap_err().error().message, "denied");
        assert_eq!(calls, 1);
        let always = async || -> Result<(), Fault> { Err(passing()) };
        let error = retry.run("work", always).await.unwrap_err().error();
        assert!(error.hints[0].contains("gave up after 3 attempts"), "{error:?}");
    }
}
