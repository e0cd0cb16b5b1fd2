//! An Arrow IPC file: every Arrow type, unchanged.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::FileWriter;

use super::titles::{distinct, retitled};
use super::{BatchWriter, Sink, not_held, unwritten};
use crate::Result;

pub(super) struct Ipc {
    rows: FileWriter<BufWriter<Sink>>,
    schema: SchemaRef,
}

impl Ipc {
    pub fn new(schema: &SchemaRef, sink: Sink) -> Result<Self> {
        let schema = distinct(schema);
        let rows =
            FileWriter::try_new(BufWriter::new(sink), &schema).map_err(not_held("Arrow IPC"))?;
        Ok(Self { rows, schema })
    }
}

impl BatchWriter for Ipc {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let written = retitled(batch, &self.schema).and_then(|batch| self.rows.write(&batch));
        written.map_err(not_held("Arrow IPC"))
    }

    fn finish(&mut self) -> Result<()> {
        self.rows.finish().map_err(not_held("Arrow IPC"))?;
        self.rows.get_mut().flush().map_err(unwritten)
    }
}
