//! Queries on threads of their own, so that a time limit or Ctrl-C need not wait for them.

use arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use futures::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::fault;
use crate::Result;
use crate::engine::{Answer, Engine, Rows};
use crate::tsql::{Params, Statement};

/// Batches that the query computes while the last one is written.
const AHEAD: usize = 2;

/// The engine, what its parameters are bound to, and the threads that it computes on.
pub(super) struct Queries {
    pub engine: Engine,
    pub params: Params,
    pub compute: Handle,
}

impl Queries {
    /// Runs a statement; dropped, it is cancelled.
    pub async fn run(&self, statement: &Statement) -> Result<Answer> {
        let (engine, params) = (self.engine.clone(), self.params.clone());
        let statement = statement.clone();
        let task = self.spawn(async move { engine.run(&statement, &params).await });
        task.await.unwrap_or_else(|panic| Err(fault(&panic)))
    }

    /// The rows of an answer, computed ahead of the reader.
    pub fn batches(&self, mut rows: Rows) -> Batches {
        let (sender, computed) = mpsc::channel(AHEAD);
        let task = self.spawn(async move {
            while let Some(batch) = rows.next().await {
                if sender.send(batch).await.is_err() {
                    return;
                }
            }
        });
        Batches { computed, task: Some(task) }
    }

    fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> SpawnedTask<T> {
        let _entered = self.compute.enter();
        SpawnedTask::spawn(work)
    }
}

/// The batches of an answer; dropped, the query is cancelled.
pub(super) struct Batches {
    computed: mpsc::Receiver<Result<RecordBatch>>,
    task: Option<SpawnedTask<()>>,
}

impl Batches {
    /// The next batch; None after the last.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(batch) = self.computed.recv().await {
            return batch.map(Some);
        }
        // The end of the channel is the end of the rows only if the query did not panic.
        match self.task.take() {
            Some(task) => task.await.map(|()| None).map_err(|panic| fault(&panic)),
            None => Ok(None),
        }
    }
}
