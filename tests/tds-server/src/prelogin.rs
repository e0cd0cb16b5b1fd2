//! PRELOGIN: both ends say who they are and settle on encryption (MS-TDS 2.2.6.5).

use std::io;

use crate::packet::invalid;

/// What the server does about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// It has none.
    NotSupported,
    /// The client chooses; the login at least is encrypted, unless the client cannot.
    #[default]
    Offered,
    /// Every client must.
    Required,
    /// TDS 8: TLS comes first, and nothing else will do.
    Strict,
}

/// What client and server settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Plain,
    /// The login message alone is encrypted.
    LoginOnly,
    Everything,
    /// The client cannot do what the server wants: it hears so, and the connection ends.
    Impossible,
}

const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const INSTANCE: u8 = 2;
const THREAD: u8 = 3;
const MARS: u8 = 4;
const FEDERATED: u8 = 6;
const TERMINATOR: u8 = 0xFF;

const OFF: u8 = 0;
const ON: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const REQUIRED: u8 = 3;

/// Bytes of an option's entry in the table at the front.
const ENTRY: usize = 5;

/// Major, minor, build (big-endian) and sub-build: SQL Server 2016 SP3.
pub const SERVER_VERSION: [u8; 6] = [13, 0, 0x18, 0x9C, 0, 0];

/// Reads the client's wish about encryption; a client that says nothing has none.
pub fn encryption_wish(payload: &[u8]) -> io::Result<u8> {
    for entry in payload.chunks(ENTRY) {
        match *entry {
            [TERMINATOR, ..] => break,
            [ENCRYPTION, high, low, ..] => {
                let at = usize::from(u16::from_be_bytes([high, low]));
                return payload.get(at).copied().ok_or_else(|| invalid("PRELOGIN too short"));
            }
            _ => {}
        }
    }
    Ok(NOT_SUPPORTED)
}

/// The server's answer to a wish, and what follows from both.
pub fn settle(server: Encryption, wish: u8) -> (u8, Settled) {
    match (server, wish) {
        (Encryption::NotSupported, OFF | NOT_SUPPORTED) => (NOT_SUPPORTED, Settled::Plain),
        (Encryption::NotSupported, _) => (NOT_SUPPORTED, Settled::Impossible),
        (Encryption::Offered, NOT_SUPPORTED) => (NOT_SUPPORTED, Settled::Plain),
        (Encryption::Offered, OFF) => (OFF, Settled::LoginOnly),
        (Encryption::Offered, _) => (ON, Settled::Everything),
        (Encryption::Required | Encryption::Strict, NOT_SUPPORTED) => {
            (REQUIRED, Settled::Impossible)
        }
        (Encryption::Required | Encryption::Strict, OFF) => (REQUIRED, Settled::Everything),
        (Encryption::Required | Encryption::Strict, _) => (ON, Settled::Everything),
    }
}

/// The server's PRELOGIN.
pub fn reply(encryption: u8) -> Vec<u8> {
    let options: [(u8, &[u8]); 6] = [
        (VERSION, &SERVER_VERSION),
        (ENCRYPTION, &[encryption]),
        // The instance is the one that the client asked for, whatever it was.
        (INSTANCE, &[0]),
        (THREAD, &[]),
        (MARS, &[0]),
        (FEDERATED, &[0]),
    ];
    let mut table = Vec::new();
    let mut data = Vec::new();
    for (token, value) in options {
        // Six short options: no offset comes near the limit of two bytes.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The client's PRELOGIN of MS-TDS 4.1: encryption is off.
    const EXAMPLE: [u8; 47] = [
        0x00, 0x00, 0x1A, 0x00, 0x06, 0x01, 0x00, 0x20, 0x00, 0x01, 0x02, 0x00, 0x21, 0x00, 0x01,
        0x03, 0x00, 0x22, 0x00, 0x04, 0x04, 0x00, 0x26, 0x00, 0x01, 0xFF, 0x09, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0xB8, 0x0D, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn the_documented_wish_is_read() {
        assert_eq!(encryption_wish(&EXAMPLE).unwrap(), OFF);
    }

    #[test]
    fn the_reply_says_where_its_options_lie() {
        let reply = reply(ON);
        assert_eq!(encryption_wish(&reply).unwrap(), ON);
        assert_eq!(reply[..5], [VERSION, 0, 31, 0, 6]);
        assert_eq!(reply[31..37], SERVER_VERSION);
    }

    /// The table of MS-TDS 2.2.6.5, ENCRYPTION.
    #[test]
    fn wishes_are_settled_as_documented() {
        use Encryption::{NotSupported, Offered, Required};
        for (server, wish, expected) in [
            (NotSupported, OFF, (NOT_SUPPORTED, Settled::Plain)),
            (NotSupported, ON, (NOT_SUPPORTED, Settled::Impossible)),
            (Offered, OFF, (OFF, Settled::LoginOnly)),
            (Offered, ON, (ON, Settled::Everything)),
            (Offered, NOT_SUPPORTED, (NOT_SUPPORTED, Settled::Plain)),
            (Required, OFF, (REQUIRED, Settled::Everything)),
            (Required, ON, (ON, Settled::Everything)),
            (Required, NOT_SUPPORTED, (REQUIRED, Settled::Impossible)),
        ] {
            assert_eq!(settle(server, wish), expected, "{server:?} {wish}");
        }
    }
}
