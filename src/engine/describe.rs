//! What there is: objects, columns and functions under their declared names.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::catalog::SchemaProvider;
use datafusion::logical_expr::{Documentation, TableType};
use datafusion::sql::resolve::resolve_table_references;

use super::Engine;
use super::builder::HOME;
use super::names::declared;
use crate::error::{Error, Result};
use crate::schema;
use crate::tsql::{Params, Statement, fold};
use crate::views;

/// Whether an object holds rows or a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    Table,
    View,
}

/// A table or view that statements can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub catalog: String,
    pub schema: String,
    pub name: String,
    pub kind: ObjectKind,
}

impl Object {
    /// The full name.
    pub fn full_name(&self) -> String {
        format!("{}.{}.{}", self.catalog, self.schema, self.name)
    }

    /// The name that is enough while no `USE` was said.
    pub fn shortest_name(&self) -> String {
        match (self.catalog.as_str(), self.schema.as_str()) {
            (catalog, schema) if (catalog, schema) == HOME => self.name.clone(),
            (_, "cdr") => format!("cdr.{}", self.name),
            _ => self.full_name(),
        }
    }
}

/// A column as it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    pub name: String,
    /// In SQL Server's words: `int`, `datetime`, `decimal(5,4)`.
    pub data_type: String,
    pub nullable: bool,
    /// What Microsoft's pages say of it.
    pub note: String,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    Scalar,
    Aggregate,
    Window,
    Table,
}

/// A function with its own documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    pub name: String,
    pub kind: FunctionKind,
    /// How to call it; the bare name where its author wrote nothing.
    pub syntax: String,
    pub description: String,
    pub arguments: Vec<(String, String)>,
    pub example: Option<String>,
}

impl Engine {
    /// Every table and view, by catalog and schema; `cdr` is listed once.
    pub fn objects(&self) -> Vec<Object> {
        let mut all = Vec::new();
        for (i, catalog) in self.inner.catalogs.iter().enumerate() {
            for namespace in catalog.namespaces.iter().filter(|n| i == 0 || n.name != "cdr") {
                all.extend(namespace.contents().into_iter().map(|(name, kind)| Object {
                    catalog: catalog.name.clone(),
                    schema: namespace.name.clone(),
                    name,
                    kind: if kind == TableType::View {
                        ObjectKind::View
                    } else {
                        ObjectKind::Table
                    },
                }));
            }
        }
        all
    }

    /// The columns of an object in their order.
    ///
    /// # Errors
    /// The object is gone, or a view's query no longer plans.
    pub async fn columns(&self, object: &Object) -> Result<Vec<ColumnInfo>> {
        let missing =
            || Error::statement(format!("there is no table or view {}", object.full_name()));
        let catalog = self.catalog(&object.catalog).ok_or_else(missing)?;
        let namespace = catalog.namespaces.iter().find(|n| fold(&n.name) == fold(&object.schema));
        let namespace = namespace.ok_or_else(missing)?;
        let table = namespace.table(&fold(&object.name)).await;
        let table =
            table.map_err(|e| Error::statement(e.strip_backtrace()))?.ok_or_else(missing)?;
        let published = schema::table(&object.catalog, &object.name);
        let schema = table.schema();
        let columns = schema.fields().iter().map(|field| {
            let name = declared(field).to_string();
            let note = published.and_then(|t| t.column(&name)).map_or("", |c| c.note);
            ColumnInfo {
                data_type: type_name(field.data_type()),
                nullable: field.is_nullable(),
                note: note.to_string(),
                name,
            }
        });
        Ok(columns.collect())
    }

    /// What an object is for: a view's own comment, or the note on Microsoft's page.
    pub fn note(&self, object: &Object) -> String {
        let home = if object.schema == "cdr" { "cdr" } else { object.catalog.as_str() };
        let view = views::all().iter().find(|v| v.home == home && v.name == object.name);
        let published = schema::table(&object.catalog, &object.name).map(|t| t.note.to_string());
        view.map(views::View::note).filter(|n| !n.is_empty()).or(published).unwrap_or_default()
    }

    /// Every function by name, with its own documentation.
    pub fn functions(&self) -> Vec<FunctionInfo> {
        let state = self.ctx.state();
        let mut all = Vec::new();
        for (name, f) in state.scalar_functions() {
            all.push(function(name, FunctionKind::Scalar, f.documentation()));
        }
        for (name, f) in state.aggregate_functions() {
            all.push(function(name, FunctionKind::Aggregate, f.documentation()));
        }
        for (name, f) in state.window_functions() {
            all.push(function(name, FunctionKind::Window, f.documentation()));
        }
        for name in state.table_functions().keys() {
            all.push(function(name, FunctionKind::Table, None));
        }
        // Those that take relations are the planner's: the session does not list them.
        let ours = cdrql_udfs::functions();
        let lookups = ours.lookup.iter().map(|f| &f.function);
        for f in ours.relation.iter().chain(lookups) {
            all.push(function(f.name, FunctionKind::Table, f.documentation));
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Declared column names of every table that a statement names, for hints; a statement that
    /// does not parse has none.
    pub(super) async fn columns_in(&self, statement: &Statement) -> Vec<String> {
        let Ok(parsed) = statement.parse(&Params::new()) else { return Vec::new() };
        let Ok((tables, _)) = resolve_table_references(&parsed.statement, true) else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for table in tables {
            if let Ok(provider) = self.ctx.table_provider(table).await {
                names.extend(provider.schema().fields().iter().map(|f| declared(f).to_string()));
            }
        }
        names
    }
}

fn function(name: &str, kind: FunctionKind, doc: Option<&Documentation>) -> FunctionInfo {
    FunctionInfo {
        name: name.to_string(),
        kind,
        syntax: doc.map_or_else(|| format!("{name}(...)"), |d| d.syntax_example.clone()),
        description: doc.map(|d| d.description.trim().to_string()).unwrap_or_default(),
        arguments: doc.and_then(|d| d.arguments.clone()).unwrap_or_default(),
        example: doc.and_then(|d| d.sql_example.clone()),
    }
}

/// An Arrow type in SQL Server's words.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "bit".into(),
        DataType::Int8 | DataType::UInt8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "int".into(),
        DataType::Int64 => "bigint".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "float".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "datetime".into(),
        DataType::Timestamp(_, None) => "datetime2".into(),
        DataType::Timestamp(_, Some(_)) => "datetimeoffset".into(),
        DataType::Date32 => "date".into(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "nvarchar".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "varbinary".into(),
        DataType::Dictionary(_, values) => type_name(values),
        other => other.to_string(),
    }
}
