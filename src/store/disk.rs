//! Files and directories that only their owner may read, and that outlive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::{Error, Result};

/// Creates a directory with all its parents. New ones are the owner's alone; on Windows they take
/// the access list of the directory above, which in a user's profile is the owner's alone too.
pub fn create_dir(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| Error::file(path, e))
}

/// Creates a file that must not exist yet.
pub fn create_file(path: &Path) -> Result<File> {
    open(path, OpenOptions::new().read(true).write(true).create_new(true))
}

/// Opens a file to write on at its end, with the directories above it.
pub fn private_file(path: &Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        create_dir(parent)?;
    }
    open(path, OpenOptions::new().append(true).create(true))
}

/// Opens a file for writing whether or not it exists; what it holds is kept.
pub fn open_or_create(path: &Path) -> Result<File> {
    open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

fn open(path: &Path, options: &mut OpenOptions) -> Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path).map_err(|e| Error::file(path, e))
}

/// Puts a file in place whole or not at all: a reader sees the old state or the new one.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = path.with_extension("tmp");
    // A writer that was killed may have left one behind.
    let _ = fs::remove_file(&staged);
    let mut file = create_file(&staged)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| Error::file(&staged, e))?;
    drop(file);
    fs::rename(&staged, path).map_err(|e| Error::file(path, e))?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Forces a directory's entries to disk.
#[cfg(unix)]
pub fn sync_dir(path: &Path) -> Result<()> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|e| Error::file(path, e))
}

/// NTFS journals its directories; there is nothing to force and no way to ask for it.
#[cfg(not(unix))]
pub fn sync_dir(_path: &Path) -> Result<()> {
    Ok(())
}
