//! The client's wish to stop, which overtakes everything (MS-TDS 2.2.1.7).

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Raised by who reads from the client, seen by who answers it.
#[derive(Debug, Default)]
pub struct Attention {
    waiting: AtomicBool,
    raised: Notify,
}

impl Attention {
    pub fn raise(&self) {
        self.waiting.store(true, Ordering::Release);
        self.raised.notify_one();
    }

    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    /// Whether it was raised; from now on it is not.
    pub fn take(&self) -> bool {
        self.waiting.swap(false, Ordering::AcqRel)
    }

    /// Waits until it is raised.
    pub async fn arrived(&self) {
        while !self.is_waiting() {
            self.raised.notified().await;
        }
    }
}
