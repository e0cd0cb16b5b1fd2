//! Text made fit for a screen: nothing in it moves the cursor, and its width is known.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with everything that could drive a terminal or break a line written as an escape:
/// `\n`, `\t`, `\x1b`, `\u{202e}`.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(drives_terminal) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.extend(c.escape_default()),
            c if c.is_ascii_control() => {
                write_escape(&mut safe, format_args!("\\x{:02x}", c as u32))
            }
            c if drives_terminal(c) => {
                write_escape(&mut safe, format_args!("{}", c.escape_unicode()))
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

fn write_escape(out: &mut String, escape: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(escape);
}

/// Control characters of both sets, line separators, and what turns the direction of writing.
fn drives_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The terminal columns that a printable text takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text in at most `limit` columns: cut, with `…` as its last character, where it is wider.
pub(super) fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut room = limit.saturating_sub(1);
    let end = text.char_indices().find(|(_, c)| {
        let taken = c.width().unwrap_or(0);
        let full = taken > room;
        room = room.saturating_sub(taken);
        full
    });
    let kept = end.map_or(text, |(at, _)| &text[..at]);
    Cow::Owned(format!("{kept}…"))
}

/// The number with commas between thousands.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_become_escapes() {
        assert_eq!(printable("plain ü"), "plain ü");
        assert_eq!(printable("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(printable("\x1b[2J\0"), "\\x1b[2J\\x00");
        assert_eq!(printable("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(printable("evil\u{202e}txt"), "evil\\u{202e}txt");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("日本"), 4);
        assert_eq!(shorten("日本語", 5), "日本…");
        assert_eq!(shorten("日本語", 4), "日…");
        assert_eq!(shorten("日本語", 6), "日本語");
    }

    #[test]
    fn a_cut_text_ends_in_an_ellipsis() {
        assert_eq!(shorten("conference", 5), "conf…");
        assert_eq!(shorten("conference", 1), "…");
        assert_eq!(shorten("", 1), "");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    proptest! {
        #[test]
        fn no_text_drives_the_terminal(text in any::<String>()) {
            let safe = printable(&text);
            prop_assert!(!safe.contains(drives_terminal));
            let again = printable(&safe).into_owned();
            prop_assert_eq!(again, safe.into_owned());
        }

        #[test]
        fn a_cut_text_fits(text in "[a-z日本é\u{301}]{0,20}", limit in 1usize..12) {
            prop_assert!(width(&shorten(&text, limit)) <= limit);
        }
    }
}
