//! A table of the mirror as DataFusion scans it: files pruned by time, split over the cores, in order.

use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::{DFSchema, Statistics, project_schema};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{
    FileGroup, FileGroupPartitioner, FileScanConfigBuilder, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result as DfResult;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectMeta, ObjectStore};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use url::Url;

use super::column_reader::ColumnReader;
use super::column_scan::ColumnScan;
use super::data_file::DataFile;
use super::def::TableDef;
use super::snapshot::TableEntry;
use super::statistics;
use crate::{Error, Result};

/// Splitting less than this (bytes on disk) over the cores costs more than it gains.
const SPLIT_FROM: usize = 256 * 1024;

#[derive(Debug)]
pub struct MirrorTable {
    def: TableDef,
    files: Vec<File>,
    columns: Arc<ColumnReader>,
    url: ObjectStoreUrl,
    store: Arc<dyn ObjectStore>,
}

/// A data file with what DataFusion wants to know of it.
#[derive(Debug, Clone)]
struct File {
    data: DataFile,
    meta: ObjectMeta,
    statistics: Arc<Statistics>,
}

impl MirrorTable {
    pub fn new(
        table: &TableEntry,
        columns: ColumnReader,
        url: &Url,
        store: Arc<dyn ObjectStore>,
    ) -> Result<Self> {
        let url = ObjectStoreUrl::parse(url).map_err(|e| Error::internal(e.to_string()))?;
        let file = |data: &DataFile| {
            let location = Path::parse(&data.path).map_err(|e| {
                Error::source(format!("{}: bad file name in the snapshot: {e}", table.def))
            })?;
            let meta = ObjectMeta {
                location,
                // Files never change, so any time will do; one for all keeps footers cached.
                last_modified: DateTime::UNIX_EPOCH,
                size: data.size,
                e_tag: None,
                version: None,
            };
            let statistics = Arc::new(statistics::of_files(&table.def, std::iter::once(data)));
            Ok(File { data: data.clone(), meta, statistics })
        };
        let files = table.files.iter().map(file).collect::<Result<_>>()?;
        Ok(Self { def: table.def.clone(), files, columns: Arc::new(columns), url, store })
    }

    /// The files that may hold a row that passes the filters.
    fn pruned(&self, state: &dyn Session, filters: &[Expr]) -> DfResult<Vec<&File>> {
        let all = self.files.iter();
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(all.collect()) };
        let schema = DFSchema::try_from(Arc::clone(&self.def.columns))?;
        let filter = state.create_physical_expr(filter, &schema)?;
        let builder =
            PruningPredicateBuilder::new().with_file_schema(Arc::clone(&self.def.columns));
        let Some(predicate) = builder.build(filter) else {
            // Not every expression can be turned into one over a range; then no file is ruled out.
            return Ok(all.collect());
        };
        let known = self.files.iter().map(|f| Arc::clone(&f.statistics)).collect();
        let keep =
            predicate.prune(&PrunableStatistics::new(known, Arc::clone(&self.def.columns)))?;
        Ok(all.zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect())
    }

    /// One group per core, each a stretch of the files in their order; a file may be cut between
    /// two groups, which then share its row groups.
    fn groups(&self, files: &[&File], cores: usize) -> Vec<FileGroup> {
        let files = files.iter().map(|file| {
            PartitionedFile::new_from_meta(file.meta.clone())
                .with_statistics(Arc::clone(&file.statistics))
        });
        let whole = vec![FileGroup::new(files.collect())];
        FileGroupPartitioner::new()
            .with_target_partitions(cores)
            .with_repartition_file_min_size(SPLIT_FROM)
            .repartition_file_groups(&whole)
            .unwrap_or(whole)
    }

    /// The order in which every group yields its rows: ascending by the time key, NULL first.
    fn ordering(&self, files: &[&File], schema: &SchemaRef) -> Option<LexOrdering> {
        let key = Column::new_with_schema(self.def.time_key.as_deref()?, schema).ok()?;
        let files: Vec<&DataFile> = files.iter().map(|f| &f.data).collect();
        let options = SortOptions { descending: false, nulls_first: true };
        statistics::in_time_order(&files)
            .then(|| LexOrdering::new([PhysicalSortExpr::new(Arc::new(key), options)]))
            .flatten()
    }

    /// Whether the cache can hold the columns of the files.
    fn fits_in_memory(&self, files: &[&File], projection: Option<&Vec<usize>>) -> bool {
        let rows: u64 = files.iter().map(|f| f.data.rows).sum();
        let width = |index: usize| width(self.def.columns.field(index).data_type());
        let row: u64 = match projection {
            Some(columns) => columns.iter().map(|index| width(*index)).sum(),
            None => (0..self.def.columns.fields().len()).map(width).sum(),
        };
        rows.saturating_mul(row) <= self.columns.cache().capacity() as u64
    }

    fn scan_columns(
        &self,
        files: &[&File],
        statistics: Statistics,
        cores: usize,
        projection: Option<&Vec<usize>>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let schema = project_schema(&self.def.columns, projection)?;
        let ordering = self.ordering(files, &schema);
        let files = files.iter().map(|f| f.data.clone()).collect();
        let reader = Arc::clone(&self.columns);
        let statistics = statistics.project(projection);
        let scan = ColumnScan::new(reader, schema, files, ordering, statistics, cores);
        Ok(DataSourceExec::from_data_source(scan))
    }

    fn source(&self, state: &dyn Session) -> ParquetSource {
        let global = state.config_options().execution.parquet.clone();
        let options = TableParquetOptions { global, ..TableParquetOptions::default() };
        let footers = state.runtime_env().cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(Arc::clone(&self.store), footers);
        ParquetSource::new(Arc::clone(&self.def.columns))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader))
    }
}

/// Bytes of a decoded value; texts are guessed.
fn width(data_type: &DataType) -> u64 {
    data_type.primitive_width().unwrap_or(match data_type {
        DataType::Boolean => 1,
        _ => 48,
    }) as u64
}

/// As many files from the front as hold `limit` rows.
fn limited(files: Vec<&File>, limit: usize) -> Vec<&File> {
    let mut rows = 0;
    files
        .into_iter()
        .take_while(|file| {
            let more = rows < limit as u64;
            rows += file.data.rows;
            more
        })
        .collect()
}

#[async_trait]
impl TableProvider for MirrorTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.def.columns)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(statistics::of_files(&self.def, self.files.iter().map(|f| &f.data)))
    }

    /// Filters rule out files here; the scan itself may take them over in physical planning.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let mut files = self.pruned(state, filters)?;
        if let (Some(limit), []) = (limit, filters) {
            files = limited(files, limit);
        }
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.def.columns, projection)?)));
        }
        let known = statistics::of_files(&self.def, files.iter().map(|f| &f.data));
        let cores = state.config_options().execution.target_partitions;
        // A row limit wants the first rows and no whole columns.
        if limit.is_none() && self.fits_in_memory(&files, projection) {
            return self.scan_columns(&files, known, cores, projection);
        }
        let config = FileScanConfigBuilder::new(self.url.clone(), Arc::new(self.source(state)))
            .with_file_groups(self.groups(&files, cores))
            .with_statistics(known)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .with_output_ordering(self.ordering(&files, &self.def.columns).into_iter().collect())
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
