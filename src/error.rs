//! One error for the whole engine: what went wrong, where in the text, and what to do about it.

use std::fmt;
use std::path::Path;

use datafusion::common::DataFusionError;

/// What kind of fault it is; the command line turns it into the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A SQL statement could not be parsed, planned or run.
    Statement,
    /// The caller asked for something that does not exist or does not fit together.
    Usage,
    /// Data, a file or a server could not be opened, read or written.
    Source,
    /// A fault of ours.
    Internal,
    /// The user stopped it.
    Interrupted,
}

/// A place in a statement's text: line and column count from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// An error with its kind, one or two lines of message, the place in the text, and hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
    /// Where in the text that was handed over; None where no place is known.
    pub position: Option<Position>,
    /// What to try, each a full sentence or a name.
    pub hints: Vec<String>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), position: None, hints: Vec::new() }
    }

    pub fn statement(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Statement, message)
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub fn source(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Source, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted")
    }

    /// A file that could not be read or written, named in the message.
    pub fn file(path: &Path, cause: impl fmt::Display) -> Self {
        Self::source(format!("{}: {cause}", path.display()))
    }

    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    /// Adds a place only where none is known yet.
    #[must_use]
    pub fn at_if_unplaced(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }

    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// An error of ours on its way through DataFusion.
impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        Self::External(Box::new(error))
    }
}
