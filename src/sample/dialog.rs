//! The SIP dialog id, the one thing that both databases know of a call.

use super::random::Random;

const CALL_ID: usize = 16;
const TAG: usize = 6;

/// `call-id;from-tag;to-tag`, as `Dialogs.ExternalId` and `Dialog.DialogID` hold it.
#[derive(Debug, Clone, Copy)]
pub struct DialogId([u8; CALL_ID + 2 * TAG + 2]);

impl DialogId {
    /// The dialog of a session, by its salt.
    pub fn of(salt: u64) -> Self {
        let mut random = Random::at(&[0xD1, salt]);
        let mut text = [b';'; CALL_ID + 2 * TAG + 2];
        hex(&mut text[..CALL_ID], random.wide());
        hex(&mut text[CALL_ID + 1..CALL_ID + 1 + TAG], random.wide());
        hex(&mut text[CALL_ID + 2 + TAG..], random.wide());
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        // Hexadecimal digits and semicolons are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub fn checksum(&self) -> i32 {
        checksum(&self.0)
    }
}

fn hex(digits: &mut [u8], mut value: u128) {
    for digit in digits {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

/// The look-up hash of a text (FNV-1a); Microsoft does not publish its own.
pub fn checksum(text: &[u8]) -> i32 {
    text.iter()
        .fold(0x811C_9DC5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
        as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_fnv_1a() {
        // Published test vectors of FNV-1a, 32 bit.
        assert_eq!(checksum(b""), 0x811C_9DC5_u32 as i32);
        assert_eq!(checksum(b"foobar"), 0xBF9C_F968_u32 as i32);
    }

    #[test]
    fn three_parts_of_hex() {
        let id = DialogId::of(5);
        let lengths: Vec<usize> = id.as_str().split(';').map(str::len).collect();
        assert_eq!(lengths, [16, 6, 6]);
    }
}
