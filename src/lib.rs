//! cdrql: SQL over the call detail records of Lync and Skype for Business.

pub mod error;
pub mod report;
pub mod schema;
pub mod store;
pub mod tsql;

pub use error::{Error, ErrorKind, Result};
