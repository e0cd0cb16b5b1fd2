//! `cdrql sample`: a made-up company's call records of any size.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::terminal;
use crate::Result;
use crate::host::progress::Bar;
use crate::host::terminal::Terminal;
use crate::sample::Sample as Made;

/// Write a mirror of made-up call records
///
/// The same seed gives the same rows. Both databases are filled, with stories to be found in
/// them, whatever the size.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cdrql sample --into /tmp/calls --sessions 1000000
  cdrql --mirror /tmp/calls")]
pub(super) struct Sample {
    /// Directory to write the mirror to; it is created if need be
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    into: PathBuf,

    /// Sessions between two parties [default: 6000]
    #[arg(long, value_name = "N")]
    sessions: Option<u64>,

    /// Employees [default: 300, or one for 2000 sessions]
    #[arg(long, value_name = "N")]
    users: Option<usize>,

    /// Days, from Monday 2014-02-03 on [default: 60]
    #[arg(long, value_name = "N")]
    days: Option<u32>,

    /// Another seed gives another company and other calls [default: 2014]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

impl Sample {
    pub fn execute(self) -> Result<Exit> {
        let sample = Made::new();
        let sample = self.sessions.into_iter().fold(sample, Made::sessions);
        let sample = self.users.into_iter().fold(sample, Made::users);
        let sample = self.days.into_iter().fold(sample, Made::days);
        let sample = self.seed.into_iter().fold(sample, Made::seed);
        let bar = Bar::start(Terminal::detect().stderr);
        let told = bar.told();
        sample.write_watched(&self.into, &|done, all| told.tell(done as u64, all as u64))?;
        drop(bar);
        terminal::note(&format!("written; open it with: cdrql --mirror {}\n", self.into.display()));
        Ok(Exit::SUCCESS)
    }
}
