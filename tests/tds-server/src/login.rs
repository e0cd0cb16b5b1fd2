//! LOGIN7: who the client is and what it wants (MS-TDS 2.2.6.4).

use std::fmt;
use std::io;

use crate::bytes::{Reader, utf16};
use crate::packet::invalid;

/// What a client said of itself when it logged in.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Login {
    pub user: String,
    pub password: String,
    /// The database to start in; empty for the default.
    pub database: String,
    pub application: String,
    pub host: String,
    /// The client promises not to write.
    pub read_only_intent: bool,
    /// Windows or Kerberos instead of a password.
    pub integrated: bool,
    pub(crate) tds_version: u32,
    pub(crate) packet_size: u32,
    pub(crate) utf8_support: bool,
}

/// Without the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("database", &self.database)
            .field("application", &self.application)
            .field("host", &self.host)
            .field("read_only_intent", &self.read_only_intent)
            .finish_non_exhaustive()
    }
}

/// Where the message's parts are said to lie, each an offset and a length in code units.
const HOST: usize = 36;
const USER: usize = 40;
const PASSWORD: usize = 44;
const APPLICATION: usize = 48;
const EXTENSION: usize = 56;
const DATABASE: usize = 68;

const TDS_VERSION: usize = 4;
const PACKET_SIZE: usize = 8;
const OPTION_FLAGS_2: usize = 25;
const TYPE_FLAGS: usize = 26;
const OPTION_FLAGS_3: usize = 27;

const INTEGRATED: u8 = 0x80;
const READ_ONLY_INTENT: u8 = 0x20;
const HAS_EXTENSION: u8 = 0x10;

const FEATURE_UTF8: u8 = 0x0A;
const FEATURE_END: u8 = 0xFF;

impl Login {
    pub fn parse(payload: &[u8]) -> io::Result<Self> {
        let flags = |at: usize| payload.get(at).copied().ok_or_else(|| invalid("LOGIN7 too short"));
        let text = |at| part(payload, at, 2).map(utf16);
        Ok(Self {
            user: text(USER)?,
            password: utf16(&reveal(part(payload, PASSWORD, 2)?)),
            database: text(DATABASE)?,
            application: text(APPLICATION)?,
            host: text(HOST)?,
            read_only_intent: flags(TYPE_FLAGS)? & READ_ONLY_INTENT != 0,
            integrated: flags(OPTION_FLAGS_2)? & INTEGRATED != 0,
            tds_version: at(payload, TDS_VERSION)?.u32()?,
            packet_size: at(payload, PACKET_SIZE)?.u32()?,
            utf8_support: flags(OPTION_FLAGS_3)? & HAS_EXTENSION != 0 && wants_utf8(payload)?,
        })
    }
}

fn at(payload: &[u8], offset: usize) -> io::Result<Reader<'_>> {
    payload.get(offset..).map(Reader).ok_or_else(|| invalid("LOGIN7 too short"))
}

/// The bytes of a part, given where its offset and length stand.
fn part(payload: &[u8], entry: usize, unit: usize) -> io::Result<&[u8]> {
    let mut entry = at(payload, entry)?;
    let (offset, length) = (entry.u16()?, entry.u16()?);
    at(payload, offset.into())?.take(usize::from(length) * unit)
}

/// Undoes what hides a password: every byte XOR 0xA5, then its halves exchanged.
fn reveal(hidden: &[u8]) -> Vec<u8> {
    hidden.iter().map(|byte| (byte ^ 0xA5).rotate_left(4)).collect()
}

/// Whether the list of features asks for UTF-8 collations.
fn wants_utf8(payload: &[u8]) -> io::Result<bool> {
    let list = Reader(part(payload, EXTENSION, 1)?).u32()?;
    let mut features = at(payload, list as usize)?;
    loop {
        match features.u8()? {
            FEATURE_END => return Ok(false),
            FEATURE_UTF8 => return Ok(true),
            _ => {
                let length = features.u32()?;
                features.take(length as usize)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The LOGIN7 of MS-TDS 4.2, without its packet header.
    const EXAMPLE: &str = "88000000020009720010000000000007000100000000000\
        0E003000000000000090400005E0008006E0002007200000072000700800000008000000080000400880000\
        00880000000050 8BE2B78F8800000088000000880000000000000073006B006F00730074006F0076003100\
        7300610 04F00530051004C002D00330032004F00440042004300";

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    #[test]
    fn the_documented_login_is_read() {
        let login = Login::parse(&bytes(EXAMPLE)).unwrap();
        assert_eq!((login.host.as_str(), login.user.as_str()), ("skostov1", "sa"));
        assert_eq!(login.application, "OSQL-32");
        assert_eq!((login.password.as_str(), login.packet_size), ("", 4096));
        assert!(!login.integrated && !login.read_only_intent && !login.utf8_support);
    }

    /// A password as it goes over the wire: `a` (0x61) is 0x16 XOR 0xA5.
    #[test]
    fn a_password_is_revealed() {
        assert_eq!(utf16(&reveal(&[0xB3, 0xA5, 0x83, 0xA5])), "ab");
    }

    #[test]
    fn a_short_login_is_refused() {
        let whole = bytes(EXAMPLE);
        for length in 0..whole.len() - 14 {
            assert!(Login::parse(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let login = Login { password: "swordfish".into(), ..Login::default() };
        assert!(!format!("{login:?}").contains("swordfish"));
    }
}
