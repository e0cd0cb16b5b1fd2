//! The server as clients see it over the wire.

mod client;
mod documented;
mod requests;
mod support;
mod tables;
mod types;
