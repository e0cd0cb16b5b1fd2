//! The whole program from outside, in one binary.

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "sample")]
mod docs;
#[cfg(all(feature = "mirror", feature = "sample"))]
mod mirror;
#[cfg(feature = "sample")]
mod quality_queries;
#[cfg(feature = "sample")]
mod queries;
#[cfg(all(feature = "cli", feature = "repl", unix))]
mod repl;
#[cfg(all(feature = "cli", feature = "repl"))]
mod repl_script;
mod rooms;
#[cfg(feature = "sample")]
mod sample_stories;
#[cfg(feature = "sample")]
mod slt;
#[cfg(feature = "delta")]
mod store_kill;
mod views;
