//! Packets: what TDS cuts its messages into (MS-TDS 2.2.3).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::faults::Faulty;

/// Bytes of a packet's header.
pub const HEADER: usize = 8;

/// The size that both ends use until they agreed on another.
pub const DEFAULT_SIZE: usize = 4096;

/// More than this is no request, but a client that lost its way.
const LONGEST_MESSAGE: usize = 64 << 20;

const END_OF_MESSAGE: u8 = 0x01;
const RESET_CONNECTION: u8 = 0x08 | 0x10;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    SqlBatch,
    Rpc,
    Attention,
    TransactionManager,
    Login7,
    PreLogin,
    Other(u8),
}

impl From<u8> for Kind {
    fn from(byte: u8) -> Self {
        match byte {
            0x01 => Self::SqlBatch,
            0x03 => Self::Rpc,
            0x06 => Self::Attention,
            0x0E => Self::TransactionManager,
            0x10 => Self::Login7,
            0x12 => Self::PreLogin,
            other => Self::Other(other),
        }
    }
}

/// A message from the client, put together from its packets.
#[derive(Debug)]
pub struct Message {
    pub kind: Kind,
    /// The client wants the session as it was after login before this runs.
    pub reset: bool,
    pub payload: Vec<u8>,
}

/// Reads the next message; None where the client has gone.
pub async fn read_message(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Message>> {
    let mut payload = Vec::new();
    let mut reset = false;
    loop {
        let mut header = [0; HEADER];
        match io.read_exact(&mut header).await {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        };
        let [kind, status, high, low, ..] = header;
        reset |= status & RESET_CONNECTION != 0;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body =
            length.checked_sub(HEADER).ok_or_else(|| invalid("packet shorter than its header"))?;
        let start = payload.len();
        if start + body > LONGEST_MESSAGE {
            return Err(invalid("message too long"));
        }
        payload.resize(start + body, 0);
        io.read_exact(&mut payload[start..]).await?;
        if status & END_OF_MESSAGE != 0 {
            return Ok(Some(Message { kind: Kind::from(kind), reset, payload }));
        }
    }
}

pub fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Writes replies: what is put into `payload` goes out in packets of the agreed size.
#[derive(Debug)]
pub struct Writer<W> {
    io: Faulty<W>,
    size: usize,
    spid: u16,
    sequence: u8,
    /// Not sent yet.
    pub payload: Vec<u8>,
}

/// The kind of every message that a server sends.
const REPLY: u8 = 0x04;

impl<W: AsyncWrite + Unpin> Writer<W> {
    pub fn new(io: W, spid: u16) -> Self {
        Self { io: Faulty::new(io), size: DEFAULT_SIZE, spid, sequence: 0, payload: Vec::new() }
    }

    /// Uses packets of this many bytes from the next one on.
    pub fn resize(&mut self, size: usize) {
        self.size = size;
    }

    /// The place where faults are switched on.
    pub fn faulty(&mut self) -> &mut Faulty<W> {
        &mut self.io
    }

    /// Sends every packet that is full, but keeps back what may be the last one.
    pub async fn send_full(&mut self) -> io::Result<()> {
        let body = self.size - HEADER;
        if self.payload.len() <= body {
            return Ok(());
        }
        let full = (self.payload.len() - 1) / body * body;
        let payload = std::mem::take(&mut self.payload);
        let mut wire = Vec::with_capacity(full + full / body * HEADER);
        for chunk in payload[..full].chunks(body) {
            self.packet(chunk, 0, &mut wire);
        }
        self.io.write_all(&wire).await?;
        self.payload = payload;
        self.payload.drain(..full);
        Ok(())
    }

    /// Ends the message.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.send_full().await?;
        let last = std::mem::take(&mut self.payload);
        let mut wire = Vec::with_capacity(last.len() + HEADER);
        self.packet(&last, END_OF_MESSAGE, &mut wire);
        self.sequence = 0;
        self.io.write_all(&wire).await?;
        self.io.flush().await
    }

    fn packet(&mut self, body: &[u8], status: u8, wire: &mut Vec<u8>) {
        self.sequence = self.sequence.wrapping_add(1);
        // A packet's size is at most 32,767, so its length fits.
        let [high, low] = ((body.len() + HEADER) as u16).to_be_bytes();
        let [spid_high, spid_low] = self.spid.to_be_bytes();
        wire.extend([REPLY, status, high, low, spid_high, spid_low, self.sequence, 0]);
        wire.extend_from_slice(body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn written(size: usize, payload: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        let mut writer = Writer::new(&mut wire, 0x0102);
        writer.resize(size);
        writer.payload.extend_from_slice(payload);
        writer.finish().await.unwrap();
        wire
    }

    #[tokio::test]
    async fn a_message_is_cut_and_only_its_last_packet_says_so() {
        let wire = written(12, b"abcdefgh").await;
        let expected =
            [&[4, 0, 0, 12, 1, 2, 1, 0][..], b"abcd", &[4, 1, 0, 12, 1, 2, 2, 0], b"efgh"];
        assert_eq!(wire, expected.concat());
    }

    #[tokio::test]
    async fn what_is_written_reads_back() {
        let wire = written(512, &[7; 1700]).await;
        let message = read_message(&mut &wire[..]).await.unwrap().unwrap();
        assert_eq!((message.kind, message.payload), (Kind::Other(4), vec![7; 1700]));
    }

    #[tokio::test]
    async fn a_packet_shorter_than_its_header_is_refused() {
        assert!(read_message(&mut &[1, 1, 0, 7, 0, 0, 0, 0][..]).await.is_err());
    }
}
