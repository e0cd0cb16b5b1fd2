//! Decoded columns of data files, kept in memory while there is room: what is asked often is read
//! and decoded once. Data files never change, so nothing here can be stale.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use crate::Result;

/// A column of one row group of a data file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChunkId {
    pub file: Arc<str>,
    pub row_group: usize,
    /// Name of the column.
    pub column: Arc<str>,
}

/// Decoded columns up to a number of bytes; those used longest ago make room for others.
#[derive(Debug)]
pub struct ColumnCache {
    capacity: usize,
    chunks: Mutex<Chunks>,
    footers: Mutex<HashMap<Arc<str>, ArrowReaderMetadata>>,
}

#[derive(Debug, Default)]
struct Chunks {
    entries: HashMap<ChunkId, Entry>,
    /// Bytes of all filled entries.
    used: usize,
    /// Counts the look-ups.
    clock: u64,
}

#[derive(Debug, Default)]
struct Entry {
    /// Locked while one thread decodes; others that want the same wait for it.
    column: Arc<Mutex<Option<ArrayRef>>>,
    bytes: usize,
    last_used: u64,
}

impl ColumnCache {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, chunks: Mutex::default(), footers: Mutex::default() }
    }

    /// Bytes that the cache may hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The column, from memory or by `decode`.
    pub fn column(
        &self,
        id: ChunkId,
        decode: impl FnOnce() -> Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        let slot = lock(&self.chunks).slot(id.clone());
        let mut column = lock(&slot);
        if let Some(column) = &*column {
            return Ok(Arc::clone(column));
        }
        let decoded = decode()?;
        *column = Some(Arc::clone(&decoded));
        drop(column);
        lock(&self.chunks).filled(&id, decoded.get_array_memory_size(), self.capacity);
        Ok(decoded)
    }

    /// The file's footer, from memory or by `read`.
    pub fn footer(
        &self,
        file: &Arc<str>,
        read: impl FnOnce() -> Result<ArrowReaderMetadata>,
    ) -> Result<ArrowReaderMetadata> {
        if let Some(known) = lock(&self.footers).get(file) {
            return Ok(known.clone());
        }
        let footer = read()?;
        lock(&self.footers).insert(Arc::clone(file), footer.clone());
        Ok(footer)
    }
}

impl Chunks {
    fn slot(&mut self, id: ChunkId) -> Arc<Mutex<Option<ArrayRef>>> {
        self.clock += 1;
        let entry = self.entries.entry(id).or_default();
        entry.last_used = self.clock;
        Arc::clone(&entry.column)
    }

    fn filled(&mut self, id: &ChunkId, bytes: usize, capacity: usize) {
        // Gone already where room was made while it was decoded; then its readers own it alone.
        let Some(entry) = self.entries.get_mut(id) else { return };
        self.used = self.used - entry.bytes + bytes;
        entry.bytes = bytes;
        if self.used > capacity {
            self.make_room(capacity - capacity / 8);
        }
    }

    /// Lets the entries go that were used longest ago.
    fn make_room(&mut self, keep: usize) {
        let mut by_age: Vec<(u64, ChunkId)> =
            self.entries.iter().map(|(id, entry)| (entry.last_used, id.clone())).collect();
        by_age.sort_unstable_by_key(|(last_used, _)| *last_used);
        for (_, id) in by_age {
            if self.used <= keep {
                return;
            }
            self.used -= self.entries.remove(&id).map_or(0, |entry| entry.bytes);
        }
    }
}

/// A thread that panicked leaves nothing half done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use arrow::array::Int64Array;

    fn id(file: &str) -> ChunkId {
        ChunkId { file: file.into(), row_group: 0, column: "c".into() }
    }

    fn thousand() -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from_iter_values(0..1000)))
    }

    fn must_not_decode() -> Result<ArrayRef> {
        Err(Error::internal("decoded again"))
    }

    #[test]
    fn a_column_is_decoded_once() {
        let cache = ColumnCache::new(1 << 20);
        let first = cache.column(id("a"), thousand).unwrap();
        let again = cache.column(id("a"), must_not_decode).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn what_could_not_be_decoded_is_tried_again() {
        let cache = ColumnCache::new(1 << 20);
        assert!(cache.column(id("a"), must_not_decode).is_err());
        assert!(cache.column(id("a"), thousand).is_ok());
    }

    #[test]
    fn room_is_made_by_what_was_used_longest_ago() {
        let room_for_three = 3 * thousand().unwrap().get_array_memory_size() + 100;
        let cache = ColumnCache::new(room_for_three);
        for file in ["a", "b", "c"] {
            cache.column(id(file), thousand).unwrap();
        }
        cache.column(id("a"), must_not_decode).unwrap();
        cache.column(id("d"), thousand).unwrap();
        cache.column(id("a"), must_not_decode).unwrap();
        cache.column(id("d"), must_not_decode).unwrap();
        assert!(cache.column(id("b"), must_not_decode).is_err());
        assert!(lock(&cache.chunks).used <= room_for_three);
    }

    #[test]
    fn a_column_larger_than_the_cache_is_read_but_not_kept() {
        let cache = ColumnCache::new(10);
        assert!(cache.column(id("a"), thousand).is_ok());
        assert!(cache.column(id("a"), must_not_decode).is_err());
        assert_eq!(lock(&cache.chunks).used, 0);
    }
}
