//! Faults on command: what a network, a server or a DBA does to a client, at an exact place.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use tokio::time::Sleep;

/// A thing that goes wrong once. Bytes count from the start of the reply that it hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset as soon as it is made.
    RefuseConnection,
    /// The login fails, whoever it is: error 18456.
    LoginRefused,
    /// So many bytes of the reply arrive, then the connection closes.
    CutAfter { bytes: u64 },
    /// So many bytes arrive, then nothing for a while, then the rest.
    Stall { after_bytes: u64, for_time: Duration },
    /// One byte of the reply arrives with all its bits turned.
    Garble { at_byte: u64 },
    /// Half of the reply's first packet arrives, then the connection closes.
    HalfPacket,
    /// So many rows arrive, then the server's error: 1205 (deadlock victim), 1222 (lock timeout).
    Error { number: i32, after_rows: u64 },
}

impl Fault {
    fn hits_login(self) -> bool {
        matches!(self, Self::RefuseConnection | Self::LoginRefused)
    }
}

/// Faults that wait for their moment, first come first served.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Waiting>>>);

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    /// What the statement must contain; empty hits any.
    within: String,
}

impl Faults {
    /// Hits the next connection or the next request, whichever the fault is about.
    pub fn push(&self, fault: Fault) {
        self.push_on("", fault);
    }

    /// Forgets those that wait.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// Hits the next request whose text contains `within`, in any case of letters.
    pub fn push_on(&self, within: &str, fault: Fault) {
        self.0.lock().push_back(Waiting { fault, within: within.to_lowercase() });
    }

    /// Faults that have not hit yet.
    pub fn waiting(&self) -> usize {
        self.0.lock().len()
    }

    pub(crate) fn take_connection(&self) -> bool {
        self.take(|w| w.fault == Fault::RefuseConnection).is_some()
    }

    pub(crate) fn take_login(&self) -> bool {
        self.take(|w| w.fault == Fault::LoginRefused).is_some()
    }

    /// The fault for a request with this text.
    pub(crate) fn take_request(&self, text: &str) -> Option<Fault> {
        let text = text.to_lowercase();
        self.take(|w| !w.fault.hits_login() && text.contains(&w.within))
    }

    fn take(&self, hits: impl Fn(&Waiting) -> bool) -> Option<Fault> {
        let mut waiting = self.0.lock();
        let found = waiting.iter().position(hits)?;
        waiting.remove(found).map(|w| w.fault)
    }
}

/// A way to the client on which bytes get lost, late or wrong when it is told so.
#[derive(Debug)]
pub struct Faulty<W> {
    io: W,
    /// Bytes of the reply that have gone out.
    sent: u64,
    fault: Option<Fault>,
    stalling: Option<Pin<Box<Sleep>>>,
}

impl<W> Faulty<W> {
    pub fn new(io: W) -> Self {
        Self { io, sent: 0, fault: None, stalling: None }
    }

    /// A new reply begins; this happens to it.
    pub fn arm(&mut self, fault: Option<Fault>) {
        self.fault = fault;
        self.sent = 0;
    }

    /// A packet's length stands in bytes 2 and 3 of its header.
    fn settle_half_packet(&mut self, packet: &[u8]) {
        if self.fault == Some(Fault::HalfPacket) {
            let length = packet.get(2..4).map_or(0, |l| u16::from_be_bytes([l[0], l[1]]));
            self.fault = Some(Fault::CutAfter { bytes: u64::from(length / 2) });
        }
    }
}

impl<W: AsyncWrite + Unpin> Faulty<W> {
    /// Waits out a stall whose place has come.
    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(Fault::Stall { after_bytes, for_time }) = self.fault
            && self.sent >= after_bytes
        {
            self.fault = None;
            self.stalling = Some(Box::pin(tokio::time::sleep(for_time)));
        }
        if let Some(stalling) = &mut self.stalling {
            ready!(stalling.as_mut().poll(cx));
            self.stalling = None;
        }
        Poll::Ready(())
    }

    /// Closes the connection where its place has come.
    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.fault, Some(Fault::CutAfter { bytes }) if self.sent >= bytes) {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            let kind = io::ErrorKind::ConnectionAborted;
            return Poll::Ready(Err(io::Error::new(kind, "cut on command")));
        }
        Poll::Ready(Ok(()))
    }

    /// What of so many bytes may go out in one piece: a fault's place ends the piece.
    fn piece(&self, bytes: usize) -> usize {
        let until = match self.fault {
            Some(Fault::Stall { after_bytes, .. }) => after_bytes - self.sent,
            Some(Fault::CutAfter { bytes }) => bytes - self.sent,
            Some(Fault::Garble { at_byte }) if at_byte > self.sent => at_byte - self.sent,
            Some(Fault::Garble { at_byte }) if at_byte == self.sent => 1,
            _ => return bytes,
        };
        bytes.min(usize::try_from(until).unwrap_or(usize::MAX))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Faulty<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.settle_half_packet(bytes);
        ready!(this.poll_stall(cx));
        ready!(this.poll_cut(cx))?;
        let piece = &bytes[..this.piece(bytes.len())];
        let garbled = [piece.first().map_or(0, |b| !b)];
        let garble = matches!(this.fault, Some(Fault::Garble { at_byte }) if at_byte == this.sent);
        let wire = if garble { &garbled[..piece.len()] } else { piece };
        let written = ready!(Pin::new(&mut this.io).poll_write(cx, wire))?;
        this.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn sent(fault: Fault) -> (Vec<u8>, bool) {
        let mut wire = Vec::new();
        let mut io = Faulty::new(&mut wire);
        io.arm(Some(fault));
        let done = async {
            io.write_all(&[4, 0, 0, 12, 0, 0, 1, 0, 1, 2, 3, 4]).await?;
            io.write_all(&[5, 6]).await
        };
        let done = done.await.is_ok();
        (wire, done)
    }

    #[tokio::test]
    async fn a_cut_lets_exactly_so_many_bytes_through() {
        assert_eq!(sent(Fault::CutAfter { bytes: 3 }).await, (vec![4, 0, 0], false));
        assert_eq!(sent(Fault::CutAfter { bytes: 0 }).await, (vec![], false));
        let (wire, done) = sent(Fault::CutAfter { bytes: 13 }).await;
        assert_eq!((wire.len(), done), (13, false));
    }

    #[tokio::test]
    async fn half_a_packet_is_half_of_its_length() {
        assert_eq!(sent(Fault::HalfPacket).await, (vec![4, 0, 0, 12, 0, 0], false));
    }

    #[tokio::test]
    async fn one_byte_is_garbled() {
        let (wire, done) = sent(Fault::Garble { at_byte: 9 }).await;
        assert_eq!(wire, [4, 0, 0, 12, 0, 0, 1, 0, 1, !2, 3, 4, 5, 6]);
        assert!(done);
    }

    #[tokio::test]
    async fn a_stall_holds_the_rest_back() {
        let begun = tokio::time::Instant::now();
        let for_time = Duration::from_millis(50);
        let (wire, done) = sent(Fault::Stall { after_bytes: 4, for_time }).await;
        assert_eq!((wire.len(), done), (14, true));
        assert!(begun.elapsed() >= for_time);
    }

    #[test]
    fn a_fault_waits_for_its_statement() {
        let faults = Faults::default();
        faults.push(Fault::LoginRefused);
        faults.push_on("SessionDetails", Fault::HalfPacket);
        assert_eq!(faults.take_request("SELECT 1"), None);
        assert_eq!(faults.take_request("select * from sessiondetails"), Some(Fault::HalfPacket));
        assert_eq!(faults.waiting(), 1);
        assert!(faults.take_login());
    }
}
