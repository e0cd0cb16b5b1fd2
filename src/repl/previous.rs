//! The previous result and statement, kept for `_`, `.last`, `.explain`, `.watch` and `.edit`.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// A result is kept up to this many rows ...
pub const MAX_ROWS: usize = 1_000_000;
/// ... and this many bytes in memory.
pub const MAX_BYTES: usize = 256 << 20;

/// What ran last.
#[derive(Debug, Default)]
pub struct Previous {
    pub statement: Option<String>,
    pub result: Option<Kept>,
}

/// A whole result.
#[derive(Debug, Clone)]
pub struct Kept {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

/// Keeps the batches of a result as they pass, until there are too many.
#[derive(Debug)]
pub struct Keeper {
    kept: Option<Kept>,
    rows: usize,
    bytes: usize,
}

impl Keeper {
    pub fn new(schema: SchemaRef) -> Self {
        Self { kept: Some(Kept { schema, batches: Vec::new() }), rows: 0, bytes: 0 }
    }

    pub fn pass(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        if self.rows > MAX_ROWS || self.bytes > MAX_BYTES {
            self.kept = None;
        }
        if let Some(kept) = &mut self.kept {
            kept.batches.push(batch.clone());
        }
    }

    /// Rows that passed.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The whole result; None when it was too large to keep.
    pub fn finish(self) -> Option<Kept> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, NullArray};

    use super::*;

    fn batch(rows: usize) -> RecordBatch {
        let nulls: ArrayRef = Arc::new(NullArray::new(rows));
        RecordBatch::try_from_iter([("n", nulls)]).unwrap()
    }

    #[test]
    fn a_result_is_kept_whole_or_not_at_all() {
        let mut keeper = Keeper::new(batch(0).schema());
        keeper.pass(&batch(MAX_ROWS));
        assert_eq!(keeper.rows(), MAX_ROWS);
        keeper.pass(&batch(1));
        assert_eq!(keeper.rows(), MAX_ROWS + 1);
        assert!(keeper.finish().is_none());

        let mut keeper = Keeper::new(batch(0).schema());
        keeper.pass(&batch(3));
        keeper.pass(&batch(4));
        let kept = keeper.finish().unwrap();
        assert_eq!(kept.batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 7);
    }
}
