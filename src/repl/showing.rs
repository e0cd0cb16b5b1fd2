//! One result on its way to where it goes.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::destination::{Closing, Opened};
use super::session::{Session, Stop};
use crate::error::{Error, Result};
use crate::host::progress::Eraser;
use crate::output::{self, BatchWriter};

/// A writer and what is to be done after it.
pub struct Showing {
    writer: Box<dyn BatchWriter>,
    closing: Closing,
}

impl Showing {
    /// Opens the session's destination for a result of this schema.
    pub fn open(session: &mut Session, schema: SchemaRef, eraser: Eraser) -> Result<Self> {
        let opened = match session.quiet {
            true => Opened::nowhere(session.format),
            false => session.destination.open(session.format, session.terminal, eraser)?,
        };
        let (format, style) = (opened.format, opened.style.clone());
        let (sink, closing) = opened.into_parts();
        let writer =
            output::writer(format, schema, sink, &style).map_err(|error| closing.name(error))?;
        Ok(Self { writer, closing })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Stop> {
        let written = self.writer.write(batch);
        written.map_err(|error| stop(&self.closing, error))
    }

    /// Ends the format and puts a file in its place.
    pub fn finish(mut self) -> Result<(), Stop> {
        self.writer.finish().map_err(|error| stop(&self.closing, error))?;
        // The writer holds the file open.
        drop(self.writer);
        Ok(self.closing.finish()?)
    }
}

fn stop(closing: &Closing, error: Error) -> Stop {
    if closing.is_closed() { Stop::Closed } else { Stop::Failed(closing.name(error)) }
}
