//! Mirrors as tables to serve: under the types that the published schema declares.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, SchemaRef};
use cdrql::store::{AsOf, Mirror, TableEntry};
use cdrql::{Error, Result};
use datafusion::catalog::TableProvider;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::prelude::SessionContext;

use crate::databases::Tables;
use crate::query::Planner;
use crate::sql_type::SqlType;
use crate::table::{Column, Rows, TableSpec, fold};

/// The published columns with their types, as the schema's own file has them.
const PUBLISHED: &str = include_str!("../../../src/schema/columns.csv");

/// Serves a mirror's tables from where they lie.
pub fn serve(dir: &Path, tables: &Tables, planner: &Planner) -> Result<()> {
    let mirror = Mirror::open(dir, AsOf::Newest)?;
    let (url, store) = mirror.object_store();
    let url = ObjectStoreUrl::parse(url).map_err(|e| Error::internal(e.to_string()))?;
    planner.register(&url, store);
    each_table(&mirror, |entry, provider| create(tables, entry, Rows::Stored(provider)))
}

/// Serves the sample from memory.
pub fn hold_sample(tables: &Tables) -> Result<()> {
    hold(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample-data")), tables)
}

/// Serves a mirror's tables from memory.
pub fn hold(dir: &Path, tables: &Tables) -> Result<()> {
    let mirror = Mirror::open(dir, AsOf::Newest)?;
    let ctx = SessionContext::new();
    let (url, store) = mirror.object_store();
    ctx.register_object_store(&url, store);
    each_table(&mirror, |entry, provider| {
        let batches = collect(&ctx, provider).map_err(|e| Error::source(e.to_string()))?;
        create(tables, entry, Rows::Batches(batches))
    })
}

/// All rows of a table, from a thread of its own: the caller may be inside a runtime already.
fn collect(
    ctx: &SessionContext,
    provider: Arc<dyn TableProvider>,
) -> datafusion::error::Result<Vec<RecordBatch>> {
    let frame = ctx.read_table(provider)?;
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(frame.collect())
        });
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn each_table(
    mirror: &Mirror,
    mut serve: impl FnMut(&TableEntry, Arc<dyn TableProvider>) -> Result<()>,
) -> Result<()> {
    mirror.snapshot().tables.iter().try_for_each(|entry| serve(entry, mirror.provider(entry)?))
}

fn create(tables: &Tables, entry: &TableEntry, rows: Rows) -> Result<()> {
    let def = &entry.def;
    let declared = declared(&def.database, &def.name);
    let spec = TableSpec {
        database: def.database.clone(),
        schema: def.schema.clone(),
        name: def.name.clone(),
        columns: columns(&def.columns, &declared, &def.primary_key)?,
        primary_key: def.primary_key.clone(),
        rows,
    };
    tables.create(spec).map_err(|e| Error::source(format!("{def}: {}", e.message)))
}

/// Types of a table's published columns, by folded name.
fn declared(database: &str, table: &str) -> HashMap<String, SqlType> {
    let records = PUBLISHED.lines().skip(1).map(|line| line.splitn(8, ',').collect::<Vec<_>>());
    let columns = records.filter_map(|record| match record.as_slice() {
        [d, t, _, _, column, _, rest @ ..] if *d == database && *t == table => {
            // A type with two digits is quoted, and its comma split it.
            let text = rest.join(",");
            let text = text.strip_prefix('"').map_or_else(
                || text.split(',').next().unwrap_or_default(),
                |quoted| quoted.split('"').next().unwrap_or_default(),
            );
            Some((fold(column), text.parse().ok()?))
        }
        _ => None,
    });
    columns.collect()
}

fn columns(
    schema: &SchemaRef,
    declared: &HashMap<String, SqlType>,
    key: &[String],
) -> Result<Vec<Column>> {
    let column = |field: &Arc<Field>| {
        let known = declared.get(&fold(field.name())).copied();
        let sql_type = known.or_else(|| SqlType::of_arrow(field.data_type())).ok_or_else(|| {
            Error::source(format!(
                "{}: no type of SQL Server for {}",
                field.name(),
                field.data_type()
            ))
        })?;
        let column = Column::new(field.name(), sql_type);
        let in_key = key.iter().any(|k| k == field.name());
        Ok(if in_key || !field.is_nullable() { column.not_null() } else { column })
    };
    schema.fields().iter().map(column).collect()
}
