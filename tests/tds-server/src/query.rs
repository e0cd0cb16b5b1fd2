//! A query, planned and run by DataFusion.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder};
use datafusion::object_store::ObjectStore;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::sqlparser::ast::{Query, Statement as SqlStatement};

use crate::column_metadata::WireColumn;
use crate::databases::Databases;
use crate::error::SqlError;
use crate::functions;
use crate::lower::{self, Environment, UNNAMED};
use crate::operators::Operators;
use crate::provider::Catalogs;
use crate::table::{NAME, fold};

/// A running query.
pub struct Answer {
    pub columns: Vec<WireColumn>,
    pub rows: SendableRecordBatchStream,
}

/// What every query starts from: functions, settings, where stored rows lie.
#[derive(Debug, Clone)]
pub struct Planner {
    state: SessionState,
    runtime: Arc<RuntimeEnv>,
}

impl Default for Planner {
    fn default() -> Self {
        let mut config = SessionConfig::new()
            // One partition: rows come in the table's order, and nothing is gathered.
            .with_target_partitions(1)
            .with_create_default_catalog_and_schema(false);
        config.options_mut().sql_parser.default_null_ordering = "nulls_min".into();
        let runtime = Arc::new(RuntimeEnv::default());
        let mut builder = SessionStateBuilder::new()
            .with_default_features()
            .with_config(config)
            .with_runtime_env(Arc::clone(&runtime));
        if let Some(scalar) = builder.scalar_functions() {
            scalar.extend(functions::scalar_functions());
        }
        if let Some(aggregates) = builder.aggregate_functions() {
            aggregates.extend(functions::aggregate_functions());
        }
        if let Some(planners) = builder.expr_planners() {
            planners.insert(0, Arc::new(Operators));
        }
        Self { state: builder.build(), runtime }
    }
}

impl Planner {
    /// Makes a store of rows known to the scans that read from it.
    pub fn register(&self, url: &ObjectStoreUrl, store: Arc<dyn ObjectStore>) {
        self.runtime.register_object_store(url.as_ref(), store);
    }

    /// Starts a query in a database.
    pub async fn run(
        &self,
        mut query: Box<Query>,
        databases: Arc<Databases>,
        database: &str,
        environment: &Environment,
        spelling: &HashMap<String, String>,
    ) -> Result<Answer, SqlError> {
        lower::lower(&mut query, environment)?;
        let state = self.state_in(databases, database);
        let statement = DfStatement::Statement(Box::new(SqlStatement::Query(query)));
        let plan = state.statement_to_plan(statement).await?;
        let columns =
            plan.schema().fields().iter().map(|f| WireColumn::of_field(f, title(f, spelling)));
        let columns = columns.collect::<Result<_, _>>()?;
        let physical = state.create_physical_plan(&plan).await?;
        let rows = execute_stream(physical, state.task_ctx())?;
        Ok(Answer { columns, rows })
    }

    fn state_in(&self, databases: Arc<Databases>, database: &str) -> SessionState {
        let config = self.state.config().clone();
        let config = config.with_default_catalog_and_schema(fold(database), "dbo");
        SessionStateBuilder::new_from_existing(self.state.clone())
            .with_config(config)
            .with_catalog_list(Arc::new(Catalogs(databases)))
            .build()
    }
}

/// A column's name as it was typed, else as it is declared; nothing for an unnamed expression.
fn title(field: &Field, spelling: &HashMap<String, String>) -> String {
    let name = field.name();
    if name.starts_with(UNNAMED) {
        return String::new();
    }
    let declared = field.metadata().get(NAME).filter(|declared| fold(declared) == *name);
    spelling.get(name).or(declared).unwrap_or(name).clone()
}
