//! Scans a table's files through the cache of decoded columns: whole columns, cut into partitions
//! by rows or by time, in the order of the files.

use std::fmt::Formatter;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result as DfResult, Statistics};
use datafusion::datasource::source::DataSource;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayFormatType, Partitioning};

use super::column_reader::ColumnReader;
use super::data_file::DataFile;

/// A scan of some columns of some files.
#[derive(Debug, Clone)]
pub struct ColumnScan {
    reader: Arc<ColumnReader>,
    files: Arc<[DataFile]>,
    /// What comes out.
    schema: SchemaRef,
    partitions: Vec<Vec<Piece>>,
    ordering: Option<LexOrdering>,
    statistics: Arc<Statistics>,
    metrics: ExecutionPlanMetricsSet,
}

/// Some rows of a file.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    file: usize,
    rows: Rows,
}

#[derive(Debug, Clone, PartialEq)]
enum Rows {
    /// By their number in the file.
    Numbered(Range<usize>),
    /// Whose time key lies in the range; NULL comes before every time.
    During(Range<i64>),
}

impl ColumnScan {
    /// A scan in as many partitions as there are cores, of about equal numbers of rows.
    pub fn new(
        reader: Arc<ColumnReader>,
        schema: SchemaRef,
        files: Vec<DataFile>,
        ordering: Option<LexOrdering>,
        statistics: Statistics,
        cores: usize,
    ) -> Self {
        Self {
            partitions: equal_parts(&files, cores),
            reader,
            files: files.into(),
            schema,
            ordering,
            statistics: Arc::new(statistics),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// The same rows with one partition for each stretch of time between the bounds, which ascend;
    /// the first and the last stretch are open.
    pub fn sliced(&self, bounds: &[i64]) -> Self {
        let starts = std::iter::once(i64::MIN).chain(bounds.iter().copied());
        let ends = bounds.iter().copied().chain([i64::MAX]);
        let partitions = starts.zip(ends).map(|(from, to)| self.during(from..to)).collect();
        Self { partitions, metrics: ExecutionPlanMetricsSet::new(), ..self.clone() }
    }

    fn during(&self, range: Range<i64>) -> Vec<Piece> {
        let pieces = self.files.iter().enumerate().filter_map(|(file, data)| {
            let time = data.time?;
            let min = if time.nulls > 0 { i64::MIN } else { time.min? };
            let max = time.max.unwrap_or(i64::MIN);
            let meets = min < range.end && range.start <= max;
            meets.then(|| Piece { file, rows: Rows::During(range.clone()) })
        });
        pieces.collect()
    }

    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// The name of the time key among the columns that come out.
    pub fn time_key(&self) -> Option<&str> {
        self.reader.def().time_key.as_deref().filter(|key| self.schema.index_of(key).is_ok())
    }

    /// What a piece takes of each row group that it touches.
    fn chunks(&self, piece: &Piece) -> DfResult<Vec<Chunk>> {
        let data = &self.files[piece.file];
        let mut chunks = Vec::new();
        let mut first = 0;
        for (row_group, rows) in self.reader.row_groups(data)?.into_iter().enumerate() {
            let within = match &piece.rows {
                Rows::Numbered(wanted) => {
                    let start = wanted.start.clamp(first, first + rows) - first;
                    start..wanted.end.clamp(first, first + rows) - first
                }
                Rows::During(range) => during(&self.reader.time_column(data, row_group)?, range),
            };
            first += rows;
            if !within.is_empty() {
                chunks.push(Chunk { file: piece.file, row_group, rows: within });
            }
        }
        Ok(chunks)
    }

    fn batch(&self, chunk: &Chunk) -> DfResult<RecordBatch> {
        let data = &self.files[chunk.file];
        let columns = self.schema.fields().iter().map(|field| {
            let column = self.reader.column(data, chunk.row_group, field)?;
            Ok(column.slice(chunk.rows.start, chunk.rows.len()))
        });
        let columns = columns.collect::<DfResult<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(chunk.rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// Rows of one row group.
struct Chunk {
    file: usize,
    row_group: usize,
    rows: Range<usize>,
}

/// Every file's rows, one file after the other, cut into parts of equal length.
fn equal_parts(files: &[DataFile], parts: usize) -> Vec<Vec<Piece>> {
    let total: usize = files.iter().map(|f| f.rows as usize).sum();
    let parts = parts.clamp(1, total.max(1));
    let part = |n: usize| {
        let wanted = total * n / parts..total * (n + 1) / parts;
        let mut first = 0;
        let pieces = files.iter().enumerate().filter_map(|(file, data)| {
            let rows = data.rows as usize;
            let start = wanted.start.clamp(first, first + rows) - first;
            let end = wanted.end.clamp(first, first + rows) - first;
            first += rows;
            (start < end).then_some(Piece { file, rows: Rows::Numbered(start..end) })
        });
        pieces.collect()
    };
    (0..parts).map(part).collect()
}

/// Where the times of the range stand in a column that ascends from NULL.
fn during(times: &dyn Array, range: &Range<i64>) -> Range<usize> {
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let nulls = times.null_count();
    let before = |time: i64| nulls + times.values()[nulls..].partition_point(|t| *t < time);
    let start = if range.start == i64::MIN { 0 } else { before(range.start) };
    let end = if range.end == i64::MAX { times.len() } else { before(range.end) };
    start..end
}

impl DataSource for ColumnScan {
    fn open(
        &self,
        partition: usize,
        _context: Arc<TaskContext>,
    ) -> DfResult<SendableRecordBatchStream> {
        let scan = self.clone();
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let pieces = self.partitions[partition].clone().into_iter();
        let chunks = pieces.flat_map({
            let scan = scan.clone();
            move |piece| match scan.chunks(&piece) {
                Ok(chunks) => chunks.into_iter().map(Ok).collect(),
                Err(e) => vec![Err(e)],
            }
        });
        let batches = chunks.map(move |chunk: Result<Chunk, DataFusionError>| {
            let _timer = metrics.elapsed_compute().timer();
            let batch = scan.batch(&chunk?)?;
            metrics.record_output(batch.num_rows());
            Ok(batch)
        });
        let stream = futures::stream::iter(batches);
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream)))
    }

    fn fmt_as(&self, _t: DisplayFormatType, f: &mut Formatter) -> std::fmt::Result {
        let columns = self.schema.fields().iter().map(|f| f.name().as_str());
        let columns = columns.collect::<Vec<_>>().join(", ");
        let (table, files) = (self.reader.def(), self.files.len());
        write!(f, "table={table}, files={files}, columns=[{columns}], cached")
    }

    fn output_partitioning(&self) -> Partitioning {
        Partitioning::UnknownPartitioning(self.partitions.len())
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        EquivalenceProperties::new_with_orderings(Arc::clone(&self.schema), self.ordering.clone())
    }

    fn partition_statistics(&self, partition: Option<usize>) -> DfResult<Arc<Statistics>> {
        Ok(match partition {
            None => Arc::clone(&self.statistics),
            Some(_) => Arc::new(Statistics::new_unknown(&self.schema)),
        })
    }

    fn with_fetch(&self, _limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        None
    }

    fn fetch(&self) -> Option<usize> {
        None
    }

    fn metrics(&self) -> ExecutionPlanMetricsSet {
        self.metrics.clone()
    }

    fn try_swapping_with_projection(
        &self,
        _projection: &ProjectionExprs,
    ) -> DfResult<Option<Arc<dyn DataSource>>> {
        Ok(None)
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Period;
    use arrow::array::TimestampMicrosecondArray;

    fn file(rows: u64) -> DataFile {
        DataFile { path: String::new(), size: 0, rows, period: Period::All, time: None }
    }

    fn numbered(file: usize, rows: Range<usize>) -> Piece {
        Piece { file, rows: Rows::Numbered(rows) }
    }

    #[test]
    fn parts_are_equal_and_lose_no_row() {
        let files = [file(3), file(0), file(5)];
        let two = equal_parts(&files, 2);
        assert_eq!(two, [vec![numbered(0, 0..3), numbered(2, 0..1)], vec![numbered(2, 1..5)]]);
        assert_eq!(equal_parts(&files, 100).len(), 8);
        assert_eq!(equal_parts(&[], 2), [vec![]]);
    }

    #[test]
    fn times_are_found_after_the_nulls() {
        let times = TimestampMicrosecondArray::from(vec![None, None, Some(5), Some(7), Some(7)]);
        assert_eq!(during(&times, &(i64::MIN..7)), 0..3);
        assert_eq!(during(&times, &(7..8)), 3..5);
        assert_eq!(during(&times, &(8..i64::MAX)), 5..5);
        assert_eq!(during(&times, &(i64::MIN..i64::MAX)), 0..5);
    }
}
