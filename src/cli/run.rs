//! `cdrql run`: statements from files and the command line, results to stdout or a file.

use std::path::PathBuf;

use clap::Args;
use futures::StreamExt;

use super::destination::{Destination, Failure};
use super::exit::Exit;
use super::options::Options;
use super::script::{Origin, Origins, Script};
use super::{complain, terminal};
use crate::engine::{Answer, Engine, Rows};
use crate::output::{Format, Style, writer};
use crate::report::SourceText;
use crate::tsql::{Params, Statement};
use crate::{Error, Result};

/// Run SQL from files or the command line
///
/// Statements end at `;` or a GO line and run in order; the first that fails ends the run.
/// Results go to stdout or to -o, everything else to stderr.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Run {
    #[command(flatten)]
    origins: Origins,

    /// Bind $NAME or @NAME in the statements; TYPE is text (default), int, float, bool, date,
    /// timestamp or null
    #[arg(long = "param", value_name = "NAME[:TYPE]=VALUE")]
    params: Vec<String>,

    /// Format of the results [default: by the extension of -o, else table]
    #[arg(long, value_name = "F", value_parser = format)]
    format: Option<Format>,

    /// Write the results to a file, which appears only when all of them are whole
    #[arg(short, long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Go on after a failed statement; the exit code still tells
    #[arg(long)]
    keep_going: bool,
}

const HELP: &str = "\
Formats: table vertical csv tsv json ndjson markdown parquet arrow. Several results in one output
follow each other after a blank line (in ndjson without one); json, parquet and arrow hold one.

Exit codes: 0 done, 1 a statement failed, 2 wrong usage, 3 data could not be read or written,
4 a fault of cdrql, 130 interrupted.

Examples:
  cdrql run monthly.sql --param month=2014-02 -o out.csv
  cdrql run -c \"select count(*) from LcsCDR.dbo.SessionDetails\" --format csv
  generate-sql | cdrql run --timeout 5m -";

fn format(text: &str) -> Result<Format> {
    text.parse::<Format>().map_err(|error| Error::usage(error.hints.join("; ")))
}

impl Run {
    /// Statements from stdin, results as tables.
    pub fn stdin() -> Self {
        Self {
            origins: Origins(vec![Origin::Stdin]),
            params: Vec::new(),
            format: None,
            output: None,
            keep_going: false,
        }
    }

    pub async fn execute(self, options: Options) -> Result<Exit> {
        if self.origins.0.is_empty() {
            return Err(Error::usage("there is nothing to run")
                .hinted("name a .sql file, give SQL after -c, or `-` for stdin"));
        }
        let mut params = Params::new();
        self.params.iter().try_for_each(|binding| params.parse(binding))?;
        let origins = self.origins.0.clone();
        // Before anything runs: a misspelt file name must not leave half of the work done.
        let scripts = origins.into_iter().map(Origin::read).collect::<Result<Vec<_>>>()?;
        let mut batch = Batch {
            format: self.format(),
            destination: self.destination()?,
            engine: options.open().await?,
            options,
            params,
            keep_going: self.keep_going,
            style: terminal::stdout_style(),
            results: 0,
            exit: Exit::SUCCESS,
        };
        if !batch.destination.is_stdout() {
            batch.style = Style::default();
        }
        for script in &scripts {
            if !batch.run(script).await {
                break;
            }
        }
        batch.end()
    }

    fn format(&self) -> Format {
        let by_extension = || self.output.as_deref().and_then(Format::from_extension);
        self.format.or_else(by_extension).unwrap_or(Format::Table)
    }

    fn destination(&self) -> Result<Destination> {
        match &self.output {
            Some(path) => Destination::create(path),
            None if self.format().is_binary() && terminal::stdout_is_terminal() => {
                let message = format!("{} is no text for a terminal", self.format());
                Err(Error::usage(message).hinted("name a file with -o, or redirect stdout"))
            }
            None => Ok(Destination::stdout()),
        }
    }
}

/// A run under way.
struct Batch {
    engine: Engine,
    options: Options,
    params: Params,
    format: Format,
    style: Style,
    destination: Destination,
    keep_going: bool,
    /// Results in the destination.
    results: usize,
    /// Of the first failure.
    exit: Exit,
}

impl Batch {
    /// Runs a script; false when the batch is to stop.
    async fn run(&mut self, script: &Script) -> bool {
        let statements = match self.engine.statements(&script.text) {
            Ok(statements) => statements,
            Err(error) => return self.failed(&error, script),
        };
        for statement in &statements {
            for _ in 0..statement.repeat() {
                if let Err(error) = self.statement(statement).await
                    && !self.failed(&error, script)
                {
                    return false;
                }
            }
        }
        true
    }

    /// Runs a statement within the time limit; of one that fails, a file keeps nothing.
    async fn statement(&mut self, statement: &Statement) -> Result<()> {
        let (position, results) = (self.destination.position(), self.results);
        let limit = self.options.timeout;
        let work = self.answer(statement);
        let ended = match limit {
            None => work.await,
            Some(limit) => tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
                Err(Error::statement(format!("cancelled after {limit:?}, the limit of --timeout")))
            }),
        };
        if ended.is_err()
            && let Some(position) = position
        {
            self.destination.rewind(position)?;
            self.results = results;
        }
        ended.map_err(|error| error.at_if_unplaced(statement.position()))
    }

    async fn answer(&mut self, statement: &Statement) -> Result<()> {
        match self.engine.run(statement, &self.params).await? {
            Answer::Rows(rows) => self.rows(rows).await,
            Answer::Done(what) => {
                terminal::note(&format!("{what}\n"));
                Ok(())
            }
        }
    }

    async fn rows(&mut self, mut rows: Rows) -> Result<()> {
        self.begin_result()?;
        let mut out = writer(self.format, rows.schema(), self.destination.sink(), &self.style)?;
        let mut left = self.options.max_rows.unwrap_or(usize::MAX);
        while left > 0
            && let Some(batch) = rows.next().await.transpose()?
        {
            let batch = batch.slice(0, batch.num_rows().min(left));
            left -= batch.num_rows();
            out.write(&batch)?;
        }
        out.finish()
    }

    /// Sets the result apart from the one before it.
    fn begin_result(&mut self) -> Result<()> {
        self.results += 1;
        match self.results {
            1 => Ok(()),
            _ if self.format.holds_one_result() => {
                Err(Error::usage(format!("{} holds one result, and this is another", self.format))
                    .hinted("choose ndjson or csv, or one run for each result"))
            }
            _ => {
                let separator = self.format.separator().as_bytes();
                self.destination
                    .sink()
                    .write_all(separator)
                    .map_err(|cause| Error::source(cause.to_string()))
            }
        }
    }

    /// Says what failed; true when the run goes on.
    fn failed(&mut self, error: &Error, script: &Script) -> bool {
        let kind = match self.destination.failure() {
            Some(Failure::ReaderGone) => return false,
            Some(Failure::Unwritten(error)) => {
                complain(&error, &SourceText { name: None, text: "" });
                error.kind
            }
            None => {
                complain(error, &script.source());
                error.kind
            }
        };
        if self.exit == Exit::SUCCESS {
            self.exit = Exit::of(kind);
        }
        self.keep_going && self.destination.failure().is_none()
    }

    /// Puts a file in its place unless the run was cut short.
    fn end(self) -> Result<Exit> {
        let whole = self.exit == Exit::SUCCESS || self.keep_going;
        if !whole || self.destination.failure().is_some() {
            return Ok(self.exit);
        }
        if self.results == 0 && !self.destination.is_stdout() {
            terminal::note("no statement returned rows: no file was written\n");
            return Ok(self.exit);
        }
        self.destination.commit()?;
        Ok(self.exit)
    }
}
