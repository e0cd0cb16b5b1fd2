//! An answer, token by token (2.2.4): its columns, its rows, its end.

use std::io;
use std::ops::Range;

use tokio::io::AsyncRead;

use super::carrier::Carrier;
use super::column::WireColumn;
use super::packets::Incoming;
use super::reader::Reader;
use super::type_info;

/// An answer on its way.
pub struct Answer<R = Carrier> {
    incoming: Incoming<R>,
    columns: Vec<WireColumn>,
    /// Where the values of a row lie in the content.
    cells: Vec<Cell>,
    /// Chunks of a value, put together.
    joined: Vec<u8>,
    /// Content that was handed out; it is taken with the next step.
    lent: usize,
}

/// What comes next.
pub enum Step<'a> {
    /// The columns of the rows that follow.
    Columns(&'a [WireColumn]),
    Row(Row<'a>),
    /// The server's refusal, by number.
    Error(u32, String),
    /// Nothing, until [`Answer::more`] has come.
    Wait,
    End,
}

/// Where a value lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Bytes(Range<usize>),
    /// Chunks with their lengths in front.
    Chunks(Range<usize>),
}

/// The values of a row.
pub struct Row<'a> {
    bytes: &'a [u8],
    cells: &'a [Cell],
    joined: &'a mut Vec<u8>,
}

const COLUMNS: u8 = 0x81;
const ROW: u8 = 0xD1;
/// A row that leaves its NULLs out.
const ROW_WITHOUT_NULLS: u8 = 0xD2;
const ERROR: u8 = 0xAA;
/// DONE_ERROR and DONE_SRVERROR, in the status at the end of a statement (2.2.7.6).
const FAILED: u16 = 0x0102;

impl<R: AsyncRead + Unpin> Answer<R> {
    pub fn new(incoming: Incoming<R>) -> Self {
        let (columns, cells, joined) = (Vec::new(), Vec::new(), Vec::new());
        Self { incoming, columns, cells, joined, lent: 0 }
    }

    /// Waits until more has come.
    pub async fn more(&mut self) -> io::Result<()> {
        self.incoming.more().await
    }

    /// Goes on to what matters next.
    pub fn step(&mut self) -> io::Result<Step<'_>> {
        loop {
            self.incoming.take(std::mem::take(&mut self.lent));
            let mut reader = Reader::new(self.incoming.content());
            let Some(token) = reader.u8() else {
                return Ok(if self.incoming.is_complete() { Step::End } else { Step::Wait });
            };
            let whole = match token {
                ROW => locate(&mut reader, &self.columns, &mut self.cells),
                ROW_WITHOUT_NULLS => locate_but_nulls(&mut reader, &self.columns, &mut self.cells),
                COLUMNS => columns(&mut reader, &mut self.columns)?,
                ERROR => reader.u16().and_then(|length| reader.take(length.into())).map(|_| ()),
                other => pass(other, &mut reader)?,
            };
            if whole.is_none() {
                return if self.incoming.is_complete() {
                    Err(garbled("an answer without its end"))
                } else {
                    Ok(Step::Wait)
                };
            }
            self.lent = reader.at();
            match token {
                COLUMNS => return Ok(Step::Columns(&self.columns)),
                ERROR => return Ok(error(&self.incoming.content()[..self.lent])),
                ROW | ROW_WITHOUT_NULLS => {
                    let (bytes, cells) = (self.incoming.content(), &self.cells);
                    return Ok(Step::Row(Row { bytes, cells, joined: &mut self.joined }));
                }
                _ => {}
            }
        }
    }
}

impl Row<'_> {
    /// A value's bytes; None for NULL.
    pub fn value(&mut self, column: usize) -> Option<&[u8]> {
        match self.cells.get(column)? {
            Cell::Null => None,
            Cell::Bytes(at) => self.bytes.get(at.clone()),
            Cell::Chunks(at) => {
                self.joined.clear();
                let mut reader = Reader::new(self.bytes.get(at.clone())?);
                while let Some(length) = reader.u32().filter(|length| *length > 0) {
                    self.joined.extend_from_slice(reader.take(length as usize)?);
                }
                Some(self.joined)
            }
        }
    }
}

/// Finds the values of a row (2.2.7.19).
fn locate(reader: &mut Reader<'_>, columns: &[WireColumn], cells: &mut Vec<Cell>) -> Option<()> {
    cells.clear();
    columns.iter().try_for_each(|column| column.cells.next(reader).map(|cell| cells.push(cell)))
}

/// The same where a bit for each column tells the NULLs (2.2.7.13).
fn locate_but_nulls(
    reader: &mut Reader<'_>,
    columns: &[WireColumn],
    cells: &mut Vec<Cell>,
) -> Option<()> {
    cells.clear();
    let bits = reader.take(columns.len().div_ceil(8))?;
    for (index, column) in columns.iter().enumerate() {
        let is_null = bits[index / 8] & (1 << (index % 8)) != 0;
        cells.push(if is_null { Cell::Null } else { column.cells.next(reader)? });
    }
    Some(())
}

/// COLMETADATA (2.2.7.4).
fn columns(reader: &mut Reader<'_>, into: &mut Vec<WireColumn>) -> io::Result<Option<()>> {
    const NONE: u16 = 0xFFFF;
    into.clear();
    let count = match reader.u16() {
        None => return Ok(None),
        Some(NONE) => 0,
        Some(count) => count,
    };
    for _column in 0..count {
        let _user_type_and_flags = reader.take(6);
        let Some(found) = type_info::read(reader) else { return Ok(None) };
        let (wire_type, cells) = found
            .map_err(|other| garbled(&format!("a column of the unknown type {other:#04x}")))?;
        if reader.b_varchar().is_none() {
            return Ok(None);
        }
        into.push(WireColumn { wire_type, cells });
    }
    Ok(Some(()))
}

/// ERROR (2.2.7.10).
fn error(token: &[u8]) -> Step<'static> {
    let mut reader = Reader::new(token);
    let _token_and_length = reader.take(3);
    let number = reader.u32().unwrap_or_default();
    let _state_and_class = reader.take(2);
    Step::Error(number, reader.us_varchar().unwrap_or_default())
}

/// Passes over a token that says nothing to us; None if it has not come to its end yet.
pub fn pass(token: u8, reader: &mut Reader<'_>) -> io::Result<Option<()>> {
    let passed = match token {
        // DONE, DONEPROC, DONEINPROC
        0xFD..=0xFF => {
            let status = reader.u16().unwrap_or_default();
            if status & FAILED != 0 {
                return Err(garbled("the statement failed without a word"));
            }
            reader.take(10)
        }
        // RETURNSTATUS
        0x79 => reader.take(4),
        // TABNAME, COLINFO, ORDER, INFO, LOGINACK, ENVCHANGE, SSPI
        0xA4 | 0xA5 | 0xA9 | 0xAB | 0xAD | 0xE3 | 0xED => {
            reader.u16().and_then(|length| reader.take(length.into()))
        }
        // SESSIONSTATE
        0xE4 => reader.u32().and_then(|length| reader.take(length as usize)),
        other => return Err(garbled(&format!("the unknown token {other:#04x}"))),
    };
    Ok(passed.map(|_content| ()))
}

fn garbled(what: &str) -> io::Error {
    let text = format!("the server's answer could not be understood: {what}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::packets::{HEADER, header};
    use super::*;

    /// Columns: `int`, `nvarchar(10)`, `varbinary(max)`, `ntext`, `decimal(9,2)`.
    fn message() -> Vec<u8> {
        let named = |type_info: &[u8]| [&[0; 6][..], type_info, &[1, b'c', 0]].concat();
        let collation = [9, 4, 0xD0, 0, 0x34];
        let columns = [
            named(&[0x26, 4]),
            named(&[&[0xE7, 20, 0][..], &collation].concat()),
            named(&[0xA5, 0xFF, 0xFF]),
            named(&[&[0x63, 0, 0, 0, 1][..], &collation, &[1, 1, 0, b't', 0]].concat()),
            named(&[0x6C, 5, 9, 2]),
        ];
        let chunks = [&[3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 7, 8, 1, 0, 0, 0, 9, 0, 0, 0, 0][..]];
        let pointed = [&[2, 1, 1][..], &[0; 8], &[4, 0, 0, 0, b'n', 0, b't', 0]].concat();
        let row = [
            &[ROW, 4, 1, 0, 0, 0][..],
            &[2, 0, b'a', 0],
            &chunks.concat(),
            &pointed,
            &[5, 1, 0x39, 0x30, 0, 0],
        ];
        let nulls = [&[ROW, 0][..], &[0xFF, 0xFF], &[0xFF; 8], &[0], &[0]];
        let packed = [&[ROW_WITHOUT_NULLS, 0b11110][..], &[4, 2, 0, 0, 0]];
        let notice = [0xAB, 2, 0, 1, 1];
        let done = [&[0xFD][..], &[0; 12]].concat();
        [
            [&notice[..], &[COLUMNS, 5, 0]].concat(),
            columns.concat(),
            row.concat(),
            nulls.concat(),
            packed.concat(),
            done,
        ]
        .concat()
    }

    fn packets(message: &[u8], size: usize) -> Vec<u8> {
        let mut wire = Vec::new();
        let mut parts = message.chunks(size).peekable();
        while let Some(part) = parts.next() {
            wire.extend(header(4, parts.peek().is_none(), (HEADER + part.len()) as u16));
            wire.extend(part);
        }
        wire
    }

    async fn values(wire: &[u8]) -> io::Result<Vec<Vec<Option<Vec<u8>>>>> {
        let mut answer = Answer::new(Incoming::new(wire, Duration::from_secs(5)));
        let (mut rows, mut columns) = (Vec::new(), 0);
        loop {
            match answer.step()? {
                Step::Wait => answer.more().await?,
                Step::Columns(found) => columns = found.len(),
                Step::Row(mut row) => {
                    let values = (0..columns).map(|index| row.value(index).map(<[u8]>::to_vec));
                    rows.push(values.collect());
                }
                Step::Error(number, message) => {
                    return Err(io::Error::other(format!("{number} {message}")));
                }
                Step::End => return Ok(rows),
            }
        }
    }

    #[tokio::test]
    async fn rows_are_the_same_however_they_are_cut_into_packets() {
        let message = message();
        let some = |bytes: &[u8]| Some(bytes.to_vec());
        let expected = vec![
            vec![
                some(&[1, 0, 0, 0]),
                some(b"a\0"),
                some(&[7, 8, 9]),
                some(b"n\0t\0"),
                some(&[1, 0x39, 0x30, 0, 0]),
            ],
            vec![None, None, None, None, None],
            vec![some(&[2, 0, 0, 0]), None, None, None, None],
        ];
        for size in 1..=message.len() {
            assert_eq!(values(&packets(&message, size)).await.unwrap(), expected, "{size}");
        }
    }

    #[tokio::test]
    async fn what_is_cut_short_or_garbled_is_an_error_or_other_rows_but_no_panic() {
        let message = message();
        for end in 0..message.len() {
            // The end of the message, too early, and the end of the connection.
            let short = values(&packets(&message[..end], 7)).await;
            assert!(short.is_err() || short.unwrap().len() < 3 || end == message.len() - 13);
            let wire = packets(&message, 7);
            assert!(values(&wire[..end]).await.is_err(), "{end}");
        }
        for at in 0..message.len() {
            for changed in 0..=u8::MAX {
                let mut garbled = message.clone();
                garbled[at] = changed;
                let _any = values(&packets(&garbled, 64)).await;
            }
        }
    }

    #[tokio::test]
    async fn an_end_that_tells_of_a_failure_is_none() {
        for (status, fails) in [(0x10_u16, false), (0x02, true), (0x100, true)] {
            let done = [&[0xFD][..], &status.to_le_bytes(), &[0; 10]].concat();
            assert_eq!(values(&packets(&done, 5)).await.is_err(), fails);
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_number() {
        let text: Vec<u8> = "no".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let content =
            [&1205_u32.to_le_bytes()[..], &[1, 13, 2, 0], &text, &[0, 0, 1, 0, 0, 0]].concat();
        let length = (content.len() as u16).to_le_bytes();
        let message = [&[ERROR][..], &length, &content].concat();
        assert_eq!(values(&packets(&message, 4)).await.unwrap_err().to_string(), "1205 no");
    }
}
