//! The way to a server as the driver and we use it in turn.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::channel::Channel;
use super::packets::HEADER;

/// A [`Channel`] with more than one owner, of whom one speaks at a time.
///
/// The driver begins with a PRELOGIN of its own. It is not sent: the answer that the server gave
/// before is its answer, but for the encryption, which the driver need not know of.
#[derive(Clone)]
pub struct Carrier(Arc<Mutex<Carried>>);

struct Carried {
    channel: Channel,
    prelogin: Prelogin,
    /// What the server says during the login.
    login: Option<Vec<u8>>,
}

enum Prelogin {
    /// What the driver has said of it, and the answer that it will get.
    Expected {
        said: Vec<u8>,
        answer: Vec<u8>,
    },
    /// The rest of the answer.
    Answered(Vec<u8>),
    Over,
}

impl Carrier {
    /// `answer` is the PRELOGIN packet that the driver is to get.
    pub fn new(channel: Channel, answer: Vec<u8>) -> Self {
        let prelogin = Prelogin::Expected { said: Vec::new(), answer };
        Self(Arc::new(Mutex::new(Carried { channel, prelogin, login: Some(Vec::new()) })))
    }

    /// What the server said until now, to be called when the driver has logged in.
    pub fn take_login(&self) -> Vec<u8> {
        self.carried().login.take().unwrap_or_default()
    }

    fn carried(&self) -> MutexGuard<'_, Carried> {
        // Whoever panics within takes the connection along; nobody uses it again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Carrier {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut carried = self.carried();
        if let Prelogin::Answered(rest) = &mut carried.prelogin {
            let part = rest.len().min(into.remaining());
            into.put_slice(&rest[..part]);
            rest.drain(..part);
            if rest.is_empty() {
                carried.prelogin = Prelogin::Over;
            }
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        let read = Pin::new(&mut carried.channel).poll_read(cx, into);
        if let Some(login) = &mut carried.login {
            login.extend_from_slice(&into.filled()[before..]);
        }
        read
    }
}

impl AsyncWrite for Carrier {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut carried = self.carried();
        if let Prelogin::Expected { said, answer } = &mut carried.prelogin {
            said.extend_from_slice(bytes);
            if said.len() >= HEADER
                && said.len() >= usize::from(u16::from_be_bytes([said[2], said[3]]))
            {
                carried.prelogin = Prelogin::Answered(std::mem::take(answer));
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut carried.channel).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carried().channel).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carried().channel).poll_shutdown(cx)
    }
}
