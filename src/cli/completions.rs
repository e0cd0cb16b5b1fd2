//! `cdrql completions`: the shell's own completion of our command line.

use clap::Args;
use clap_complete::{Shell, generate};

use super::destination::Destination;
use super::exit::Exit;
use crate::Result;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  cdrql completions bash > ~/.local/share/bash-completion/completions/cdrql"
)]
pub(super) struct Completions {
    /// The shell that will load the script
    shell: Shell,
}

impl Completions {
    pub fn execute(&self, mut command: clap::Command) -> Result<Exit> {
        let mut script = Vec::new();
        generate(self.shell, &mut command, "cdrql", &mut script);
        let stdout = Destination::stdout();
        let printed = stdout.sink().write_all(&script).and_then(|()| stdout.sink().flush());
        // A failed write is the destination's to explain.
        stdout.ended(printed.or(Ok(())))
    }
}
