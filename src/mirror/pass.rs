//! A pass over a server: look-ups, facts, look-ups again, and then one snapshot of them all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow::datatypes::{Field, Schema};
use futures::{StreamExt, stream};
use tokio::sync::{Mutex, Semaphore};
use tracing::{error, info, warn};

use super::catalog::{self, Database, SourceTable};
use super::compare::{Comparison, compare};
use super::differences::{Difference, differences};
use super::fault::Fault;
use super::job::{Job, Shared};
use super::pace::Pace;
use super::plan::{Planned, Strategy, plan};
use super::pool::Pool;
use super::progress::{RunProgress, State};
use super::queries::{self, Isolation};
use super::report::{Report, TableReport};
use super::server::Server;
use super::settings::{Rebuilt, Settings};
use super::watermark::Watermark;
use super::wire::Tls;
use super::{compaction, rebuilt, whole, windows};
use crate::store::{Change, Retention, TableChange, TableEntry, Writer};
use crate::{Error, Result};

/// Copies databases of a server into a mirror's directory, and brings the copy up to date.
#[derive(Debug)]
pub struct Sync {
    server: Server,
    dir: PathBuf,
    settings: Settings,
    progress: Arc<RunProgress>,
}

/// A database of the server and how its tables are read.
pub struct Source {
    pub database: Arc<Database>,
    pub isolation: Isolation,
    pub tables: Vec<Planned>,
    pub differences: Vec<Difference>,
    pool: Arc<Pool>,
}

impl Sync {
    pub fn new(server: Server, dir: &Path, settings: Settings) -> Self {
        Self { server, dir: dir.to_owned(), settings, progress: Arc::default() }
    }

    pub fn progress(&self) -> Arc<RunProgress> {
        Arc::clone(&self.progress)
    }

    /// What a pass would do; it asks the server for its catalogue only.
    pub async fn plan(&self) -> Result<Vec<Source>> {
        let tls = Tls::new(&self.server)?;
        let mut sources = Vec::new();
        for name in &self.settings.databases {
            sources.push(self.source(tls.as_ref(), name).await.map_err(Fault::error)?);
        }
        Ok(sources)
    }

    async fn source(&self, tls: Option<&Tls>, name: &str) -> Result<Source, Fault> {
        let retry = self.settings.retry;
        let pool = |isolation| Pool::new(&self.server, tls, name, isolation, retry);
        let first = pool(Isolation::ReadCommitted);
        let database = catalog::database(&first, name).await?;
        let isolation = match (self.settings.dirty_reads, database.allows_snapshot) {
            (true, _) => Isolation::ReadUncommitted,
            (false, true) => Isolation::Snapshot,
            (false, false) => Isolation::ReadCommitted,
        };
        for row in first.optional_rows("server", queries::SERVER).await {
            let (name, version) = (
                super::answer::text(&row, "server_name"),
                super::answer::text(&row, "product_version"),
            );
            info!(server = name, version, database = database.name, ?isolation, "connected");
        }
        let tables = catalog::tables(&first, &database.name, &self.settings.exclusions).await?;
        let differences = differences(&database.name, &tables);
        for difference in &differences {
            warn!("{difference}");
        }
        let tables = tables.into_iter().map(|table| plan(table, &self.settings)).collect();
        let pool = if isolation == Isolation::ReadCommitted { first } else { pool(isolation) };
        Ok(Source { database: database.into(), isolation, tables, differences, pool: pool.into() })
    }

    /// Reads what is new and publishes it. What an interrupted pass had done is not done again.
    pub async fn run(&self) -> Result<Report> {
        let start = Instant::now();
        // The lock comes before the server is asked for anything.
        let writer = Writer::resume(&self.dir).await?;
        let sources = self.plan().await?;
        let shared = self.shared(writer);
        let differences: Vec<Difference> =
            sources.iter().flat_map(|source| source.differences.clone()).collect();
        let jobs = self.jobs(&shared, sources).await?;
        check_sources(&jobs).await?;
        begin_anew(&jobs).await?;
        read_all(&jobs).await?;
        let mut writer = shared.writer.lock().await;
        compaction::compact(&mut writer, &jobs).await?;
        for job in &jobs {
            writer.looked_at(&job.table().def, job.database.now);
        }
        let read: u64 = jobs.iter().map(|job| job.progress.read()).sum();
        let note = format!("{}: {} tables, {read} rows read", self.server.address, jobs.len());
        let snapshot = writer.publish(Some(note)).await?;
        let removed = writer.retain(Retention::Newest(self.settings.keep_snapshots.get()))?;
        info!(snapshot, read, ?removed, "published");
        let tables = jobs
            .iter()
            .map(|job| TableReport::new(&job.progress, writer.table(&job.table().def)))
            .collect();
        Ok(Report { snapshot, tables, differences, elapsed: start.elapsed() })
    }

    /// Compares what was published last with the server, table by table and day by day. No pass can
    /// run meanwhile.
    pub async fn compare(&self) -> Result<Vec<Comparison>> {
        let writer = Writer::open(&self.dir)?;
        let sources = self.plan().await?;
        let shared = self.shared(writer);
        let mut compared = Vec::new();
        for job in self.jobs(&shared, sources).await? {
            let Some(entry) = job.entry().await else { continue };
            job.progress.set(State::Reading);
            compared.extend(compare(&job, &entry).await.map_err(Fault::error)?);
            job.progress.set(State::Done);
        }
        Ok(compared)
    }

    fn shared(&self, writer: Writer) -> Arc<Shared> {
        Arc::new(Shared {
            files: writer.files(),
            snapshot: writer.newest() + 1,
            pace: Pace::new(self.settings.max_rows_per_second),
            connections: Semaphore::new(self.settings.connections.get()),
            settings: self.settings.clone(),
            writer: Mutex::new(writer),
        })
    }

    async fn jobs(&self, shared: &Arc<Shared>, sources: Vec<Source>) -> Result<Vec<Job>> {
        let writer = shared.writer.lock().await;
        let mut jobs = Vec::new();
        for source in sources {
            for mut planned in source.tables {
                if let Some(entry) = writer.table(&planned.table.def) {
                    keep_gone_columns(&mut planned.table, entry);
                }
                jobs.push(Job::new(shared, &source.pool, &source.database, planned));
            }
        }
        if jobs.is_empty() {
            return Err(Error::source("there is no table to copy")
                .hinted("does the login have the right to see them? See docs/mirror.md."));
        }
        self.progress.set(jobs.iter().map(|job| Arc::clone(&job.progress)).collect());
        Ok(jobs)
    }
}

/// A column that the server has no longer stays in the mirror; new rows have NULL there.
fn keep_gone_columns(table: &mut SourceTable, entry: &TableEntry) {
    let present = table.def.columns.fields().iter().cloned();
    let gone = entry.def.columns.fields().iter().filter(|old| table.column(old.name()).is_none());
    let gone = gone.map(|old| Field::clone(old).with_nullable(true).into());
    table.def.columns = Schema::new(present.chain(gone).collect::<Vec<_>>()).into();
}

/// Refuses a source that has been rebuilt, before anything is read.
async fn check_sources(jobs: &[Job]) -> Result<()> {
    for job in jobs {
        if let Some(entry) = job.entry().await {
            rebuilt::check_source(job, &entry)?;
        }
    }
    Ok(())
}

/// Empties the tables, if that is what the user wants of a rebuilt source; not those that this pass
/// has filled again already.
async fn begin_anew(jobs: &[Job]) -> Result<()> {
    for job in jobs.iter().filter(|job| job.shared.settings.rebuilt == Rebuilt::Replace) {
        let Some(entry) = job.entry().await else { continue };
        let watermark = Watermark::of(&entry);
        if watermark.progress(job.shared.snapshot).is_none() {
            let pass =
                super::watermark::Progress { snapshot: job.shared.snapshot, ..Default::default() };
            let fresh = Watermark { pass: Some(pass), ..Watermark::default() };
            let change = TableChange {
                table: job.table().def.clone(),
                change: Change::Whole(Vec::new()),
                watermark: Some(fresh.encode()),
            };
            job.shared.writer.lock().await.stage(change).await?;
        }
    }
    Ok(())
}

async fn read_all(jobs: &[Job]) -> Result<()> {
    let windows = |job: &&Job| matches!(job.planned.strategy, Strategy::Windows { .. });
    let facts: Vec<&Job> = jobs.iter().filter(windows).collect();
    let others: Vec<&Job> = jobs.iter().filter(|job| !windows(job)).collect();
    let again: Vec<&Job> = match facts.as_slice() {
        [] => Vec::new(),
        _ => others.iter().copied().filter(|job| job.planned.is_lookup).collect(),
    };
    read_phase(others, read_table).await?;
    read_phase(facts, read_table).await?;
    read_phase(again, read_again).await
}

/// Reads tables at once, as many as there are connections. A table that fails for a reason of its
/// own does not keep the others; a server that is gone does.
async fn read_phase(jobs: Vec<&Job>, read: impl AsyncFn(&Job) -> Result<(), Fault>) -> Result<()> {
    let Some(first) = jobs.first() else { return Ok(()) };
    let at_once = first.shared.settings.connections.get();
    let reading = jobs.into_iter().map(async |job| (job, read(job).await));
    let mut reading = stream::iter(reading).buffer_unordered(at_once);
    let mut failures = Vec::new();
    while let Some((job, outcome)) = reading.next().await {
        match outcome {
            Ok(()) => {}
            Err(Fault::Passing(error)) => return Err(error),
            Err(Fault::Lasting(error)) => {
                error!(table = %job.table().def, %error, "failed");
                failures.push((job.table().def.to_string(), error));
            }
        }
    }
    missed(failures)
}

/// One error for all tables that could not be read.
fn missed(failures: Vec<(String, Error)>) -> Result<()> {
    let count = failures.len();
    let Some((table, mut error)) = failures.into_iter().next() else { return Ok(()) };
    if !error.message.contains(&table) {
        error.message = format!("{table}: {}", error.message);
    }
    if count > 1 {
        error.message += &format!(" (and {} more tables, see the log)", count - 1);
    }
    Err(error.hinted("nothing new was published; what was read is kept and not read again"))
}

async fn read_table(job: &Job) -> Result<(), Fault> {
    job.progress.set(State::Reading);
    let read = match &job.planned.strategy {
        Strategy::Whole => whole::read_whole(job).await,
        Strategy::Versions { column } => whole::read_versions(job, column).await,
        Strategy::Windows { key, markers } => windows::read_windows(job, key, markers).await,
    };
    if read.is_ok() {
        job.progress.set(State::Done);
    }
    read
}

async fn read_again(job: &Job) -> Result<(), Fault> {
    match &job.planned.strategy {
        Strategy::Whole => whole::read_again(job).await,
        _ => read_table(job).await,
    }
}
