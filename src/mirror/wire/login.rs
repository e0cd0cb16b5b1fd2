//! What a server told when the driver logged in.

use super::answer::pass;
use super::packets::HEADER;
use super::reader::Reader;

/// ENVCHANGE, and what of it tells the size of packets (2.2.7.9).
const CHANGE: u8 = 0xE3;
const PACKET_SIZE: u8 = 4;

/// The size of packets that a server agreed to. Both ends use 4,096 until they agree on another.
pub fn agreed_packet_size(login: &[u8]) -> usize {
    let content = contents(login);
    let mut reader = Reader::new(&content);
    let mut size = 4_096;
    while let Some(token) = reader.u8() {
        if token == CHANGE {
            let Some(change) = reader.u16().and_then(|length| reader.take(length.into())) else {
                break;
            };
            size = told(change).unwrap_or(size);
        } else if !matches!(pass(token, &mut reader), Ok(Some(()))) {
            break;
        }
    }
    size
}

fn told(change: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(change);
    if reader.u8()? != PACKET_SIZE {
        return None;
    }
    reader.b_varchar()?.parse().ok().filter(|size| (512..=32_767).contains(size))
}

/// The content of packets that have come whole.
fn contents(packets: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut rest = packets;
    while let Some(header) = rest.first_chunk::<HEADER>() {
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let Some(packet) = rest.get(..length).filter(|packet| packet.len() >= HEADER) else {
            break;
        };
        content.extend_from_slice(&packet[HEADER..]);
        rest = &rest[length..];
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(content: &[u8]) -> Vec<u8> {
        let length = (content.len() + HEADER) as u16;
        [&super::super::packets::header(4, true, length)[..], content].concat()
    }

    #[test]
    fn the_last_size_told_counts() {
        let size = |digits: &str| {
            let text: Vec<u8> = digits.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = (text.len() + 3) as u16;
            [&[CHANGE][..], &length.to_le_bytes(), &[4, digits.len() as u8], &text, &[0]].concat()
        };
        let done = [&[0xFD][..], &[0; 12]].concat();
        let login = [packet(&size("8000")), packet(&[size("16384"), done].concat())].concat();
        assert_eq!(agreed_packet_size(&login), 16_384);
        assert_eq!(agreed_packet_size(&packet(&size("9"))), 4_096);
        for cut in 0..login.len() {
            assert!([4_096, 8_000, 16_384].contains(&agreed_packet_size(&login[..cut])));
        }
    }
}
