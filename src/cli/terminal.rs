//! The style of results on stdout, and notes to the person in front of the terminal.

use std::io::{Write, stderr};

use crate::host::terminal::Terminal;
use crate::output::Style;

/// Fitted and coloured only on a terminal.
pub(super) fn stdout_style() -> Style {
    let terminal = Terminal::detect();
    Style { width: terminal.width(), color: terminal.color_on_stdout(), ..Style::default() }
}

/// Writes to stderr; a closed stderr is nobody's error.
pub(super) fn note(text: &str) {
    let _ = stderr().write_all(text.as_bytes());
}
