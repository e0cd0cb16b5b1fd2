//! Numbers and texts as they lie in messages: little-endian, UTF-16, a length in front.

use std::io;

use crate::packet::invalid;

/// Writing; a text longer than its length field can say is cut.
pub trait Put {
    fn put(&mut self, bytes: impl AsRef<[u8]>);

    /// `B_VARCHAR`: the number of code units in a byte, then UTF-16.
    fn put_b_varchar(&mut self, text: &str);

    /// `US_VARCHAR`: the number of code units in two bytes, then UTF-16.
    fn put_us_varchar(&mut self, text: &str);
}

impl Put for Vec<u8> {
    fn put(&mut self, bytes: impl AsRef<[u8]>) {
        self.extend_from_slice(bytes.as_ref());
    }

    fn put_b_varchar(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().take(usize::from(u8::MAX)).collect();
        self.push(units.len() as u8);
        self.extend(units.into_iter().flat_map(u16::to_le_bytes));
    }

    fn put_us_varchar(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().take(usize::from(u16::MAX)).collect();
        self.put((units.len() as u16).to_le_bytes());
        self.extend(units.into_iter().flat_map(u16::to_le_bytes));
    }
}

/// Reading, from the front.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, bytes: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(bytes).ok_or_else(|| invalid("message too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub fn u8(&mut self) -> io::Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u16(&mut self) -> io::Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> io::Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn u64(&mut self) -> io::Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// UTF-16 of so many code units.
    pub fn utf16(&mut self, units: usize) -> io::Result<String> {
        self.take(units * 2).map(utf16)
    }

    pub fn b_varchar(&mut self) -> io::Result<String> {
        let units = self.u8()?;
        self.utf16(units.into())
    }
}

/// UTF-16 as text; what is none becomes U+FFFD.
pub fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
