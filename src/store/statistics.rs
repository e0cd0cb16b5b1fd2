//! What a snapshot knows about its files, in DataFusion's terms.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};

use super::data_file::{DataFile, TimeRange};
use super::def::TableDef;

/// Statistics of a set of files: exact rows, and the exact range of the time key.
pub fn of_files<'a>(
    def: &TableDef,
    files: impl Iterator<Item = &'a DataFile> + Clone,
) -> Statistics {
    let rows = files.clone().map(|f| f.rows).sum::<u64>();
    let size = files.clone().map(|f| f.size).sum::<u64>();
    let mut statistics = Statistics::new_unknown(&def.columns)
        .with_num_rows(Precision::Exact(rows as usize))
        // On disk; decoded it is some times as much.
        .with_total_byte_size(Precision::Inexact(size as usize));
    if let Some(index) = def.time_index() {
        let range = files.map(|f| f.time).reduce(merged).flatten();
        let data_type = def.columns.field(index).data_type();
        statistics.column_statistics[index] =
            range.map_or_else(ColumnStatistics::new_unknown, |r| of_range(r, data_type));
    }
    statistics
}

/// The range of two files together; unknown if that of either is.
fn merged(a: Option<TimeRange>, b: Option<TimeRange>) -> Option<TimeRange> {
    let (a, b) = (a?, b?);
    Some(TimeRange {
        min: a.min.into_iter().chain(b.min).min(),
        max: a.max.into_iter().chain(b.max).max(),
        nulls: a.nulls + b.nulls,
    })
}

fn of_range(range: TimeRange, data_type: &DataType) -> ColumnStatistics {
    let zone = match data_type {
        DataType::Timestamp(_, zone) => zone.as_ref().map(Arc::clone),
        _ => None,
    };
    let bound = |value: Option<i64>| match value {
        Some(_) => Precision::Exact(ScalarValue::TimestampMicrosecond(value, zone.clone())),
        None => Precision::Absent,
    };
    ColumnStatistics::new_unknown()
        .with_null_count(Precision::Exact(range.nulls as usize))
        .with_min_value(bound(range.min))
        .with_max_value(bound(range.max))
}

/// Whether reading the files one after the other yields the time key in ascending order, nulls first.
pub fn in_time_order(files: &[&DataFile]) -> bool {
    let nulls_only_first = files.iter().skip(1).all(|f| f.time.is_some_and(|t| t.nulls == 0));
    nulls_only_first
        && files.windows(2).all(|pair| match (pair[0].time, pair[1].time) {
            (Some(a), Some(b)) => a.max.is_none() || a.max <= b.min,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use crate::store::Period;

    fn file(min: Option<i64>, max: Option<i64>, nulls: u64) -> DataFile {
        let time = Some(TimeRange { min, max, nulls });
        DataFile { path: String::new(), size: 5, rows: 2, period: Period::All, time }
    }

    #[test]
    fn files_touching_at_one_moment_are_in_order() {
        let (a, b) = (file(Some(1), Some(4), 1), file(Some(4), Some(9), 0));
        assert!(in_time_order(&[&a, &b]));
        assert!(!in_time_order(&[&b, &a]));
    }

    #[test]
    fn nulls_behind_values_are_out_of_order() {
        let (a, b) = (file(Some(1), Some(4), 0), file(Some(5), Some(9), 1));
        assert!(!in_time_order(&[&a, &b]));
    }

    #[test]
    fn ranges_of_files_add_up() {
        let def = TableDef::from(schema::table("LcsCDR", "SessionDetails").unwrap());
        let files = [file(Some(3), Some(4), 0), file(None, None, 2), file(Some(1), Some(2), 0)];
        let all = of_files(&def, files.iter());
        let time = &all.column_statistics[def.time_index().unwrap()];
        assert_eq!(all.num_rows, Precision::Exact(6));
        assert_eq!(time.null_count, Precision::Exact(2));
        assert_eq!(
            time.min_value,
            Precision::Exact(ScalarValue::TimestampMicrosecond(Some(1), None))
        );
        assert_eq!(
            time.max_value,
            Precision::Exact(ScalarValue::TimestampMicrosecond(Some(4), None))
        );
    }
}
