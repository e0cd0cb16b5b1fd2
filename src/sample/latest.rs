//! When something last happened to each party; filled by all threads at once, as the latest wins.

use std::sync::atomic::{AtomicI64, Ordering};

use super::clock::Tick;

/// One moment per party.
pub struct Moments(Vec<AtomicI64>);

impl Moments {
    fn new(parties: usize) -> Self {
        Self((0..parties).map(|_| AtomicI64::new(i64::MIN)).collect())
    }

    pub fn note(&self, party: usize, at: Tick) {
        self.0[party].fetch_max(at.0, Ordering::Relaxed);
    }

    pub fn of(&self, party: usize) -> Option<Tick> {
        let at = self.0[party].load(Ordering::Relaxed);
        (at > i64::MIN).then_some(Tick(at))
    }
}

/// What `UserStatistics` and `User.LastPoorCallTime` overwrite in place.
pub struct Latest {
    pub sign_in: Moments,
    pub organized: Moments,
    pub failed_call: Moments,
    pub failed_meeting: Moments,
    pub poor_call: Moments,
}

impl Latest {
    pub fn new(parties: usize) -> Self {
        let moments = || Moments::new(parties);
        Self {
            sign_in: moments(),
            organized: moments(),
            failed_call: moments(),
            failed_meeting: moments(),
            poor_call: moments(),
        }
    }
}
