//! The command line: one file per subcommand, results on stdout, all else on stderr.

mod atomic_file;
mod completions;
mod destination;
mod exit;
mod options;
mod run;
mod script;
mod stream;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::report::{SourceText, render};
use crate::{Error, Result};
use exit::Exit;
use options::Options;

/// SQL over the call records of Lync and Skype for Business.
///
/// Without a subcommand it opens an interactive session on the mirror or, where none is given, on
/// the built-in sample.
#[derive(Debug, Parser)]
#[command(name = "cdrql", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  cdrql                                                    a session on the built-in sample
  cdrql --mirror /srv/calls run monthly.sql -o report.csv  a batch job on a mirror";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Completions(completions::Completions),
}

/// Does what the command line says; the exit code tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = cli.execute().unwrap_or_else(|error| {
        complain(&error, &SourceText { name: None, text: "" });
        Exit::of(error.kind)
    });
    exit.into()
}

impl Cli {
    fn execute(self) -> Result<Exit> {
        match self.command {
            Some(Command::Run(run)) => background(run.execute(self.options)),
            Some(Command::Completions(completions)) => completions.execute(Self::command()),
            None => background(run::Run::stdin().execute(self.options)),
        }
    }
}

/// Prints an error to stderr.
fn complain(error: &Error, source: &SourceText<'_>) {
    terminal::note(&render(error, source, terminal::color_on_stderr()));
}

/// Runs a command beside the main thread, which waits for its end or for Ctrl-C.
fn background(command: impl Future<Output = Result<Exit>> + Send + 'static) -> Result<Exit> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|cause| Error::internal(format!("no threads to run on: {cause}")))?;
    let result = runtime.block_on(interruptible(command));
    // What still computes after an interrupt must not keep the process.
    runtime.shutdown_background();
    result
}

/// How long a cancelled command has to clean up behind itself.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

async fn interruptible(
    command: impl Future<Output = Result<Exit>> + Send + 'static,
) -> Result<Exit> {
    let mut task = tokio::spawn(command);
    tokio::select! {
        ended = &mut task => ended.unwrap_or_else(|fault| {
            Err(Error::internal(fault.to_string()).hinted("this is a fault of cdrql: please report it"))
        }),
        _ = tokio::signal::ctrl_c() => {
            task.abort();
            let _ = tokio::time::timeout(GRACE, task).await;
            Err(Error::interrupted())
        }
    }
}
