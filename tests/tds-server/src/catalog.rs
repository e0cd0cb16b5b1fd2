//! The `sys` views that clients read, made from the tables that are served.

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{Field, Schema};
use datafusion::common::ScalarValue;

use crate::databases::{Database, Databases};
use crate::error::SqlError;
use crate::sql_type::{Digits, Length, SqlType};
use crate::table::{Column, Rows, Table, TableSpec, fold};
use crate::token::{COLLATION_NAME, UTF8_COLLATION_NAME};

pub const SYS: &str = "sys";

const CLUSTERED: i32 = 1;
const HEAP: i32 = 0;

/// `sysname`.
const NAME: SqlType = SqlType::NVarChar(Length::Limited(128));
const TYPE: SqlType = SqlType::NVarChar(Length::Limited(60));
const CODE: SqlType = SqlType::Char(2);

type Row = Vec<ScalarValue>;

/// The view of that name as the database has it; None if there is none here.
pub fn view(
    databases: &Databases,
    database: &Database,
    name: &str,
) -> Result<Option<Table>, SqlError> {
    let name = fold(name);
    let (columns, rows): (&[(&str, SqlType)], Vec<Row>) = match name.as_str() {
        "databases" => (&DATABASES, databases.all().into_iter().map(database_row).collect()),
        "schemas" => (&SCHEMAS, schemas(database)),
        "tables" => (&TABLES, tables(database)),
        "objects" | "all_objects" => (&TABLES, tables(database)),
        "columns" | "all_columns" => (&COLUMNS, each_column(database, column_row)),
        "types" => (&TYPES, types()),
        "indexes" => (&INDEXES, indexes(database)),
        "index_columns" => (&INDEX_COLUMNS, index_columns(database)),
        "partitions" => (&PARTITIONS, partitions(database)),
        "identity_columns" => (&IDENTITY_COLUMNS, identity_columns(database)),
        _ => return Ok(None),
    };
    build(&name, columns, rows).map(Some)
}

/// Rows of scalars as a table.
fn build(name: &str, columns: &[(&str, SqlType)], rows: Vec<Row>) -> Result<Table, SqlError> {
    let internal =
        |e: &dyn std::fmt::Display| SqlError::new(50_000, 16, format!("sys.{name}: {e}"));
    let mut batches = Vec::new();
    if !rows.is_empty() {
        let arrays = (0..columns.len())
            .map(|i| ScalarValue::iter_to_array(rows.iter().map(|row| row[i].clone())));
        let arrays = arrays.collect::<Result<Vec<_>, _>>().map_err(|e| internal(&e))?;
        let fields = columns.iter().zip(&arrays);
        let fields = fields.map(|((n, _), a)| Field::new(*n, a.data_type().clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        batches.push(RecordBatch::try_new(schema.into(), arrays).map_err(|e| internal(&e))?);
    }
    let spec = TableSpec {
        database: String::new(),
        schema: SYS.into(),
        name: name.into(),
        columns: columns.iter().map(|(name, t)| Column::new(*name, *t)).collect(),
        primary_key: Vec::new(),
        rows: Rows::Batches(batches),
    };
    Table::new(spec, 0, chrono::NaiveDateTime::default())
}

fn text(text: impl Into<String>) -> ScalarValue {
    ScalarValue::Utf8(Some(text.into()))
}

fn no_text() -> ScalarValue {
    ScalarValue::Utf8(None)
}

fn time(time: chrono::NaiveDateTime) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(time.and_utc().timestamp_micros()), None)
}

const DATABASES: [(&str, SqlType); 11] = [
    ("name", NAME),
    ("database_id", SqlType::Int),
    ("create_date", SqlType::DateTime),
    ("compatibility_level", SqlType::TinyInt),
    ("collation_name", NAME),
    ("state", SqlType::TinyInt),
    ("state_desc", TYPE),
    ("is_read_committed_snapshot_on", SqlType::Bit),
    ("snapshot_isolation_state", SqlType::TinyInt),
    ("snapshot_isolation_state_desc", TYPE),
    ("service_broker_guid", SqlType::UniqueIdentifier),
];

fn database_row(database: &Database) -> Row {
    let snapshot = u8::from(database.snapshot_isolation);
    vec![
        text(&database.name),
        database.id.into(),
        time(database.created),
        130_u8.into(),
        text(COLLATION_NAME),
        0_u8.into(),
        text("ONLINE"),
        false.into(),
        snapshot.into(),
        text(if database.snapshot_isolation { "ON" } else { "OFF" }),
        text(database.guid.to_string().to_uppercase()),
    ]
}

const SCHEMAS: [(&str, SqlType); 3] =
    [("name", NAME), ("schema_id", SqlType::Int), ("principal_id", SqlType::Int)];

fn schemas(database: &Database) -> Vec<Row> {
    let row = |name: String| {
        let id = schema_id(database, &name);
        vec![text(name), id.into(), 1.into()]
    };
    database.schemas().into_iter().map(row).collect()
}

/// 1 is dbo, 4 is sys, what users made begins at 5.
fn schema_id(database: &Database, name: &str) -> i32 {
    match fold(name).as_str() {
        "dbo" => 1,
        SYS => 4,
        folded => {
            let schemas = database.schemas();
            let own = schemas.iter().filter(|s| !matches!(fold(s).as_str(), "dbo" | SYS));
            let position = own.map(|s| fold(s)).position(|s| s == folded).unwrap_or_default();
            5 + position as i32
        }
    }
}

const TABLES: [(&str, SqlType); 8] = [
    ("name", NAME),
    ("object_id", SqlType::Int),
    ("schema_id", SqlType::Int),
    ("type", CODE),
    ("type_desc", TYPE),
    ("create_date", SqlType::DateTime),
    ("modify_date", SqlType::DateTime),
    ("is_ms_shipped", SqlType::Bit),
];

fn tables(database: &Database) -> Vec<Row> {
    let row = |table: &Table| {
        vec![
            text(&table.name),
            table.object_id.into(),
            schema_id(database, &table.schema_name).into(),
            text("U "),
            text("USER_TABLE"),
            time(table.created),
            time(table.created),
            false.into(),
        ]
    };
    database.tables.values().map(|t| row(t)).collect()
}

const COLUMNS: [(&str, SqlType); 13] = [
    ("object_id", SqlType::Int),
    ("name", NAME),
    ("column_id", SqlType::Int),
    ("system_type_id", SqlType::TinyInt),
    ("user_type_id", SqlType::Int),
    ("max_length", SqlType::SmallInt),
    ("precision", SqlType::TinyInt),
    ("scale", SqlType::TinyInt),
    ("collation_name", NAME),
    ("is_nullable", SqlType::Bit),
    ("is_rowguidcol", SqlType::Bit),
    ("is_identity", SqlType::Bit),
    ("is_computed", SqlType::Bit),
];

/// A row for each column of each table, made from the table, the column and its number from 1.
fn each_column(database: &Database, row: fn(&Table, &Column, i32) -> Row) -> Vec<Row> {
    let tables = database.tables.values();
    let rows = |table: &Table| {
        table.columns.iter().zip(1..).map(|(c, id)| row(table, c, id)).collect::<Vec<_>>()
    };
    tables.flat_map(|table| rows(table)).collect()
}

fn column_row(table: &Table, column: &Column, id: i32) -> Row {
    let measures = column.sql_type.measures();
    let type_id = column.sql_type.system_type_id();
    vec![
        table.object_id.into(),
        text(&column.name),
        id.into(),
        type_id.into(),
        i32::from(type_id).into(),
        measures.max_length.into(),
        measures.precision.into(),
        measures.scale.into(),
        collation(column),
        column.nullable.into(),
        false.into(),
        column.identity.into(),
        column.computed.into(),
    ]
}

fn collation(column: &Column) -> ScalarValue {
    match column.sql_type.has_collation() {
        false => no_text(),
        true if column.utf8 => text(UTF8_COLLATION_NAME),
        true => text(COLLATION_NAME),
    }
}

const TYPES: [(&str, SqlType); 10] = [
    ("name", NAME),
    ("system_type_id", SqlType::TinyInt),
    ("user_type_id", SqlType::Int),
    ("schema_id", SqlType::Int),
    ("max_length", SqlType::SmallInt),
    ("precision", SqlType::TinyInt),
    ("scale", SqlType::TinyInt),
    ("collation_name", NAME),
    ("is_nullable", SqlType::Bit),
    ("is_user_defined", SqlType::Bit),
];

/// Every type at its greatest, and `sysname`, which is an alias.
fn types() -> Vec<Row> {
    let (digits, long) = (Digits { precision: 38, scale: 38 }, Length::Limited(8_000));
    let all = [
        SqlType::Bit,
        SqlType::TinyInt,
        SqlType::SmallInt,
        SqlType::Int,
        SqlType::BigInt,
        SqlType::Real,
        SqlType::Float,
        SqlType::Decimal(digits),
        SqlType::Numeric(digits),
        SqlType::Money,
        SqlType::SmallMoney,
        SqlType::Date,
        SqlType::Time(7),
        SqlType::DateTime,
        SqlType::SmallDateTime,
        SqlType::DateTime2(7),
        SqlType::DateTimeOffset(7),
        SqlType::Char(8_000),
        SqlType::VarChar(long),
        SqlType::Text,
        SqlType::NChar(4_000),
        SqlType::NVarChar(Length::Limited(4_000)),
        SqlType::NText,
        SqlType::Xml,
        SqlType::Binary(8_000),
        SqlType::VarBinary(long),
        SqlType::Image,
        SqlType::RowVersion,
        SqlType::UniqueIdentifier,
        SqlType::SqlVariant,
    ];
    let own = |t: SqlType| type_row(t.name(), t, i32::from(t.system_type_id()));
    let sysname = 256;
    all.into_iter().map(own).chain([type_row("sysname", NAME, sysname)]).collect()
}

fn type_row(name: &str, sql_type: SqlType, user_type_id: i32) -> Row {
    let measures = sql_type.measures();
    let collation = if sql_type.has_collation() { text(COLLATION_NAME) } else { no_text() };
    let system_schema = 4;
    vec![
        text(name),
        sql_type.system_type_id().into(),
        user_type_id.into(),
        system_schema.into(),
        measures.max_length.into(),
        measures.precision.into(),
        measures.scale.into(),
        collation,
        true.into(),
        false.into(),
    ]
}

const INDEXES: [(&str, SqlType); 10] = [
    ("object_id", SqlType::Int),
    ("name", NAME),
    ("index_id", SqlType::Int),
    ("type", SqlType::TinyInt),
    ("type_desc", TYPE),
    ("is_unique", SqlType::Bit),
    ("is_primary_key", SqlType::Bit),
    ("has_filter", SqlType::Bit),
    ("is_disabled", SqlType::Bit),
    ("is_hypothetical", SqlType::Bit),
];

fn index_id(table: &Table) -> i32 {
    if table.primary_key.is_empty() { HEAP } else { CLUSTERED }
}

fn indexes(database: &Database) -> Vec<Row> {
    let row = |table: &Table| {
        let keyed = index_id(table) == CLUSTERED;
        vec![
            table.object_id.into(),
            if keyed { text(format!("PK_{}", table.name)) } else { no_text() },
            index_id(table).into(),
            u8::from(keyed).into(),
            text(if keyed { "CLUSTERED" } else { "HEAP" }),
            keyed.into(),
            keyed.into(),
            false.into(),
            false.into(),
            false.into(),
        ]
    };
    database.tables.values().map(|t| row(t)).collect()
}

const INDEX_COLUMNS: [(&str, SqlType); 8] = [
    ("object_id", SqlType::Int),
    ("index_id", SqlType::Int),
    ("index_column_id", SqlType::Int),
    ("column_id", SqlType::Int),
    ("key_ordinal", SqlType::TinyInt),
    ("partition_ordinal", SqlType::TinyInt),
    ("is_descending_key", SqlType::Bit),
    ("is_included_column", SqlType::Bit),
];

fn index_columns(database: &Database) -> Vec<Row> {
    let row = |table: &Table, ordinal: u8, key: &str| {
        let same = |c: &Column| fold(&c.name) == fold(key);
        let column = table.columns.iter().position(same).map_or(0, |at| at as i32 + 1);
        vec![
            table.object_id.into(),
            CLUSTERED.into(),
            i32::from(ordinal).into(),
            column.into(),
            ordinal.into(),
            0_u8.into(),
            false.into(),
            false.into(),
        ]
    };
    let rows = |table: &Table| {
        table.primary_key.iter().zip(1..).map(|(key, n)| row(table, n, key)).collect::<Vec<_>>()
    };
    database.tables.values().flat_map(|t| rows(t)).collect()
}

const PARTITIONS: [(&str, SqlType); 5] = [
    ("partition_id", SqlType::BigInt),
    ("object_id", SqlType::Int),
    ("index_id", SqlType::Int),
    ("partition_number", SqlType::Int),
    ("rows", SqlType::BigInt),
];

fn partitions(database: &Database) -> Vec<Row> {
    let row = |table: &Table| {
        vec![
            (i64::from(table.object_id) << 16).into(),
            table.object_id.into(),
            index_id(table).into(),
            1.into(),
            (table.parts.iter().map(row_estimate).sum::<usize>() as i64).into(),
        ]
    };
    database.tables.values().map(|t| row(t)).collect()
}

fn row_estimate(rows: &Rows) -> usize {
    match rows {
        Rows::Batches(batches) => batches.iter().map(RecordBatch::num_rows).sum(),
        Rows::Generated { batches: 0, .. } => 0,
        Rows::Generated { batches, make } => batches * make(0).num_rows(),
        Rows::Stored(stored) => {
            let statistics = stored.statistics();
            statistics.and_then(|s| s.num_rows.get_value().copied()).unwrap_or_default()
        }
    }
}

const IDENTITY_COLUMNS: [(&str, SqlType); 7] = [
    ("object_id", SqlType::Int),
    ("name", NAME),
    ("column_id", SqlType::Int),
    ("system_type_id", SqlType::TinyInt),
    ("seed_value", SqlType::SqlVariant),
    ("increment_value", SqlType::SqlVariant),
    ("last_value", SqlType::SqlVariant),
];

fn identity_columns(database: &Database) -> Vec<Row> {
    let rows = |table: &Table| {
        let columns = table.columns.iter().zip(1_i32..).filter(|(c, _)| c.identity);
        let row = |(column, id): (&Column, i32)| {
            vec![
                table.object_id.into(),
                text(&column.name),
                id.into(),
                column.sql_type.system_type_id().into(),
                text("1"),
                text("1"),
                last_value(table, id as usize - 1),
            ]
        };
        columns.map(row).collect::<Vec<_>>()
    };
    database.tables.values().flat_map(|t| rows(t)).collect()
}

/// The greatest number in an identity column.
fn last_value(table: &Table, column: usize) -> ScalarValue {
    let held = table.parts.iter().filter_map(|part| match part {
        Rows::Batches(batches) => Some(batches),
        _ => None,
    });
    let greatest = held.flatten().filter_map(|batch| greatest(batch.column(column))).max();
    ScalarValue::Utf8(greatest.map(|n| n.to_string()))
}

fn greatest(array: &dyn Array) -> Option<i64> {
    let array = arrow::compute::cast(array, &arrow::datatypes::DataType::Int64).ok()?;
    arrow::compute::max(arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(&array))
}
