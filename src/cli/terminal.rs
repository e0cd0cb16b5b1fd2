//! What the standard streams are connected to, and notes to the person in front of them.

use std::io::{IsTerminal, Write, stderr, stdout};

use crate::output::Style;

/// The style of results on stdout: fitted and coloured only on a terminal.
pub(super) fn stdout_style() -> Style {
    let terminal = stdout_is_terminal();
    let size = if terminal { terminal_size::terminal_size() } else { None };
    Style {
        width: size.map(|(width, _)| usize::from(width.0)),
        color: terminal && color_wanted(),
        ..Style::default()
    }
}

pub(super) fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

pub(super) fn color_on_stderr() -> bool {
    stderr().is_terminal() && color_wanted()
}

/// As <https://no-color.org> has it.
fn color_wanted() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Writes to stderr; a closed stderr is nobody's error.
pub(super) fn note(text: &str) {
    let _ = stderr().write_all(text.as_bytes());
}
