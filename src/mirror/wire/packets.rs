//! Packets: what TDS cuts its messages into (2.2.3).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::carrier::Carrier;

/// Bytes of a packet's header.
pub const HEADER: usize = 8;

/// A batch of SQL.
const BATCH: u8 = 0x01;
/// Whatever a server says.
const REPLY: u8 = 0x04;
const END_OF_MESSAGE: u8 = 0x01;

/// Bytes asked of the network at once.
const READ: usize = 256 * 1024;

/// A packet's header; `length` counts it too.
pub fn header(kind: u8, last: bool, length: u16) -> [u8; HEADER] {
    let [high, low] = length.to_be_bytes();
    [kind, if last { END_OF_MESSAGE } else { 0 }, high, low, 0, 0, 1, 0]
}

pub fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Sends a batch of SQL in packets of the agreed size (2.2.6.7).
pub async fn send_batch(carrier: &mut Carrier, sql: &str, packet_size: usize) -> io::Result<()> {
    // ALL_HEADERS: one, that says that no transaction is open and one request is.
    let mut message = vec![22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    message.extend(sql.encode_utf16().flat_map(u16::to_le_bytes));
    let mut wire = Vec::with_capacity(message.len() + HEADER);
    let mut packets = message.chunks(packet_size - HEADER).peekable();
    while let Some(content) = packets.next() {
        // A packet's size is at most 32,767.
        let length = (content.len() + HEADER) as u16;
        wire.extend(header(BATCH, packets.peek().is_none(), length));
        wire.extend_from_slice(content);
    }
    carrier.write_all(&wire).await?;
    carrier.flush().await
}

/// The content of an answer's packets, as much as has come.
pub struct Incoming<R = Carrier> {
    from: R,
    /// How long to wait for the network.
    patience: Duration,
    /// Bytes as they came.
    raw: Vec<u8>,
    /// What is left to come of the content of the packet at the end of `raw`.
    open: usize,
    content: Vec<u8>,
    /// Content before this was taken.
    taken: usize,
    last_packet: bool,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub fn new(from: R, patience: Duration) -> Self {
        Self {
            from,
            patience,
            raw: Vec::with_capacity(READ),
            open: 0,
            content: Vec::with_capacity(READ),
            taken: 0,
            last_packet: false,
        }
    }

    /// What was not taken yet.
    pub fn content(&self) -> &[u8] {
        &self.content[self.taken..]
    }

    pub fn take(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// Whether nothing more will come.
    pub fn is_complete(&self) -> bool {
        self.last_packet && self.open == 0
    }

    /// Waits for more content.
    pub async fn more(&mut self) -> io::Result<()> {
        self.content.drain(..self.taken);
        self.taken = 0;
        let before = self.content.len();
        while self.content.len() == before && !self.is_complete() {
            let read = self.from.read_buf(&mut self.raw);
            let read = timeout(self.patience, read).await.map_err(|_elapsed| {
                let text = format!("the server has been silent for {:?}", self.patience);
                io::Error::new(io::ErrorKind::TimedOut, text)
            })??;
            if read == 0 {
                let text = "the server closed the connection within an answer";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
            }
            self.unpack()?;
        }
        Ok(())
    }

    /// Moves the content of packets from `raw`.
    fn unpack(&mut self) -> io::Result<()> {
        let mut at = 0;
        loop {
            let part = self.open.min(self.raw.len() - at);
            self.content.extend_from_slice(&self.raw[at..at + part]);
            at += part;
            self.open -= part;
            let rest = &self.raw[at..];
            if self.open > 0 || rest.is_empty() {
                break;
            }
            if self.last_packet {
                return Err(invalid("the server says more than was asked"));
            }
            let Some(&[kind, status, high, low]) = rest.first_chunk::<4>() else { break };
            if rest.len() < HEADER {
                break;
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            let content = length.checked_sub(HEADER).filter(|_| kind == REPLY);
            self.open = content.ok_or_else(|| invalid("what the server sends is no packet"))?;
            self.last_packet = status & END_OF_MESSAGE != 0;
            at += HEADER;
        }
        self.raw.drain(..at);
        Ok(())
    }
}
