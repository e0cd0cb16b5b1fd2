//! The engine: text in, Arrow batches out. REPL, batch runs and embedding applications all enter
//! through [`Engine::run`]; there is no second way in for text.

mod answer;
mod builder;
mod catalog;
mod concatenate;
mod day_of;
mod describe;
mod diagnostics;
mod gate;
mod information_schema;
mod key_partitioned;
mod names;
mod plan;
mod progress;
mod published;
mod sliced_join;
mod table;
mod wording;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, TableReference};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;

pub use answer::{Answer, Rows};
pub use builder::EngineBuilder;
pub use describe::{ColumnInfo, FunctionInfo, FunctionKind, Object, ObjectKind};
pub use diagnostics::nearest;
pub use gate::Capability;
pub use progress::Progress;

use builder::HOME;
use catalog::{Catalog, Namespace, PREVIOUS};
use diagnostics::Known;
use gate::Gate;
use plan::{count, created_name, done_word, reset_of_ours, show_names, use_target};

use crate::error::{Error, Result};
use crate::store::{Mirror, Snapshot};
use crate::tsql::{self, Params, Parsed, Spelling, Statement, fold};

/// A SQL session over a mirror, the sample, or tables in memory. Cheap to clone.
///
/// ```
/// # #[cfg(feature = "sample")]
/// # fn main() -> cdrql::Result<()> { tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use cdrql::Engine;
/// let engine = Engine::builder().sample().build()?;
/// let rows = engine.sql("SELECT count(*) FROM LcsCDR.dbo.MediaList").await?.collect().await?;
/// assert_eq!(rows[0].num_rows(), 1);
/// # Ok(()) }) }
/// # #[cfg(not(feature = "sample"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Engine {
    /// The DataFusion session, for a trusted host: what goes in here passes no gate.
    pub ctx: SessionContext,
    inner: Arc<Inner>,
}

struct Inner {
    catalogs: Vec<Arc<Catalog>>,
    gate: Gate,
    mirror: Option<Mirror>,
}

impl Engine {
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    fn assemble(
        ctx: SessionContext,
        catalogs: Vec<Arc<Catalog>>,
        gate: Gate,
        mirror: Option<Mirror>,
    ) -> Self {
        Self { ctx, inner: Arc::new(Inner { catalogs, gate, mirror }) }
    }

    /// Runs every statement of a text in order; the answer is the last one's.
    ///
    /// # Errors
    /// The first statement that fails, with its place in the text. Nothing after it runs.
    pub async fn sql(&self, text: &str) -> Result<Answer> {
        let mut last = Answer::Done(String::new());
        for statement in self.statements(text)? {
            for _ in 0..statement.repeat() {
                if let Answer::Rows(rows) =
                    std::mem::replace(&mut last, Answer::Done(String::new()))
                {
                    rows.collect().await?;
                }
                last = self.run(&statement, &Params::new()).await?;
            }
        }
        Ok(last)
    }

    /// Splits a text into its statements.
    ///
    /// # Errors
    /// A quote, bracket or comment that is not closed.
    pub fn statements(&self, text: &str) -> Result<Vec<Statement>> {
        tsql::split(text)
    }

    /// Runs one statement with its parameters bound.
    ///
    /// # Errors
    /// What is wrong with the statement, with its place in the text it was split from.
    pub async fn run(&self, statement: &Statement, params: &Params) -> Result<Answer> {
        if statement.is_idle() {
            return Ok(Answer::Done("SET".into()));
        }
        let parsed = statement.parse(params)?;
        if let Some(target) = use_target(&parsed.statement) {
            return self.use_database(&target).map_err(|e| e.at(statement.position()));
        }
        let Parsed { statement: ast, spelling } = parsed;
        let plan = match self.ctx.state().statement_to_plan(ast).await {
            Ok(plan) => plan,
            Err(e) => return Err(self.plan_error(&e, statement).await),
        };
        self.inner.gate.pass(&plan).map_err(|e| e.at(statement.position()))?;
        match self.execute(plan, &spelling, statement).await {
            Ok(answer) => Ok(answer),
            Err(e) => Err(self.plan_error(&e, statement).await),
        }
    }

    async fn execute(
        &self,
        plan: LogicalPlan,
        spelling: &Spelling,
        statement: &Statement,
    ) -> Result<Answer, DataFusionError> {
        if let Some((setting, default)) = reset_of_ours(&plan) {
            let state = self.ctx.state_ref();
            state.write().config_mut().options_mut().set(&setting, &default)?;
            return Ok(Answer::Done("RESET".into()));
        }
        let plan = show_names(plan, spelling)?;
        let done = done_word(&plan);
        let created = created_name(&plan);
        let counts = matches!(plan, LogicalPlan::Copy(_) | LogicalPlan::Dml(_));
        let frame = self.ctx.execute_logical_plan(plan).await?;
        if let Some(word) = done {
            if let Some((namespace, key)) = created.and_then(|name| self.home_of(&name)) {
                namespace.declare(&key, spelling.of(&key).unwrap_or(&key));
            }
            return Ok(Answer::Done(word.into()));
        }
        let (state, logical) = frame.into_parts();
        let physical = state.create_physical_plan(&logical).await?;
        if counts {
            return count(physical, &self.ctx)
                .await
                .map(|n| Answer::Done(format!("{n} rows written")));
        }
        let schema = names::shown_schema(&physical.schema(), spelling);
        let rows = execute_stream(Arc::clone(&physical), self.ctx.task_ctx())?;
        let again = self.clone();
        let rows = answer::flow(rows, move || async move {
            // Hash joins cannot spill; sort-merge joins can.
            let mut state = state;
            state.config_mut().options_mut().optimizer.prefer_hash_join = false;
            let physical = state.create_physical_plan(&logical).await?;
            execute_stream(physical, again.ctx.task_ctx())
        });
        Ok(Answer::Rows(Rows::new(schema, rows, physical, statement.position())))
    }

    /// Makes the rows of the previous result the table `_`.
    ///
    /// # Errors
    /// Columns that cannot be told apart are numbered; nothing else can go wrong but our own fault.
    pub fn remember(&self, schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<()> {
        let internal = |e: DataFusionError| Error::internal(e.to_string());
        let schema = names::distinct(&schema);
        let batches = batches.iter().map(|b| b.clone().with_schema(Arc::clone(&schema)));
        let batches =
            batches.collect::<Result<Vec<_>, _>>().map_err(|e| Error::internal(e.to_string()))?;
        let table = MemTable::try_new(schema, vec![batches]).map_err(internal)?;
        self.add_table(HOME.0, PREVIOUS, Arc::new(table))
    }

    fn add_table(&self, database: &str, name: &str, table: Arc<dyn TableProvider>) -> Result<()> {
        let catalog = self.catalog(database).ok_or_else(|| {
            let known: Vec<&str> = self.inner.catalogs.iter().map(|c| c.name.as_str()).collect();
            Error::usage(format!("there is no database {database}"))
                .hinted(format!("databases are {}", known.join(", ")))
        })?;
        let home = &catalog.namespaces[0];
        home.register_table(fold(name), table).map_err(|e| Error::usage(e.strip_backtrace()))?;
        home.declare(&fold(name), name);
        Ok(())
    }

    /// The snapshot that is open; None where the engine reads no mirror.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.inner.mirror.as_ref().map(Mirror::snapshot)
    }

    fn catalog(&self, name: &str) -> Option<&Arc<Catalog>> {
        self.inner.catalogs.iter().find(|c| fold(&c.name) == fold(name))
    }

    /// The namespace that a created object went to, and its key there.
    fn home_of(&self, name: &TableReference) -> Option<(&Namespace, String)> {
        let state = self.ctx.state();
        let defaults = &state.config_options().catalog;
        let resolved = name.clone().resolve(&defaults.default_catalog, &defaults.default_schema);
        let catalog = self.catalog(&resolved.catalog)?;
        let home = catalog.namespaces.iter().find(|n| fold(&n.name) == *resolved.schema)?;
        Some((home, resolved.table.to_string()))
    }

    /// `USE database` or `USE database.schema`.
    fn use_database(&self, target: &[String]) -> Result<Answer> {
        let [database, rest @ ..] = target else {
            return Err(Error::statement("USE needs a name"));
        };
        let missing = |what: &str| {
            let known = self.inner.catalogs.iter().map(|c| c.name.as_str()).collect::<Vec<_>>();
            Error::statement(format!("there is no database {what}"))
                .hinted(format!("databases are {}", known.join(", ")))
        };
        let catalog = self.catalog(database).ok_or_else(|| missing(database))?;
        let schema = match rest {
            [] => &catalog.namespaces[0],
            [schema] => (catalog.namespaces.iter().find(|n| fold(&n.name) == *schema))
                .ok_or_else(|| missing(&target.join(".")))?,
            _ => return Err(missing(&target.join("."))),
        };
        let state = self.ctx.state_ref();
        let mut state = state.write();
        let defaults = &mut state.config_mut().options_mut().catalog;
        defaults.default_catalog = fold(&catalog.name);
        defaults.default_schema = fold(&schema.name);
        Ok(Answer::Done(format!("USE {}.{}", catalog.name, schema.name)))
    }

    async fn plan_error(&self, error: &DataFusionError, statement: &Statement) -> Error {
        let tables: Vec<String> = self.objects().iter().map(Object::shortest_name).collect();
        let columns = self.columns_in(statement).await;
        let functions: Vec<String> = self.functions().into_iter().map(|f| f.name).collect();
        let known = Known { columns: &columns, tables: &tables, functions: &functions };
        diagnostics::error(error, &known).at_if_unplaced(statement.position())
    }
}
