//! A connection that carries TLS within PRELOGIN packets until the handshake is over (2.2.6.5).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::packets::{HEADER, header, invalid};
use super::prelogin::PRELOGIN;

/// What TLS writes until it flushes is one packet.
pub struct Wrapped {
    tcp: TcpStream,
    wrapping: bool,
    /// The header of the packet that is read, and how much of it is there.
    header: [u8; HEADER],
    header_read: usize,
    /// What is left of its content.
    content_left: usize,
    /// The packet to send: room for a header, then what TLS wrote.
    flight: Vec<u8>,
    flight_sent: usize,
}

impl Wrapped {
    /// `wrapping` is false where TLS comes before TDS, as in TDS 8.
    pub fn new(tcp: TcpStream, wrapping: bool) -> Self {
        Self {
            tcp,
            wrapping,
            header: [0; HEADER],
            header_read: 0,
            content_left: 0,
            flight: Vec::new(),
            flight_sent: 0,
        }
    }

    /// The handshake is over: from now on TDS is within TLS.
    pub fn unwrap_from_now_on(&mut self) {
        self.wrapping = false;
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.header_read < HEADER {
            let mut rest = ReadBuf::new(&mut self.header[self.header_read..]);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut rest))?;
            match rest.filled().len() {
                0 => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                read => self.header_read += read,
            }
        }
        let [kind, _, high, low, ..] = self.header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let content = length.checked_sub(HEADER).filter(|_| kind == PRELOGIN);
        self.content_left = content.ok_or_else(|| invalid("a TLS handshake without its packet"))?;
        self.header_read = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_flight(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.flight.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let length = u16::try_from(self.flight.len());
        let length = length.map_err(|_| invalid("a TLS handshake longer than a packet"))?;
        self.flight[..HEADER].copy_from_slice(&header(PRELOGIN, true, length));
        while self.flight_sent < self.flight.len() {
            let rest = &self.flight[self.flight_sent..];
            self.flight_sent += ready!(Pin::new(&mut self.tcp).poll_write(cx, rest))?;
        }
        self.flight.clear();
        self.flight_sent = 0;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wrapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.wrapping {
            return Pin::new(&mut self.tcp).poll_read(cx, into);
        }
        while self.content_left == 0 {
            ready!(self.poll_header(cx))?;
        }
        let room = self.content_left.min(into.remaining());
        let mut part = ReadBuf::new(into.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        into.advance(read);
        self.content_left -= read;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wrapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.wrapping {
            return Pin::new(&mut self.tcp).poll_write(cx, bytes);
        }
        if self.flight.is_empty() {
            self.flight.resize(HEADER, 0);
        }
        self.flight.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flight(cx))?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
