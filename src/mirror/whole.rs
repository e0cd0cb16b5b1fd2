//! Tables that are read whole, and those that are read by rowversion.

use arrow::array::RecordBatch;
use tracing::{info, warn};

use super::answer::bytes;
use super::fault::Fault;
use super::job::{Answer, Job, compute, ended, files_of};
use super::queries::{self, Rows, Version};
use super::rebuilt::{Ids, id_column};
use super::watermark::Watermark;
use crate::store::{Change, Period, Upserted};
use crate::{Error, Result};

/// Rows that are new are held in memory, up to so many bytes.
const TOO_MANY_BYTES: usize = 64 << 20;

/// Reads every row. Of what came of it, nothing is left to do if nothing has changed.
pub async fn read_whole(job: &Job) -> Result<(), Fault> {
    let name = job.table().def.to_string();
    let upserted = job.pool.retry().run(&name, async || upsert(job).await).await?;
    let entry = job.entry().await;
    let former = entry.as_ref().map(Watermark::of).unwrap_or_default();
    let watermark = Watermark {
        identity: job.table().identity,
        database: job.database.identity.clone(),
        ..former.clone()
    };
    let before = entry.as_ref().map_or(0, |entry| entry.rows());
    match upserted {
        Upserted::Merged { file, kept } => {
            job.progress.add_merged(file.rows.saturating_sub(before), 0);
            info!(table = name, rows = file.rows, kept, "read whole");
            job.stage(Change::Whole(vec![file]), &watermark).await?;
        }
        Upserted::Shrunk { rows, before } => job.progress.note(format!(
            "has no key and shrank from {before} rows to {rows}: the mirror keeps what it had"
        )),
        // Even a table without rows is a table.
        _ if entry.is_none() || watermark != former => {
            job.stage(Change::Append(Vec::new()), &watermark).await?;
        }
        Upserted::Unchanged | Upserted::Empty | Upserted::Doubled => {}
    }
    Ok(())
}

async fn upsert(job: &Job) -> Result<Upserted, Fault> {
    let entry = job.entry().await;
    let old = files_of(entry.as_ref());
    let def = job.table().def.clone();
    let mut upsert = job.shared.files.upsert(&def, &old)?;
    let mut ids = Ids::sample(job, &old).await?;
    let Answer { mut batches, end } = job.read(Rows::All);
    let written = compute(move || {
        while let Some(batch) = batches.blocking_recv() {
            ids.compare(&batch)?;
            upsert.write(&batch)?;
        }
        ids.check()?;
        Ok((upsert, ids.highest()))
    });
    let written = written.await;
    let read = ended(end).await;
    // If the writer failed, that is why the reader found nobody to write.
    let (upsert, highest) = match (written, read) {
        (Err(error), Ok(()) | Err(Fault::Lasting(_))) => return Err(error.into()),
        (_, Err(fault)) => return Err(fault),
        (Ok(written), Ok(())) => written,
    };
    match compute(move || upsert.finish()).await? {
        Upserted::Doubled => {
            warn!(table = %def, "a row moved while the table was read");
            Err(Fault::Passing(Error::source(format!("{def}: a row moved while it was read"))))
        }
        upserted => {
            job.set_highest_id(highest);
            Ok(upserted)
        }
    }
}

/// Reads a look-up once more, after the facts: the rows that have come since, where the ids tell
/// which these are.
pub async fn read_again(job: &Job) -> Result<(), Fault> {
    let id =
        id_column(&job.table().def).map(|index| job.table().columns[index].server_name.clone());
    let (Some(id), Some(highest)) = (id, job.highest_id()) else { return read_whole(job).await };
    match gather(job, Rows::Above(&id, highest)).await? {
        Some(rows) => {
            let entry = job.entry().await;
            let watermark = entry.as_ref().map(Watermark::of).unwrap_or_default();
            merge(job, rows, &watermark).await
        }
        None => read_whole(job).await,
    }
}

/// Reads the rows that have a new rowversion; every row the first time.
pub async fn read_versions(job: &Job, column: &str) -> Result<(), Fault> {
    let name = job.table().def.to_string();
    let answer = job.pool.optional_rows(&name, queries::SAFE_ROWVERSION).await;
    let safe = answer.first().and_then(|row| bytes(row, "safe_rowversion"));
    let safe = safe.and_then(|bytes| Version::try_from(bytes).ok());
    let entry = job.entry().await;
    let watermark = entry.as_ref().map(Watermark::of).unwrap_or_default();
    let read_to = watermark.rowversion.as_deref().and_then(from_hexadecimal);
    let rows = match (read_to, safe) {
        (Some(from), Some(to)) if entry.is_some() => {
            gather(job, Rows::Versions(column, from, to)).await?
        }
        _ => None,
    };
    let rowversion = safe.map(hexadecimal);
    match rows {
        Some(rows) => merge(job, rows, &Watermark { rowversion, ..watermark }).await,
        None => {
            read_whole(job).await?;
            remember(job, rowversion).await
        }
    }
}

/// Some rows, held in memory; None if they are so many that they are better read as they pass.
async fn gather(job: &Job, rows: Rows<'_>) -> Result<Option<Vec<RecordBatch>>, Fault> {
    let name = job.table().def.to_string();
    job.pool
        .retry()
        .run(&name, async || {
            let mut answer = job.read(rows);
            let (mut batches, mut bytes) = (Vec::new(), 0);
            while let Some(batch) = answer.batches.recv().await {
                bytes += batch.get_array_memory_size();
                if bytes > TOO_MANY_BYTES {
                    return Ok(None);
                }
                batches.push(batch);
            }
            answer.end().await.map(|()| Some(batches))
        })
        .await
}

/// Puts rows in the place of those that have their keys.
async fn merge(job: &Job, rows: Vec<RecordBatch>, watermark: &Watermark) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let old = files_of(job.entry().await.as_ref());
    let (files, def) = (job.shared.files.clone(), job.table().def.clone());
    let merged = compute(move || {
        let old: Vec<_> = old.iter().collect();
        files.merge(&def, Period::All, &old, &rows)
    });
    let merged = merged.await?;
    job.progress.add_merged(merged.added, merged.changed);
    Ok(job.stage(Change::Whole(vec![merged.file]), watermark).await?)
}

/// Keeps the rowversion up to which the table has been read, if the server told one.
async fn remember(job: &Job, safe: Option<String>) -> Result<(), Fault> {
    let entry = job.entry().await;
    let former = entry.as_ref().map(Watermark::of).unwrap_or_default();
    let watermark = Watermark { rowversion: safe, ..former.clone() };
    if watermark != former {
        job.stage(Change::Append(Vec::new()), &watermark).await?;
    }
    Ok(())
}

fn hexadecimal(version: Version) -> String {
    format!("{:016X}", u64::from_be_bytes(version))
}

fn from_hexadecimal(text: &str) -> Option<Version> {
    u64::from_str_radix(text, 16).ok().map(u64::to_be_bytes)
}
