//! The databases as Microsoft publishes them, over a mirror of a server that differs: an older one
//! lacks columns or tables, another spells a name otherwise.
//!
//! Views are planned here, so that one text serves every server. People's own statements see what
//! the server has and nothing else.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::view::ViewTable;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProviderList, SchemaProvider, TableProvider,
};
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::names::folded_schema;
use crate::schema::{self, DBO, Kind};
use crate::tsql::fold;

/// The catalogs that views are planned in, over those that people see.
pub(super) fn catalogs(seen: &dyn CatalogProviderList) -> Arc<dyn CatalogProviderList> {
    let list = MemoryCatalogProviderList::new();
    for database in seen.catalog_names() {
        if let Some(inner) = seen.catalog(&database) {
            list.register_catalog(database.clone(), Arc::new(Published { database, inner }));
        }
    }
    Arc::new(list)
}

/// A database with everything that is published of it.
#[derive(Debug)]
struct Published {
    database: String,
    inner: Arc<dyn CatalogProvider>,
}

impl CatalogProvider for Published {
    fn schema_names(&self) -> Vec<String> {
        self.inner.schema_names()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let inner = self.inner.schema(name)?;
        if name != DBO {
            return Some(inner);
        }
        Some(Arc::new(PublishedTables { database: self.database.clone(), inner }))
    }
}

#[derive(Debug)]
struct PublishedTables {
    database: String,
    inner: Arc<dyn SchemaProvider>,
}

#[async_trait]
impl SchemaProvider for PublishedTables {
    fn table_names(&self) -> Vec<String> {
        self.inner.table_names()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let found = self.inner.table(name).await?;
        let published = schema::table(&self.database, name).filter(|t| t.kind == Kind::Table);
        match (found, published) {
            (Some(table), Some(published)) => completed(table, published).map(Some),
            (None, Some(published)) => {
                let schema = folded_schema(&published.arrow_schema())?;
                Ok(Some(Arc::new(EmptyTable::new(schema))))
            }
            (found, None) => Ok(found),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.inner.table_exist(name) || schema::table(&self.database, name).is_some()
    }
}

/// The table with all of its published columns: one that the server spells otherwise under its
/// published name, one that it lacks as NULL.
fn completed(
    table: Arc<dyn TableProvider>,
    published: &schema::Table,
) -> Result<Arc<dyn TableProvider>> {
    let here = table.schema();
    let has = |name: &str| here.fields().find(&fold(name)).is_some();
    let missing: Vec<_> = published.columns.iter().filter(|c| !has(c.name)).collect();
    if missing.is_empty() {
        return Ok(table);
    }
    let mut columns: Vec<Expr> = here.fields().iter().map(|f| column(f.name())).collect();
    for lacking in missing {
        let value = match lacking.alt_name.filter(|name| has(name)) {
            Some(other) => column(&fold(other)),
            None => Expr::Literal(ScalarValue::try_from(&lacking.sql_type.arrow())?, None),
        };
        columns.push(value.alias(fold(lacking.name)));
    }
    let scan = LogicalPlanBuilder::scan(published.name, provider_as_source(table), None)?;
    Ok(Arc::new(ViewTable::new(scan.project(columns)?.build()?, None)))
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}
