//! Cuts scans at moments of time, so that what belongs to one stretch of time is worked on together.

use std::sync::Arc;

use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;

use super::column_scan::ColumnScan;
use super::data_file::DataFile;

/// The files of a scan of the mirror, if the column that it puts out there is the time key.
pub fn timed_files(plan: &dyn ExecutionPlan, column: usize) -> Option<&[DataFile]> {
    let scan = column_scan(plan)?;
    let in_time = scan.files().iter().all(|f| f.time.is_some());
    (in_time && scan.time_key()? == plan.schema().field(column).name()).then(|| scan.files())
}

/// The same scan with one partition for each stretch of time between the bounds, which ascend; the
/// first and the last stretch are open, and NULL belongs to the first.
pub fn sliced(plan: &dyn ExecutionPlan, bounds: &[i64]) -> Option<Arc<dyn ExecutionPlan>> {
    Some(DataSourceExec::from_data_source(column_scan(plan)?.sliced(bounds)))
}

fn column_scan(plan: &dyn ExecutionPlan) -> Option<&ColumnScan> {
    plan.downcast_ref::<DataSourceExec>()?.data_source().downcast_ref::<ColumnScan>()
}

/// Moments that cut the files into stretches of about so many rows. Rows are taken to lie evenly
/// between a file's first and last.
pub fn bounds<'a>(files: impl Iterator<Item = &'a DataFile>, rows: u64) -> Vec<i64> {
    let mut pieces: Vec<(i64, u64)> = files.flat_map(|file| pieces(file, rows)).collect();
    pieces.sort_unstable();
    let mut bounds = Vec::new();
    let mut stretch_start = pieces.first().map_or(i64::MIN, |(start, _)| *start);
    let mut gathered = 0;
    for (start, weight) in pieces {
        if gathered >= rows && start > stretch_start {
            bounds.push(start);
            stretch_start = start;
            gathered = 0;
        }
        gathered += weight;
    }
    bounds
}

/// Where the parts of a file start that hold about a quarter of the rows of a stretch, and how many
/// rows each has.
fn pieces(file: &DataFile, rows: u64) -> Vec<(i64, u64)> {
    let Some((min, max)) = file.time.and_then(|t| Some((t.min?, t.max?))) else {
        return Vec::new();
    };
    let parts = (4 * file.rows).div_ceil(rows.max(1)).max(1);
    let step = (max - min) as u64 / parts;
    (0..parts).map(|n| (min + (n * step) as i64, file.rows / parts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Period, TimeRange};

    fn file(min: i64, max: i64, rows: u64) -> DataFile {
        let time = Some(TimeRange { min: Some(min), max: Some(max), nulls: 0 });
        DataFile { path: String::new(), size: 0, rows, period: Period::All, time }
    }

    #[test]
    fn bounds_ascend_and_cut_into_like_stretches() {
        let files = [file(0, 1000, 1000), file(0, 1000, 1000), file(1000, 1000, 500)];
        let bounds = bounds(files.iter(), 500);
        assert_eq!(bounds, [250, 500, 750, 1000]);
    }

    #[test]
    fn one_moment_is_not_cut() {
        assert_eq!(bounds([file(7, 7, 1_000_000)].iter(), 10), [] as [i64; 0]);
    }
}
