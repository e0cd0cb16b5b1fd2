//! Errors as SQL Server numbers them.

use std::fmt;

use datafusion::common::{DataFusionError, SchemaError};

/// An error or a notice for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    pub number: i32,
    /// Severity: 11 to 16 are the statement's fault.
    pub class: u8,
    pub state: u8,
    pub message: String,
    pub line: i32,
}

impl SqlError {
    pub fn new(number: i32, class: u8, message: impl Into<String>) -> Self {
        Self { number, class, state: 1, message: message.into(), line: 1 }
    }

    /// The statement is no T-SQL, or none that this server reads.
    pub fn syntax(message: impl Into<String>) -> Self {
        Self::new(102, 15, message)
    }

    /// A statement that SQL Server would run, but not this server.
    pub fn unsupported(what: &str) -> Self {
        Self::new(40_515, 16, format!("{what} is not supported by this server."))
    }

    pub fn login_failed(user: &str) -> Self {
        Self::new(18_456, 14, format!("Login failed for user '{user}'."))
    }

    pub fn no_such_database(name: &str) -> Self {
        let message = format!(
            "Database '{name}' does not exist. Make sure that the name is entered correctly."
        );
        Self::new(911, 16, message)
    }

    pub fn no_such_object(name: &str) -> Self {
        Self::new(208, 16, format!("Invalid object name '{name}'."))
    }

    /// An error with SQL Server's own words for the numbers that clients act on.
    pub fn numbered(number: i32) -> Self {
        match number {
            1205 => Self::new(
                number,
                13,
                "Transaction (Process ID 51) was deadlocked on lock resources with another process \
                 and has been chosen as the deadlock victim. Rerun the transaction.",
            ),
            1222 => Self::new(number, 16, "Lock request time out period exceeded."),
            -2 => Self::new(number, 11, "Timeout expired."),
            3960 => Self::new(
                number,
                16,
                "Snapshot isolation transaction aborted due to update conflict.",
            ),
            _ => Self::new(number, 16, format!("Error {number} on command.")),
        }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Msg {}, Level {}, State {}: {}",
            self.number, self.class, self.state, self.message
        )
    }
}

impl std::error::Error for SqlError {}

/// What planning or running said, under SQL Server's number where it has one.
impl From<DataFusionError> for SqlError {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
                SchemaError::FieldNotFound { field, .. } => {
                    Self::new(207, 16, format!("Invalid column name '{}'.", field.name))
                }
                other => Self::new(50_000, 16, other.to_string()),
            },
            DataFusionError::External(inner) => match inner.downcast_ref::<Self>() {
                Some(own) => own.clone(),
                None => Self::new(50_000, 16, inner.to_string()),
            },
            DataFusionError::Plan(message) if message.contains("not found") => {
                Self::new(208, 16, format!("Invalid object name: {message}"))
            }
            other => Self::new(50_000, 16, other.to_string()),
        }
    }
}
