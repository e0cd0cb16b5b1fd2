//! `information_schema` and its kin: the catalogs under their declared names.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::information_schema::InformationSchemaProvider;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, SchemaProvider, Session, TableProvider,
};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::catalog::{Catalog, Namespace};
use super::names::shown_schema;
use crate::tsql::{Spelling, fold};

/// What `information_schema` lists: every catalog, schema, table and column as declared.
pub(super) fn provider(catalogs: &[Arc<Catalog>]) -> Arc<dyn SchemaProvider> {
    Arc::new(InformationSchemaProvider::new(Arc::new(Catalogs(catalogs.to_vec()))))
}

#[derive(Debug)]
struct Catalogs(Vec<Arc<Catalog>>);

impl CatalogProviderList for Catalogs {
    fn register_catalog(
        &self,
        _name: String,
        _catalog: Arc<dyn CatalogProvider>,
    ) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        self.0.iter().map(|c| c.name.clone()).collect()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        let found = self.0.iter().find(|c| c.name == name)?;
        Some(Arc::new(Namespaces(Arc::clone(found))))
    }
}

#[derive(Debug)]
struct Namespaces(Arc<Catalog>);

impl CatalogProvider for Namespaces {
    fn schema_names(&self) -> Vec<String> {
        self.0.namespaces.iter().map(|n| n.name.clone()).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let found = self.0.namespaces.iter().find(|n| n.name == name)?;
        Some(Arc::new(Tables(Arc::clone(found))))
    }
}

#[derive(Debug)]
struct Tables(Arc<Namespace>);

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        self.0.contents().into_iter().map(|(name, _)| name).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let found = self.0.table(&fold(name)).await?;
        Ok(found.map(|table| Arc::new(Declared(table)) as _))
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        self.0.table_type(&fold(name)).await
    }

    fn table_exist(&self, name: &str) -> bool {
        self.0.table_exist(&fold(name))
    }
}

/// A table as it is listed; it is described, never scanned.
#[derive(Debug)]
struct Declared(Arc<dyn TableProvider>);

#[async_trait]
impl TableProvider for Declared {
    fn schema(&self) -> SchemaRef {
        let folded = self.0.schema();
        shown_schema(&folded, &Spelling::default())
    }

    fn table_type(&self) -> TableType {
        self.0.table_type()
    }

    fn get_table_definition(&self) -> Option<&str> {
        self.0.get_table_definition()
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        _projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Err(DataFusionError::Internal("information_schema only describes tables".into()))
    }
}
