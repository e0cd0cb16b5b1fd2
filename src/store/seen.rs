//! Keys that have been seen, in little memory.

use std::hash::BuildHasher;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use arrow::row::Rows;
use datafusion::common::hash_utils::RandomState;
use roaring::RoaringTreemap;

use super::def::TableDef;
use super::merge::Keys;
use crate::Result;

/// The keys of a table's rows.
pub enum Seen {
    /// One number: a bit or two for each where they are dense, as ids are.
    Ids { column: usize, ids: RoaringTreemap, doubled: bool },
    /// Anything else: 16 bytes for each.
    Fingerprints { keys: Keys, seen: Vec<u128> },
}

impl Seen {
    pub fn new(def: &TableDef) -> Result<Self> {
        Ok(match def.key_indices().as_slice() {
            [column] if def.columns.field(*column).data_type().is_integer() => {
                Self::Ids { column: *column, ids: RoaringTreemap::new(), doubled: false }
            }
            _ => Self::Fingerprints { keys: Keys::new(def)?, seen: Vec::new() },
        })
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::Ids { column, ids, doubled } => {
                for id in numbers(batch.column(*column))? {
                    *doubled |= !ids.insert(id);
                }
            }
            Self::Fingerprints { keys, seen } => seen.extend(fingerprints(&keys.rows(batch)?)),
        }
        Ok(())
    }

    /// Ends the adding, and says whether a key came twice.
    pub fn close(&mut self) -> bool {
        match self {
            Self::Ids { doubled, .. } => *doubled,
            Self::Fingerprints { seen, .. } => {
                seen.sort_unstable();
                seen.windows(2).any(|pair| pair[0] == pair[1])
            }
        }
    }

    /// For each row whether its key is among those, once they are closed.
    pub fn among(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        Ok(match self {
            Self::Ids { column, ids, .. } => {
                numbers(batch.column(*column))?.map(|id| Some(ids.contains(id))).collect()
            }
            Self::Fingerprints { keys, seen } => fingerprints(&keys.rows(batch)?)
                .map(|key| Some(seen.binary_search(&key).is_ok()))
                .collect(),
        })
    }
}

/// Integers in their order, without a sign.
fn numbers(column: &ArrayRef) -> Result<impl Iterator<Item = u64>, ArrowError> {
    let integers = cast(column, &DataType::Int64)?;
    let integers = integers.as_primitive::<Int64Type>().values().clone();
    Ok((0..integers.len()).map(move |row| integers[row].cast_unsigned() ^ (1 << 63)))
}

/// Each key in 16 bytes: as it is where it fits, else as two independent hashes.
fn fingerprints(rows: &Rows) -> impl Iterator<Item = u128> {
    let hashers = [1, 2].map(RandomState::with_seed);
    rows.iter().map(move |row| match row.data() {
        short if short.len() < 16 => {
            let mut bytes = [0; 16];
            bytes[..short.len()].copy_from_slice(short);
            bytes[15] = short.len() as u8;
            u128::from_be_bytes(bytes)
        }
        long => {
            let [high, low] = hashers.each_ref().map(|hasher| u128::from(hasher.hash_one(long)));
            (high << 64) | low
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int32Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn closed(values: [ArrayRef; 2]) -> (bool, BooleanArray) {
        let field = Field::new("Key", values[0].data_type().clone(), false);
        let columns = Arc::new(Schema::new(vec![field]));
        let def = TableDef {
            database: "Made".into(),
            schema: "dbo".into(),
            name: "Keys".into(),
            columns: Arc::clone(&columns),
            primary_key: vec!["Key".into()],
            time_key: None,
        };
        let [first, second] =
            values.map(|column| RecordBatch::try_new(Arc::clone(&columns), vec![column]).unwrap());
        let mut seen = Seen::new(&def).unwrap();
        seen.add(&first).unwrap();
        (seen.close(), seen.among(&second).unwrap())
    }

    #[test]
    fn numbers_and_texts_are_found_again_and_doubles_are_told() {
        let numbers = |values: &[i32]| Arc::new(Int32Array::from(values.to_vec())) as ArrayRef;
        let found = closed([numbers(&[i32::MIN, -1, 7]), numbers(&[7, 8, i32::MIN, 0])]);
        assert_eq!(found, (false, vec![true, false, true, false].into()));
        assert!(closed([numbers(&[7, 7]), numbers(&[])]).0);
        let texts = |values: &[&str]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
        let long = "a text of more than sixteen bytes";
        let found = closed([texts(&["a", long]), texts(&[long, "b", "a"])]);
        assert_eq!(found, (false, vec![true, false, true].into()));
        assert!(closed([texts(&[long, long]), texts(&[])]).0);
    }
}
