//! Tables that are read by windows of time: chunk after chunk, the last days again and again.

use std::ops::ControlFlow;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::max;
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use tokio::sync::Mutex;
use tracing::{debug, info};

use super::answer::micros;
use super::fault::Fault;
use super::job::{Job, compute, files_of};
use super::keyless;
use super::placing::{self, Grain};
use super::plan::Moment;
use super::queries::{self, Rows};
use super::spans::{Span, Spans, divide};
use super::watermark::{Progress, Watermark};
use crate::store::{Change, TableDef};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// The longest chunk, and the first one if nothing is known of the table: the next ones grow fast,
/// and one that is too large would be read in vain.
const LONGEST: i64 = 366 * DAY;
const FIRST: i64 = DAY;

/// Rows and bytes of a chunk: it is held in memory to be sorted.
const CHUNK_ROWS: u64 = 128 * 1024;
const CHUNK_BYTES: usize = 16 << 20;
/// A chunk that turns out larger than this is read again in smaller ones.
const TOO_MANY_BYTES: usize = 64 << 20;
/// Rows that are worth several readers.
const SHARED_ROWS: u64 = 4 * CHUNK_ROWS;

/// Reads a table's windows.
pub async fn read_windows(job: &Job, key: &Moment, markers: &[Moment]) -> Result<(), Fault> {
    let name = job.table().def.to_string();
    let entry = job.entry().await;
    let mut watermark = entry.as_ref().map(Watermark::of).unwrap_or_default();
    watermark.identity = job.table().identity;
    watermark.database.clone_from(&job.database.identity);
    let before = watermark.clone();

    let from = job.table().from();
    let lowest = job.pool.rows(&name, &queries::lowest(key.key(), from, Rows::All)).await?;
    let highest = job.pool.rows(&name, &queries::highest(key.key(), from)).await?;
    let lowest = lowest.first().and_then(|row| micros(row, "lowest"));
    let highest = highest.first().and_then(|row| micros(row, "highest"));
    let (Some(lowest), Some(highest)) = (lowest, highest) else {
        if entry.is_none() {
            job.stage(Change::Append(Vec::new()), &watermark).await?;
        }
        return Ok(());
    };

    let now = job.database.now.timestamp_micros() + DAY;
    // A row from the far future must not hide those that are still to come.
    let read_to = moment(highest.min(now)).max(before.read_to);
    let resumed = before.progress(job.shared.snapshot);
    let progress = match resumed {
        Some(left) => taken_up(job, left, read_to),
        None => begun(job, &before, read_to),
    };
    let start = progress.from.map_or(lowest, |from| from.timestamp_micros().max(lowest));
    let start = floor(start, DAY);
    let end = floor(highest, DAY).saturating_add(DAY);
    let spans = progress.done.missing(start..end);
    info!(table = name, from = ?moment(start), to = ?moment(end), chunks_left = spans.len(), "windows");
    // What came or changed since then is new; before `behind` only a marker tells of it.
    let known = before.changed_to.max(before.read_to).filter(|_| before.read_to.is_some());
    let known = known.or(resumed.and(progress.to));
    let behind = resumed.and(read_to).map_or(start, |to| overlap_start(job, to));
    watermark.pass = Some(progress);

    // A server that has not counted a table yet says 0.
    let estimate = job.table().row_estimate.filter(|rows| *rows > 0);
    let density = estimate.map(|rows| {
        let days = (highest - lowest) / DAY + 1;
        rows as f64 / days as f64
    });
    if let Some(per_day) = density {
        let left: i64 = spans.iter().map(|span| span.end - span.start).sum();
        job.progress.expect((left as f64 / DAY as f64 * per_day) as u64);
    }
    let first_load = entry.as_ref().is_none_or(|entry| entry.files.is_empty());
    let reading = Reading {
        job,
        key,
        markers,
        grain: Grain::of(estimate, density),
        state: Mutex::new(TableState { watermark, changed_to: before.changed_to, staged: false }),
    };
    let first =
        density.map_or(FIRST, |rows| (CHUNK_ROWS as f64 / rows.max(1.0) * DAY as f64) as i64);
    let readers = match estimate {
        Some(rows) if rows >= SHARED_ROWS && first_load => job.shared.settings.connections.get(),
        _ => 1,
    };
    let lanes = spans.into_iter().flat_map(|span| divide(span, readers, DAY));
    try_join_all(lanes.map(|span| reading.lane(span, first))).await?;

    if let Some(since) = known {
        for marker in markers {
            reading.late(marker, since, behind).await?;
        }
    }
    let TableState { mut watermark, changed_to, staged } = reading.state.into_inner();
    // Only now: an interrupted pass must not hide what it has not read.
    (watermark.read_to, watermark.changed_to) = (read_to, changed_to);
    if let Some(pass) = &mut watermark.pass {
        pass.to = read_to;
    }
    let unchanged =
        Watermark { pass: None, ..watermark.clone() } == Watermark { pass: None, ..before };
    if entry.is_none() || staged || !unchanged {
        job.stage(Change::Append(Vec::new()), &watermark).await?;
    }
    Ok(())
}

/// A pass that begins: from the overlap on; everything, the first time.
fn begun(job: &Job, before: &Watermark, read_to: Option<DateTime<Utc>>) -> Progress {
    Progress {
        snapshot: job.shared.snapshot,
        from: before.read_to.and_then(|to| moment(overlap_start(job, to))),
        to: read_to,
        done: Spans::default(),
    }
}

/// A pass that goes on where it was interrupted. What it had read and the next pass's overlap does
/// not reach any more may have changed since, and nobody would come back to it.
fn taken_up(job: &Job, left: &Progress, read_to: Option<DateTime<Utc>>) -> Progress {
    let mut done = left.done.clone();
    if let (Some(then), Some(now)) = (left.to, read_to) {
        done.remove(overlap_start(job, then)..overlap_start(job, now));
    }
    Progress { done, ..left.clone() }
}

/// Where the window begins that is read again once a table was read up to a time.
fn overlap_start(job: &Job, read_to: DateTime<Utc>) -> i64 {
    let overlap = job.shared.settings.overlap.as_micros() as i64;
    floor(read_to.timestamp_micros().saturating_sub(overlap), DAY)
}

/// A table whose chunks are being read.
struct Reading<'a> {
    job: &'a Job,
    key: &'a Moment,
    markers: &'a [Moment],
    grain: Grain,
    /// Held while a chunk is placed: two must not rewrite the same file.
    state: Mutex<TableState>,
}

struct TableState {
    watermark: Watermark,
    /// The latest change that any row told of.
    changed_to: Option<DateTime<Utc>>,
    staged: bool,
}

/// What one query brought.
#[derive(Default)]
struct Chunk {
    batches: Vec<RecordBatch>,
    rows: u64,
    bytes: usize,
}

impl Reading<'_> {
    /// Reads a stretch of time from one end to the other, in chunks that grow or shrink to the size
    /// that memory is meant for. While one is placed, the next one is read.
    async fn lane(&self, span: Span, first: i64) -> Result<(), Fault> {
        let mut length = first.clamp(SECOND, LONGEST);
        let mut at = span.start;
        let mut read: Option<(Chunk, Span)> = None;
        while at < span.end {
            let end = self.chunk_end(at, length).min(span.end);
            let former = read.take();
            let placing = async {
                match former {
                    Some((chunk, done)) => self.place(chunk, Some(done)).await,
                    None => Ok(()),
                }
            };
            // Both to their ends: what is being committed must not be dropped halfway.
            let (chunk, placed) = tokio::join!(self.chunk(at..end), placing);
            placed?;
            match chunk? {
                ControlFlow::Break(()) => length = (end - at) / 4,
                ControlFlow::Continue(chunk) => {
                    let next = if chunk.rows == 0 { self.next(end, &span).await? } else { end };
                    length = fitted(end - at, &chunk);
                    read = Some((chunk, at..next));
                    at = next;
                }
            }
        }
        match read {
            Some((chunk, done)) => self.place(chunk, Some(done)).await,
            None => Ok(()),
        }
    }

    /// Where a chunk ends: with a day if it is longer than one, so that few files are written twice.
    fn chunk_end(&self, at: i64, length: i64) -> i64 {
        let whole_days = length >= DAY || self.is_keyless();
        match whole_days {
            true => floor(at.saturating_add(length.max(DAY)), DAY),
            false => at.saturating_add(floor(length, SECOND).max(SECOND)),
        }
    }

    /// Without a key, a day is replaced as a whole.
    fn is_keyless(&self) -> bool {
        self.job.table().def.primary_key.is_empty()
    }

    /// Reads a chunk; breaks off if it is too large.
    async fn chunk(&self, span: Span) -> Result<ControlFlow<(), Chunk>, Fault> {
        let smallest = if self.is_keyless() { DAY } else { SECOND };
        let is_smallest = span.end - span.start <= smallest;
        let (key, start) = (self.key.key(), time(self.key, span.start));
        let rows = match self.key.range().contains(&span.end) {
            true => Rows::Between(key, start, time(self.key, span.end)),
            // The type's last day has no end that it can name.
            false => Rows::From(key, start),
        };
        self.job
            .pool
            .retry()
            .run(&self.name(), async || {
                let mut chunk = Chunk::default();
                let mut answer = self.job.read(rows);
                while let Some(batch) = answer.batches.recv().await {
                    chunk.add(batch);
                    if chunk.bytes > TOO_MANY_BYTES && !is_smallest {
                        let (rows, from, to) = (chunk.rows, moment(span.start), moment(span.end));
                        debug!(table = self.name(), rows, ?from, ?to, "too large a chunk");
                        return Ok(ControlFlow::Break(()));
                    }
                }
                answer.end().await.map(|()| ControlFlow::Continue(chunk))
            })
            .await
    }

    /// Where the next rows begin, so that years without any cost one question.
    async fn next(&self, at: i64, span: &Span) -> Result<i64, Fault> {
        if at >= span.end {
            return Ok(at);
        }
        let key = self.key.key();
        let from = Rows::From(key, time(self.key, at));
        let sql = queries::lowest(key, self.job.table().from(), from);
        let answer = self.job.pool.rows(&self.name(), &sql).await?;
        let next = answer.first().and_then(|row| micros(row, "lowest"));
        Ok(next.map_or(span.end, |next| floor(next, SECOND).clamp(at, span.end)))
    }

    /// Reads rows behind `start` that a marker shows to be new or changed.
    async fn late(&self, marker: &Moment, since: DateTime<Utc>, start: i64) -> Result<(), Fault> {
        let overlap = self.job.shared.settings.overlap.as_micros() as i64;
        let since = floor(since.timestamp_micros().saturating_sub(overlap), SECOND);
        let rows = Rows::Late {
            marker: marker.key(),
            since: time(marker, since),
            key: self.key.key(),
            before: time(self.key, start),
        };
        let name = self.name();
        let rest = self.job.pool.retry().run(&name, async || {
            let mut chunk = Chunk::default();
            let mut answer = self.job.read(rows);
            while let Some(batch) = answer.batches.recv().await {
                chunk.add(batch);
                if chunk.bytes > TOO_MANY_BYTES {
                    self.place(std::mem::take(&mut chunk), None).await?;
                }
            }
            answer.end().await.map(|()| chunk)
        });
        let rest = rest.await?;
        debug!(table = name, marker = marker.column, rows = rest.rows, "late rows");
        self.place(rest, None).await
    }

    /// Puts a chunk's rows where they belong and records that the stretch is done.
    async fn place(&self, chunk: Chunk, done: Option<Span>) -> Result<(), Fault> {
        let mut state = self.state.lock().await;
        let now = self.job.database.now + chrono::TimeDelta::days(1);
        for marker in self.markers {
            let latest = latest(&self.job.table().def, &chunk.batches, &marker.column);
            state.changed_to = state.changed_to.max(latest.map(|t| t.min(now)));
        }
        if let (Some(span), Some(pass)) = (done, &mut state.watermark.pass) {
            pass.done.add(span);
        }
        if chunk.rows == 0 {
            return Ok(());
        }
        let existing = files_of(self.job.entry().await.as_ref());
        let (files, def, grain) =
            (self.job.shared.files.clone(), self.job.table().def.clone(), self.grain);
        let placed = compute(move || match def.primary_key.as_slice() {
            [] => keyless::place(&files, &def, &existing, grain, &chunk.batches),
            _ => placing::place(&files, &def, &existing, grain, &chunk.batches),
        });
        let placed = placed.await?;
        self.job.progress.add_merged(placed.added, placed.changed);
        for (day, rows, before) in &placed.shrunk {
            self.job.progress.note(format!(
                "has no key and {day} shrank from {before} rows to {rows}: the mirror keeps what \
                 it had of that day"
            ));
        }
        if !placed.new.is_empty() {
            let change = Change::Swap { old: placed.old, new: placed.new };
            self.job.stage(change, &state.watermark).await?;
            state.staged = true;
        }
        Ok(())
    }

    fn name(&self) -> String {
        self.job.table().def.to_string()
    }
}

impl Chunk {
    fn add(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows() as u64;
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
    }
}

/// How long the next chunk should be, after one of this length. It grows by two at most: after a
/// quiet weekend comes a Monday.
fn fitted(length: i64, chunk: &Chunk) -> i64 {
    let by_rows = CHUNK_ROWS as f64 / chunk.rows.max(1) as f64;
    let by_bytes = CHUNK_BYTES as f64 / chunk.bytes.max(1) as f64;
    let factor = by_rows.min(by_bytes).clamp(0.1, 2.0);
    ((length as f64 * factor) as i64).clamp(SECOND, LONGEST)
}

/// The latest time in a column.
fn latest(def: &TableDef, batches: &[RecordBatch], column: &str) -> Option<DateTime<Utc>> {
    let index = def.columns.index_of(column).ok()?;
    let times = batches.iter().filter_map(|batch| {
        max(batch.column(index).as_primitive_opt::<TimestampMicrosecondType>()?)
    });
    times.max().and_then(moment)
}

fn moment(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

/// A bound for a time column: one that its type can name.
fn time(key: &Moment, micros: i64) -> DateTime<Utc> {
    let range = key.range();
    // Every moment of the range is one that the calendar has.
    moment(micros.clamp(*range.start(), *range.end())).unwrap_or_default()
}

fn floor(micros: i64, unit: i64) -> i64 {
    micros - micros.rem_euclid(unit)
}
