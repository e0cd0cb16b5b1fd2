//! SQL functions over call records for DataFusion: voice quality, traffic, contacts.
//!
//! ```
//! use datafusion::prelude::SessionContext;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> datafusion::error::Result<()> {
//! let ctx = SessionContext::new();
//! cdrql_udfs::register_all(&ctx)?;
//! let rows = ctx.sql("SELECT jitter_bucket(12)").await?.collect().await?;
//! assert_eq!(rows[0].num_rows(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! A function is one file: documentation, parameters, kernel, tests. To add one, write that
//! file, add a line to `functions()` of its family, a case to `tests/slt/functions`, and write
//! `docs/functions.md` anew: `cargo run -p cdrql-udfs --example functions_md > docs/functions.md`.

pub mod amount;
pub mod call;
pub mod collected;
pub mod config;
pub mod contacts;
mod docs;
mod lanes;
mod local_time;
pub mod lookup;
mod named;
mod normal;
pub mod parameter;
pub mod quality;
mod random;
pub mod ratio;
mod record;
mod region;
pub mod relation;
pub mod rows;
pub mod scalar;
pub mod tally;
#[cfg(test)]
mod testing;
mod texts;
pub mod traffic;
pub mod window;

pub use docs::functions_markdown;

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{AggregateUDF, Documentation, ScalarUDF, WindowUDF};
use datafusion::prelude::SessionContext;

use crate::lookup::{LookupFunction, LookupFunctionPlanner};
use crate::relation::{RelationFunction, RelationFunctionPlanner};

/// Functions by kind.
#[derive(Debug, Default)]
pub struct Functions {
    /// One value per row.
    pub scalar: Vec<ScalarUDF>,
    /// One value per group.
    pub aggregate: Vec<AggregateUDF>,
    /// One value per row of an ordered partition.
    pub window: Vec<WindowUDF>,
    /// Relations out of a relation.
    pub relation: Vec<RelationFunction>,
    /// Relations out of two relations.
    pub lookup: Vec<LookupFunction>,
}

impl Functions {
    /// Adds the functions of another family.
    pub fn extend(mut self, other: Self) -> Self {
        self.scalar.extend(other.scalar);
        self.aggregate.extend(other.aggregate);
        self.window.extend(other.window);
        self.relation.extend(other.relation);
        self.lookup.extend(other.lookup);
        self
    }

    /// Names with documentation, in the order of the families.
    pub fn documented(&self) -> impl Iterator<Item = (&str, Option<&Documentation>)> {
        let scalar = self.scalar.iter().map(|f| (f.name(), f.documentation()));
        let aggregate = self.aggregate.iter().map(|f| (f.name(), f.documentation()));
        let window = self.window.iter().map(|f| (f.name(), f.documentation()));
        let relation = self.relation.iter().map(|f| (f.name, f.documentation));
        let lookup = self.lookup.iter().map(|f| (f.function.name, f.function.documentation));
        scalar.chain(aggregate).chain(window).chain(relation).chain(lookup)
    }
}

/// Every function of this crate.
pub fn functions() -> Functions {
    quality::functions().extend(traffic::functions()).extend(contacts::functions())
}

/// Registers every function of this crate with a built session. (A session builder would let
/// them replace the built-in ones.)
///
/// # Errors
/// When the session refuses a function.
pub fn register_all(ctx: &SessionContext) -> Result<()> {
    let functions = functions();
    let state = ctx.state_ref();
    let mut state = state.write();
    config::add_to(state.config_mut().options_mut());
    for function in functions.scalar {
        state.register_udf(function.into())?;
    }
    for function in functions.aggregate {
        state.register_udaf(function.into())?;
    }
    for function in functions.window {
        state.register_udwf(function.into())?;
    }
    state.register_relation_planner(Arc::new(RelationFunctionPlanner::new(functions.relation)))?;
    state.register_relation_planner(Arc::new(LookupFunctionPlanner::new(functions.lookup)))?;
    Ok(())
}
