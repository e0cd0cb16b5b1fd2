//! `cdrql repl`: the interactive session, or the script on stdin.

use clap::Args;

use super::exit::Exit;
use super::options::Options;
use crate::repl::{ReplOptions, Terminal, run};
use crate::tsql::Params;
use crate::{Error, Result};

/// Open an interactive session; the same as no subcommand
///
/// Where stdin is not a terminal, it is read as a script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(after_help = "Examples:
  cdrql repl --mirror /srv/calls
  cdrql --param month=2014-02 < monthly.sql")]
pub(super) struct Repl {
    /// Neither load nor keep the history of what is typed
    #[arg(long)]
    no_history: bool,

    /// Do not run ~/.cdrqlrc at the start
    #[arg(long)]
    no_rc: bool,

    /// Bind $NAME or @NAME in the statements, as in `cdrql run`
    #[arg(long = "param", value_name = "NAME[:TYPE]=VALUE")]
    params: Vec<String>,
}

impl Repl {
    pub fn execute(&self, options: &Options) -> Result<Exit> {
        let mut params = Params::new();
        self.params.iter().try_for_each(|binding| params.parse(binding))?;
        let repl = ReplOptions {
            engine: options.engine()?,
            params,
            terminal: Terminal::detect(),
            history: !self.no_history,
            rc: !self.no_rc,
            timeout: options.timeout,
            max_rows: options.max_rows,
        };
        // Threads beyond those that a query computes on, to hear Ctrl-C while it does.
        let threads = std::thread::available_parallelism().map_or(1, usize::from) + 2;
        let runtime = super::runtime(Some(threads))?;
        // The session itself handles Ctrl-C: it cancels a statement and not the process.
        let failed = runtime.block_on(run(repl));
        runtime.shutdown_background();
        Ok(failed?.map_or(Exit::SUCCESS, Exit::of))
    }

    /// Refuses the session's options in front of a subcommand that would ignore them.
    pub fn must_be_default(&self) -> Result<()> {
        if *self == Self::default() {
            return Ok(());
        }
        Err(Error::usage("--no-history, --no-rc and --param stand behind their subcommand"))
    }
}
