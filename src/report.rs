//! An error as text for people: where, what, the line with a caret under the spot, and the hints.
//!
//! ```text
//! monthly.sql:2:8: no column `Sesion`
//!   2 | select Sesion from calls
//!     |        ^
//! hint: did you mean `Session`?
//! ```

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::error::{Error, ErrorKind, Position};

/// The text that an error's position counts in.
#[derive(Debug, Clone, Copy)]
pub struct SourceText<'a> {
    /// The file it came from; None for what was typed.
    pub name: Option<&'a str>,
    pub text: &'a str,
}

/// Columns of a source line that are shown; longer lines are cut around the caret.
const MAX_WIDTH: usize = 120;
/// Columns kept before the caret when a line is cut.
const LEAD: usize = 60;

const RED: &str = "\x1b[1;31m";
const DIM: &str = "\x1b[2m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

/// The error as lines of text, each ended by a newline; with ANSI colours where `color` is set.
pub fn render(error: &Error, source: &SourceText<'_>, color: bool) -> String {
    let paint = Paint { color };
    let mut text = headline(error, source, paint);
    if let Some(position) = error.position {
        text.push_str(&excerpt(source.text, position, paint).unwrap_or_default());
    }
    for hint in &error.hints {
        text.push_str(&format!("{} {}\n", paint.with(CYAN, "hint:"), printable(hint)));
    }
    text
}

/// Control characters made visible, so that text from data or files cannot drive the terminal.
/// Line ends stay.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && c.is_control() { visible(c) } else { c }).collect()
}

/// `file:line:column: message` of a named source, else `error: message`.
fn headline(error: &Error, source: &SourceText<'_>, paint: Paint) -> String {
    let message = printable(&error.message);
    let place = match (source.name, error.position) {
        (Some(name), Some(Position { line, column })) => format!("{name}:{line}:{column}:"),
        (Some(name), None) => format!("{name}:"),
        (None, _) if error.kind == ErrorKind::Interrupted => return format!("{message}\n"),
        (None, _) => "error:".to_owned(),
    };
    format!("{} {message}\n", paint.with(RED, &place))
}

/// The source line and a caret below the spot; None when the text has no such line.
fn excerpt(text: &str, position: Position, paint: Paint) -> Option<String> {
    let line = text.lines().nth(position.line.checked_sub(1)?)?;
    let (shown, offset) = window(line, position.column.saturating_sub(1));
    let number = position.line.to_string();
    let gutter = " ".repeat(number.len());
    let margin = paint.with(DIM, &format!("  {number} |"));
    let below = paint.with(DIM, &format!("  {gutter} |"));
    let caret = paint.with(RED, "^");
    Some(format!("{margin} {shown}\n{below} {}{caret}\n", " ".repeat(offset)))
}

/// The part of the line around character `spot`, safe to print, and the caret's column in it.
fn window(line: &str, spot: usize) -> (String, usize) {
    let mut start = 0;
    let before = char_widths(line).take(spot).sum::<usize>();
    let mut skipped = 0;
    for width in char_widths(line).take(spot) {
        if before - skipped <= LEAD || before < MAX_WIDTH {
            break;
        }
        skipped += width;
        start += 1;
    }
    let mut shown = String::from(if start > 0 { "…" } else { "" });
    let offset = shown.width() + before - skipped;
    let mut room = MAX_WIDTH;
    for c in line.chars().skip(start).map(on_one_column) {
        let width = c.width().unwrap_or(0);
        if width > room {
            shown.push('…');
            break;
        }
        room -= width;
        shown.push(c);
    }
    (shown, offset)
}

fn char_widths(line: &str) -> impl Iterator<Item = usize> {
    line.chars().map(|c| on_one_column(c).width().unwrap_or(0))
}

/// A tab would move the caret line out of step with the source line.
fn on_one_column(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => visible(c),
        c => c,
    }
}

/// The Unicode picture of a control character.
fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn with(self, style: &str, text: &str) -> String {
        if self.color { format!("{style}{text}{RESET}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str) -> SourceText<'_> {
        SourceText { name: None, text }
    }

    fn at(line: usize, column: usize) -> Error {
        Error::statement("no column `x`").at(Position { line, column })
    }

    #[test]
    fn a_file_is_named_with_line_and_column() {
        let source = SourceText { name: Some("m.sql"), text: "select 1;\nselect x\nfrom t" };
        let error = at(2, 8).hinted("did you mean `y`?");
        assert_eq!(
            render(&error, &source, false),
            "m.sql:2:8: no column `x`\n  2 | select x\n    |        ^\nhint: did you mean `y`?\n"
        );
    }

    #[test]
    fn what_was_typed_has_no_name() {
        assert_eq!(
            render(&at(1, 8), &typed("select x"), false),
            "error: no column `x`\n  1 | select x\n    |        ^\n"
        );
    }

    #[test]
    fn the_caret_stands_under_the_spot_after_tabs_and_wide_characters() {
        let text = render(&at(1, 6), &typed("\t'表' x"), false);
        let lines: Vec<&str> = text.lines().collect();
        let column_of = |line: &str, c: char| line[..line.find(c).unwrap()].width();
        assert_eq!(column_of(lines[1], 'x'), column_of(lines[2], '^'));
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let line = format!("{}x{}", "a".repeat(5_000), "b".repeat(5_000));
        let text = render(&at(1, 5_001), &typed(&line), false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.width() <= MAX_WIDTH + 10), "{text}");
        let chars: Vec<char> = lines[1].chars().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(chars[caret], 'x');
    }

    #[test]
    fn a_place_outside_the_text_shows_no_line() {
        assert_eq!(render(&at(9, 1), &typed("select x"), false), "error: no column `x`\n");
        assert_eq!(render(&at(0, 0), &typed("select x"), false), "error: no column `x`\n");
    }

    #[test]
    fn a_column_after_the_end_points_at_the_end() {
        let text = render(&at(1, 99), &typed("select"), false);
        assert!(text.ends_with("|       ^\n"), "{text}");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let error = Error::statement("bad \x1b[2J text").at(Position { line: 1, column: 1 });
        let text = render(&error, &typed("\x1b[31m\x07"), false);
        assert!(!text.contains(['\x1b', '\x07']), "{text:?}");
    }

    #[test]
    fn colour_only_where_asked_for() {
        assert!(render(&at(1, 1), &typed("x"), true).contains("\x1b["));
        assert!(!render(&at(1, 1), &typed("x"), false).contains('\x1b'));
    }

    #[test]
    fn an_interrupt_is_no_error() {
        assert_eq!(render(&Error::interrupted(), &typed("select 1"), false), "interrupted\n");
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_is_shown_safely(
            text in "(\\PC|\t|\n|\u{1b}){0,300}",
            line in 0usize..5,
            column in 0usize..400,
        ) {
            let shown = render(&at(line, column), &typed(&text), false);
            prop_assert!(!shown.contains('\x1b'));
            prop_assert!(shown.lines().all(|line| line.width() <= MAX_WIDTH + 10));
        }
    }
}
