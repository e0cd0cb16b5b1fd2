//! The databases as DataFusion sees them: a catalog each, with `sys` in it.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, SchemaProvider, Session, TableProvider,
};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DataFusionError, Result};
use datafusion::datasource::TableType;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::expressions::{CastExpr, Column as PhysicalColumn};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use futures::stream;

use crate::catalog;
use crate::databases::Databases;
use crate::table::{Rows, Table, fold};

/// Every database at one moment.
#[derive(Debug)]
pub struct Catalogs(pub Arc<Databases>);

impl CatalogProviderList for Catalogs {
    fn register_catalog(
        &self,
        _name: String,
        _catalog: Arc<dyn CatalogProvider>,
    ) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        self.0.all().into_iter().map(|d| fold(&d.name)).collect()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        let database = fold(&self.0.get(name)?.name);
        Some(Arc::new(Catalog { databases: Arc::clone(&self.0), database }))
    }
}

#[derive(Debug)]
struct Catalog {
    databases: Arc<Databases>,
    database: String,
}

impl CatalogProvider for Catalog {
    fn schema_names(&self) -> Vec<String> {
        let database = self.databases.get(&self.database);
        database.map(|d| d.schemas().iter().map(|s| fold(s)).collect()).unwrap_or_default()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let (databases, database) = (Arc::clone(&self.databases), self.database.clone());
        Some(Arc::new(Namespace { databases, database, schema: fold(name) }))
    }
}

#[derive(Debug)]
struct Namespace {
    databases: Arc<Databases>,
    database: String,
    schema: String,
}

impl Namespace {
    fn find(&self, name: &str) -> Result<Option<Arc<Table>>> {
        let Some(database) = self.databases.get(&self.database) else { return Ok(None) };
        if self.schema == catalog::SYS {
            let view = catalog::view(&self.databases, database, name);
            let view = view.map_err(|e| DataFusionError::External(Box::new(e)))?;
            return Ok(view.map(Arc::new));
        }
        Ok(database.tables.get(&(self.schema.clone(), fold(name))).cloned())
    }
}

#[async_trait]
impl SchemaProvider for Namespace {
    fn table_names(&self) -> Vec<String> {
        let tables = self.databases.get(&self.database).into_iter().flat_map(|d| d.tables.keys());
        tables.filter(|(schema, _)| *schema == self.schema).map(|(_, name)| name.clone()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.find(name)?.map(|table| Arc::new(Served(table)) as _))
    }

    fn table_exist(&self, name: &str) -> bool {
        matches!(self.find(name), Ok(Some(_)))
    }
}

/// A table to scan.
#[derive(Debug)]
struct Served(Arc<Table>);

#[async_trait]
impl TableProvider for Served {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// They are the query's to apply; what is stored may leave out whole files by them.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut scans = Vec::new();
        for part in &self.0.parts {
            scans.push(match part {
                Rows::Stored(stored) => {
                    self.scan_stored(stored, state, projection, filters, limit).await?
                }
                _ => self.scan_held(part, projection, limit)?,
            });
        }
        match scans.len() {
            0 => {
                let schema = datafusion::common::project_schema(&self.0.schema, projection)?;
                Ok(Arc::new(EmptyExec::new(schema)))
            }
            1 => Ok(scans.remove(0)),
            _ => UnionExec::try_new(scans),
        }
    }
}

impl Served {
    fn scan_held(
        &self,
        part: &Rows,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let part = Arc::new(Part { table: Arc::clone(&self.0), rows: part.clone() });
        let schema = Arc::clone(&self.0.schema);
        let scan = StreamingTableExec::try_new(schema, vec![part], projection, [], false, limit)?;
        Ok(Arc::new(scan))
    }

    /// The stored columns that are asked for, under our names and types.
    async fn scan_stored(
        &self,
        stored: &Arc<dyn TableProvider>,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = datafusion::common::project_schema(&self.0.schema, projection)?;
        let theirs = wanted.fields().iter().map(|f| position(&stored.schema(), f.name()));
        let theirs = theirs.collect::<Result<Vec<_>>>()?;
        let filters = filters.iter().map(|filter| in_their_names(filter, &stored.schema()));
        let filters = filters.collect::<Result<Vec<_>>>()?;
        let scan = stored.scan(state, Some(&theirs), &filters, limit).await?;
        let found = scan.schema();
        let columns = wanted.fields().iter().zip(found.fields()).enumerate();
        let columns = columns.map(|(i, (wanted, found))| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(PhysicalColumn::new(found.name(), i));
            let expr = if wanted.data_type() == found.data_type() {
                column
            } else {
                Arc::new(CastExpr::new(column, wanted.data_type().clone(), None))
            };
            ProjectionExpr { expr, alias: wanted.name().clone() }
        });
        let columns: Vec<_> = columns.collect();
        Ok(Arc::new(ProjectionExec::try_new_with_schema_metadata(columns, scan, &wanted)?))
    }
}

/// The filter over the columns as they are stored.
fn in_their_names(filter: &Expr, schema: &Schema) -> Result<Expr> {
    let renamed = filter.clone().transform(|expr| match expr {
        Expr::Column(column) => {
            let theirs = schema.field(position(schema, &column.name)?).name();
            Ok(Transformed::yes(Expr::Column(Column::new_unqualified(theirs))))
        }
        other => Ok(Transformed::no(other)),
    });
    Ok(renamed?.data)
}

fn position(schema: &Schema, folded: &str) -> Result<usize> {
    schema
        .fields()
        .iter()
        .position(|f| fold(f.name()) == folded)
        .ok_or_else(|| DataFusionError::Plan(format!("stored column {folded} not found")))
}

/// Rows that are held or generated, streamed batch by batch as the client takes them.
struct Part {
    table: Arc<Table>,
    rows: Rows,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.table.name, self.rows)
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.table.schema
    }

    fn execute(&self, _ctx: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.table.schema);
        let batches: Box<dyn Iterator<Item = Result<RecordBatch>> + Send> = match &self.rows {
            Rows::Batches(batches) => Box::new(batches.clone().into_iter().map(Ok)),
            Rows::Generated { batches, make } => {
                let (table, make) = (Arc::clone(&self.table), Arc::clone(make));
                Box::new((0..*batches).map(move |i| {
                    table.conform(&make(i)).map_err(|e| DataFusionError::External(Box::new(e)))
                }))
            }
            Rows::Stored(_) => Box::new(std::iter::empty()),
        };
        Box::pin(RecordBatchStreamAdapter::new(schema, stream::iter(batches)))
    }
}
