//! The one way into a table: every table that a session can see stands behind this wrapper.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Constraints, Result, Statistics};
use datafusion::logical_expr::dml::InsertOp;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::expressions::Column as PhysicalColumn;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::names::folded_schema;
use crate::tsql::fold;

/// A stored table under folded column names. Rows and filters pass through; names are exchanged.
#[derive(Debug)]
pub(super) struct Table {
    inner: Arc<dyn TableProvider>,
    /// What plans see.
    schema: SchemaRef,
}

impl Table {
    /// Wraps a provider.
    ///
    /// # Errors
    /// Two of its columns differ in case alone.
    pub(super) fn wrap(inner: Arc<dyn TableProvider>) -> Result<Arc<dyn TableProvider>> {
        let schema = folded_schema(&inner.schema())?;
        Ok(Arc::new(Self { inner, schema }))
    }

    /// A filter over the names that the stored table knows.
    fn stored(&self, filter: &Expr) -> Result<Expr> {
        let stored = self.inner.schema();
        let renamed = filter.clone().transform(|expr| match expr {
            Expr::Column(mut column) => {
                if let Some(field) = stored.fields().iter().find(|f| fold(f.name()) == column.name)
                {
                    column.name.clone_from(field.name());
                }
                Ok(Transformed::yes(Expr::Column(column)))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(renamed.data)
    }
}

#[async_trait]
impl TableProvider for Table {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn constraints(&self) -> Option<&Constraints> {
        self.inner.constraints()
    }

    fn table_type(&self) -> TableType {
        self.inner.table_type()
    }

    fn get_table_definition(&self) -> Option<&str> {
        self.inner.get_table_definition()
    }

    fn statistics(&self) -> Option<Statistics> {
        self.inner.statistics()
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let stored = filters.iter().map(|f| self.stored(f)).collect::<Result<Vec<_>>>()?;
        self.inner.supports_filters_pushdown(&stored.iter().collect::<Vec<_>>())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filters = filters.iter().map(|f| self.stored(f)).collect::<Result<Vec<_>>>()?;
        let plan = self.inner.scan(state, projection, &filters, limit).await?;
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema(),
        };
        relabel(plan, &schema)
    }

    async fn insert_into(
        &self,
        state: &dyn Session,
        input: Arc<dyn ExecutionPlan>,
        op: InsertOp,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.inner.insert_into(state, relabel(input, &self.inner.schema())?, op).await
    }
}

/// The same rows under the names and metadata of `schema`, column by column.
fn relabel(plan: Arc<dyn ExecutionPlan>, schema: &SchemaRef) -> Result<Arc<dyn ExecutionPlan>> {
    let from = plan.schema();
    let columns = from.fields().iter().zip(schema.fields()).enumerate().map(|(i, (from, to))| {
        let expr = Arc::new(PhysicalColumn::new(from.name(), i)) as _;
        ProjectionExpr { expr, alias: to.name().clone() }
    });
    let columns: Vec<ProjectionExpr> = columns.collect();
    Ok(Arc::new(ProjectionExec::try_new_with_schema_metadata(columns, plan, schema)?))
}
