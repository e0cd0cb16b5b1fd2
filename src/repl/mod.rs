//! The interactive shell, and the same for a script on standard input.
//!
//! A text, typed or read, is cut into commands and statements (`input`), which a [`Session`] runs
//! in order (`execute`, `commands`) and shows (`destination`).

mod commands;
mod complete;
mod destination;
mod editor;
mod execute;
mod highlight;
mod history;
mod input;
mod interrupt;
mod naming;
mod pager;
mod previous;
mod session;
mod shell;
mod showing;

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use directories::BaseDirs;
use tokio::runtime::Handle;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::report::SourceText;
use crate::tsql::Params;
use complete::Names;
use editor::{Line, LineEditor};
use session::{Flow, Session, Stop};

pub use crate::host::terminal::Terminal;

/// What the shell works on, and how it behaves.
pub struct ReplOptions {
    pub engine: Engine,
    /// Parameters bound from the start.
    pub params: Params,
    pub terminal: Terminal,
    /// Load and keep the history of what is typed.
    pub history: bool,
    /// Run `~/.cdrqlrc` before the first prompt.
    pub rc: bool,
    /// How long a statement may run.
    pub timeout: Option<Duration>,
    /// Rows of a result, at most; the rest is not read.
    pub max_rows: Option<usize>,
}

/// Runs the shell until it is left; a script where standard input is not a terminal.
///
/// Failures of statements are shown on standard error. A script stops at its first one and
/// returns its kind; None is success, as is a shell that somebody left.
///
/// # Errors
/// The terminal or standard input cannot be used.
pub async fn run(options: ReplOptions) -> Result<Option<ErrorKind>> {
    let interactive = options.terminal.is_interactive();
    let (rc, history) = (options.rc, options.history);
    let mut session = Session::new(options);
    if interactive {
        hold_interrupts();
        session.greet();
        match if rc { run_rc(&mut session).await? } else { Flow::Continue } {
            Flow::Quit => Ok(None),
            _ => interact(&mut session, history).await.map(|()| None),
        }
    } else {
        run_script(&mut session).await
    }
}

/// From the first call on, Ctrl-C no longer ends the process; who waits for it is told.
fn hold_interrupts() {
    tokio::spawn(async {
        loop {
            interrupt::ctrl_c().await;
        }
    });
}

/// Settings and statements that a user wants in every session.
async fn run_rc(session: &mut Session) -> Result<Flow> {
    let Some(path) = BaseDirs::new().map(|home| home.home_dir().join(".cdrqlrc")) else {
        return Ok(Flow::Continue);
    };
    if !path.exists() {
        return Ok(Flow::Continue);
    }
    match session.run_quietly(&path).await {
        Ok(flow) => Ok(flow),
        Err(Stop::Failed(error)) => {
            session.report(&error, &SourceText { name: None, text: "" });
            Ok(Flow::Continue)
        }
        Err(Stop::Reported(_) | Stop::Closed) => Ok(Flow::Continue),
    }
}

async fn interact(session: &mut Session, history: bool) -> Result<()> {
    let mut editor = open_editor(session, if history { history::path() } else { None })?;
    let mut initial = String::new();
    loop {
        // The editor blocks its thread until Enter.
        let read = move || (editor.read(&std::mem::take(&mut initial)), editor);
        let (line, returned) = tokio::task::spawn_blocking(read)
            .await
            .map_err(|cause| Error::internal(format!("the line editor failed: {cause}")))?;
        editor = returned;
        initial = String::new();
        let text = match line? {
            Line::Text(text) => text,
            Line::Cancelled => continue,
            Line::End => return Ok(()),
        };
        remember(session, &mut editor, &text);
        match session.run_text(&SourceText { name: None, text: &text }).await {
            Ok(Flow::Quit) | Err(Stop::Closed) => return Ok(()),
            Ok(Flow::Edit(text)) => initial = text,
            // The failure is on the screen; the next statement may do better.
            Ok(Flow::Continue) | Err(Stop::Failed(_) | Stop::Reported(_)) => {}
        }
    }
}

/// The editor with its history; without one, and a word about it, where the file cannot be used.
fn open_editor(session: &Session, history: Option<PathBuf>) -> Result<LineEditor> {
    let color = session.terminal.color;
    let names = || Names::new(session.engine.clone(), Handle::current());
    let with_history = history.map(|path| LineEditor::new(names(), color, Some(path)));
    match with_history {
        Some(Ok(editor)) => return Ok(editor),
        Some(Err(error)) => session.report(&error, &SourceText { name: None, text: "" }),
        None => {}
    }
    LineEditor::new(names(), color, None)
}

fn remember(session: &Session, editor: &mut LineEditor, text: &str) {
    if let Err(error) = editor.remember(text) {
        session.report(&error, &SourceText { name: None, text: "" });
        editor.forget_history_file();
    }
}

async fn run_script(session: &mut Session) -> Result<Option<ErrorKind>> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::source(format!("standard input cannot be read: {cause}")))?;
    let text = session::whole_text("standard input", bytes)?;
    match session.run_text(&SourceText { name: Some("<stdin>"), text: &text }).await {
        Ok(_) | Err(Stop::Closed) => Ok(None),
        Err(Stop::Reported(kind)) => Ok(Some(kind)),
        Err(Stop::Failed(error)) => Err(error),
    }
}
