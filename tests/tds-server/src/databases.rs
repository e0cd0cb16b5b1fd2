//! The databases of the server, at one moment and over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::{NaiveDateTime, SubsecRound, Utc};
use parking_lot::RwLock;
use uuid::Uuid;

use crate::error::SqlError;
use crate::literal::Literal;
use crate::sql_type::SqlType;
use crate::table::{Column, Rows, Table, TableSpec, fold};

/// The database that a session is in when its login names none.
pub const MASTER: &str = "master";

/// The first id of a database that is not the server's own.
const FIRST_USER_DATABASE: i32 = 5;

/// One database at one moment.
#[derive(Debug, Clone)]
pub struct Database {
    pub name: String,
    pub id: i32,
    pub created: NaiveDateTime,
    /// Tells a restored or rebuilt database from the one before.
    pub guid: Uuid,
    /// `ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON`.
    pub snapshot_isolation: bool,
    /// By folded schema and name.
    pub tables: BTreeMap<(String, String), Arc<Table>>,
}

impl Database {
    fn new(name: &str, id: i32) -> Self {
        Self {
            name: name.into(),
            id,
            created: now(),
            guid: Uuid::new_v4(),
            snapshot_isolation: false,
            tables: BTreeMap::new(),
        }
    }

    /// The names of its schemas, sorted; every database has dbo and sys.
    pub fn schemas(&self) -> Vec<String> {
        let declared = self.tables.values().map(|t| t.schema_name.clone());
        let mut names: Vec<String> =
            ["dbo".into(), "sys".into()].into_iter().chain(declared).collect();
        names.sort();
        names.dedup_by_key(|name| fold(name));
        names
    }
}

/// All databases at one moment; cheap to copy.
#[derive(Debug, Clone)]
pub struct Databases {
    by_name: BTreeMap<String, Database>,
    next_object_id: i32,
}

impl Default for Databases {
    fn default() -> Self {
        let own = [MASTER, "tempdb", "model", "msdb"].into_iter().zip(1..FIRST_USER_DATABASE);
        let by_name = own.map(|(name, id)| (name.to_string(), Database::new(name, id))).collect();
        // The system's own objects lie below this in every database.
        Self { by_name, next_object_id: 245_575_913 }
    }
}

impl Databases {
    pub fn get(&self, name: &str) -> Option<&Database> {
        self.by_name.get(&fold(name))
    }

    /// In the order of their ids.
    pub fn all(&self) -> Vec<&Database> {
        let mut all: Vec<_> = self.by_name.values().collect();
        all.sort_by_key(|d| d.id);
        all
    }

    /// The table named `database.schema.table`.
    pub fn table(&self, name: &str) -> Result<&Table, SqlError> {
        let missing = || SqlError::no_such_object(name);
        let parts: Vec<String> = name.split('.').map(fold).collect();
        let [database, schema, table] = parts.as_slice() else { return Err(missing()) };
        let database = self.by_name.get(database).ok_or_else(missing)?;
        let table = database.tables.get(&(schema.clone(), table.clone())).ok_or_else(missing)?;
        Ok(table)
    }

    /// The row version that the next change in a database would get.
    pub fn next_row_version(&self, database: &str) -> Literal {
        let tables = self.get(database).into_iter().flat_map(|d| d.tables.values());
        let next = tables.filter_map(|t| t.greatest_row_version()).max().unwrap_or(2_000) + 1;
        Literal { text: Some(format!("0x{next:016X}")), sql_type: SqlType::Binary(8) }
    }

    fn database(&mut self, name: &str) -> &mut Database {
        let id = self.by_name.values().map(|d| d.id).max().unwrap_or(FIRST_USER_DATABASE) + 1;
        let id = id.max(FIRST_USER_DATABASE);
        self.by_name.entry(fold(name)).or_insert_with(|| Database::new(name, id))
    }

    fn add(&mut self, spec: TableSpec) -> Result<(), SqlError> {
        let object_id = self.next_object_id;
        self.next_object_id += 16;
        let key = (fold(&spec.schema), fold(&spec.name));
        let database = self.database(&spec.database);
        let table = Table::new(spec.clone(), object_id, now())?;
        database.tables.insert(key, Arc::new(table));
        Ok(())
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Arc<Table>, SqlError> {
        let missing = || SqlError::no_such_object(name);
        let parts: Vec<String> = name.split('.').map(fold).collect();
        let [database, schema, table] = parts.as_slice() else { return Err(missing()) };
        let database = self.by_name.get_mut(database).ok_or_else(missing)?;
        database.tables.get_mut(&(schema.clone(), table.clone())).ok_or_else(missing)
    }
}

/// Time as `sys` views show it.
fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(3)
}

/// The databases while the server runs. Tables are named `database.schema.table`, in any case.
/// A statement sees what was there when it began; a snapshot transaction, when that began.
#[derive(Debug, Clone, Default)]
pub struct Tables(Arc<RwLock<Arc<Databases>>>);

impl Tables {
    /// What is there now.
    pub fn now(&self) -> Arc<Databases> {
        Arc::clone(&self.0.read())
    }

    /// All or nothing: if the change fails, nothing has changed.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Databases) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let mut current = self.0.write();
        let mut next = Databases::clone(&current);
        let outcome = change(&mut next)?;
        *current = Arc::new(next);
        Ok(outcome)
    }

    fn change_table(
        &self,
        name: &str,
        change: impl FnOnce(&mut Table) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        self.change(|databases| change(Arc::make_mut(databases.table_mut(name)?)))
    }

    /// Adds a table, and its database if need be. One of that name is dropped before.
    pub fn create(&self, spec: TableSpec) -> Result<(), SqlError> {
        self.change(|databases| databases.add(spec))
    }

    pub fn drop_table(&self, name: &str) -> Result<(), SqlError> {
        self.change(|databases| {
            let table = databases.table_mut(name)?;
            let key = (fold(&table.schema_name), fold(&table.name));
            for database in databases.by_name.values_mut() {
                if name.split('.').next().is_some_and(|d| fold(d) == fold(&database.name)) {
                    database.tables.remove(&key);
                }
            }
            Ok(())
        })
    }

    /// Adds rows behind the others.
    pub fn append(&self, name: &str, rows: RecordBatch) -> Result<(), SqlError> {
        self.change_table(name, |table| table.append(Rows::Batches(vec![rows])))
    }

    /// Exchanges all rows.
    pub fn replace(&self, name: &str, rows: Vec<RecordBatch>) -> Result<(), SqlError> {
        self.change_table(name, |table| {
            table.parts.clear();
            table.append(Rows::Batches(rows))
        })
    }

    /// Exchanges columns and rows, as `ALTER TABLE` does; the table's identity stays.
    pub fn alter(
        &self,
        name: &str,
        columns: Vec<Column>,
        rows: Vec<RecordBatch>,
    ) -> Result<(), SqlError> {
        self.change_table(name, |table| {
            let spec = TableSpec {
                database: String::new(),
                schema: table.schema_name.clone(),
                name: table.name.clone(),
                columns,
                primary_key: table.primary_key.clone(),
                rows: Rows::Batches(rows),
            };
            *table = Table::new(spec, table.object_id, table.created)?;
            Ok(())
        })
    }

    /// Switches snapshot isolation on or off.
    pub fn allow_snapshot(&self, database: &str, on: bool) -> Result<(), SqlError> {
        self.change(|databases| {
            databases.database(database).snapshot_isolation = on;
            Ok(())
        })
    }

    /// A database as if it had been set up anew: another identity, other object ids, no rows.
    pub fn rebuild(&self, database: &str) -> Result<(), SqlError> {
        self.change(|databases| {
            let next = &mut databases.next_object_id;
            let found = databases.by_name.get_mut(&fold(database));
            let found = found.ok_or_else(|| SqlError::no_such_database(database))?;
            found.created = now();
            found.guid = Uuid::new_v4();
            for table in found.tables.values_mut() {
                let table = Arc::make_mut(table);
                table.object_id = *next;
                *next += 16;
                table.created = now();
                table.parts.clear();
            }
            Ok(())
        })
    }
}
