//! Recognises a source whose ids have begun anew: the same numbers then stand for other things, and
//! merging by them would mix up two histories.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::compute::{cast, max};
use arrow::datatypes::{DataType, Int64Type};
use arrow::row::{RowConverter, SortField};
use datafusion::common::hash_utils::RandomState;

use super::job::{Job, compute};
use super::settings::Rebuilt;
use super::watermark::Watermark;
use crate::store::{DataFile, TableDef, TableEntry};
use crate::{Error, Result};

/// So many of the mirror's ids are compared with the server's.
const SAMPLE: usize = 10_000;

/// Refuses a table that was read from another database, or whose numbering has begun again.
pub fn check_source(job: &Job, entry: &TableEntry) -> Result<()> {
    if job.shared.settings.rebuilt != Rebuilt::Refuse {
        return Ok(());
    }
    let before = Watermark::of(entry);
    let other = matches!((&before.database, &job.database.identity), (Some(a), Some(b)) if a != b);
    if other {
        return Err(refusal(&entry.def, "it was mirrored from another database of that name"));
    }
    match (before.identity, job.table().identity) {
        (Some(then), Some(now)) if now < then => {
            let why = format!("its identity column had reached {then} and is now at {now}");
            Err(refusal(&entry.def, &why))
        }
        _ => Ok(()),
    }
}

fn refusal(table: &TableDef, why: &str) -> Error {
    Error::source(format!("{table}: the source seems to have been rebuilt: {why}")).hinted(
        "mirror it into another directory, or say --if-rebuilt replace (begin anew; the past stays \
         in older snapshots) or --if-rebuilt merge (it is the same source)",
    )
}

/// Ids of the mirror and, by a hash, what they stand for.
pub struct Ids {
    def: TableDef,
    /// The columns that tell what an id stands for.
    text: Vec<usize>,
    known: HashMap<i64, u64>,
    /// Among the server's rows: ids that the mirror knows, and those that stand for something else.
    met: usize,
    other: usize,
    /// The largest of the server's ids.
    highest: Option<i64>,
}

impl Ids {
    /// A sample of the stored rows; empty for a table whose ids may change their meaning.
    pub async fn sample(job: &Job, old: &[DataFile]) -> Result<Self> {
        let def = job.table().def.clone();
        // A column that has come or gone makes every row another one, but no other thing of it.
        let entry = job.entry().await;
        let is_old = |index: &usize| {
            let name = def.columns.field(*index).name();
            entry.as_ref().is_none_or(|entry| entry.def.columns.index_of(name).is_ok())
        };
        let on_server = 0..job.table().columns.len();
        let text = text_columns(&def).filter(|index| on_server.contains(index) && is_old(index));
        let text: Vec<usize> = text.collect();
        let compared = job.planned.has_lasting_ids
            && job.shared.settings.rebuilt == Rebuilt::Refuse
            && id_column(&def).is_some()
            && !text.is_empty();
        let mut ids = Self { def, text, known: HashMap::new(), met: 0, other: 0, highest: None };
        if !compared {
            return Ok(ids);
        }
        let (files, old) = (job.shared.files.clone(), old.to_vec());
        compute(move || {
            for file in &old {
                for batch in files.read(&ids.def, file)? {
                    let rows = ids.meanings(&batch?)?;
                    ids.known.extend(rows.take(SAMPLE - ids.known.len()));
                    if ids.known.len() >= SAMPLE {
                        return Ok(ids);
                    }
                }
            }
            Ok(ids)
        })
        .await
    }

    pub fn compare(&mut self, batch: &RecordBatch) -> Result<()> {
        if let Some(id) = id_column(&self.def) {
            let ids = integers(&self.def, batch.column(id))?;
            self.highest = self.highest.max(max(&ids));
        }
        if self.known.is_empty() {
            return Ok(());
        }
        for (id, meaning) in self.meanings(batch)? {
            if let Some(known) = self.known.get(&id) {
                self.met += 1;
                self.other += usize::from(*known != meaning);
            }
        }
        Ok(())
    }

    /// Each row's id and a hash of its text.
    fn meanings(&self, batch: &RecordBatch) -> Result<impl Iterator<Item = (i64, u64)> + use<>> {
        let failed = |e| Error::source(format!("{}: {e}", self.def));
        let text: Vec<ArrayRef> =
            self.text.iter().map(|index| Arc::clone(batch.column(*index))).collect();
        let fields = text.iter().map(|_| SortField::new(DataType::Utf8View)).collect();
        let rows = RowConverter::new(fields)
            .and_then(|rows| rows.convert_columns(&text))
            .map_err(failed)?;
        let id = id_column(&self.def).unwrap_or_default();
        let ids = integers(&self.def, batch.column(id))?.values().clone();
        let hasher = RandomState::default();
        Ok((0..batch.num_rows()).map(move |row| (ids[row], hasher.hash_one(rows.row(row).data()))))
    }

    /// The largest id that was seen, of a table that has one.
    pub fn highest(&self) -> Option<i64> {
        self.highest
    }

    /// Refuses if most of the ids that both have stand for something else.
    pub fn check(&self) -> Result<()> {
        let Self { met, other, .. } = self;
        if other * 2 > *met {
            let why = format!("{other} of {met} ids stand for something else");
            return Err(refusal(&self.def, &why));
        }
        Ok(())
    }
}

/// The one integer column of the primary key.
pub fn id_column(def: &TableDef) -> Option<usize> {
    match def.key_indices().as_slice() {
        [index] if def.columns.field(*index).data_type().is_integer() => Some(*index),
        _ => None,
    }
}

fn integers(def: &TableDef, column: &ArrayRef) -> Result<Int64Array> {
    let integers = cast(column, &DataType::Int64);
    let integers = integers.map_err(|e| Error::source(format!("{def}: {e}")))?;
    Ok(integers.as_primitive::<Int64Type>().clone())
}

fn text_columns(def: &TableDef) -> impl Iterator<Item = usize> {
    let fields = def.columns.fields().iter().enumerate();
    fields.filter(|(_, f)| *f.data_type() == DataType::Utf8View).map(|(index, _)| index)
}
