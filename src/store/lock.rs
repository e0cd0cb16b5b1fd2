//! One writer per mirror. The lock is the operating system's, so it dies with the process.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{disk, layout};
use crate::{Error, Result};

/// Held as long as this lives.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing the file is what releases the lock")] File);

impl Lock {
    /// Takes the mirror's lock, or fails at once if another process or writer has it.
    pub fn take(root: &Path) -> Result<Self> {
        let path = root.join(layout::LOCK);
        let file = disk::open_or_create(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Error::file(root, "another process is writing to this mirror").hinted(
                    "Wait until it has finished, or stop it; reading is possible meanwhile.",
                ))
            }
            Err(TryLockError::Error(e)) => Err(Error::file(&path, e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_and_a_later_one_let_in() {
        let dir = tempfile::tempdir().unwrap();
        disk::create_dir(&dir.path().join(layout::CONTROL)).unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let refusal = Lock::take(dir.path()).unwrap_err();
        assert!(refusal.message.contains("another process is writing"), "{}", refusal.message);
        drop(first);
        Lock::take(dir.path()).unwrap();
    }
}
