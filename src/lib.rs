//! cdrql: SQL over the call detail records of Lync and Skype for Business.

#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod error;
#[cfg(any(feature = "cli", feature = "repl"))]
mod host;
#[cfg(feature = "mirror")]
pub mod mirror;
pub mod output;
#[cfg(feature = "repl")]
pub mod repl;
pub mod report;
#[cfg(feature = "sample")]
pub mod sample;
#[cfg(feature = "sample")]
mod sample_data;
pub mod schema;
pub mod store;
pub mod tsql;
pub mod views;

/// The DataFusion that this crate is built on; use it rather than a version of your own.
pub use datafusion;
pub use datafusion::arrow;
pub use engine::{Answer, Capability, Engine, EngineBuilder, Rows};
pub use error::{Error, ErrorKind, Result};

/// The Rust of the guide runs as tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/guide/embedding.md")]
struct Guide;
