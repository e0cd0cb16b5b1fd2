//! The command line: one file per subcommand, results on stdout, all else on stderr.

mod atomic_file;
mod batch;
mod completions;
mod destination;
mod exit;
mod options;
#[cfg(feature = "repl")]
mod repl;
mod run;
mod script;
mod status;
mod stream;
mod terminal;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::Runtime;
use tokio::task::JoinError;

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
    #[cfg(feature = "repl")]
    #[command(flatten, next_help_heading = "Session")]
    repl: repl::Repl,
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
    #[cfg(feature = "repl")]
    Repl(repl::Repl),
    Run(run::Run),
    Status(status::Status),
    Verify(verify::Verify),
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
        let options = self.options;
        let Some(command) = self.command else {
            #[cfg(feature = "repl")]
            return self.repl.execute(&options);
            #[cfg(not(feature = "repl"))]
            return background(run::Run::stdin().execute(options));
        };
        #[cfg(feature = "repl")]
        self.repl.must_be_default()?;
        match command {
            #[cfg(feature = "repl")]
            Command::Repl(repl) => repl.execute(&options),
            Command::Run(run) => background(run.execute(options)),
            Command::Status(status) => status.execute(&options),
            Command::Verify(verify) => blocking(move || verify.execute(&options)),
            Command::Completions(completions) => completions.execute(Self::command()),
        }
    }
}

/// Prints an error to stderr.
fn complain(error: &Error, source: &SourceText<'_>) {
    terminal::note(&render(error, source, terminal::color_on_stderr()));
}

/// Runs a command beside the main thread, which waits for its end or for Ctrl-C.
fn background(command: impl Future<Output = Result<Exit>> + Send + 'static) -> Result<Exit> {
    let runtime = runtime()?;
    let result = runtime.block_on(interruptible(command));
    // What still computes after an interrupt must not keep the process.
    runtime.shutdown_background();
    result
}

/// The same for a command that computes without ever waiting.
fn blocking(command: impl FnOnce() -> Result<Exit> + Send + 'static) -> Result<Exit> {
    background(async { tokio::task::spawn_blocking(command).await.unwrap_or_else(fault) })
}

fn runtime() -> Result<Runtime> {
    Runtime::new().map_err(|cause| Error::internal(format!("no threads to run on: {cause}")))
}

/// How long a cancelled command has to clean up behind itself.
const GRACE: Duration = Duration::from_secs(2);

async fn interruptible(
    command: impl Future<Output = Result<Exit>> + Send + 'static,
) -> Result<Exit> {
    let mut task = tokio::spawn(command);
    tokio::select! {
        ended = &mut task => ended.unwrap_or_else(fault),
        _ = tokio::signal::ctrl_c() => {
            task.abort();
            let _ = tokio::time::timeout(GRACE, task).await;
            Err(Error::interrupted())
        }
    }
}

/// A panic; its message is on stderr already.
fn fault(panic: JoinError) -> Result<Exit> {
    Err(Error::internal(panic.to_string()).hinted("this is a fault of cdrql: please report it"))
}
