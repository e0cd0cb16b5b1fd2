//! Names without regard to case: plans see folded names, people see declared ones.
//!
//! DataFusion matches column names exactly, so every table shows its columns in folded form and
//! carries the declared spelling in the field's metadata, which follows the column through a plan.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::{Column, DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use crate::tsql::{Spelling, fold};

/// Field metadata key of the declared spelling.
const DECLARED: &str = "cdrql.name";

/// A field under its folded name, which remembers its declared one.
fn folded(field: &Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.entry(DECLARED.into()).or_insert_with(|| field.name().clone());
    field.clone().with_name(fold(field.name())).with_metadata(metadata)
}

/// The schema that plans see.
///
/// # Errors
/// Two columns whose names differ in case alone: no statement could tell them apart.
pub(super) fn folded_schema(schema: &Schema) -> Result<SchemaRef> {
    let mut seen = HashSet::new();
    let fields: Vec<Field> = schema.fields().iter().map(|f| folded(f)).collect();
    if let Some(twice) = fields.iter().find(|f| !seen.insert(f.name().as_str())) {
        return Err(DataFusionError::Plan(format!(
            "two columns are named {:?} when case is ignored",
            declared(twice)
        )));
    }
    Ok(Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())))
}

/// The spelling a field was declared with. An alias keeps its column's metadata but not its name,
/// so metadata that speaks of another name is left aside.
pub(super) fn declared(field: &Field) -> &str {
    match field.metadata().get(DECLARED) {
        Some(name) if fold(name) == *field.name() => name,
        _ => field.name(),
    }
}

/// What the result's columns are called: as typed in the statement, else as declared.
fn shown<'a>(field: &'a Field, spelling: &'a Spelling) -> &'a str {
    spelling.of(field.name()).unwrap_or_else(|| declared(field))
}

/// The schema of a result as people see it.
pub(super) fn shown_schema(schema: &Schema, spelling: &Spelling) -> SchemaRef {
    let show = |f: &FieldRef| {
        let mut metadata = f.metadata().clone();
        metadata.remove(DECLARED);
        f.as_ref().clone().with_name(shown(f, spelling)).with_metadata(metadata)
    };
    Arc::new(Schema::new(schema.fields().iter().map(show).collect::<Vec<_>>()))
}

/// Renames a plan's outputs to what people see, for what is stored outside: COPY, CREATE TABLE AS.
pub(super) fn with_shown_names(plan: LogicalPlan, spelling: &Spelling) -> Result<LogicalPlan> {
    project(plan, |field| Expr::from(field_column(field)).alias(shown(field.1, spelling)))
}

/// Keeps a plan's folded names and lets each column carry its spelling, for a view.
pub(super) fn with_declared_names(plan: LogicalPlan, spelling: &Spelling) -> Result<LogicalPlan> {
    project(plan, |field| {
        let name = shown(field.1, spelling).to_string();
        let metadata = HashMap::from([(DECLARED.to_string(), name)]);
        let alias = field.1.name().clone();
        Expr::from(field_column(field))
            .alias_with_metadata(alias, Some(FieldMetadata::from(metadata)))
    })
}

/// The same columns under names that differ even when case is ignored: `a`, `A` become `a`, `A_2`.
pub(super) fn distinct(schema: &Schema) -> SchemaRef {
    let mut taken = HashSet::new();
    let fields = schema.fields().iter().map(|field| {
        let mut name = field.name().clone();
        let mut n = 1;
        while !taken.insert(fold(&name)) {
            n += 1;
            name = format!("{}_{n}", field.name());
        }
        field.as_ref().clone().with_name(name)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

type QualifiedField<'a> = (Option<&'a datafusion::common::TableReference>, &'a FieldRef);

fn field_column(field: QualifiedField) -> Column {
    Column::from(field)
}

fn project(plan: LogicalPlan, column: impl Fn(QualifiedField) -> Expr) -> Result<LogicalPlan> {
    let columns: Vec<Expr> = plan.schema().iter().map(column).collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::DataType;

    fn schema(names: &[&str]) -> Schema {
        Schema::new(names.iter().map(|n| Field::new(*n, DataType::Int32, true)).collect::<Vec<_>>())
    }

    #[test]
    fn folding_keeps_the_declared_name() {
        let folded = folded_schema(&schema(&["SessionIdTime"])).unwrap();
        assert_eq!(folded.field(0).name(), "sessionidtime");
        assert_eq!(declared(folded.field(0)), "SessionIdTime");
    }

    #[test]
    fn an_alias_does_not_show_its_columns_name() {
        let folded = folded_schema(&schema(&["UserUri"])).unwrap();
        let alias = folded.field(0).clone().with_name("caller");
        assert_eq!(declared(&alias), "caller");
    }

    #[test]
    fn two_names_that_fold_alike_are_refused() {
        let error = folded_schema(&schema(&["a", "A"])).unwrap_err();
        assert!(error.to_string().contains("two columns are named"));
    }
}
