//! cdrql: SQL over the call detail records of Lync and Skype for Business.

#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod error;
#[cfg(feature = "sample")]
mod sample_data;
