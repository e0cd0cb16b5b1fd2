//! What the three standard streams are connected to.

use std::io::{IsTerminal, stderr, stdin, stdout};

/// Facts about the standard streams, found out once at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// Colours are wanted and understood: no `NO_COLOR`, and the terminal is not a `dumb` one.
    pub color: bool,
}

impl Terminal {
    pub fn detect() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            stdin: stdin().is_terminal(),
            stdout: stdout().is_terminal(),
            stderr: stderr().is_terminal(),
            color: !set("NO_COLOR") && !dumb && understands_ansi(),
        }
    }

    /// A person types here: statements are read by the line editor.
    pub fn is_interactive(self) -> bool {
        self.stdin && self.stdout
    }

    /// Columns of the window now; None when results do not go to a terminal.
    pub fn width(self) -> Option<usize> {
        let (width, _) = self.stdout.then(terminal_size::terminal_size)??;
        Some(usize::from(width.0))
    }

    pub fn color_on_stdout(self) -> bool {
        self.color && self.stdout
    }

    pub fn color_on_stderr(self) -> bool {
        self.color && self.stderr
    }
}

#[cfg(not(windows))]
fn understands_ansi() -> bool {
    true
}

/// The console of older systems shows ANSI colours only when it is asked to.
#[cfg(windows)]
fn understands_ansi() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(false)
}
