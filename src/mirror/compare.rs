//! The mirror against its source: rows and a checksum of them, day by day.

use chrono::NaiveDate;

use super::fault::Fault;
use super::job::{Answer, Job, compute, ended};
use super::queries::Rows;
use super::sums::{Days, Sum, Sums};
use super::watermark::Watermark;
use crate::store::TableEntry;

/// A day of a table on both sides; all of a table that has no time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `LcsCDR.dbo.SessionDetails`
    pub table: String,
    pub day: Option<NaiveDate>,
    pub server: Sum,
    pub mirror: Sum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// The server has rows that the mirror lacks.
    Missing,
    /// As many rows, of another content.
    Differs,
    /// The mirror keeps what the server has purged; the others cannot be told apart from them.
    Kept,
}

impl Comparison {
    pub fn verdict(&self) -> Verdict {
        match self.server.rows.cmp(&self.mirror.rows) {
            std::cmp::Ordering::Greater => Verdict::Missing,
            std::cmp::Ordering::Less => Verdict::Kept,
            std::cmp::Ordering::Equal if self.server == self.mirror => Verdict::Same,
            std::cmp::Ordering::Equal => Verdict::Differs,
        }
    }
}

/// Compares a table, with the columns that the server has, up to the time to which it was read.
pub async fn compare(job: &Job, entry: &TableEntry) -> Result<Vec<Comparison>, Fault> {
    let read_to = Watermark::of(entry).read_to.map(|time| time.timestamp_micros());
    let new = Sums::new(&job.table().def, job.table().columns.len(), read_to)?;
    let name = job.table().def.to_string();
    let server = job.pool.retry().run(&name, async || {
        let Answer { mut batches, end } = job.read(Rows::All);
        let mut sums = new.empty()?;
        let summed = compute(move || {
            while let Some(batch) = batches.blocking_recv() {
                sums.add(&batch)?;
            }
            Ok(sums.days)
        });
        let summed = summed.await?;
        ended(end).await.map(|()| summed)
    });
    let server = server.await?;
    let (files, stored, mut sums) = (job.shared.files.clone(), entry.files.clone(), new.empty()?);
    let mirror = compute(move || {
        for file in &stored {
            for batch in files.read(sums.def(), file)? {
                sums.add(&batch?)?;
            }
        }
        Ok(sums.days)
    });
    Ok(joined(&name, &server, &mirror.await?))
}

fn joined(table: &str, server: &Days, mirror: &Days) -> Vec<Comparison> {
    let mut days: Vec<_> = server.keys().chain(mirror.keys()).copied().collect();
    days.sort_unstable();
    days.dedup();
    let of = |side: &Days, day| side.get(&day).copied().unwrap_or_default();
    let compared = days.into_iter().map(|day| Comparison {
        table: table.to_owned(),
        day,
        server: of(server, day),
        mirror: of(mirror, day),
    });
    compared.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_tell_missing_from_kept() {
        let sum = |rows, checksum| Sum { rows, checksum };
        let verdict = |server, mirror| {
            Comparison { table: String::new(), day: None, server, mirror }.verdict()
        };
        assert_eq!(verdict(sum(2, 7), sum(2, 7)), Verdict::Same);
        assert_eq!(verdict(sum(2, 7), sum(2, 8)), Verdict::Differs);
        assert_eq!(verdict(sum(3, 7), sum(2, 7)), Verdict::Missing);
        assert_eq!(verdict(sum(1, 7), sum(2, 7)), Verdict::Kept);
    }
}
