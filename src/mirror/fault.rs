//! What can go wrong between a server and us, and whether to try again.

use std::fmt;

use tiberius::error::Error as DriverError;

use super::server::Address;
use crate::Error;

/// A failed piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// May be gone the next time: the connection was lost, the server was busy, the answer garbled.
    Passing(Error),
    /// Will be there the next time too.
    Lasting(Error),
}

impl Fault {
    pub fn error(self) -> Error {
        match self {
            Self::Passing(error) | Self::Lasting(error) => error,
        }
    }

    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Passing(_))
    }

    /// Says what was being done.
    #[must_use]
    pub fn during(self, what: impl fmt::Display) -> Self {
        let named = |mut error: Error| {
            error.message = format!("{what}: {}", error.message);
            error
        };
        match self {
            Self::Passing(error) => Self::Passing(named(error)),
            Self::Lasting(error) => Self::Lasting(named(error)),
        }
    }
}

/// What the mirror itself cannot do does not get better by trying again.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Lasting(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Passing(error) | Self::Lasting(error)) = self;
        error.fmt(f)
    }
}

/// While connecting and logging in.
pub fn while_connecting(address: &Address, database: &str, cause: &DriverError) -> Fault {
    match cause {
        DriverError::Server(token) => match token.code() {
            18456 | 18452 => Fault::Lasting(
                Error::source(format!("{address}: login refused: {}", token.message()))
                    .hinted("check the user's name and password; nothing was tried twice"),
            ),
            4060 => Fault::Lasting(
                Error::source(format!("{address}: cannot open database {database}"))
                    .hinted("name the databases to copy with --database, and map the login to a user in each"),
            ),
            code => by_code(code, format!("{address}: {}", token.message())),
        },
        DriverError::Routing { host, port } => Fault::Lasting(
            Error::source(format!("{address}: the server sends us on to {host},{port}"))
                .hinted(format!("name it: --server {host},{port}")),
        ),
        other => Fault::Passing(Error::source(format!("{address}: {other}"))),
    }
}

/// While a query runs.
pub fn while_reading(cause: &DriverError) -> Fault {
    match cause {
        DriverError::Server(token) => by_code(token.code(), token.message().to_owned()),
        // Bytes that make no sense: the connection is lost, and with luck only that.
        other => Fault::Passing(Error::source(other.to_string())),
    }
}

/// The connection is lost, or what comes over it makes no sense.
pub fn lost(cause: &std::io::Error) -> Fault {
    Fault::Passing(Error::source(cause.to_string()))
}

/// Server errors that pass: deadlock victim, lock or memory wait over, snapshot gone, out of
/// resources, shut down, failing over, not yet recovered, connection killed.
const PASSING: &[u32] = &[
    64, 121, 233, 596, 701, 802, 921, 922, 927, 976, 978, 983, 1203, 1204, 1205, 1221, 1222, 3960,
    3961, 3966, 3980, 4221, 6005, 8628, 8645, 8651, 8657, 9001, 10053, 10054, 10060, 10928, 10929,
    17142, 18401, 40143, 40197, 40501, 40540, 40613, 49918, 49919, 49920,
];

/// Numbers that SQL Server leaves to others: what another engine says by them may well pass.
const NOT_OF_SQL_SERVER: u32 = 50_000;

/// A refusal of the server's, by its number.
pub fn by_code(code: u32, message: String) -> Fault {
    let error = Error::source(format!("server error {code}: {message}"));
    match code {
        _ if PASSING.contains(&code) || code >= NOT_OF_SQL_SERVER => Fault::Passing(error),
        229 | 230 => Fault::Lasting(
            error.hinted("grant the login SELECT on it, or leave it out with --exclude"),
        ),
        _ => Fault::Lasting(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadlock_passes_and_a_missing_right_lasts() {
        assert!(by_code(1205, "deadlock".into()).is_passing());
        assert!(!by_code(229, "denied".into()).is_passing());
        assert!(PASSING.is_sorted());
    }

    #[test]
    fn a_fault_says_what_was_being_done() {
        let fault = by_code(1222, "Lock request time out".into()).during("LcsCDR.dbo.Users");
        let told = "LcsCDR.dbo.Users: server error 1222: Lock request time out";
        assert_eq!(fault.to_string(), told);
        assert!(fault.is_passing());
    }
}
