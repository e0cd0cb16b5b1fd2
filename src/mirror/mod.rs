//! SQL Server into the mirror, and kept there: complete, gentle to the server, incremental.

#[expect(dead_code, reason = "the rooms that send them follow")]
mod queries;
