//! One table's part of a pass.

use std::sync::Arc;

use arrow::array::RecordBatch;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};

use super::batches::Batches;
use super::catalog::{Database, SourceTable};
use super::fault::Fault;
use super::pace::Pace;
use super::plan::Planned;
use super::pool::Pool;
use super::progress::TableProgress;
use super::queries::{self, Rows};
use super::settings::Settings;
use super::watermark::Watermark;
use crate::store::{Change, DataFile, Files, SnapshotId, TableChange, TableEntry, Writer};
use crate::{Error, Result};

/// Batches on their way from the network to whoever takes them.
const IN_FLIGHT: usize = 4;

/// What all tables of a pass share.
pub struct Shared {
    pub settings: Settings,
    pub writer: Mutex<Writer>,
    pub files: Files,
    pub pace: Pace,
    /// One permit for each connection.
    pub connections: Semaphore,
    /// The snapshot that the pass will publish.
    pub snapshot: SnapshotId,
}

/// A table, where it is and what it shares with the others.
#[derive(Clone)]
pub struct Job {
    pub shared: Arc<Shared>,
    pub pool: Arc<Pool>,
    pub database: Arc<Database>,
    pub planned: Arc<Planned>,
    pub progress: Arc<TableProgress>,
    /// The largest id that a look-up had when it was read.
    highest_id: Arc<parking_lot::Mutex<Option<i64>>>,
}

impl Job {
    pub fn new(
        shared: &Arc<Shared>,
        pool: &Arc<Pool>,
        database: &Arc<Database>,
        planned: Planned,
    ) -> Self {
        let (name, estimate) = (planned.table.def.to_string(), planned.table.row_estimate);
        Self {
            shared: Arc::clone(shared),
            pool: Arc::clone(pool),
            database: Arc::clone(database),
            planned: planned.into(),
            progress: Arc::new(TableProgress::new(name, estimate)),
            highest_id: Arc::default(),
        }
    }

    pub fn highest_id(&self) -> Option<i64> {
        *self.highest_id.lock()
    }

    pub fn set_highest_id(&self, highest: Option<i64>) {
        *self.highest_id.lock() = highest;
    }

    pub fn table(&self) -> &SourceTable {
        &self.planned.table
    }

    /// The table as the mirror has it now, staged changes and all.
    pub async fn entry(&self) -> Option<TableEntry> {
        self.shared.writer.lock().await.table(&self.table().def).cloned()
    }

    /// Commits a change to the table; readers see it when the pass publishes.
    pub async fn stage(&self, change: Change, watermark: &Watermark) -> Result<()> {
        let change = TableChange {
            table: self.table().def.clone(),
            change,
            watermark: Some(watermark.encode()),
        };
        self.shared.writer.lock().await.stage(change).await
    }

    /// Reads rows, on a thread of their own once it is their turn.
    pub fn read(&self, rows: Rows<'_>) -> Answer {
        let table = self.table();
        let columns: Vec<String> =
            table.columns.iter().map(|column| column.reading.select(&column.server_name)).collect();
        let sql = queries::select(&columns, table.from(), rows);
        let (sender, batches) = mpsc::channel(IN_FLIGHT);
        let job = self.clone();
        let end = tokio::spawn(async move {
            let shared = Arc::clone(&job.shared);
            if let Some(hours) = shared.settings.hours {
                tokio::time::sleep(hours.until_start(chrono::Local::now().time())).await;
            }
            let _permit = shared.connections.acquire().await;
            let send = move || Handle::current().block_on(job.send(&sql, &sender));
            ended(spawn_blocking(send)).await
        });
        Answer { batches, end }
    }

    /// Reads rows and sends them in batches, at the pace of whoever takes them.
    async fn send(&self, sql: &str, sender: &mpsc::Sender<RecordBatch>) -> Result<(), Fault> {
        let mut batches = Batches::new(self.table(), self.shared.pace.stride())?;
        let take = async |batch| self.send_batch(batch, sender).await;
        self.pool.batches(sql, &mut batches, take).await?;
        self.progress.add_replaced(batches.replaced());
        Ok(())
    }

    async fn send_batch(
        &self,
        batch: RecordBatch,
        sender: &mpsc::Sender<RecordBatch>,
    ) -> Result<(), Fault> {
        self.progress.add_read(batch.num_rows());
        self.shared.pace.spend(batch.num_rows()).await;
        let gone = || Fault::Lasting(Error::internal("nobody takes the rows"));
        sender.send(batch).await.map_err(|_| gone())
    }
}

/// Rows on their way. Dropped before its end, it takes its connection with it.
pub struct Answer {
    pub batches: mpsc::Receiver<RecordBatch>,
    pub end: JoinHandle<Result<(), Fault>>,
}

impl Answer {
    /// Whether all rows have come.
    pub async fn end(self) -> Result<(), Fault> {
        ended(self.end).await
    }
}

pub async fn ended(end: JoinHandle<Result<(), Fault>>) -> Result<(), Fault> {
    end.await.unwrap_or_else(|panic| Err(Fault::Passing(Error::source(panic.to_string()))))
}

/// Work that computes without ever waiting, on a thread for such work.
pub async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|panic| Err(Error::internal(panic.to_string())))
}

/// Files in the order of the snapshot.
pub fn files_of(entry: Option<&TableEntry>) -> Vec<DataFile> {
    entry.map(|entry| entry.files.clone()).unwrap_or_default()
}
