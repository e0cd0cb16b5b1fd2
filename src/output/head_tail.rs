//! The first and the last rows of a result of any length, in bounded memory.

use std::collections::VecDeque;

use arrow::array::RecordBatch;

/// Keeps every row, or no more than a limit: half from the head, half from the tail.
pub(super) struct HeadTail {
    limit: Option<usize>,
    head: Vec<RecordBatch>,
    head_rows: usize,
    tail: VecDeque<RecordBatch>,
    tail_rows: usize,
    seen: usize,
}

impl HeadTail {
    pub fn new(limit: Option<usize>) -> Self {
        Self { limit, head: Vec::new(), head_rows: 0, tail: VecDeque::new(), tail_rows: 0, seen: 0 }
    }

    pub fn push(&mut self, batch: &RecordBatch) {
        self.seen += batch.num_rows();
        let room = self.head_quota() - self.head_rows;
        let first = batch.num_rows().min(room);
        if first > 0 {
            self.head.push(batch.slice(0, first));
            self.head_rows += first;
        }
        if first < batch.num_rows() {
            self.tail.push_back(batch.slice(first, batch.num_rows() - first));
            self.tail_rows += batch.num_rows() - first;
            self.trim_tail();
        }
    }

    fn head_quota(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit - limit / 2)
    }

    fn tail_quota(&self) -> usize {
        self.limit.map_or(0, |limit| limit / 2)
    }

    fn trim_tail(&mut self) {
        let quota = self.tail_quota();
        while let Some(oldest) = self.tail.front() {
            let rest = self.tail_rows - oldest.num_rows();
            if rest >= quota {
                self.tail_rows = rest;
                self.tail.pop_front();
            } else {
                let surplus = self.tail_rows.saturating_sub(quota);
                let kept = oldest.slice(surplus, oldest.num_rows() - surplus);
                self.tail_rows -= surplus;
                self.tail[0] = kept;
                break;
            }
        }
    }

    /// All rows that went by, and those of them that are kept.
    pub fn seen(&self) -> usize {
        self.seen
    }

    pub fn kept(&self) -> usize {
        self.head_rows + self.tail_rows
    }

    /// The kept rows from the start.
    pub fn head(&self) -> &[RecordBatch] {
        &self.head
    }

    /// The kept rows up to the end.
    pub fn tail(&self) -> impl Iterator<Item = &RecordBatch> {
        self.tail.iter()
    }

    /// Lets go of the rows, counting on.
    pub fn clear(&mut self) {
        *self = Self { limit: self.limit, seen: self.seen, ..Self::new(None) };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int32Array};
    use arrow::datatypes::Int32Type;
    use proptest::prelude::*;

    use super::*;

    fn batch(rows: std::ops::Range<i32>) -> RecordBatch {
        let array: ArrayRef = Arc::new(Int32Array::from_iter_values(rows));
        RecordBatch::try_from_iter([("n", array)]).unwrap()
    }

    fn numbers<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Vec<i32> {
        let column =
            |batch: &RecordBatch| batch.column(0).as_primitive::<Int32Type>().values().to_vec();
        batches.into_iter().flat_map(column).collect()
    }

    proptest! {
        #[test]
        fn head_and_tail_are_those_of_all_rows(sizes in prop::collection::vec(0i32..7, 0..12), limit in 0usize..20) {
            let mut kept = HeadTail::new(Some(limit));
            let mut all = 0;
            for size in sizes {
                kept.push(&batch(all..all + size));
                all += size;
            }
            let rows: Vec<i32> = (0..all).collect();
            let head = limit.div_ceil(2).min(rows.len());
            let tail = (limit / 2).min(rows.len() - head);
            prop_assert_eq!(numbers(kept.head()), &rows[..head]);
            prop_assert_eq!(numbers(kept.tail()), &rows[rows.len() - tail..]);
            prop_assert_eq!((kept.seen(), kept.kept()), (rows.len(), head + tail));
        }
    }

    #[test]
    fn without_a_limit_every_row_is_kept() {
        let mut kept = HeadTail::new(None);
        kept.push(&batch(0..5));
        kept.push(&batch(5..9));
        assert_eq!(numbers(kept.head()), (0..9).collect::<Vec<_>>());
        assert_eq!(kept.tail().count(), 0);
        kept.clear();
        assert_eq!((kept.seen(), kept.kept()), (9, 0));
    }
}
