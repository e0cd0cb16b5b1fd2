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
    let threads = thread::available_parallelism().map_or(1, usize::from).min(PIECES);
    let (next, results) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let take_pieces = || {
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= PIECES {
                return;
            }
            let result = work(piece);
            if let Ok(mut results) = results.lock() {
                results.push((piece, result));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(take_pieces);
        }
    });
    let results = results.into_inner();
    let mut results = results.map_err(|_| internal_datafusion_err!("a thread of work died"))?;
    results.sort_unstable_by_key(|(piece, _)| *piece);
    results.into_iter().map(|(_, result)| result).collect()
}
