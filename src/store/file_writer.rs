//! Writes one data file: one table, one period, rows in the order of the time key.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::data_file::DataFile;
use super::def::TableDef;
use super::files::Uncommitted;
use super::period::Period;
use super::{disk, layout};
use crate::{Error, Result};

/// Rows of a row group: enough to compress well, few enough that two cores share a day.
const ROW_GROUP: usize = 256 * 1024;

/// A data file in the making. Dropped before [`FileWriter::finish`], it takes its file with it.
pub struct FileWriter {
    def: TableDef,
    period: Period,
    /// Relative to the mirror's directory.
    path: String,
    absolute: PathBuf,
    uncommitted: Uncommitted,
    /// None once finished.
    parquet: Option<ArrowWriter<File>>,
    /// Time key of the last row.
    last: Option<i64>,
    empty: bool,
}

impl FileWriter {
    pub(super) fn create(
        root: &Path,
        def: &TableDef,
        period: Period,
        uncommitted: &Uncommitted,
    ) -> Result<Self> {
        def.check()?;
        let dir = layout::table_dir(def);
        disk::create_dir(&root.join(&dir))?;
        let path =
            format!("{dir}/{}", layout::data_file_name(period, uuid::Uuid::new_v4().simple()));
        let absolute = root.join(&path);
        uncommitted.with(|paths| paths.insert(path.clone()));
        let file = disk::create_file(&absolute)?;
        let parquet =
            ArrowWriter::try_new_with_options(file, Arc::clone(&def.columns), options(def))
                .map_err(|e| Error::file(&absolute, e))?;
        let (def, uncommitted) = (def.clone(), uncommitted.clone());
        Ok(Self {
            def,
            period,
            path,
            absolute,
            uncommitted,
            parquet: Some(parquet),
            last: None,
            empty: true,
        })
    }

    /// Appends rows. Their schema is the table's; their time keys ascend (NULL first, and only where
    /// the period is [`Period::All`]) and lie in the period.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.schema_ref().fields() != self.def.columns.fields() {
            return Err(self.other_columns(batch));
        }
        self.check_times(batch)?;
        self.empty &= batch.num_rows() == 0;
        let parquet =
            self.parquet.as_mut().ok_or_else(|| Error::internal("written after its end"))?;
        parquet.write(batch).map_err(|e| Error::file(&self.absolute, e))
    }

    /// Completes the file and forces it to disk.
    pub fn finish(mut self) -> Result<DataFile> {
        let parquet = self.parquet.take().ok_or_else(|| Error::internal("finished twice"))?;
        let failed = |e: &dyn std::fmt::Display| Error::file(&self.absolute, e);
        let finished = (|| {
            let (file, footer) = close(parquet).map_err(|e| failed(&e))?;
            file.sync_all().map_err(|e| failed(&e))?;
            let size = file.metadata().map_err(|e| failed(&e))?.len();
            Ok(DataFile::from_footer(&self.def, &self.path, self.period, size, &footer))
        })();
        if finished.is_err() {
            self.remove();
        }
        finished
    }

    fn remove(&self) {
        // The file is of no use to anyone; if it cannot be removed now, `retain` will do it.
        let _ = fs::remove_file(&self.absolute);
        self.uncommitted.remove(&self.path);
    }

    fn other_columns(&self, batch: &RecordBatch) -> Error {
        let found = batch.schema_ref().fields();
        let differs =
            self.def.columns.fields().iter().zip(found.iter()).find(|(own, other)| own != other);
        let cause = match differs {
            Some((own, other)) => format!("column {own} expected, {other} given"),
            None => format!(
                "{} columns expected, {} given",
                self.def.columns.fields().len(),
                found.len()
            ),
        };
        Error::usage(format!("{}: {cause}", self.def))
    }

    /// Holds that the batch's time keys follow the last one's and lie in the period.
    fn check_times(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(index) = self.def.time_index() else { return Ok(()) };
        let times = batch.column(index).as_primitive::<TimestampMicrosecondType>();
        let nulls = times.null_count();
        if nulls > 0 && (self.period != Period::All || self.last.is_some()) {
            return Err(self.misplaced("a NULL", "belongs at the start of a file of period all"));
        }
        if times.nulls().is_some_and(|n| n.slice(0, nulls).null_count() < nulls) {
            return Err(self.misplaced("a NULL", "comes after a time; NULL is first"));
        }
        let values = &times.values()[nulls..];
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return Ok(()) };
        if self.last.is_some_and(|before| before > *first) || !values.is_sorted() {
            return Err(
                self.misplaced("a row", "comes after a later one; rows must come in its order")
            );
        }
        if self.period.bounds().is_some_and(|b| !b.contains(first) || !b.contains(last)) {
            return Err(self.misplaced("a row", &format!("lies outside of {}", self.period)));
        }
        self.last = Some(*last);
        Ok(())
    }

    fn misplaced(&self, what: &str, how: &str) -> Error {
        let key = self.def.time_key.as_deref().unwrap_or_default();
        Error::usage(format!("{}: by {key}, {what} {how}", self.def))
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if self.parquet.take().is_some() {
            self.remove();
        }
    }
}

/// Writes the footer, and hands the file back to be forced to disk.
fn close(
    mut parquet: ArrowWriter<File>,
) -> parquet::errors::Result<(File, parquet::file::metadata::ParquetMetaData)> {
    let footer = parquet.finish()?;
    let file = parquet.inner().try_clone()?;
    Ok((file, footer))
}

/// The Arrow schema stays out of the file: every reader then sees plain Parquet types, and ours
/// knows the columns from the snapshot.
fn options(def: &TableDef) -> ArrowWriterOptions {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("cdrql ", env!("CARGO_PKG_VERSION")).into())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_statistics_enabled(EnabledStatistics::Page);
    if let (Some(index), Some(name)) = (def.time_index(), &def.time_key) {
        let (key, column_idx) = (ColumnPath::from(name.as_str()), index as i32);
        // Times in order differ by little.
        properties = properties
            .set_column_dictionary_enabled(key.clone(), false)
            .set_column_encoding(key, Encoding::DELTA_BINARY_PACKED)
            .set_sorting_columns(Some(vec![SortingColumn {
                column_idx,
                descending: false,
                nulls_first: true,
            }]));
    }
    ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true)
}
