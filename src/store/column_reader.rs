//! Reads one column of one row group of a data file, through the cache.

use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatchReader;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::reader::ChunkReader;

use super::column_cache::{ChunkId, ColumnCache};
use super::data_file::DataFile;
use super::def::TableDef;
use super::place::{Input, Place};
use crate::{Error, Result};

/// A table's files, and the cache that their columns go through.
#[derive(Debug)]
pub struct ColumnReader {
    def: TableDef,
    place: Place,
    cache: Arc<ColumnCache>,
}

impl ColumnReader {
    pub fn new(def: TableDef, place: Place, cache: Arc<ColumnCache>) -> Self {
        Self { def, place, cache }
    }

    pub fn def(&self) -> &TableDef {
        &self.def
    }

    pub fn cache(&self) -> &ColumnCache {
        &self.cache
    }

    /// The number of rows of each row group.
    pub fn row_groups(&self, file: &DataFile) -> Result<Vec<usize>> {
        let footer = self.footer(file)?;
        Ok(footer.metadata().row_groups().iter().map(|g| g.num_rows() as usize).collect())
    }

    /// A column as the table declares it; NULL throughout in a file from before it was added.
    pub fn column(&self, file: &DataFile, row_group: usize, field: &Field) -> Result<ArrayRef> {
        let id = ChunkId {
            file: file.path.as_str().into(),
            row_group,
            column: field.name().as_str().into(),
        };
        self.cache.column(id, || self.decode(file, row_group, field))
    }

    /// The time key's column.
    pub fn time_column(&self, file: &DataFile, row_group: usize) -> Result<ArrayRef> {
        let index = self.def.time_index().ok_or_else(|| Error::internal("no time key"))?;
        self.column(file, row_group, self.def.columns.field(index))
    }

    fn footer(&self, file: &DataFile) -> Result<ArrowReaderMetadata> {
        self.cache.footer(&file.path.as_str().into(), || {
            let (input, _) = self.place.open(&file.path)?;
            match input {
                Input::File(input) => footer(&input, &self.def),
                Input::Bytes(input) => footer(&input, &self.def),
            }
            .map_err(|e| self.unreadable(file, &e))
        })
    }

    fn decode(&self, file: &DataFile, row_group: usize, field: &Field) -> Result<ArrayRef> {
        let footer = self.footer(file)?;
        let rows = footer.metadata().row_group(row_group).num_rows() as usize;
        let Ok(index) = footer.schema().index_of(field.name()) else {
            return Ok(new_null_array(field.data_type(), rows));
        };
        let (input, _) = self.place.open(&file.path)?;
        match input {
            Input::File(input) => read(input, footer, row_group, index),
            Input::Bytes(input) => read::<Bytes>(input, footer, row_group, index),
        }
        .and_then(|column| match column.data_type() == field.data_type() {
            true => Ok(column),
            false => Ok(cast(&column, field.data_type())?),
        })
        .map_err(|e| self.unreadable(file, &e))
    }

    fn unreadable(&self, file: &DataFile, cause: &dyn std::fmt::Display) -> Error {
        Error::file(&self.place.path(&file.path), cause)
    }
}

/// Reads a footer, and has texts decoded into views where the table declares them so.
fn footer<R: ChunkReader>(
    input: &R,
    def: &TableDef,
) -> parquet::errors::Result<ArrowReaderMetadata> {
    let plain = ArrowReaderMetadata::load(input, ArrowReaderOptions::new())?;
    let as_declared = |field: &Field| match def.columns.field_with_name(field.name()) {
        Ok(declared) if is_text(field.data_type()) && is_text(declared.data_type()) => {
            field.clone().with_data_type(declared.data_type().clone())
        }
        _ => field.clone(),
    };
    let fields = plain.schema().fields().iter().map(|f| as_declared(f)).collect::<Vec<_>>();
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options)
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn read<R: ChunkReader + 'static>(
    input: R,
    footer: ArrowReaderMetadata,
    row_group: usize,
    column: usize,
) -> parquet::errors::Result<ArrayRef> {
    let rows = footer.metadata().row_group(row_group).num_rows() as usize;
    let mask = ProjectionMask::leaves(footer.parquet_schema(), [column]);
    let reader: ParquetRecordBatchReader =
        ParquetRecordBatchReaderBuilder::new_with_metadata(input, footer)
            .with_projection(mask)
            .with_row_groups(vec![row_group])
            .with_batch_size(rows)
            .build()?;
    let data_type = reader.schema().field(0).data_type().clone();
    let parts = reader.map(|batch| Ok(Arc::clone(batch?.column(0))));
    let parts = parts.collect::<parquet::errors::Result<Vec<ArrayRef>>>()?;
    match parts.as_slice() {
        [] => Ok(new_null_array(&data_type, 0)),
        [one] => Ok(Arc::clone(one)),
        many => Ok(concat(&many.iter().map(AsRef::as_ref).collect::<Vec<_>>())?),
    }
}
