//! How the values of a column lie in a row (2.2.5.2.3, 2.2.5.5.1.2).

use std::ops::Range;

use super::answer::Cell;
use super::reader::Reader;
use super::type_info::WireType;

/// A column of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireColumn {
    pub wire_type: WireType,
    pub cells: Cells,
}

/// What stands in front of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Nothing: there are so many bytes, and no NULL.
    Fixed(u8),
    /// Its length in one byte; 0 is NULL.
    Short,
    /// Its length in two bytes.
    Medium,
    /// Its length in four bytes; 0 is NULL.
    Long,
    /// A total that may be unknown, then chunks with their lengths in four bytes, up to one of 0.
    Chunked,
    /// A pointer, which is of no use to us, a time, and its length in four bytes.
    Pointed,
}

const NULL_MEDIUM: u16 = 0xFFFF;
const NULL_CHUNKED: u64 = u64::MAX;
const POINTED_TIME: usize = 8;

impl Cells {
    /// Where the next value lies; None if it has not come to its end yet.
    pub fn next(self, reader: &mut Reader<'_>) -> Option<Cell> {
        let length = match self {
            Self::Fixed(bytes) => bytes.into(),
            Self::Short => match reader.u8()? {
                0 => return Some(Cell::Null),
                length => length.into(),
            },
            Self::Medium => match reader.u16()? {
                NULL_MEDIUM => return Some(Cell::Null),
                length => length.into(),
            },
            Self::Long => match reader.u32()? {
                0 => return Some(Cell::Null),
                length => length as usize,
            },
            Self::Pointed => {
                let pointer = reader.u8()?;
                if pointer == 0 {
                    return Some(Cell::Null);
                }
                reader.take(usize::from(pointer) + POINTED_TIME)?;
                reader.u32()? as usize
            }
            Self::Chunked => return chunks(reader),
        };
        let start = reader.at();
        reader.take(length)?;
        Some(Cell::Bytes(start..start + length))
    }
}

fn chunks(reader: &mut Reader<'_>) -> Option<Cell> {
    if reader.u64()? == NULL_CHUNKED {
        return Some(Cell::Null);
    }
    let start = reader.at();
    let mut only: Option<Range<usize>> = None;
    let mut count = 0;
    loop {
        let length = reader.u32()? as usize;
        if length == 0 {
            break;
        }
        let from = reader.at();
        reader.take(length)?;
        only = Some(from..from + length);
        count += 1;
    }
    Some(match (count, only) {
        (1, Some(only)) => Cell::Bytes(only),
        _ => Cell::Chunks(start..reader.at()),
    })
}
