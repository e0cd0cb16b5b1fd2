//! A batch of scripts under way: each statement's result to the destination, failures to stderr.

use super::destination::{Destination, Failure};
use super::exit::Exit;
use super::options::Options;
use super::query::Queries;
use super::script::Script;
use super::{complain, terminal};
use crate::engine::{Answer, Rows};
use crate::host::progress::Bar;
use crate::host::terminal::Terminal;
use crate::output::{Format, Style, writer};
use crate::report::SourceText;
use crate::tsql::Statement;
use crate::{Error, Result};

/// The state of a run.
pub(super) struct Batch {
    queries: Queries,
    options: Options,
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
    pub fn new(
        queries: Queries,
        options: Options,
        format: Format,
        destination: Destination,
        keep_going: bool,
    ) -> Self {
        let fitted = destination.is_stdout();
        let style = if fitted { terminal::stdout_style() } else { Style::default() };
        let exit = Exit::SUCCESS;
        Self { queries, options, format, style, destination, keep_going, results: 0, exit }
    }

    /// Runs a script; false when the batch is to stop.
    pub async fn run(&mut self, script: &Script) -> bool {
        let readable = script.flaw.clone().map_or(Ok(()), Err);
        let statements = match readable.and_then(|()| self.queries.engine.statements(&script.text))
        {
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
        let bar = Bar::start(Terminal::detect().stderr);
        match self.queries.run(statement).await? {
            Answer::Rows(rows) => self.rows(rows, &bar).await,
            Answer::Done(what) => {
                drop(bar);
                terminal::note(&format!("{what}\n"));
                Ok(())
            }
        }
    }

    async fn rows(&mut self, rows: Rows, bar: &Bar) -> Result<()> {
        let progress = rows.progress();
        bar.follow(move || progress.fraction());
        self.begin_result()?;
        let mut out = writer(self.format, rows.schema(), self.destination.sink(), &self.style)?;
        let mut batches = self.queries.batches(rows);
        let mut left = self.options.max_rows.unwrap_or(usize::MAX);
        while left > 0
            && let Some(batch) = batches.next().await?
        {
            let batch = batch.slice(0, batch.num_rows().min(left));
            left -= batch.num_rows();
            if self.destination.is_stdout() {
                bar.erase();
            }
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
    pub fn end(self) -> Result<Exit> {
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
