//! The command line: one file per subcommand, results on stdout, all else on stderr.

mod batch;
mod completions;
mod destination;
mod exit;
#[cfg(feature = "mirror")]
mod mirror;
mod options;
mod query;
#[cfg(feature = "repl")]
mod repl;
mod run;
#[cfg(feature = "sample")]
mod sample;
mod script;
mod status;
mod stream;
mod terminal;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinError;

use crate::host::terminal::Terminal;
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
    #[cfg(feature = "sample")]
    Sample(sample::Sample),
    #[cfg(feature = "mirror")]
    Mirror(mirror::Mirror),
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
            return background(|compute| run::Run::stdin().execute(options, compute));
        };
        #[cfg(feature = "repl")]
        self.repl.must_be_default()?;
        match command {
            #[cfg(feature = "repl")]
            Command::Repl(repl) => repl.execute(&options),
            Command::Run(run) => background(|compute| run.execute(options, compute)),
            #[cfg(feature = "sample")]
            Command::Sample(sample) => blocking(move || sample.execute()),
            #[cfg(feature = "mirror")]
            Command::Mirror(mirror) => {
                blocking(move || tokio::runtime::Handle::current().block_on(mirror.execute()))
            }
            Command::Status(status) => status.execute(&options),
            Command::Verify(verify) => blocking(move || verify.execute(&options)),
            Command::Completions(completions) => completions.execute(Self::command()),
        }
    }
}

/// Prints an error to stderr.
fn complain(error: &Error, source: &SourceText<'_>) {
    terminal::note(&render(error, source, Terminal::detect().color_on_stderr()));
}

/// Runs a command beside the main thread, which waits for its end or for Ctrl-C.
///
/// The command is given threads of their own to compute on: a query can keep all of them busy
/// for seconds without a break, and clocks and signals must not wait for it.
fn background<F>(command: impl FnOnce(Handle) -> F) -> Result<Exit>
where
    F: Future<Output = Result<Exit>> + Send + 'static,
{
    let compute = runtime(None)?;
    // One thread may wait for a slow reader, another tells the time.
    let control = runtime(Some(2))?;
    let result = control.block_on(interruptible(command(compute.handle().clone())));
    // What still computes after an interrupt must not keep the process.
    compute.shutdown_background();
    control.shutdown_background();
    result
}

/// The same for a command that computes without ever waiting.
fn blocking(command: impl FnOnce() -> Result<Exit> + Send + 'static) -> Result<Exit> {
    background(|compute| async move {
        compute.spawn_blocking(command).await.unwrap_or_else(|panic| Err(fault(&panic)))
    })
}

/// Planning walks a statement's tree by recursion. Memory is taken only as far as a stack has grown.
const STACK: usize = 64 << 20;

/// How long a thread for work that blocks waits for more of it. Each holds on to memory of its own, and
/// a burst of short work leaves many.
const IDLE: Duration = Duration::from_millis(200);

/// A runtime of so many threads, by default one for each core.
fn runtime(threads: Option<usize>) -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(threads);
    }
    builder
        .enable_all()
        .thread_stack_size(STACK)
        .thread_keep_alive(IDLE)
        .build()
        .map_err(|cause| Error::internal(format!("no threads to run on: {cause}")))
}

/// How long a cancelled command has to clean up behind itself.
const GRACE: Duration = Duration::from_secs(2);

async fn interruptible(
    command: impl Future<Output = Result<Exit>> + Send + 'static,
) -> Result<Exit> {
    let mut task = tokio::spawn(command);
    tokio::select! {
        ended = &mut task => ended.unwrap_or_else(|panic| Err(fault(&panic))),
        _ = tokio::signal::ctrl_c() => {
            task.abort();
            let _ = tokio::time::timeout(GRACE, task).await;
            Err(Error::interrupted())
        }
    }
}

/// A panic; its message is on stderr already.
fn fault(panic: &JoinError) -> Error {
    Error::internal(panic.to_string()).hinted("this is a fault of cdrql: please report it")
}
