//! A small SQL Server for tests: TDS 7.4 and 8.0 on the wire, DataFusion behind it.
//!
//! It serves tables that a test hands over, or a mirror, with the `sys` views that clients read;
//! speaks to any client; and does on command what networks and servers do to clients at times.
//!
//! ```no_run
//! use tds_server::{Fault, Server};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::builder().login("reader", "secret").sample()?.start()?;
//! server.faults().push_on("SessionDetails", Fault::CutAfter { bytes: 100_000 });
//! println!("listening on {}", server.address());
//! # Ok(())
//! # }
//! ```

mod attention;
mod bytes;
mod catalog;
mod column_metadata;
mod connection;
mod convert;
mod databases;
mod edit;
mod error;
mod faults;
mod functions;
mod literal;
mod login;
mod lower;
mod mirror;
mod moment;
mod operators;
mod packet;
mod parameter;
mod prelogin;
mod provider;
mod query;
mod request;
mod row;
mod rpc;
mod script;
mod server;
mod session;
mod sql_type;
mod table;
mod tls;
mod token;
mod value;

pub use databases::{Database, Databases, Tables};
pub use error::SqlError;
pub use faults::{Fault, Faults};
pub use login::Login;
pub use prelogin::Encryption;
pub use server::{Builder, Server};
pub use sql_type::{Digits, Length, SqlType, UnknownType};
pub use table::{Column, Rows, Table, TableSpec};
