//! The state of a shell, and how it runs a text.

use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::time::Duration;

use super::ReplOptions;
use super::commands;
use super::destination::Destination;
use super::input::{self, Piece};
use super::previous::Previous;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Position};
use crate::host::script_text;
use crate::host::terminal::Terminal;
use crate::output::Format;
use crate::report::{SourceText, render};
use crate::tsql::Params;

/// How deep `.read` may stand in files that are read.
const MAX_NESTING: usize = 16;

/// One shell: the engine and everything that commands set.
pub struct Session {
    pub engine: Engine,
    pub params: Params,
    pub terminal: Terminal,
    pub format: Format,
    pub timing: bool,
    pub destination: Destination,
    pub previous: Previous,
    pub timeout: Option<Duration>,
    pub max_rows: Option<usize>,
    /// Results and status are thrown away; failures are shown.
    pub quiet: bool,
    nesting: usize,
}

/// How to go on after a command or a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Quit,
    /// Put this text at the prompt.
    Edit(String),
}

/// Why a text was not run to its end.
#[derive(Debug)]
pub enum Stop {
    Failed(Error),
    /// A failure that is already on the screen.
    Reported(ErrorKind),
    /// Nobody reads the results any more.
    Closed,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Session {
    pub fn new(options: ReplOptions) -> Self {
        let ReplOptions { engine, params, terminal, timeout, max_rows, .. } = options;
        Self {
            engine,
            params,
            terminal,
            timeout,
            max_rows,
            format: Format::Table,
            timing: terminal.is_interactive(),
            destination: Destination::default(),
            previous: Previous::default(),
            quiet: false,
            nesting: 0,
        }
    }

    pub fn greet(&self) {
        self.say(concat!("cdrql ", env!("CARGO_PKG_VERSION"), "  .help for help, Ctrl-D to leave"));
    }

    /// A line for the person, apart from the data.
    pub fn say(&self, line: impl AsRef<str>) {
        if !self.quiet {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(stderr(), "{}", line.as_ref());
        }
    }

    /// Text for standard output that is no result.
    pub fn print(&self, text: &str) -> Result<(), Stop> {
        if self.quiet {
            return Ok(());
        }
        let mut out = stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|cause| {
            match cause.kind() {
                std::io::ErrorKind::BrokenPipe => Stop::Closed,
                _ => Stop::Failed(Error::source(format!(
                    "standard output cannot be written: {cause}"
                ))),
            }
        })
    }

    pub fn report(&self, error: &Error, source: &SourceText<'_>) {
        let text = render(error, source, self.terminal.color_on_stderr());
        let _ = stderr().write_all(text.as_bytes());
    }

    /// Runs the commands and statements of a text in order. The first failure is shown and ends it.
    pub async fn run_text(&mut self, source: &SourceText<'_>) -> Result<Flow, Stop> {
        for piece in input::pieces(source.text) {
            match self.run_piece(piece).await {
                Ok(Flow::Continue) => {}
                Err(Stop::Failed(error)) => {
                    let error = placed(error, piece, source);
                    self.report(&error, source);
                    return Err(Stop::Reported(error.kind));
                }
                end => return end,
            }
        }
        Ok(Flow::Continue)
    }

    /// Runs a script from a file.
    pub async fn run_file(&mut self, path: &Path) -> Result<Flow, Stop> {
        if self.nesting == MAX_NESTING {
            let message = format!("{}: files are read {MAX_NESTING} levels deep", path.display());
            return Err(Error::usage(message).hinted("does a file read itself?").into());
        }
        let text = read_text(path)?;
        let name = path.display().to_string();
        self.nesting += 1;
        let outcome = self.run_text(&SourceText { name: Some(&name), text: &text }).await;
        self.nesting -= 1;
        outcome
    }

    /// The same, showing failures only.
    pub async fn run_quietly(&mut self, path: &Path) -> Result<Flow, Stop> {
        self.quiet = true;
        let outcome = self.run_file(path).await;
        self.quiet = false;
        outcome
    }

    async fn run_piece(&mut self, piece: Piece<'_>) -> Result<Flow, Stop> {
        match input::command(piece.text) {
            Some(line) => commands::run(self, line).await,
            None => self.run_sql(piece.text).await.map(|()| Flow::Continue),
        }
    }
}

/// The error with its place in the whole text. What failed without a place, in a file, is placed
/// at the first line of the piece.
fn placed(mut error: Error, piece: Piece<'_>, source: &SourceText<'_>) -> Error {
    match &mut error.position {
        Some(position) => position.line += piece.line - 1,
        None if source.name.is_some() => {
            error.position = Some(Position { line: piece.line, column: 1 });
        }
        None => {}
    }
    error
}

fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => Error::usage(format!("{}: no such file", path.display())),
        _ => Error::file(path, cause),
    })?;
    whole_text(&path.display().to_string(), bytes)
}

/// The text of a script, which must be one to its last byte.
pub fn whole_text(name: &str, bytes: Vec<u8>) -> Result<String, Error> {
    match script_text::decode(bytes) {
        (text, None) => Ok(text),
        (_, Some(mut flaw)) => {
            let line = flaw.position.take().map_or(1, |position| position.line);
            flaw.message = format!("{name}: line {line}: {}", flaw.message);
            Err(flaw)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_piece_becomes_a_place_in_the_script() {
        let piece = Piece { text: "select\nx;", line: 5 };
        let source = SourceText { name: Some("a.sql"), text: "" };
        let error = Error::statement("no x").at(Position { line: 2, column: 1 });
        assert_eq!(placed(error, piece, &source).position, Some(Position { line: 6, column: 1 }));
        let unplaced = placed(Error::statement("division by zero"), piece, &source);
        assert_eq!(unplaced.position, Some(Position { line: 5, column: 1 }));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_line() {
        let error = whole_text("a.sql", b"select 1;\n\xff\xfe".to_vec()).unwrap_err();
        assert_eq!(error.message, "a.sql: line 2: this is not text in UTF-8 or UTF-16");
        assert_eq!(whole_text("a.sql", b"\xef\xbb\xbfselect 1".to_vec()).unwrap(), "select 1");
    }
}
