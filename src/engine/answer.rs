//! What a statement answers with: rows that flow, or a word that it is done.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};

use super::diagnostics::{self, Known};
use super::progress::Progress;
use crate::error::{Error, Position, Result};

/// The answer to one statement.
#[derive(Debug)]
pub enum Answer {
    Rows(Rows),
    /// What was done, in the words of the statement: `CREATE VIEW`, `SET`, `COPY 120`.
    Done(String),
}

impl Answer {
    /// The rows; none where there is nothing but a word.
    ///
    /// # Errors
    /// Whatever stops the query while it runs.
    pub async fn collect(self) -> Result<Vec<RecordBatch>> {
        match self {
            Self::Rows(rows) => rows.collect().await,
            Self::Done(_) => Ok(Vec::new()),
        }
    }
}

/// Rows as a stream of record batches. Dropping it cancels the query.
pub struct Rows {
    schema: SchemaRef,
    batches: BoxStream<'static, Result<RecordBatch, DataFusionError>>,
    plan: Arc<dyn ExecutionPlan>,
    statement: Position,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Rows {
    pub(super) fn new(
        schema: SchemaRef,
        batches: BoxStream<'static, Result<RecordBatch, DataFusionError>>,
        plan: Arc<dyn ExecutionPlan>,
        statement: Position,
    ) -> Self {
        Self { schema, batches, plan, statement }
    }

    /// The result's columns as people see them; two may have the same name.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// A handle that tells how far the scans have come, while the rows flow.
    pub fn progress(&self) -> Progress {
        Progress::of(Arc::clone(&self.plan))
    }

    /// All rows at once.
    ///
    /// # Errors
    /// Whatever stops the query while it runs.
    pub async fn collect(self) -> Result<Vec<RecordBatch>> {
        self.try_collect().await
    }

    /// An error at run time has no place of its own: it gets the statement's.
    fn error(&self, error: &DataFusionError) -> Error {
        diagnostics::error(error, &Known::default()).at_if_unplaced(self.statement)
    }
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let batch = futures::ready!(self.batches.poll_next_unpin(cx));
        Poll::Ready(batch.map(|batch| {
            let batch = batch.map_err(|e| self.error(&e))?;
            relabel(&batch, &self.schema)
        }))
    }
}

fn relabel(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)
        .map_err(|e| Error::internal(e.to_string()))
}

/// The rows of a running plan. Where memory runs out before the first batch, `again` may offer
/// another plan for the same rows.
pub(super) fn flow<F>(
    mut rows: SendableRecordBatchStream,
    again: impl FnOnce() -> F + Send + 'static,
) -> BoxStream<'static, Result<RecordBatch, DataFusionError>>
where
    F: Future<Output = Result<SendableRecordBatchStream, DataFusionError>> + Send,
{
    let start = async move {
        match rows.next().await {
            Some(Err(e)) if matches!(e.find_root(), DataFusionError::ResourcesExhausted(_)) => {
                again().await.map(StreamExt::boxed)
            }
            Some(first) => Ok(futures::stream::iter([first]).chain(rows).boxed()),
            None => Ok(futures::stream::empty().boxed()),
        }
    };
    futures::stream::once(start).try_flatten().boxed()
}
