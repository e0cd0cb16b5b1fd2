//! Text in the encodings that a server sends, as UTF-8.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewBuilder};
use uuid::Uuid;

use super::wire::WireType;

/// Bytes of a block of text. Blocks that grow end far larger than what is left for the last of them,
/// and a chunk is measured by them.
const BLOCK: u32 = 64 * 1024;

/// A column of text.
pub struct TextBuilder {
    values: StringViewBuilder,
    /// Blanks at the end only fill the column up.
    padded: bool,
    replaced: u64,
    /// The value that is being decoded.
    decoded: String,
}

impl TextBuilder {
    pub fn new(padded: bool) -> Self {
        let values = StringViewBuilder::new().with_fixed_block_size(BLOCK);
        Self { values, padded, replaced: 0, decoded: String::new() }
    }

    /// Appends a value and says how many bytes it takes, roughly; None for what is no text.
    pub fn append(&mut self, wire_type: WireType, bytes: &[u8]) -> Option<usize> {
        match wire_type {
            WireType::Utf16 if bytes.len().is_multiple_of(2) => {
                self.replaced += utf16(bytes, &mut self.decoded);
            }
            WireType::Latin1 => latin1(bytes, &mut self.decoded),
            WireType::Utf8 => self.replaced += utf8(bytes, &mut self.decoded),
            WireType::Guid => {
                let mut text = [0; 36];
                let guid = Uuid::from_bytes_le(bytes.try_into().ok()?);
                self.values.append_value(guid.hyphenated().encode_upper(&mut text));
                return Some(36);
            }
            _ => return None,
        }
        let text = self.decoded.as_str();
        let text = if self.padded { text.trim_end_matches(' ') } else { text };
        self.values.append_value(text);
        Some(16 + text.len())
    }

    pub fn append_null(&mut self) {
        self.values.append_null();
    }

    pub fn finish(&mut self) -> ArrayRef {
        Arc::new(self.values.finish())
    }

    /// Characters so far that no text can hold.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }
}

/// Returns how many halves of surrogate pairs were replaced.
fn utf16(bytes: &[u8], into: &mut String) -> u64 {
    into.clear();
    let units = || bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    if units().fold(0, |all, unit| all | unit) < 0x80 {
        // Nearly all text of call records.
        into.extend(bytes.iter().step_by(2).map(|byte| char::from(*byte)));
        return 0;
    }
    let mut replaced = 0;
    into.extend(char::decode_utf16(units()).map(|character| {
        character.unwrap_or_else(|_alone| {
            replaced += 1;
            char::REPLACEMENT_CHARACTER
        })
    }));
    replaced
}

fn utf8(bytes: &[u8], into: &mut String) -> u64 {
    into.clear();
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        into.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced += 1;
            into.push(char::REPLACEMENT_CHARACTER);
        }
    }
    replaced
}

/// Code page 1252 from 0x80 on; the rest is as in Latin-1.
const CODE_PAGE_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

fn latin1(bytes: &[u8], into: &mut String) {
    into.clear();
    if bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        into.push_str(text);
        return;
    }
    into.extend(bytes.iter().map(|byte| match byte {
        0x80..0xA0 => CODE_PAGE_1252[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Array;

    /// The memory of one batch after another is their text and their views, and not much more.
    #[test]
    fn many_batches_take_no_more_memory_than_their_text() {
        let value: Vec<u8> = (0..36_u16).flat_map(|n| (0x41 + n % 26).to_le_bytes()).collect();
        let mut text = TextBuilder::new(false);
        for batch in 0..20 {
            let taken: Option<usize> =
                (0..8_192).map(|_| text.append(WireType::Utf16, &value)).sum();
            let (taken, held) = (taken.unwrap(), text.finish().get_array_memory_size());
            assert!(held < taken * 3 / 2, "batch {batch}: {held} bytes for {taken}");
        }
    }

    #[test]
    fn utf16_is_read_and_halves_of_pairs_are_replaced() {
        let decoded = |units: &[u16]| {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let mut text = "before".to_owned();
            let replaced = utf16(&bytes, &mut text);
            (text, replaced)
        };
        let all: Vec<u16> = "Zo\u{EB} \u{1F44D}".encode_utf16().collect();
        assert_eq!(decoded(&all), ("Zo\u{EB} \u{1F44D}".into(), 0));
        assert_eq!(decoded(&[0x61, 0xD83D, 0x62]), ("a\u{FFFD}b".into(), 1));
        assert_eq!(decoded(&[0xFFFD]), ("\u{FFFD}".into(), 0));
        assert_eq!(decoded(&[]), (String::new(), 0));
    }

    /// The characters that Windows has at these bytes, as WHATWG lists them too.
    #[test]
    fn code_page_1252_has_a_euro() {
        let mut text = String::new();
        latin1(b"\x80 \x9F\xFFa", &mut text);
        assert_eq!(text, "\u{20AC} \u{178}\u{FF}a");
    }

    #[test]
    fn broken_utf8_is_replaced() {
        let mut text = String::new();
        assert_eq!(utf8(b"a\xFFb", &mut text), 1);
        assert_eq!(text, "a\u{FFFD}b");
    }
}
