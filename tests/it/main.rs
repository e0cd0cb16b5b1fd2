//! The whole program from outside, in one binary.

#[cfg(feature = "cli")]
mod cli;
