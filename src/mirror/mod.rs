//! SQL Server into the mirror, and kept there: complete, gentle to the server, incremental.
//!
//! A [`Sync`] reads a [`Server`]'s catalogue, plans how each table is read, reads through a bounded
//! number of connections, stages what it read table by table, and publishes one snapshot of them all
//! at the end. A run that was interrupted goes on where it stopped. This room works without an
//! engine, and the engine never sees it.

mod answer;
mod batches;
mod browser;
mod builder;
mod catalog;
mod clock;
mod compaction;
mod compare;
mod connection;
mod differences;
mod exclude;
mod fault;
mod hours;
mod job;
mod keyless;
mod pace;
mod pass;
mod placing;
mod plan;
mod pool;
mod progress;
mod queries;
mod rebuilt;
mod report;
mod retry;
mod server;
mod settings;
mod spans;
mod sums;
mod text;
mod types;
mod watermark;
mod whole;
mod windows;
mod wire;

pub use catalog::{Database, SourceColumn, SourceTable};
pub use compare::{Comparison, Verdict};
pub use differences::Difference;
pub use exclude::Exclusions;
pub use hours::Hours;
pub use pass::{Source, Sync};
pub use plan::{Planned, Strategy};
pub use progress::{RunProgress, State, TableProgress};
pub use queries::Isolation;
pub use report::{Report, TableReport};
pub use retry::Retry;
pub use server::{Address, Encryption, Login, Password, Port, Server, Trust};
pub use settings::{Rebuilt, Settings};
pub use sums::Sum;
pub use watermark::Watermark;
