//! What a database has: its tables, their columns and keys, as the server's catalogue tells them.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, Utc};
use tiberius::Row;
use tracing::info;

use super::answer::{flag, guid, moment, number, text};
use super::exclude::{Exclusions, Place};
use super::fault::Fault;
use super::pool::Pool;
use super::queries;
use super::types::{Reading, ServerType};
use crate::schema;
use crate::store::TableDef;
use crate::{Error, Result};

/// A database of the server.
#[derive(Debug, Clone)]
pub struct Database {
    /// As the mirror spells it.
    pub name: String,
    /// Tells it from another database of that name.
    pub identity: Option<String>,
    pub allows_snapshot: bool,
    /// The server's clock.
    pub now: DateTime<Utc>,
}

/// A table that can be copied.
#[derive(Debug, Clone)]
pub struct SourceTable {
    /// Without a time key: which one it gets is the plan's to say. A name that differs from a
    /// published one in case alone is spelled as published.
    pub def: TableDef,
    /// As the server spells it.
    pub server_name: String,
    pub columns: Vec<SourceColumn>,
    /// What the server believes, without counting.
    pub row_estimate: Option<u64>,
    /// The last number that its identity column gave out.
    pub identity: Option<i64>,
    /// Columns that lead an index: asking for a range of theirs is cheap.
    pub leading: HashSet<String>,
}

#[derive(Debug, Clone)]
pub struct SourceColumn {
    /// As the mirror spells it.
    pub name: String,
    /// As the server spells it.
    pub server_name: String,
    /// As it is written in the table's definition, such as `nvarchar(256)`.
    pub declared: String,
    pub reading: Reading,
    pub nullable: bool,
    /// The type in which a time is compared, if it is one.
    pub moment: Option<String>,
}

impl SourceTable {
    pub fn column(&self, name: &str) -> Option<&SourceColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The table as a FROM clause names it.
    pub fn from(&self) -> queries::From<'_> {
        queries::From { schema: &self.def.schema, table: &self.server_name }
    }

    /// The rowversion column, if there is one.
    pub fn rowversion(&self) -> Option<&SourceColumn> {
        self.columns.iter().find(|c| matches!(c.declared.as_str(), "timestamp" | "rowversion"))
    }
}

/// The database that the pool's connections are in.
pub async fn database(pool: &Pool, name: &str) -> Result<Database, Fault> {
    let rows = pool.rows(name, queries::DATABASE).await?;
    let row = rows.first().ok_or_else(|| Error::source(format!("{name}: not in sys.databases")))?;
    Ok(Database {
        name: published_database(text(row, "database_name").unwrap_or(name)).to_owned(),
        // Not every engine that speaks T-SQL has one.
        identity: guid(row, "database_guid")
            .or_else(|| moment(row, "create_date").map(|time| format!("created {time}"))),
        allows_snapshot: number(row, "snapshot_isolation_state") == Some(1),
        now: moment(row, "utc_now").unwrap_or_else(Utc::now),
    })
}

/// The tables of the database, but for those that are left out, ordered by schema and name.
pub async fn tables(
    pool: &Pool,
    database: &str,
    exclusions: &Exclusions,
) -> Result<Vec<SourceTable>, Fault> {
    let tables = pool.rows(database, queries::TABLES).await?;
    let columns = pool.rows(database, queries::COLUMNS).await?;
    let indexes = pool.rows(database, queries::INDEXES).await?;
    let estimates = pool.optional_rows("row estimates", queries::ROW_ESTIMATES).await;
    let identities = pool.optional_rows("identity columns", queries::IDENTITIES).await;
    let (columns, indexes) = (by_table(&columns), by_table(&indexes));
    let (estimates, identities) = (by_table(&estimates), by_table(&identities));
    let first = |rows: &HashMap<i64, Vec<&Row>>, id: i64, value: &str| {
        rows.get(&id).and_then(|rows| number(rows.first()?, value))
    };
    let mut found = Vec::new();
    for row in &tables {
        let parts = (number(row, "object_id"), text(row, "schema_name"), text(row, "table_name"));
        let (Some(id), Some(schema), Some(server_name)) = parts else { continue };
        if flag(row, "is_ms_shipped") {
            continue;
        }
        let published = schema::table(database, server_name);
        let table = published.map_or(server_name, |published| published.name);
        let place = Place { database, schema, table };
        if exclusions.table(place) {
            info!(table = %place, "left out");
            continue;
        }
        let of_table = |rows: &HashMap<i64, Vec<_>>| rows.get(&id).cloned().unwrap_or_default();
        let mut read = source_table(place, &of_table(&columns), &of_table(&indexes), exclusions)?;
        read.server_name = server_name.into();
        read.row_estimate =
            first(&estimates, id, "row_estimate").and_then(|rows| u64::try_from(rows).ok());
        read.identity = first(&identities, id, "last_identity");
        found.push(read);
    }
    found.sort_by(|a, b| (&a.def.schema, &a.def.name).cmp(&(&b.def.schema, &b.def.name)));
    Ok(found)
}

/// The published spelling of a database's name.
fn published_database(name: &str) -> &str {
    schema::DATABASES.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
}

fn by_table(rows: &[Row]) -> HashMap<i64, Vec<&Row>> {
    let mut tables: HashMap<i64, Vec<&Row>> = HashMap::new();
    for row in rows {
        if let Some(id) = number(row, "object_id") {
            tables.entry(id).or_default().push(row);
        }
    }
    tables
}

fn source_table(
    place: Place<'_>,
    columns: &[&Row],
    indexes: &[&Row],
    exclusions: &Exclusions,
) -> Result<SourceTable> {
    // By their numbers: the order in which the table declares them, each once.
    let rows: BTreeMap<i64, &Row> =
        columns.iter().filter_map(|row| Some((number(row, "column_id")?, *row))).collect();
    let published = schema::table(place.database, place.table);
    let spelled = |name: &str| -> String {
        let column = published.and_then(|published| published.column(name));
        column.map_or(name, |column| column.name).to_owned()
    };
    let name_of = |id: i64| rows.get(&id).and_then(|row| text(row, "column_name")).map(spelled);
    let indexes = Indexes::new(indexes, &rows);
    let mut read = Vec::with_capacity(rows.len());
    for row in rows.values() {
        let Some(server_name) = text(row, "column_name") else { continue };
        let name = spelled(server_name);
        if exclusions.column(place, &name) {
            info!(table = %place, column = name, "left out");
            continue;
        }
        read.push(source_column(place, name, server_name, row)?);
    }
    if read.is_empty() {
        return Err(Error::source(format!("{place}: no column is left to read"))
            .hinted(format!("leave the whole table out: --exclude {place}")));
    }
    // A key of which a column is left out is none.
    let kept = |id: i64| name_of(id).filter(|name| read.iter().any(|c| c.name == *name));
    let key: Option<Vec<String>> =
        indexes.unique_key().and_then(|ids| ids.into_iter().map(kept).collect());
    let key = key.unwrap_or_default();
    let field =
        |c: &SourceColumn| Field::new(&c.name, c.reading.data_type.clone(), !key.contains(&c.name));
    let def = TableDef {
        database: place.database.into(),
        schema: place.schema.into(),
        name: place.table.into(),
        columns: Schema::new(read.iter().map(field).collect::<Vec<_>>()).into(),
        primary_key: key,
        time_key: None,
    };
    let leading = indexes.leading().filter_map(name_of).collect();
    let server_name = place.table.to_owned();
    Ok(SourceTable { def, server_name, columns: read, row_estimate: None, identity: None, leading })
}

fn source_column(
    place: Place<'_>,
    name: String,
    server_name: &str,
    row: &Row,
) -> Result<SourceColumn> {
    let declared = text(row, "declared_type").unwrap_or_default();
    let small = |value: &str| number(row, value).unwrap_or_default();
    let server_type = ServerType {
        name: text(row, "base_type").unwrap_or(declared),
        max_length: small("max_length") as i16,
        precision: small("precision") as u8,
        scale: small("scale") as u8,
        collation: text(row, "collation_name"),
    };
    let reading = server_type.reading().ok_or_else(|| {
        Error::source(format!(
            "{place}: column {name} is {declared}, which has no faithful type here"
        ))
        .hinted(format!("leave it out: --exclude {place}.{name}"))
    })?;
    Ok(SourceColumn {
        name,
        server_name: server_name.into(),
        declared: server_type.declared(),
        reading,
        nullable: flag(row, "is_nullable"),
        moment: server_type.as_moment(),
    })
}

/// A table's indexes by number, each with its key columns in order.
struct Indexes<'a>(BTreeMap<i64, (&'a Row, BTreeMap<i64, i64>)>, &'a BTreeMap<i64, &'a Row>);

impl<'a> Indexes<'a> {
    fn new(rows: &[&'a Row], columns: &'a BTreeMap<i64, &'a Row>) -> Self {
        let mut indexes = BTreeMap::new();
        for row in rows {
            let parts =
                (number(row, "index_id"), number(row, "key_ordinal"), number(row, "column_id"));
            let (Some(index), Some(ordinal), Some(column)) = parts else { continue };
            if flag(row, "is_disabled") || flag(row, "is_hypothetical") {
                continue;
            }
            let (_, keys) = indexes.entry(index).or_insert_with(|| (*row, BTreeMap::new()));
            keys.insert(ordinal, column);
        }
        Self(indexes, columns)
    }

    /// The columns of the primary key; of a table without one, those of an index that allows no two
    /// rows of the same values.
    fn unique_key(&self) -> Option<Vec<i64>> {
        let primary = self.0.values().find(|(row, _)| flag(row, "is_primary_key"));
        let unique = || {
            self.0.values().find(|(row, keys)| {
                let never_null =
                    |id| self.1.get(id).is_some_and(|column| !flag(column, "is_nullable"));
                flag(row, "is_unique") && !flag(row, "has_filter") && keys.values().all(never_null)
            })
        };
        primary.or_else(unique).map(|(_, keys)| keys.values().copied().collect())
    }

    fn leading(&self) -> impl Iterator<Item = i64> {
        self.0.values().filter_map(|(_, keys)| keys.values().next().copied())
    }
}
