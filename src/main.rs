//! The `cdrql` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cdrql::cli::main()
}
