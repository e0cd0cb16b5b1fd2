//! The server as clients see it over the wire.

mod client;
mod documented;
// The mirror's own texts, so that what it asks is what is tried here.
#[allow(dead_code)]
#[path = "../../../../src/mirror/queries.rs"]
mod queries;
mod requests;
mod support;
mod tables;
mod types;
