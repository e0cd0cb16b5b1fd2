//! New rows over old ones, by primary key.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, TimestampMicrosecondArray, UInt32Array,
    new_null_array,
};
use arrow::compute::{cast, concat_batches, filter_record_batch, take_record_batch};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::data_file::DataFile;
use super::def::TableDef;
use super::file_writer::FileWriter;
use crate::{Error, Result};

/// A merged file and what became of its rows.
#[derive(Debug)]
pub struct Merged {
    pub file: DataFile,
    /// New rows that no old row had the key of.
    pub added: u64,
    /// Old rows that gave way to a new one with another content.
    pub changed: u64,
}

impl Merged {
    /// Whether the old files said it all.
    pub fn is_unchanged(&self) -> bool {
        self.added == 0 && self.changed == 0
    }
}

/// Writes the old files' rows with the new rows in their place.
pub fn merge(
    root: &Path,
    def: &TableDef,
    old: &[&DataFile],
    new: &[RecordBatch],
    mut out: FileWriter,
) -> Result<Merged> {
    let keys = Keys::new(def)?;
    let content = Content::new(def)?;
    let failed = |e: ArrowError| Error::source(format!("{def}: {e}"));
    let new = concat_batches(&def.columns, new).map_err(failed)?;
    let new = sorted(def, &keys.last_of_each(&new).map_err(failed)?).map_err(failed)?;
    let (new_keys, new_content) =
        (keys.rows(&new).map_err(failed)?, content.rows(&new).map_err(failed)?);
    let places: HashMap<&[u8], usize> =
        new_keys.iter().enumerate().map(|(row, key)| (key.data(), row)).collect();

    let (mut met, mut same) = (0, 0);
    let mut rest = new.clone();
    for files in runs(old) {
        for batch in read_in_order(root, def, &files)? {
            let batch = batch?;
            let replaced = keys.places(&batch, &places).map_err(failed)?;
            let old_content = content.rows(&batch).map_err(failed)?;
            let is_same = |(row, place): (usize, &Option<usize>)| {
                place.is_some_and(|new| old_content.row(row) == new_content.row(new))
            };
            met += replaced.iter().flatten().count();
            same += replaced.iter().enumerate().filter(|r| is_same(*r)).count();
            let keep: BooleanArray = replaced.iter().map(|r| Some(r.is_none())).collect();
            let kept = filter_record_batch(&batch, &keep).map_err(failed)?;
            let (earlier, later) = split_before_end(def, &rest, &kept);
            rest = later;
            let joined = concat_batches(&def.columns, [&kept, &earlier]).map_err(failed)?;
            out.write(&sorted(def, &joined).map_err(failed)?)?;
        }
    }
    out.write(&rest)?;
    let added = new.num_rows().saturating_sub(met) as u64;
    Ok(Merged { file: out.finish()?, added, changed: (met - same) as u64 })
}

/// The primary key's columns, made comparable as bytes.
pub struct Keys {
    indices: Vec<usize>,
    converter: RowConverter,
}

impl Keys {
    pub fn new(def: &TableDef) -> Result<Self> {
        if def.primary_key.is_empty() {
            let message = format!("{def}: a table without a primary key cannot be merged");
            return Err(Error::usage(message).hinted("Replace the period as a whole."));
        }
        let indices = def.key_indices();
        let converter = converter(def, indices.iter().copied())
            .map_err(|e| Error::usage(format!("{def}: the primary key cannot be compared: {e}")))?;
        Ok(Self { indices, converter })
    }

    pub fn rows(&self, batch: &RecordBatch) -> Result<Rows, ArrowError> {
        let columns: Vec<ArrayRef> =
            self.indices.iter().map(|i| Arc::clone(batch.column(*i))).collect();
        self.converter.convert_columns(&columns)
    }

    /// Of rows with equal keys only the last.
    fn last_of_each(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let rows = self.rows(batch)?;
        let mut seen = HashSet::with_capacity(batch.num_rows());
        let mut keep: Vec<bool> =
            (0..batch.num_rows()).rev().map(|i| seen.insert(rows.row(i).data())).collect();
        keep.reverse();
        filter_record_batch(batch, &BooleanArray::from(keep))
    }

    /// For each row the place of its key among others, if it is there.
    fn places(
        &self,
        batch: &RecordBatch,
        places: &HashMap<&[u8], usize>,
    ) -> Result<Vec<Option<usize>>, ArrowError> {
        let rows = self.rows(batch)?;
        Ok(rows.iter().map(|row| places.get(row.data()).copied()).collect())
    }
}

/// Whole rows, made comparable as bytes.
pub struct Content(RowConverter);

impl Content {
    pub fn new(def: &TableDef) -> Result<Self> {
        converter(def, 0..def.columns.fields().len())
            .map(Self)
            .map_err(|e| Error::usage(format!("{def}: the rows cannot be compared: {e}")))
    }

    pub fn rows(&self, batch: &RecordBatch) -> Result<Rows, ArrowError> {
        self.0.convert_columns(batch.columns())
    }
}

fn converter(
    def: &TableDef,
    columns: impl Iterator<Item = usize>,
) -> Result<RowConverter, ArrowError> {
    RowConverter::new(
        columns.map(|i| SortField::new(def.columns.field(i).data_type().clone())).collect(),
    )
}

/// Rows by the time key, NULL first; rows of one moment keep their order.
fn sorted(def: &TableDef, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let Some(index) = def.time_index() else { return Ok(batch.clone()) };
    let times = times(batch.column(index));
    let time = |row: usize| times.is_valid(row).then(|| times.value(row));
    if (1..batch.num_rows()).all(|row| time(row - 1) <= time(row)) {
        return Ok(batch.clone());
    }
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    order.sort_by_key(|row| time(*row as usize));
    take_record_batch(batch, &UInt32Array::from(order))
}

/// Cuts sorted new rows in two: those before the last of the old rows, and the others. Without a
/// time key all of them come after the old ones.
fn split_before_end(
    def: &TableDef,
    new: &RecordBatch,
    old: &RecordBatch,
) -> (RecordBatch, RecordBatch) {
    let cut = match (def.time_index(), old.num_rows().checked_sub(1)) {
        (Some(index), Some(last)) => rows_before(new.column(index), old.column(index), last),
        _ => 0,
    };
    (new.slice(0, cut), new.slice(cut, new.num_rows() - cut))
}

/// How many of the sorted times, NULL first, lie before the old one.
fn rows_before(new: &ArrayRef, old: &ArrayRef, row: usize) -> usize {
    let (new, old) = (times(new), times(old));
    if old.is_null(row) {
        return 0;
    }
    let nulls = new.null_count();
    nulls + new.values()[nulls..].partition_point(|time| *time < old.value(row))
}

fn times(column: &ArrayRef) -> &TimestampMicrosecondArray {
    column.as_primitive::<TimestampMicrosecondType>()
}

/// Files in order of time; those that overlap in time are together.
fn runs<'a>(files: &[&'a DataFile]) -> Vec<Vec<&'a DataFile>> {
    // NULL comes before every time.
    let start = |file: &DataFile| file.time.and_then(|t| t.min.filter(|_| t.nulls == 0));
    let end = |file: &DataFile| file.time.and_then(|t| t.max);
    let mut files = files.to_vec();
    files.sort_by_key(|file| start(file));
    let mut runs: Vec<Vec<&DataFile>> = Vec::new();
    for file in files {
        match runs.last_mut() {
            Some(run) if run.iter().any(|other| start(file) < end(other)) => run.push(file),
            _ => runs.push(vec![file]),
        }
    }
    runs
}

/// The rows of files that overlap, sorted in memory; of a single file as they come.
fn read_in_order(
    root: &Path,
    def: &TableDef,
    files: &[&DataFile],
) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>>>> {
    if let [file] = files {
        return Ok(Box::new(read(root, def, file)?));
    }
    let mut batches = Vec::new();
    for file in files {
        for batch in read(root, def, file)? {
            batches.push(batch?);
        }
    }
    let together = concat_batches(&def.columns, &batches).and_then(|all| sorted(def, &all));
    let together = together.map_err(|e| Error::source(format!("{def}: {e}")))?;
    Ok(Box::new(std::iter::once(Ok(together))))
}

/// A data file's rows with the table's present columns.
pub fn read(
    root: &Path,
    def: &TableDef,
    file: &DataFile,
) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
    let path = root.join(&file.path);
    let columns = Arc::clone(&def.columns);
    let input = File::open(&path).map_err(|e| Error::file(&path, e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(input)
        .and_then(|builder| builder.with_batch_size(64 * 1024).build())
        .map_err(|e| Error::file(&path, e))?;
    Ok(reader.map(move |batch| {
        batch.and_then(|batch| adapt(&batch, &columns)).map_err(|e| Error::file(&path, e))
    }))
}

/// Columns by name in the table's types; NULL for those that the file did not have yet.
fn adapt(batch: &RecordBatch, columns: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let adapted = columns.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        Some(column) => cast(column, field.data_type()),
        None => Ok(new_null_array(field.data_type(), batch.num_rows())),
    });
    RecordBatch::try_new(Arc::clone(columns), adapted.collect::<Result<_, _>>()?)
}
