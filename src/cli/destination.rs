//! Where results go: stdout, a file that is replaced as a whole, or a device.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::stream::{Stream, Target};
use crate::host::atomic_file::AtomicFile;
use crate::output::Sink;
use crate::{Error, Result};

/// An open destination; a file that is not committed never appears.
#[derive(Debug)]
pub(super) struct Destination {
    stream: Stream,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Stdout,
    File {
        file: AtomicFile,
        path: PathBuf,
    },
    /// A pipe or device, which is written to as it is: replacing it would do harm.
    Device {
        path: PathBuf,
    },
}

/// Why bytes did not arrive.
#[derive(Debug)]
pub(super) enum Failure {
    /// Whoever read the pipe has seen enough.
    ReaderGone,
    Unwritten(Error),
}

impl Destination {
    pub fn stdout() -> Self {
        Self { stream: Stream::new(Target::Stdout(io::stdout())), place: Place::Stdout }
    }

    /// The file at the path, which nobody sees before `commit`.
    pub fn create(path: &Path) -> Result<Self> {
        let cannot = |cause| Error::file(path, format!("cannot write: {cause}"));
        let path = path.to_path_buf();
        let device = fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if device {
            let file = OpenOptions::new().write(true).open(&path).map_err(cannot)?;
            return Ok(Self {
                stream: Stream::new(Target::File(file)),
                place: Place::Device { path },
            });
        }
        if path.is_dir() {
            return Err(Error::usage(format!(
                "{}: this is a directory, -o names a file",
                path.display()
            )));
        }
        let file = AtomicFile::create(&path).map_err(cannot)?;
        let stream = Stream::new(Target::File(file.handle().map_err(cannot)?));
        Ok(Self { stream, place: Place::File { file, path } })
    }

    pub fn is_stdout(&self) -> bool {
        matches!(self.place, Place::Stdout)
    }

    /// A writer to it; there may be several, one after the other.
    pub fn sink(&self) -> Sink {
        Box::new(self.stream.clone())
    }

    /// Why a write failed, if one did.
    pub fn failure(&self) -> Option<Failure> {
        let cause = self.stream.failure()?;
        Some(match cause.kind() {
            io::ErrorKind::BrokenPipe => Failure::ReaderGone,
            _ => Failure::Unwritten(self.unwritten(&cause)),
        })
    }

    /// Where writing has got to; None where nothing can be taken back.
    pub fn position(&self) -> Option<u64> {
        match self.place {
            Place::File { .. } => self.stream.position(),
            Place::Stdout | Place::Device { .. } => None,
        }
    }

    /// Takes back what was written since the position.
    pub fn rewind(&self, position: u64) -> Result<()> {
        self.stream.rewind(position).map_err(|cause| self.unwritten(&cause))
    }

    /// Puts a file in its place.
    pub fn commit(self) -> Result<()> {
        match self.place {
            Place::File { file, path } => {
                file.commit().map_err(|cause| Error::file(&path, format!("cannot write: {cause}")))
            }
            Place::Stdout | Place::Device { .. } => Ok(()),
        }
    }

    /// Ends a command that only prints: a reader who has seen enough is success.
    pub fn ended(&self, printed: Result<()>) -> Result<Exit> {
        match self.failure() {
            Some(Failure::ReaderGone) => Ok(Exit::SUCCESS),
            Some(Failure::Unwritten(error)) => Err(error),
            None => printed.map(|()| Exit::SUCCESS),
        }
    }

    fn unwritten(&self, cause: &io::Error) -> Error {
        match &self.place {
            Place::Stdout => Error::source(format!("stdout: cannot write: {cause}")),
            Place::File { path, .. } | Place::Device { path } => {
                Error::file(path, format!("cannot write: {cause}"))
            }
        }
    }
}
