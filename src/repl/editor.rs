//! The line editor: reads one command or statement, with completion, colours, hints and history.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};

use super::complete::Names;
use super::{complete, highlight, history, input};
use crate::error::{Error, Result};

const PROMPT: &str = "cdrql> ";
const COLORED_PROMPT: &str = "\x1b[1;32mcdrql>\x1b[0m ";

/// What a person did at the prompt.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// Ctrl-C: what was typed is thrown away.
    Cancelled,
    /// Ctrl-D on an empty line.
    End,
}

/// The line editor with the history file behind it.
pub struct LineEditor {
    editor: Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// An editor that completes `names`, and keeps a history where a path is given.
    pub fn new(names: Names, color: bool, history: Option<PathBuf>) -> Result<Self> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(history::MAX_ENTRIES)
            .map_err(unusable)?
            .history_ignore_space(true)
            .color_mode(if color { ColorMode::Enabled } else { ColorMode::Disabled })
            .build();
        let mut editor = Editor::with_config(config).map_err(unusable)?;
        editor.set_helper(Some(Assistant { names, hinter: color.then(HistoryHinter::new) }));
        let mut editor = Self { editor, history: None };
        if let Some(path) = history {
            editor.load_history(&path)?;
            editor.history = Some(path);
        }
        Ok(editor)
    }

    /// Waits for a complete command or statement; `initial` stands there to be edited.
    /// Blocks the thread.
    pub fn read(&mut self, initial: &str) -> Result<Line> {
        let prompt = (PROMPT, COLORED_PROMPT);
        match self.editor.readline_with_initial(&prompt, (initial, "")) {
            Ok(text) => Ok(Line::Text(text)),
            Err(ReadlineError::Interrupted) => Ok(Line::Cancelled),
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(cause) => Err(unusable(cause)),
        }
    }

    /// Adds an entry and writes it to the file at once, so that no crash loses it.
    pub fn remember(&mut self, text: &str) -> Result<()> {
        let added = self.editor.add_history_entry(text.trim_end()).map_err(unusable)?;
        match &self.history {
            Some(path) if added => self.editor.append_history(path).map_err(unwritable(path)),
            _ => Ok(()),
        }
    }

    /// Stops writing the history; what was typed can still be called back in this session.
    pub fn forget_history_file(&mut self) {
        self.history = None;
    }

    fn load_history(&mut self, path: &Path) -> Result<()> {
        history::prepare(path)?;
        self.editor.load_history(path).map_err(unwritable(path))
    }
}

fn unusable(cause: ReadlineError) -> Error {
    Error::source(format!("the terminal cannot be used: {cause}"))
}

fn unwritable(path: &Path) -> impl FnOnce(ReadlineError) -> Error {
    move |cause| Error::file(path, format!("the history cannot be kept: {cause}"))
}

/// What helps while typing.
struct Assistant {
    names: Names,
    /// None without colours: a hint would look as if it had been typed.
    hinter: Option<HistoryHinter>,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, candidates) = complete::complete(line, pos, &self.names);
        let pair = |c: complete::Candidate| Pair { display: c.display, replacement: c.insert };
        Ok((start, candidates.into_iter().map(pair).collect()))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<String> {
        self.hinter.as_ref()?.hint(line, pos, context)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        highlight::highlight(line)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        highlight::hint(hint)
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        // Moving the cursor changes no colour.
        kind != CmdKind::MoveCursor
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match input::is_complete(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}
