//! A writer in several hands, which remembers why it failed.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Stdout, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes on their way to stdout or a file.
///
/// The formats wrap a failed write in errors of their own; here the cause itself is kept.
#[derive(Debug, Clone)]
pub(super) struct Stream(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    target: Target,
    failure: Option<io::Error>,
}

#[derive(Debug)]
pub(super) enum Target {
    Stdout(Stdout),
    File(File),
}

impl Stream {
    pub fn new(target: Target) -> Self {
        Self(Arc::new(Mutex::new(Inner { target, failure: None })))
    }

    /// The first failure, if any.
    pub fn failure(&self) -> Option<io::Error> {
        self.lock().failure.as_ref().map(same)
    }

    /// How far the file has been written; None for what cannot go back.
    pub fn position(&self) -> Option<u64> {
        match &mut self.lock().target {
            Target::Stdout(_) => None,
            Target::File(file) => file.stream_position().ok(),
        }
    }

    /// Takes back what was written after the position.
    pub fn rewind(&self, position: u64) -> io::Result<()> {
        match &mut self.lock().target {
            Target::Stdout(_) => Ok(()),
            Target::File(file) => {
                file.set_len(position)?;
                file.seek(SeekFrom::Start(position)).map(|_| ())
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempt<T>(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        let mut inner = self.lock();
        let result = match &mut inner.target {
            Target::Stdout(stdout) => write(stdout),
            Target::File(file) => write(file),
        };
        if let Err(cause) = &result
            && cause.kind() != io::ErrorKind::Interrupted
        {
            inner.failure.get_or_insert(same(cause));
        }
        result
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|target| target.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(|target| target.flush())
    }
}

/// An I/O error cannot be cloned; one of the same cause can be made.
fn same(cause: &io::Error) -> io::Error {
    match cause.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => cause.kind().into(),
    }
}
