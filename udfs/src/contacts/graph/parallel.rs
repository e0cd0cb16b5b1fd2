//! Work on all cores with the same result on any number of them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use datafusion::common::{Result, internal_datafusion_err};

/// Into how many pieces work is cut, whatever the number of cores, so that sums of floats do not
/// depend on it.
pub(super) const PIECES: usize = 16;

/// The results of all pieces of work, in their order.
pub(super) fn in_pieces<T: Send>(work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    in_order(PIECES, work)
}

/// How many threads work on so many pieces.
pub(super) fn threads(pieces: usize) -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(pieces)
}

/// The results of so many pieces of work, in their order.
pub(super) fn in_order<T: Send>(
    pieces: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let take_pieces = || {
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return;
            }
            let result = work(piece);
            if let Ok(mut results) = results.lock() {
                results.push((piece, result));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads(pieces) {
            scope.spawn(take_pieces);
        }
    });
    let results = results.into_inner();
    let mut results = results.map_err(|_| internal_datafusion_err!("a thread of work died"))?;
    results.sort_unstable_by_key(|(piece, _)| *piece);
    results.into_iter().map(|(_, result)| result).collect()
}
