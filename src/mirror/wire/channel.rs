//! The bytes between us and a server, after PRELOGIN: in the clear or within TLS.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::Error as TlsError;

use super::carrier::Carrier;
use super::prelogin::{self, NOT_SUPPORTED, ON, REQUIRED};
use super::tls::Tls;
use super::wrapped::Wrapped;
use crate::Error;
use crate::mirror::fault::Fault;
use crate::mirror::server::Address;

/// How long the network may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(15);

pub enum Channel {
    Clear(TcpStream),
    Tls(Box<TlsStream<Wrapped>>),
}

impl Channel {
    /// Connects and settles on encryption.
    pub async fn open(address: &Address, port: u16, tls: Option<&Tls>) -> Result<Carrier, Fault> {
        let unreachable = |cause: String| {
            let message = format!("{address}: cannot be reached: {cause}");
            Fault::Passing(
                Error::source(message).hinted("check the name, the port and the firewall"),
            )
        };
        let silent = |_elapsed| unreachable(format!("no answer in {} s", PATIENCE.as_secs()));
        let tcp = timeout(PATIENCE, TcpStream::connect((address.host.as_str(), port)))
            .await
            .map_err(silent)?
            .map_err(|cause| unreachable(cause.to_string()))?;
        tcp.set_nodelay(true).map_err(|cause| unreachable(cause.to_string()))?;
        timeout(PATIENCE, greet(tcp, address, tls)).await.map_err(silent)?
    }
}

/// PRELOGIN and the handshake of TLS, in the order that the version of TDS wants.
async fn greet(mut tcp: TcpStream, address: &Address, tls: Option<&Tls>) -> Result<Carrier, Fault> {
    let failed = |cause: io::Error| greeting_failed(address, &cause);
    let Some(tls) = tls else {
        let answer = prelogin::exchange(&mut tcp, NOT_SUPPORTED).await.map_err(failed)?;
        if prelogin::encryption(&answer) != NOT_SUPPORTED {
            let message = format!("{address}: the server insists on encryption");
            return Err(Error::source(message).hinted("leave out --encrypt not-supported").into());
        }
        return Ok(Carrier::new(Channel::Clear(tcp), answer));
    };
    let connector = TlsConnector::from(Arc::clone(&tls.config));
    if tls.first {
        let wrapped = Wrapped::new(tcp, false);
        let mut stream = connector.connect(tls.name.clone(), wrapped).await.map_err(failed)?;
        let answer = prelogin::exchange(&mut stream, ON).await.map_err(failed)?;
        return Ok(carried(stream, answer));
    }
    let answer = prelogin::exchange(&mut tcp, ON).await.map_err(failed)?;
    if !matches!(prelogin::encryption(&answer), ON | REQUIRED) {
        let message = format!("{address}: the server does not offer TLS");
        let hint = "give it a certificate, or see docs/mirror.md on old servers";
        return Err(Error::source(message).hinted(hint).into());
    }
    let wrapped = Wrapped::new(tcp, true);
    let mut stream = connector.connect(tls.name.clone(), wrapped).await.map_err(failed)?;
    stream.get_mut().0.unwrap_from_now_on();
    Ok(carried(stream, answer))
}

fn carried(stream: TlsStream<Wrapped>, answer: Vec<u8>) -> Carrier {
    Carrier::new(Channel::Tls(Box::new(stream)), prelogin::without_encryption(answer))
}

/// A certificate that is not trusted will not be trusted the next time; the network may be better
/// then.
fn greeting_failed(address: &Address, cause: &io::Error) -> Fault {
    let tls = cause.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    match tls {
        Some(cause @ TlsError::InvalidCertificate(_)) => Fault::Lasting(
            Error::source(format!("{address}: no trusted TLS connection: {cause}")).hinted(
                "give the authority that signed the server's certificate with --ca-file; \
                 docs/mirror.md tells of old servers",
            ),
        ),
        Some(cause) => Fault::Passing(
            Error::source(format!("{address}: no TLS connection: {cause}"))
                .hinted("docs/mirror.md tells of old servers"),
        ),
        None => Fault::Passing(
            Error::source(format!("{address}: the connection was lost at its beginning: {cause}"))
                .hinted("is it a SQL Server, and does it speak TLS 1.2? See docs/mirror.md"),
        ),
    }
}

impl AsyncRead for Channel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Clear(tcp) => Pin::new(tcp).poll_read(cx, into),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Channel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Clear(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Clear(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Clear(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
