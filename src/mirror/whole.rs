//! Tables that are read whole, and those that are read by rowversion.

use tracing::{info, warn};

use super::answer::bytes;
use super::connection::Parameter;
use super::fault::Fault;
use super::job::{Answer, Job, compute, ended, files_of};
use super::queries::{self, Rows};
use super::rebuilt::Ids;
use super::watermark::Watermark;
use crate::store::{Change, Period, Upserted};
use crate::{Error, Result};

/// Rows by rowversion are held in memory, up to so many bytes.
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
    let mut upsert = job.shared.files.upsert(&def)?;
    let mut ids = Ids::sample(job, &old).await?;
    let Answer { mut batches, end } = job.read(Rows::All, &[])?;
    let written = compute(move || {
        while let Some(batch) = batches.blocking_recv() {
            ids.compare(&batch)?;
            upsert.write(&batch)?;
        }
        ids.check()?;
        Ok(upsert)
    });
    let written = written.await;
    let read = ended(end).await;
    // If the writer failed, that is why the reader found nobody to write.
    let upsert = match (written, read) {
        (Err(error), Ok(()) | Err(Fault::Lasting(_))) => return Err(error.into()),
        (_, Err(fault)) => return Err(fault),
        (Ok(upsert), Ok(())) => upsert,
    };
    match compute(move || upsert.finish(&old)).await? {
        Upserted::Doubled => {
            warn!(table = %def, "a row moved while the table was read");
            Err(Fault::Passing(Error::source(format!("{def}: a row moved while it was read"))))
        }
        upserted => Ok(upserted),
    }
}

/// Reads the rows that have a new rowversion; every row the first time.
pub async fn read_versions(job: &Job, column: &str) -> Result<(), Fault> {
    let name = job.table().def.to_string();
    let answer = job.pool.optional_rows(&name, queries::SAFE_ROWVERSION).await;
    let safe = answer.first().and_then(|row| bytes(row, "safe_rowversion")).map(hexadecimal);
    let entry = job.entry().await;
    let mut watermark = entry.as_ref().map(Watermark::of).unwrap_or_default();
    let from = watermark.rowversion.as_deref().and_then(from_hexadecimal);
    let (Some(from), Some(entry), Some(to)) =
        (from, entry, safe.as_deref().and_then(from_hexadecimal))
    else {
        read_whole(job).await?;
        return remember(job, safe).await;
    };
    let parameters = [Parameter::Bytes(from), Parameter::Bytes(to)];
    let rows = job.pool.retry().run(&name, async || {
        let mut answer = job.read(Rows::Versions(column), &parameters)?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(batch) = answer.batches.recv().await {
            bytes += batch.get_array_memory_size();
            if bytes > TOO_MANY_BYTES {
                return Ok(None);
            }
            rows.push(batch);
        }
        answer.end().await.map(|()| Some(rows))
    });
    let Some(rows) = rows.await? else {
        // So many that they are better read as they pass through.
        read_whole(job).await?;
        return remember(job, safe).await;
    };
    if rows.is_empty() {
        return Ok(());
    }
    let (files, def) = (job.shared.files.clone(), job.table().def.clone());
    let merged = compute(move || {
        let old: Vec<_> = entry.files.iter().collect();
        files.merge(&def, Period::All, &old, &rows)
    });
    let merged = merged.await?;
    job.progress.add_merged(merged.added, merged.changed);
    watermark.rowversion = safe;
    Ok(job.stage(Change::Whole(vec![merged.file]), &watermark).await?)
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

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}
