//! Catalogs `LcsCDR`, `QoEMetrics` and `cdrql`: who finds which table under which name.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use datafusion::catalog::view::ViewTable;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::TableType;
use parking_lot::RwLock;
use tokio::sync::OnceCell;

use super::names::with_declared_names;
use super::published;
use super::table::Table;
use crate::tsql::{self, Params, fold};
use crate::views::View;

/// The session that views are planned in; weak, because the session owns the catalog.
pub(super) type SessionRef = Weak<RwLock<SessionState>>;

/// A schema: stored tables and packaged views, the session's own objects, and where a name that is
/// neither is looked up next.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    pub(super) name: String,
    stored: BTreeMap<String, Stored>,
    own: RwLock<BTreeMap<String, Own>>,
    fallback: Vec<Arc<Namespace>>,
    /// Where the previous result lives, which is found from everywhere.
    home: OnceLock<Weak<Namespace>>,
}

/// The name of the previous result.
pub(super) const PREVIOUS: &str = "_";

#[derive(Debug)]
struct Stored {
    name: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Table(Arc<dyn TableProvider>),
    View { view: View, session: SessionRef, planned: OnceCell<Arc<dyn TableProvider>> },
}

#[derive(Debug, Clone)]
struct Own {
    name: String,
    provider: Arc<dyn TableProvider>,
}

impl Namespace {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Adds a table of the mirror, behind the wrapper.
    pub(super) fn add_table(&mut self, name: &str, provider: Arc<dyn TableProvider>) -> Result<()> {
        let content = Content::Table(Table::wrap(provider)?);
        self.stored.insert(fold(name), Stored { name: name.into(), content });
        Ok(())
    }

    /// Adds a packaged view, planned when it is first used.
    pub(super) fn add_view(&mut self, view: View, session: SessionRef) {
        let content = Content::View { view, session, planned: OnceCell::new() };
        self.stored.insert(fold(view.name), Stored { name: view.name.into(), content });
    }

    /// Bare names that are not found here are looked up there, in this order.
    pub(super) fn fall_back_to(&mut self, others: impl IntoIterator<Item = Arc<Namespace>>) {
        self.fallback.extend(others);
    }

    /// After a `USE`, too, `_` is the previous result, which lives there.
    pub(super) fn find_previous_in(&self, home: &Arc<Namespace>) {
        // Set once, when the catalogs are built.
        let _ = self.home.set(Arc::downgrade(home));
    }

    /// Declared names and kinds of what lives here, sorted without regard to case.
    pub(super) fn contents(&self) -> Vec<(String, TableType)> {
        let mut all: BTreeMap<String, (String, TableType)> = self
            .stored
            .iter()
            .map(|(key, s)| (key.clone(), (s.name.clone(), s.content.table_type())))
            .collect();
        for (key, own) in self.own.read().iter() {
            all.insert(key.clone(), (own.name.clone(), own.provider.table_type()));
        }
        all.into_values().collect()
    }

    /// Shows an object of the session under the name it was typed with.
    pub(super) fn declare(&self, key: &str, typed: &str) {
        if let Some(object) = self.own.write().get_mut(key) {
            object.name = typed.into();
        }
    }

    /// What lives here under that name, without the fallback.
    async fn resident(&self, key: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let own = self.own.read().get(key).map(|own| Arc::clone(&own.provider));
        if own.is_some() {
            return Ok(own);
        }
        match self.stored.get(key) {
            None => Ok(None),
            Some(stored) => stored.content.provider().await.map(Some),
        }
    }
}

impl Content {
    fn table_type(&self) -> TableType {
        match self {
            Self::Table(table) => table.table_type(),
            Self::View { .. } => TableType::View,
        }
    }

    async fn provider(&self) -> Result<Arc<dyn TableProvider>> {
        match self {
            Self::Table(table) => Ok(Arc::clone(table)),
            Self::View { view, session, planned } => {
                planned.get_or_try_init(|| plan_view(view, session)).await.cloned()
            }
        }
    }
}

async fn plan_view(view: &View, session: &SessionRef) -> Result<Arc<dyn TableProvider>> {
    let mut state = session.upgrade().map(|s| s.read().clone()).ok_or_else(session_gone)?;
    state.register_catalog_list(published::catalogs(state.catalog_list().as_ref()));
    let parsed = tsql::split(view.sql)
        .and_then(|statements| match statements.as_slice() {
            [statement] => statement.parse(&Params::new()),
            _ => Err(crate::Error::internal("a view is one statement")),
        })
        .map_err(|e| DataFusionError::External(Box::new(e)))?;
    let plan = Box::pin(state.statement_to_plan(parsed.statement))
        .await
        .map_err(|e| e.context(format!("view {}.{}", view.home, view.name)))?;
    let plan = with_declared_names(plan, &parsed.spelling)?;
    Ok(Arc::new(ViewTable::new(plan, Some(view.sql.to_string()))))
}

fn session_gone() -> DataFusionError {
    DataFusionError::Internal("the engine was dropped while a view was planned".into())
}

#[async_trait]
impl SchemaProvider for Namespace {
    fn table_names(&self) -> Vec<String> {
        self.contents().into_iter().map(|(name, _)| fold(&name)).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        for home in std::iter::once(self).chain(self.fallback.iter().map(Arc::as_ref)) {
            if let Some(found) = home.resident(name).await? {
                return Ok(Some(found));
            }
        }
        match self.home.get().and_then(Weak::upgrade) {
            Some(home) if name == PREVIOUS => home.resident(name).await,
            _ => Ok(None),
        }
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        let own = self.own.read().get(name).map(|o| o.provider.table_type());
        Ok(own.or_else(|| self.stored.get(name).map(|s| s.content.table_type())))
    }

    /// Objects of the session live beside the stored tables and never replace them.
    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        if self.stored.contains_key(&name) {
            return Err(DataFusionError::Plan(format!(
                "{}.{name} belongs to the mirror and cannot be replaced",
                self.name
            )));
        }
        // A view's plan ends in wrapped tables already; wrapping it again would keep it from being
        // planned inline.
        let provider = match table.table_type() {
            TableType::View => table,
            _ => Table::wrap(table)?,
        };
        let own = Own { name: name.clone(), provider };
        Ok(self.own.write().insert(name, own).map(|old| old.provider))
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if self.stored.contains_key(name) {
            return Err(DataFusionError::Plan(format!(
                "{}.{name} belongs to the mirror and cannot be dropped",
                self.name
            )));
        }
        match self.own.write().remove(name) {
            Some(old) => Ok(Some(old.provider)),
            // It was found from here, but it lives elsewhere; without this, the drop would succeed.
            None => Err(DataFusionError::Plan(format!(
                "{name} does not belong to {}, from where it is to be dropped",
                self.name
            ))),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.stored.contains_key(name) || self.own.read().contains_key(name)
    }
}

/// A catalog: a few namespaces under folded names.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) name: String,
    pub(super) namespaces: Vec<Arc<Namespace>>,
    /// What `information_schema` of this catalog is; set once all catalogs exist.
    pub(super) information_schema: Arc<OnceLock<Arc<dyn SchemaProvider>>>,
}

impl CatalogProvider for Catalog {
    fn schema_names(&self) -> Vec<String> {
        self.namespaces.iter().map(|n| fold(&n.name)).collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        if name == "information_schema" {
            return self.information_schema.get().cloned();
        }
        let found = self.namespaces.iter().find(|n| fold(&n.name) == name)?;
        Some(Arc::clone(found) as _)
    }
}
