//! Colours for a statement while it is typed.

use std::borrow::Cow;

use super::input;
use crate::tsql::{Token, TokenKind, tokens};

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const COMMAND: &str = "\x1b[1;35m";
/// Longer inputs stay plain: they are coloured anew at every key.
const MAX_BYTES: usize = 64 * 1024;

/// The text with ANSI colours, of the same displayed width.
pub fn highlight(text: &str) -> Cow<'_, str> {
    if text.len() > MAX_BYTES {
        return Cow::Borrowed(text);
    }
    match input::command(text) {
        Some(_) if !text.contains('\n') => Cow::Owned(format!("{COMMAND}{text}{RESET}")),
        _ => Cow::Owned(statement(text)),
    }
}

/// What the history proposes, told apart from what is typed.
pub fn hint(text: &str) -> Cow<'_, str> {
    Cow::Owned(format!("{DIM}{text}{RESET}"))
}

fn statement(text: &str) -> String {
    let mut colored = String::with_capacity(text.len() * 2);
    let mut end = 0;
    for token in tokens(text) {
        colored.push_str(&text[end..token.range.start]);
        let word = &text[token.range.clone()];
        match style(&token, text) {
            Some(style) => colored.extend([style, word, RESET]),
            None => colored.push_str(word),
        }
        end = token.range.end;
    }
    colored.push_str(&text[end..]);
    colored
}

fn style(token: &Token, text: &str) -> Option<&'static str> {
    match token.kind {
        // `s.Session` is a column, though SESSION is a word of SQL.
        TokenKind::Keyword if text[..token.range.start].ends_with('.') => None,
        TokenKind::Keyword => Some("\x1b[1;34m"),
        TokenKind::String => Some("\x1b[32m"),
        TokenKind::Number => Some("\x1b[36m"),
        TokenKind::Comment => Some(DIM),
        TokenKind::Parameter => Some("\x1b[35m"),
        TokenKind::Error => Some("\x1b[31m"),
        TokenKind::Identifier | TokenKind::Operator => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text between escape sequences.
    fn plain(colored: &str) -> String {
        let mut parts = colored.split('\x1b');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
    }

    proptest! {
        #[test]
        fn colours_change_no_text(text in "[ -~äé\n]{0,60}") {
            prop_assert_eq!(plain(&highlight(&text)), text);
        }
    }

    #[test]
    fn kinds_differ_and_columns_stay_plain() {
        let colored = highlight("select s.session, 'x'");
        assert!(colored.contains("\x1b[1;34mselect\x1b[0m"), "{colored:?}");
        assert!(colored.contains("s.session,"), "{colored:?}");
        assert!(colored.contains("\x1b[32m'x'\x1b[0m"), "{colored:?}");
    }
}
