//! A Parquet file, compressed with zstd.

use std::io;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::titles::{distinct, retitled};
use super::{BatchWriter, Sink, not_held, unwritten};
use crate::{Error, Result};

/// A row group is held in memory until it is whole; this many rows keep that small and still
/// compress well.
const ROW_GROUP: usize = 128 * 1024;

pub(super) struct Parquet {
    rows: ArrowWriter<Sink>,
    schema: SchemaRef,
}

impl Parquet {
    pub fn new(schema: &SchemaRef, sink: Sink) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let schema = distinct(schema);
        let rows = ArrowWriter::try_new(sink, schema.clone(), Some(properties)).map_err(failed)?;
        Ok(Self { rows, schema })
    }
}

impl BatchWriter for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = retitled(batch, &self.schema).map_err(not_held("Parquet"))?;
        self.rows.write(&batch).map_err(failed)
    }

    fn finish(&mut self) -> Result<()> {
        self.rows.finish().map(|_| ()).map_err(failed)
    }
}

fn failed(error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => return unwritten(*cause),
            Err(cause) => ParquetError::External(cause),
        },
        error => error,
    };
    not_held("Parquet")(error.into())
}
