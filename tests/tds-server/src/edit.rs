//! INSERT, UPDATE and DELETE: each becomes the query whose rows the table is to have.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow::array::RecordBatch;
use datafusion::sql::sqlparser::ast::{
    AssignmentTarget, Expr, FromTable, ObjectName, Query, Statement as SqlStatement, TableFactor,
    TableObject, TableWithJoins, Value, visit_expressions_mut,
};
use futures::TryStreamExt;

use crate::databases::Tables;
use crate::error::SqlError;
use crate::lower::{Environment, string};
use crate::query::Planner;
use crate::script::{Script, Statement};
use crate::table::{Table, fold};

/// A change of one table's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    table: ObjectName,
    change: Change,
}

#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// Columns that are named, folded; none named means all.
    Insert {
        columns: Vec<String>,
        source: Box<Query>,
    },
    /// New values by folded column.
    Update {
        values: HashMap<String, Expr>,
        condition: Option<Expr>,
    },
    Delete {
        condition: Option<Expr>,
    },
}

impl Edit {
    /// # Errors
    /// A form with OUTPUT, several tables, or something else that is not a plain change.
    pub fn of(mut statement: SqlStatement) -> Result<Self, SqlError> {
        without_national_literals(&mut statement);
        let unsupported = || SqlError::unsupported("This form of INSERT, UPDATE or DELETE");
        match statement {
            SqlStatement::Insert(insert) if insert.output.is_none() => {
                let TableObject::TableName(table) = insert.table else { return Err(unsupported()) };
                let columns = insert.columns.iter().map(last_part).collect();
                let source = insert.source.ok_or_else(unsupported)?;
                Ok(Self { table, change: Change::Insert { columns, source } })
            }
            SqlStatement::Update(update) if update.from.is_none() && update.output.is_none() => {
                let table = named(&update.table).ok_or_else(unsupported)?;
                let value = |target: AssignmentTarget, value| match target {
                    AssignmentTarget::ColumnName(column) => Some((last_part(&column), value)),
                    AssignmentTarget::Tuple(_) => None,
                };
                let values = update.assignments.into_iter().map(|a| value(a.target, a.value));
                let values = values.collect::<Option<_>>().ok_or_else(unsupported)?;
                Ok(Self { table, change: Change::Update { values, condition: update.selection } })
            }
            SqlStatement::Delete(delete) if delete.output.is_none() => {
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) =
                    delete.from;
                let [table] = from.as_slice() else { return Err(unsupported()) };
                let table = named(table).ok_or_else(unsupported)?;
                Ok(Self { table, change: Change::Delete { condition: delete.selection } })
            }
            _ => Err(unsupported()),
        }
    }

    /// Makes the change, all or nothing. Returns how many rows were inserted or deleted.
    pub async fn apply(
        &self,
        planner: &Planner,
        tables: &Tables,
        database: &str,
        environment: &Environment,
    ) -> Result<Option<u64>, SqlError> {
        let databases = tables.now();
        let name = self.target(database)?;
        let table = databases.table(&name)?;
        let before = table.rows_held();
        let text = self.query(table, &name);
        let script = Script::parse(&text)?;
        let Some(Statement::Query(query)) = script.statements.into_iter().next() else {
            return Err(SqlError::syntax("the change is no query"));
        };
        let answer = planner.run(query, databases, database, environment, &script.spelling).await?;
        let rows: Vec<RecordBatch> = answer.rows.try_collect().await?;
        let now = rows.iter().map(|r| r.num_rows() as u64).sum::<u64>();
        match self.change {
            Change::Insert { .. } => {
                rows.into_iter().try_for_each(|rows| tables.append(&name, rows))?;
                Ok(Some(now))
            }
            Change::Update { .. } => tables.replace(&name, rows).map(|()| None),
            Change::Delete { .. } => {
                tables.replace(&name, rows)?;
                Ok(Some(before.saturating_sub(now)))
            }
        }
    }

    /// `database.schema.table`, whose parts a statement may leave out from the front.
    fn target(&self, database: &str) -> Result<String, SqlError> {
        let parts: Vec<String> =
            self.table.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.clone()).collect();
        match parts.as_slice() {
            [table] => Ok(format!("{database}.dbo.{table}")),
            [schema, table] => Ok(format!("{database}.{schema}.{table}")),
            [database, schema, table] if schema.is_empty() => Ok(format!("{database}.dbo.{table}")),
            [database, schema, table] => Ok(format!("{database}.{schema}.{table}")),
            _ => Err(SqlError::no_such_object(&self.table.to_string())),
        }
    }

    fn query(&self, table: &Table, name: &str) -> String {
        let name = name.split('.').map(quoted).collect::<Vec<_>>().join(".");
        let columns = |select: &dyn Fn(&str, String) -> String| {
            let columns = table.columns.iter().map(|column| {
                let selected = select(&fold(&column.name), quoted(&column.name));
                format!("CONVERT({}, {selected}) AS {}", column.sql_type, quoted(&column.name))
            });
            columns.collect::<Vec<_>>().join(", ")
        };
        match &self.change {
            Change::Insert { columns: into, source } => {
                let all = || table.columns.iter().map(|c| fold(&c.name)).collect();
                let into = if into.is_empty() { all() } else { into.clone() };
                let selected = columns(&|folded, name| {
                    if into.iter().any(|i| i == folded) { name } else { "NULL".into() }
                });
                let names = into.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ");
                format!("SELECT {selected} FROM ({source}) AS source({names})")
            }
            Change::Update { values, condition } => {
                let selected = columns(&|folded, name| match (values.get(folded), condition) {
                    (None, _) => name,
                    (Some(value), None) => value.to_string(),
                    (Some(value), Some(condition)) => {
                        format!("CASE WHEN {condition} THEN {value} ELSE {name} END")
                    }
                });
                format!("SELECT {selected} FROM {name}")
            }
            Change::Delete { condition } => {
                let selected = columns(&|_, name| name);
                // A condition that is unknown is not true: the row stays.
                let gone = condition.as_ref().map_or("1 = 1".into(), ToString::to_string);
                format!(
                    "SELECT {selected} FROM {name} WHERE CASE WHEN {gone} THEN 0 ELSE 1 END = 1"
                )
            }
        }
    }
}

/// Makes N'...' '...', since the parser does not print the quotes within the former rightly.
fn without_national_literals(statement: &mut SqlStatement) {
    let _: ControlFlow<()> = visit_expressions_mut(statement, |expr| {
        if let Expr::Value(value) = expr
            && let Value::NationalStringLiteral(text) = &value.value
        {
            *expr = string(text);
        }
        ControlFlow::Continue(())
    });
}

/// The table of a clause that has one only.
fn named(table: &TableWithJoins) -> Option<ObjectName> {
    match &table.relation {
        TableFactor::Table { name, .. } if table.joins.is_empty() => Some(name.clone()),
        _ => None,
    }
}

fn last_part(name: &ObjectName) -> String {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.map(|ident| fold(&ident.value)).unwrap_or_default()
}

fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}
