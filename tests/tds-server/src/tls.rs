//! TLS: within PRELOGIN packets up to TDS 7.4, around everything in TDS 8.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};
use tokio_rustls::server::TlsStream;

use crate::packet::{HEADER, invalid};

/// The server's certificate, made anew each time, and the authority that signed it.
pub struct Tls {
    within_packets: TlsAcceptor,
    first: TlsAcceptor,
    /// The authority's certificate in PEM, for clients to trust.
    pub authority_pem: String,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// A certificate for `localhost` and 127.0.0.1.
    pub fn new() -> io::Result<Self> {
        let mut ca = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = ca.self_signed(&ca_key).map_err(io::Error::other)?;
        let issuer = Issuer::new(ca, ca_key);
        let names = ["localhost", "127.0.0.1"].map(String::from);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = CertificateParams::new(names)
            .and_then(|params| params.signed_by(&key, &issuer))
            .map_err(io::Error::other)?;
        // Microsoft's clients and servers speak TLS 1.2 within packets; a ticket of TLS 1.3 would
        // come after the login and confuse a client that has left TLS by then.
        Ok(Self {
            within_packets: acceptor(&TLS12, certificate.der(), &key, &[])?,
            first: acceptor(&TLS13, certificate.der(), &key, &[b"tds/8.0"])?,
            authority_pem: authority.pem(),
        })
    }

    /// The handshake of TDS 7: every flight of it is a PRELOGIN message.
    pub async fn accept_within_packets(&self, io: TcpStream) -> io::Result<TlsStream<Unwrapping>> {
        let mut tls = self.within_packets.accept(Unwrapping::new(io)).await?;
        tls.get_mut().0.handshaking = false;
        Ok(tls)
    }

    /// The handshake of TDS 8.
    pub async fn accept_first(&self, io: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.first.accept(io).await
    }
}

fn acceptor(
    version: &'static SupportedProtocolVersion,
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    protocols: &[&[u8]],
) -> io::Result<TlsAcceptor> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .and_then(|b| b.with_no_client_auth().with_single_cert(vec![certificate.clone()], key))
        .map_err(io::Error::other)?;
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A connection that carries TLS within PRELOGIN packets until the handshake is over.
#[derive(Debug)]
pub struct Unwrapping {
    io: TcpStream,
    handshaking: bool,
    header: [u8; HEADER],
    header_read: usize,
    /// Bytes of the packet that was begun to be read.
    body_left: usize,
    /// The flight to send: room for a header, then what TLS wrote.
    flight: Vec<u8>,
    flight_sent: usize,
}

const PRELOGIN: u8 = 0x12;

impl Unwrapping {
    fn new(io: TcpStream) -> Self {
        Self {
            io,
            handshaking: true,
            header: [0; HEADER],
            header_read: 0,
            body_left: 0,
            flight: Vec::new(),
            flight_sent: 0,
        }
    }

    /// The connection without TLS.
    pub fn into_inner(self) -> TcpStream {
        self.io
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.header_read < HEADER {
            let mut buffer = ReadBuf::new(&mut self.header[self.header_read..]);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.header_read += buffer.filled().len();
        }
        let length = usize::from(u16::from_be_bytes([self.header[2], self.header[3]]));
        if self.header[0] != PRELOGIN || length < HEADER {
            return Poll::Ready(Err(invalid("the TLS handshake must come in PRELOGIN packets")));
        }
        self.body_left = length - HEADER;
        self.header_read = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_flight(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.flight.len() <= HEADER {
            return Poll::Ready(Ok(()));
        }
        let length =
            u16::try_from(self.flight.len()).map_err(|_| invalid("TLS flight too long"))?;
        let [high, low] = length.to_be_bytes();
        self.flight[..HEADER].copy_from_slice(&[PRELOGIN, 1, high, low, 0, 0, 1, 0]);
        while self.flight_sent < self.flight.len() {
            let rest = &self.flight[self.flight_sent..];
            self.flight_sent += ready!(Pin::new(&mut self.io).poll_write(cx, rest))?;
        }
        self.flight.clear();
        self.flight_sent = 0;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Unwrapping {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.handshaking {
            return Pin::new(&mut self.io).poll_read(cx, buffer);
        }
        while self.body_left == 0 {
            ready!(self.poll_header(cx))?;
        }
        let room = self.body_left.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        self.body_left -= read;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Unwrapping {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.handshaking {
            return Pin::new(&mut self.io).poll_write(cx, bytes);
        }
        if self.flight.is_empty() {
            self.flight.resize(HEADER, 0);
        }
        self.flight.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flight(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
