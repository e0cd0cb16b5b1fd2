//! PRELOGIN: both ends settle on encryption before anything else is said (2.2.6.5).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::packets::{HEADER, header, invalid};

/// The kind of its packets.
pub const PRELOGIN: u8 = 0x12;

/// What a client or a server says of encryption.
pub const ON: u8 = 1;
pub const NOT_SUPPORTED: u8 = 2;
pub const REQUIRED: u8 = 3;

const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const INSTANCE: u8 = 2;
const THREAD: u8 = 3;
const MARS: u8 = 4;
const TERMINATOR: u8 = 0xFF;

/// Bytes of an option's entry in the table at the front: token, offset, length.
const ENTRY: usize = 5;

/// Sends the client's PRELOGIN and returns the server's, the whole packet.
pub async fn exchange(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    encryption: u8,
) -> io::Result<Vec<u8>> {
    let said = message(encryption);
    // Five short options: far below the limit of two bytes.
    let mut packet = header(PRELOGIN, true, (HEADER + said.len()) as u16).to_vec();
    packet.extend(said);
    io.write_all(&packet).await?;
    io.flush().await?;
    let mut answer = vec![0; HEADER];
    io.read_exact(&mut answer).await?;
    let length = usize::from(u16::from_be_bytes([answer[2], answer[3]]));
    if length < HEADER {
        return Err(invalid("a packet shorter than its header"));
    }
    answer.resize(length, 0);
    io.read_exact(&mut answer[HEADER..]).await?;
    Ok(answer)
}

fn message(encryption: u8) -> Vec<u8> {
    let version = [0; 6];
    let options: [(u8, &[u8]); 5] = [
        (VERSION, &version),
        (ENCRYPTION, &[encryption]),
        (INSTANCE, &[0]),
        (THREAD, &[0; 4]),
        (MARS, &[0]),
    ];
    let (mut table, mut data) = (Vec::new(), Vec::new());
    for (token, value) in options {
        let at = (options.len() * ENTRY + 1 + data.len()) as u16;
        table.push(token);
        table.extend(at.to_be_bytes());
        table.extend((value.len() as u16).to_be_bytes());
        data.extend_from_slice(value);
    }
    table.push(TERMINATOR);
    table.extend(data);
    table
}

/// Where the answer says what the server does about encryption.
fn encryption_at(packet: &[u8]) -> Option<usize> {
    let entries = packet.get(HEADER..)?.chunks(ENTRY);
    let entries = entries.take_while(|entry| entry[0] != TERMINATOR);
    let at = entries.into_iter().find_map(|entry| match *entry {
        [ENCRYPTION, high, low, ..] => Some(HEADER + usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    })?;
    (at < packet.len()).then_some(at)
}

/// What the server does about encryption; a server that says nothing has none.
pub fn encryption(packet: &[u8]) -> u8 {
    encryption_at(packet).map_or(NOT_SUPPORTED, |at| packet[at])
}

/// The answer as somebody hears it who need not know of encryption.
pub fn without_encryption(mut packet: Vec<u8>) -> Vec<u8> {
    if let Some(at) = encryption_at(&packet) {
        packet[at] = NOT_SUPPORTED;
    }
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(content: &[u8]) -> Vec<u8> {
        [&header(4, true, (HEADER + content.len()) as u16)[..], content].concat()
    }

    #[test]
    fn what_a_server_says_is_found_and_can_be_changed() {
        let said = packet(&message(REQUIRED));
        assert_eq!(encryption(&said), REQUIRED);
        assert_eq!(encryption(&without_encryption(said)), NOT_SUPPORTED);
    }

    #[test]
    fn a_broken_table_says_nothing() {
        for broken in [&[][..], &[1], &[1, 0xFF, 0xFF, 0, 1], &[0xFF, 1, 0, 0, 0, 1]] {
            assert_eq!(encryption(&packet(broken)), NOT_SUPPORTED, "{broken:?}");
        }
    }
}
