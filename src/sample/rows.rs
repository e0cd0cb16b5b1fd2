//! Rows of one table, written cell by cell into Arrow builders.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Decimal128Builder, Float64Builder, Int16Builder,
    Int32Builder, Int64Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, SchemaRef};

use super::clock::Tick;
use super::sink::BatchSink;
use crate::schema::Table;
use crate::{Error, Result};

/// Rows handed on at a time: large enough for Parquet's encoders, small enough for the cache.
const BATCH_ROWS: usize = 16_384;

/// Builds one table's rows. Cells are put by column name in published order; the columns passed
/// over are NULL, so a row reads as the list of what it has.
pub struct Rows {
    schema: SchemaRef,
    names: Vec<&'static str>,
    columns: Vec<Column>,
    cursor: usize,
    rows: usize,
    sink: Box<dyn BatchSink>,
}

impl Rows {
    pub fn new(table: &'static Table, sink: Box<dyn BatchSink>) -> Self {
        let schema = table.arrow_schema();
        Self {
            names: table.columns.iter().map(|c| c.name).collect(),
            columns: schema.fields().iter().map(|f| Column::new(f.data_type())).collect(),
            cursor: 0,
            rows: 0,
            schema,
            sink,
        }
    }

    /// Fills the next column of this name. A name that does not follow in published order is a
    /// fault of the caller that its first test finds: indexing stops there.
    pub fn put(&mut self, name: &str, cell: impl Cell) -> &mut Self {
        while self.names[self.cursor] != name {
            self.columns[self.cursor].null();
            self.cursor += 1;
        }
        cell.append(&mut self.columns[self.cursor]);
        self.cursor += 1;
        self
    }

    /// Ends the row: all remaining columns are NULL.
    pub fn end(&mut self) -> Result<()> {
        self.columns[self.cursor..].iter_mut().for_each(Column::null);
        self.cursor = 0;
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.sink.finish()
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|e| Error::internal(format!("sample rows do not fit their table: {e}")))?;
        self.sink.write(&batch)
    }
}

/// A builder per stored type.
pub enum Column {
    Bit(BooleanBuilder),
    Small(Int16Builder),
    Int(Int32Builder),
    Big(Int64Builder),
    Float(Float64Builder),
    Decimal { builder: Decimal128Builder, scale: i8 },
    Time(TimestampMicrosecondBuilder),
    Text(StringViewBuilder),
    Bytes(BinaryBuilder),
}

impl Column {
    fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Bit(BooleanBuilder::new()),
            DataType::Int16 => Self::Small(Int16Builder::new()),
            DataType::Int32 => Self::Int(Int32Builder::new()),
            DataType::Int64 => Self::Big(Int64Builder::new()),
            DataType::Float64 => Self::Float(Float64Builder::new()),
            &DataType::Decimal128(precision, scale) => {
                let builder =
                    Decimal128Builder::new().with_data_type(DataType::Decimal128(precision, scale));
                Self::Decimal { builder, scale }
            }
            DataType::Timestamp(..) => Self::Time(TimestampMicrosecondBuilder::new()),
            DataType::Binary => Self::Bytes(BinaryBuilder::new()),
            _ => Self::Text(StringViewBuilder::new()),
        }
    }

    fn null(&mut self) {
        match self {
            Self::Bit(b) => b.append_null(),
            Self::Small(b) => b.append_null(),
            Self::Int(b) => b.append_null(),
            Self::Big(b) => b.append_null(),
            Self::Float(b) => b.append_null(),
            Self::Decimal { builder, .. } => builder.append_null(),
            Self::Time(b) => b.append_null(),
            Self::Text(b) => b.append_null(),
            Self::Bytes(b) => b.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bit(b) => Arc::new(b.finish()),
            Self::Small(b) => Arc::new(b.finish()),
            Self::Int(b) => Arc::new(b.finish()),
            Self::Big(b) => Arc::new(b.finish()),
            Self::Float(b) => Arc::new(b.finish()),
            Self::Decimal { builder, .. } => Arc::new(builder.finish()),
            Self::Time(b) => Arc::new(b.finish()),
            Self::Text(b) => Arc::new(b.finish()),
            Self::Bytes(b) => Arc::new(b.finish()),
        }
    }
}

/// A value that knows the kinds of column it fits. Whether each cell of the sample does is fixed
/// by the code, not by data: every table is written by the tests, so `misfit` cannot be reached.
pub trait Cell {
    fn append(self, column: &mut Column);
}

#[cold]
fn misfit(kind: &str) -> ! {
    unreachable!("a column of the sample does not hold {kind}")
}

impl Cell for i64 {
    fn append(self, column: &mut Column) {
        match column {
            Column::Small(b) => b.append_value(self as i16),
            Column::Int(b) => b.append_value(self as i32),
            Column::Big(b) => b.append_value(self),
            Column::Float(b) => b.append_value(self as f64),
            Column::Decimal { builder, scale } => {
                builder
                    .append_value(i128::from(self) * 10i128.pow(u32::from(scale.unsigned_abs())));
            }
            _ => misfit("whole numbers"),
        }
    }
}

impl Cell for i32 {
    fn append(self, column: &mut Column) {
        i64::from(self).append(column);
    }
}

impl Cell for f64 {
    fn append(self, column: &mut Column) {
        match column {
            Column::Float(b) => b.append_value(self),
            Column::Decimal { builder, scale } => {
                let unit = 10i64.pow(u32::from(scale.unsigned_abs())) as f64;
                builder.append_value((self * unit).round() as i128);
            }
            _ => misfit("fractions"),
        }
    }
}

impl Cell for bool {
    fn append(self, column: &mut Column) {
        match column {
            Column::Bit(b) => b.append_value(self),
            _ => misfit("bits"),
        }
    }
}

impl Cell for Tick {
    fn append(self, column: &mut Column) {
        match column {
            Column::Time(b) => b.append_value(self.micros()),
            _ => misfit("times"),
        }
    }
}

impl Cell for &str {
    fn append(self, column: &mut Column) {
        match column {
            Column::Text(b) => b.append_value(self),
            Column::Bytes(b) => b.append_value(self.as_bytes()),
            _ => misfit("text"),
        }
    }
}

impl<T: Cell> Cell for Option<T> {
    fn append(self, column: &mut Column) {
        match self {
            Some(cell) => cell.append(column),
            None => column.null(),
        }
    }
}

/// A GUID, printed as SQL Server does: upper case, in groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guid(pub u128);

impl Guid {
    /// The text, without allocation.
    fn text(self) -> [u8; 36] {
        const GROUPS: [usize; 4] = [8, 13, 18, 23];
        let mut text = [b'-'; 36];
        let mut shift = 128;
        for (i, byte) in text.iter_mut().enumerate().filter(|(i, _)| !GROUPS.contains(i)) {
            shift -= 4;
            debug_assert!(i < 36);
            *byte = b"0123456789ABCDEF"[(self.0 >> shift) as usize & 15];
        }
        text
    }
}

impl Cell for Guid {
    fn append(self, column: &mut Column) {
        // Hexadecimal digits and hyphens are ASCII.
        std::str::from_utf8(&self.text()).unwrap_or_default().append(column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sink::Collected;
    use crate::schema;
    use arrow::array::AsArray;

    #[test]
    fn a_guid_prints_in_upper_case_groups() {
        let text = Guid(0x0123_4567_89ab_cdef_0011_2233_4455_6677).text();
        assert_eq!(&text, b"01234567-89AB-CDEF-0011-223344556677");
    }

    #[test]
    fn columns_passed_over_are_null() {
        let collected = Collected::default();
        let table = schema::table("LcsCDR", "Users").unwrap();
        let mut rows = Rows::new(table, collected.of(table));
        rows.put("UserId", 7).put("UriTypeId", 0).end().unwrap();
        rows.finish().unwrap();
        let (_, batch) = collected.into_tables().unwrap().pop().unwrap();
        assert_eq!(
            batch
                .column_by_name("UserId")
                .unwrap()
                .as_primitive::<arrow::datatypes::Int32Type>()
                .value(0),
            7
        );
        assert_eq!(batch.column_by_name("UserUri").unwrap().null_count(), 1);
    }
}
