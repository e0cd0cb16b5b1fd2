//! The text of a script, in any encoding that editors of the trade save.

use crate::error::{Error, Position};

/// UTF-8, or UTF-16 as SQL Server Management Studio saves it; marks of the encoding are dropped.
/// Text that is neither ends before its first wrong byte, and the error says where that is.
pub fn decode(bytes: Vec<u8>) -> (String, Option<Error>) {
    let (text, whole) = decode_marked(bytes);
    let flaw =
        (!whole).then(|| Error::statement("this is not text in UTF-8 or UTF-16").at(end_of(&text)));
    (text, flaw)
}

/// False with the part before the first wrong byte.
fn decode_marked(bytes: Vec<u8>) -> (String, bool) {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => decode_utf8(rest.to_vec()),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: Vec<u8>) -> (String, bool) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned(), false)
        }
    }
}

fn decode_utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> (String, bool) {
    let (units, odd) = bytes.as_chunks();
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units.iter().map(|unit| read(*unit))) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return (text, false),
        }
    }
    (text, odd.is_empty())
}

/// The place after the last character.
fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or("");
    Position { line: 1 + text.matches('\n').count(), column: 1 + last.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_the_trade_is_read() {
        let utf16 =
            |read: fn(u16) -> [u8; 2]| "\u{feff}select 'ü'".encode_utf16().flat_map(read).collect();
        for bytes in [
            "select 'ü'".as_bytes().to_vec(),
            "\u{feff}select 'ü'".as_bytes().to_vec(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decode_marked(bytes), ("select 'ü'".to_string(), true));
        }
    }

    #[test]
    fn garbage_is_refused_where_it_begins() {
        let prefix = |text: &str| (text.to_string(), false);
        assert_eq!(decode_marked(b"select 1;\nse\xffect".to_vec()), prefix("select 1;\nse"));
        assert_eq!(decode_marked(b"\xff\xfea\0\0\xd8".to_vec()), prefix("a"));
        assert_eq!(decode_marked(b"\xff\xfea\0b".to_vec()), prefix("a"));
        assert_eq!(end_of("select 1;\nsé"), Position { line: 2, column: 3 });
    }
}
