//! A table to serve: its columns as SQL Server declares them, its key, its rows.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use chrono::NaiveDateTime;
use datafusion::catalog::TableProvider;

use crate::error::SqlError;
use crate::sql_type::{Length, SqlType};

/// Field metadata: the declared type, which decides what goes over the wire.
pub const SQL_TYPE: &str = "sql_type";
/// Field metadata: the declared name; fields themselves carry it folded.
pub const NAME: &str = "name";
/// Field metadata, there only for text in UTF-8.
pub const UTF8: &str = "utf8";

/// A column. Two of one table must not differ in case alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub sql_type: SqlType,
    pub nullable: bool,
    pub identity: bool,
    pub computed: bool,
    /// `char`, `varchar` and `text` in UTF-8 rather than in code page 1252.
    pub utf8: bool,
}

impl Column {
    /// A column that takes NULL.
    pub fn new(name: impl Into<String>, sql_type: SqlType) -> Self {
        let name = name.into();
        Self { name, sql_type, nullable: true, identity: false, computed: false, utf8: false }
    }

    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    pub fn identity(mut self) -> Self {
        self.identity = true;
        self.not_null()
    }

    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    pub fn utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    fn field(&self, data_type: DataType) -> Field {
        let mut metadata = vec![
            (SQL_TYPE.to_string(), self.sql_type.to_string()),
            (NAME.to_string(), self.name.clone()),
        ];
        if self.utf8 {
            metadata.push((UTF8.to_string(), String::new()));
        }
        Field::new(fold(&self.name), data_type, self.nullable)
            .with_metadata(metadata.into_iter().collect())
    }
}

/// Names compare without regard to case.
pub fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// Rows, held or made when they are asked for.
#[derive(Clone)]
pub enum Rows {
    /// Columns in the table's order; their names do not matter, their types are cast.
    Batches(Vec<RecordBatch>),
    /// So many batches, each made from its number whenever it is scanned, none of them kept.
    Generated { batches: usize, make: Arc<dyn Fn(usize) -> RecordBatch + Send + Sync> },
    /// Rows that lie elsewhere, such as in a mirror; columns are found by name.
    Stored(Arc<dyn TableProvider>),
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batches(batches) => {
                write!(f, "{} rows", batches.iter().map(RecordBatch::num_rows).sum::<usize>())
            }
            Self::Generated { batches, .. } => write!(f, "{batches} generated batches"),
            Self::Stored(_) => f.write_str("stored rows"),
        }
    }
}

/// A table and where it belongs.
#[derive(Debug, Clone)]
pub struct TableSpec {
    pub database: String,
    pub schema: String,
    pub name: String,
    pub columns: Vec<Column>,
    /// Names of columns; empty if the table has none.
    pub primary_key: Vec<String>,
    pub rows: Rows,
}

/// A table as it is served. Rows are in parts, in order.
#[derive(Debug, Clone)]
pub struct Table {
    pub schema_name: String,
    pub name: String,
    pub object_id: i32,
    pub created: NaiveDateTime,
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    /// Folded names, Arrow types, declared types in the metadata.
    pub schema: SchemaRef,
    pub parts: Vec<Rows>,
}

impl Table {
    /// # Errors
    /// Rows that do not have the declared columns, or values that do not fit them.
    pub fn new(spec: TableSpec, object_id: i32, created: NaiveDateTime) -> Result<Self, SqlError> {
        let given = match &spec.rows {
            Rows::Batches(batches) => batches.first().map(RecordBatch::schema),
            Rows::Generated { batches: 1.., make } => Some(make(0).schema()),
            Rows::Generated { .. } | Rows::Stored(_) => None,
        };
        let mut table = Self {
            schema: schema(&spec.columns, given.as_deref()),
            schema_name: spec.schema,
            name: spec.name,
            object_id,
            created,
            columns: spec.columns,
            primary_key: spec.primary_key,
            parts: Vec::new(),
        };
        table.append(spec.rows)?;
        Ok(table)
    }

    /// Adds rows behind those that are there.
    pub fn append(&mut self, rows: Rows) -> Result<(), SqlError> {
        let rows = match rows {
            Rows::Batches(batches) => {
                let batches = batches.iter().map(|batch| self.conform(batch));
                Rows::Batches(batches.collect::<Result<_, _>>()?)
            }
            other => other,
        };
        self.parts.push(rows);
        Ok(())
    }

    /// Rows that are held in memory.
    pub fn rows_held(&self) -> u64 {
        let held = self.parts.iter().map(|part| match part {
            Rows::Batches(batches) => batches.iter().map(|b| b.num_rows() as u64).sum(),
            Rows::Generated { .. } | Rows::Stored(_) => 0,
        });
        held.sum()
    }

    /// The greatest number in a `rowversion` column of the rows that are held.
    pub fn greatest_row_version(&self) -> Option<u64> {
        let column = self.columns.iter().position(|c| c.sql_type == SqlType::RowVersion)?;
        let held = self.parts.iter().filter_map(|part| match part {
            Rows::Batches(batches) => Some(batches),
            _ => None,
        });
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n: u64, b| n << 8 | u64::from(*b));
        let greatest = |batch: &RecordBatch| {
            batch.column(column).as_binary::<i32>().iter().flatten().map(number).max()
        };
        held.flatten().filter_map(greatest).max()
    }

    /// A batch under the table's schema.
    pub fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
        if batch.num_columns() != self.columns.len() {
            let (found, wanted) = (batch.num_columns(), self.columns.len());
            return Err(misfit(&self.name, format!("{found} columns of rows, {wanted} declared")));
        }
        let columns = batch.columns().iter().zip(self.schema.fields()).zip(&self.columns).map(
            |((array, field), column)| {
                let array = cast(array, field.data_type()).map_err(|e| misfit(&column.name, e))?;
                check_lengths(&array, column)?;
                Ok(array)
            },
        );
        let columns = columns.collect::<Result<_, SqlError>>()?;
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|e| misfit(&self.name, e))
    }
}

fn misfit(name: &str, cause: impl fmt::Display) -> SqlError {
    SqlError::new(8_152, 16, format!("{name}: {cause}"))
}

/// The array as another type; a value that does not fit is an error.
pub fn cast(array: &ArrayRef, to: &DataType) -> arrow::error::Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })
}

fn schema(columns: &[Column], given: Option<&Schema>) -> SchemaRef {
    let fields = columns.iter().enumerate().map(|(i, column)| {
        let given = given.and_then(|schema| schema.fields().get(i)).map(|f| f.data_type());
        column.field(held_as(column.sql_type, given))
    });
    Schema::new(fields.collect::<Vec<_>>()).into()
}

/// The Arrow type that a column is held in: its own, unless the rows given can say more. UTF-16 as
/// bytes can hold a lone surrogate; nanoseconds and text hold the seventh digit of a `datetime2`.
fn held_as(sql_type: SqlType, given: Option<&DataType>) -> DataType {
    match (sql_type, given) {
        (t, Some(DataType::Binary)) if t.is_national_text() => DataType::Binary,
        (SqlType::DateTime2(_), Some(DataType::Timestamp(TimeUnit::Nanosecond, None))) => {
            DataType::Timestamp(TimeUnit::Nanosecond, None)
        }
        (SqlType::DateTime2(_), Some(DataType::Utf8 | DataType::Utf8View)) => DataType::Utf8View,
        (SqlType::Time(_), Some(DataType::Int64)) => DataType::Time64(TimeUnit::Nanosecond),
        _ => sql_type.arrow(),
    }
}

/// Texts and bytes must not be longer than declared.
fn check_lengths(array: &ArrayRef, column: &Column) -> Result<(), SqlError> {
    use SqlType::{Binary, Char, NChar, NVarChar, VarBinary, VarChar};
    let (NChar(limit)
    | NVarChar(Length::Limited(limit))
    | Char(limit)
    | VarChar(Length::Limited(limit))
    | Binary(limit)
    | VarBinary(Length::Limited(limit))) = column.sql_type
    else {
        return Ok(());
    };
    let national = column.sql_type.is_national_text();
    let longest = match array.data_type() {
        DataType::Binary => {
            let values = array.as_any().downcast_ref::<arrow::array::BinaryArray>();
            let bytes = values.and_then(|v| v.iter().flatten().map(<[u8]>::len).max());
            bytes.map(|n| if national { n / 2 } else { n })
        }
        _ => {
            let values = array.as_any().downcast_ref::<arrow::array::StringViewArray>();
            let units = |text: &str| match (national, column.utf8) {
                (true, _) => text.encode_utf16().count(),
                (false, true) => text.len(),
                (false, false) => text.chars().count(),
            };
            values.and_then(|v| v.iter().flatten().map(units).max())
        }
    };
    match longest {
        Some(longest) if longest > usize::from(limit) => {
            let (name, sql_type) = (&column.name, column.sql_type);
            Err(misfit(name, format!("a value of length {longest} does not fit {sql_type}")))
        }
        _ => Ok(()),
    }
}
