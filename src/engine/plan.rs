//! What a plan says of the statement it came from: its names, its kind, its answer without rows.

use std::sync::Arc;

use cdrql_udfs::config::CdrqlOptions;
use datafusion::arrow::array::UInt64Array;
use datafusion::common::{DataFusionError, TableReference};
use datafusion::config::ExtensionOptions;
use datafusion::logical_expr::{DdlStatement, LogicalPlan, Statement as PlanStatement};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::sqlparser::ast::{Statement as Ast, Use};

use super::names;
use crate::tsql::{Spelling, fold};

/// Gives what leaves the plan the names that people see.
pub(super) fn show_names(
    plan: LogicalPlan,
    spelling: &Spelling,
) -> Result<LogicalPlan, DataFusionError> {
    Ok(match plan {
        LogicalPlan::Copy(mut copy) => {
            let input = Arc::unwrap_or_clone(copy.input);
            copy.input = Arc::new(names::with_shown_names(input, spelling)?);
            LogicalPlan::Copy(copy)
        }
        LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(mut create)) => {
            let input = Arc::unwrap_or_clone(create.input);
            create.input = Arc::new(names::with_shown_names(input, spelling)?);
            LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(create))
        }
        LogicalPlan::Ddl(DdlStatement::CreateView(mut create)) => {
            let input = Arc::unwrap_or_clone(create.input);
            create.input = Arc::new(names::with_declared_names(input, spelling)?);
            LogicalPlan::Ddl(DdlStatement::CreateView(create))
        }
        LogicalPlan::DescribeTable(mut describe) => {
            describe.schema = names::shown_schema(&describe.schema, &Spelling::default());
            LogicalPlan::DescribeTable(describe)
        }
        other => other,
    })
}

/// What a statement without rows answers.
pub(super) fn done_word(plan: &LogicalPlan) -> Option<&'static str> {
    Some(match plan {
        LogicalPlan::Ddl(ddl) => match ddl {
            DdlStatement::CreateExternalTable(_) => "CREATE EXTERNAL TABLE",
            DdlStatement::CreateMemoryTable(_) => "CREATE TABLE",
            DdlStatement::CreateView(_) => "CREATE VIEW",
            DdlStatement::DropTable(_) => "DROP TABLE",
            DdlStatement::DropView(_) => "DROP VIEW",
            _ => "done",
        },
        LogicalPlan::Statement(PlanStatement::SetVariable(_)) => "SET",
        LogicalPlan::Statement(PlanStatement::ResetVariable(_)) => "RESET",
        LogicalPlan::Statement(PlanStatement::Prepare(_)) => "PREPARE",
        LogicalPlan::Statement(PlanStatement::Deallocate(_)) => "DEALLOCATE",
        _ => return None,
    })
}

/// The setting of ours that a RESET names, and its default; DataFusion knows its own only.
pub(super) fn reset_of_ours(plan: &LogicalPlan) -> Option<(String, String)> {
    let LogicalPlan::Statement(PlanStatement::ResetVariable(reset)) = plan else { return None };
    let ours = CdrqlOptions::default().entries().into_iter();
    let entry = ours.into_iter().find(|entry| entry.key == reset.variable)?;
    Some((entry.key, entry.value.unwrap_or_default()))
}

/// The object that a statement creates.
pub(super) fn created_name(plan: &LogicalPlan) -> Option<TableReference> {
    match plan {
        LogicalPlan::Ddl(DdlStatement::CreateExternalTable(create)) => Some(create.name.clone()),
        LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(create)) => Some(create.name.clone()),
        LogicalPlan::Ddl(DdlStatement::CreateView(create)) => Some(create.name.clone()),
        _ => None,
    }
}

/// COPY and INSERT answer with one row: how many they wrote.
pub(super) async fn count(
    plan: Arc<dyn ExecutionPlan>,
    ctx: &SessionContext,
) -> Result<u64, DataFusionError> {
    let batches = collect(plan, ctx.task_ctx()).await?;
    let counts = batches.iter().filter(|b| b.num_columns() > 0).filter_map(|b| {
        b.column(0).as_any().downcast_ref::<UInt64Array>().map(|c| c.iter().flatten().sum::<u64>())
    });
    Ok(counts.sum())
}

/// The parts of the name after USE.
pub(super) fn use_target(statement: &DfStatement) -> Option<Vec<String>> {
    let DfStatement::Statement(ast) = statement else { return None };
    let Ast::Use(target) = ast.as_ref() else { return None };
    match target {
        Use::Object(name) | Use::Database(name) | Use::Catalog(name) | Use::Schema(name) => {
            Some(name.0.iter().filter_map(|p| p.as_ident()).map(|i| fold(&i.value)).collect())
        }
        _ => Some(Vec::new()),
    }
}
