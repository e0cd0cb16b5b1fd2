//! Checks every file of a snapshot against what the snapshot says of it.

use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

use super::data_file::DataFile;
use super::place::{Input, Place};
use super::snapshot::{Snapshot, TableEntry};
use crate::{Error, Result};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Files looked at, good or bad.
    pub files: usize,
    /// Rows and bytes of the good ones.
    pub rows: u64,
    pub bytes: u64,
    pub damages: Vec<Damage>,
}

/// A file that is missing or not what the snapshot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// `LcsCDR.dbo.SessionDetails`
    pub table: String,
    /// Relative to the mirror's directory.
    pub path: String,
    pub what: String,
}

pub fn verify(
    place: &Place,
    snapshot: &Snapshot,
    deep: bool,
    done: &dyn Fn(u64, u64),
) -> VerifyReport {
    let mut report = VerifyReport::default();
    let (mut looked_at, all) = (0, snapshot.tables.iter().map(TableEntry::size).sum());
    for table in &snapshot.tables {
        for file in &table.files {
            report.files += 1;
            match check(place, file, deep) {
                Ok(()) => {
                    report.rows += file.rows;
                    report.bytes += file.size;
                }
                Err(e) => report.damages.push(Damage {
                    table: table.def.to_string(),
                    path: file.path.clone(),
                    what: e.message,
                }),
            }
            looked_at += file.size;
            done(looked_at, all);
        }
    }
    report
}

fn check(place: &Place, file: &DataFile, deep: bool) -> Result<()> {
    let (input, size) = place.open(&file.path)?;
    if size != file.size {
        return Err(Error::source(format!("it has {size} bytes instead of {}", file.size)));
    }
    match input {
        Input::File(input) => check_parquet(input, file, deep),
        Input::Bytes(input) => check_parquet::<Bytes>(input, file, deep),
    }
}

fn check_parquet<R: ChunkReader + 'static>(input: R, file: &DataFile, deep: bool) -> Result<()> {
    let unreadable = |e: &dyn std::fmt::Display| Error::source(format!("it is not readable: {e}"));
    let footer =
        ArrowReaderMetadata::load(&input, Default::default()).map_err(|e| unreadable(&e))?;
    let mut rows = footer.metadata().file_metadata().num_rows() as u64;
    if deep {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(input, footer)
            .build()
            .map_err(|e| unreadable(&e))?;
        rows = 0;
        for batch in reader {
            rows += batch.map_err(|e| unreadable(&e))?.num_rows() as u64;
        }
    }
    if rows != file.rows {
        return Err(Error::source(format!("it has {rows} rows instead of {}", file.rows)));
    }
    Ok(())
}
