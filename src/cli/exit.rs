//! Exit codes: they follow the kind of the error, not the command.

use std::process::ExitCode;

use crate::ErrorKind;

/// The code that the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit(u8);

impl Exit {
    pub const SUCCESS: Self = Self(0);

    pub fn of(kind: ErrorKind) -> Self {
        Self(match kind {
            ErrorKind::Statement => 1,
            ErrorKind::Usage => 2,
            ErrorKind::Source => 3,
            ErrorKind::Internal => 4,
            ErrorKind::Interrupted => 130,
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}
