//! Ctrl-C and the time limit of a statement.

use std::pin::Pin;
use std::time::Duration;

use datafusion::common::runtime::SpawnedTask;

use crate::error::{Error, Result};

/// Watches for Ctrl-C, and for the time limit from its making on.
pub struct Interrupt(Pin<Box<dyn Future<Output = Error> + Send>>);

impl Interrupt {
    pub fn after(timeout: Option<Duration>) -> Self {
        Self(Box::pin(async move {
            tokio::select! {
                () = ctrl_c() => Error::interrupted(),
                limit = elapsed(timeout) => out_of_time(limit),
            }
        }))
    }

    /// Does the work on a task of its own, which an interrupt cancels.
    pub async fn unless<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let task = SpawnedTask::spawn(work);
        tokio::select! {
            done = task => done.unwrap_or_else(|cause| Err(Error::internal(format!("the statement failed: {cause}")))),
            error = &mut self.0 => Err(error),
        }
    }
}

/// Waits for Ctrl-C; for ever where the system cannot tell.
pub async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

async fn elapsed(timeout: Option<Duration>) -> Duration {
    match timeout {
        Some(limit) => {
            tokio::time::sleep(limit).await;
            limit
        }
        None => std::future::pending().await,
    }
}

fn out_of_time(limit: Duration) -> Error {
    Error::statement(format!("the statement ran longer than the time limit of {limit:?}"))
        .hinted("set another limit with --timeout")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[tokio::test]
    async fn work_within_the_limit_is_done() {
        let mut interrupt = Interrupt::after(Some(Duration::from_secs(60)));
        assert_eq!(interrupt.unless(async { Ok(1) }).await, Ok(1));
        assert_eq!(interrupt.unless(async { Ok(2) }).await, Ok(2));
    }

    #[tokio::test]
    async fn work_over_the_limit_is_cancelled() {
        let mut interrupt = Interrupt::after(Some(Duration::from_millis(10)));
        let (witness, mut dropped) = tokio::sync::oneshot::channel::<()>();
        let work = async move {
            std::future::pending::<()>().await;
            drop(witness);
            Ok(())
        };
        assert_eq!(interrupt.unless(work).await.unwrap_err().kind, ErrorKind::Statement);
        // The task holds the other end until it is dropped.
        assert!(
            tokio::time::timeout(Duration::from_secs(60), &mut dropped).await.unwrap().is_err()
        );
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_ours() {
        let mut interrupt = Interrupt::after(None);
        let work = async { if true { panic!("boom") } else { Ok(()) } };
        assert_eq!(interrupt.unless(work).await.unwrap_err().kind, ErrorKind::Internal);
    }
}
