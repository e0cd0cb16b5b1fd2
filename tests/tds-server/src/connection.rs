//! One connection, from its first byte to its last.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, ReadHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::attention::Attention;
use crate::error::SqlError;
use crate::login::Login;
use crate::packet::{DEFAULT_SIZE, Kind, Message, Writer, invalid, read_message};
use crate::prelogin::{self, Encryption, SERVER_VERSION, Settled};
use crate::request::{self, Request, TransactionRequest};
use crate::rpc;
use crate::server::Shared;
use crate::session::{Session, Stop};
use crate::token::{self, Change, Done, Ends};

/// A way to the client, with or without TLS.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The first byte of a TLS handshake: TDS 8.
const TLS_RECORD: u8 = 0x16;

/// Serves a client until it goes.
pub async fn serve(shared: Arc<Shared>, tcp: TcpStream, spid: u16) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    if shared.faults.take_connection() {
        return reset(&tcp);
    }
    let mut first = [0];
    if tcp.peek(&mut first).await? == 0 {
        return Ok(());
    }
    if first[0] == TLS_RECORD && shared.encryption != Encryption::NotSupported {
        let tls = shared.tls.accept_first(tcp).await?;
        return strict(shared, tls, spid).await;
    }
    if shared.encryption == Encryption::Strict {
        return Ok(());
    }
    negotiated(shared, tcp, spid).await
}

/// Ends the connection as a firewall would: at once, with a reset.
fn reset(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_zero_linger()
}

/// TDS 8: everything is within TLS.
async fn strict(shared: Arc<Shared>, mut tls: impl Duplex + 'static, spid: u16) -> io::Result<()> {
    let Some(hello) = expect(&mut tls, Kind::PreLogin).await? else { return Ok(()) };
    let (answer, _) = prelogin::settle(Encryption::Required, prelogin::encryption_wish(&hello)?);
    answer_prelogin(&mut tls, spid, answer).await?;
    let Some(login) = expect(&mut tls, Kind::Login7).await? else { return Ok(()) };
    logged_in(shared, Box::new(tls), &login, spid, true).await
}

/// TDS 7: encryption is settled in PRELOGIN.
async fn negotiated(shared: Arc<Shared>, mut tcp: TcpStream, spid: u16) -> io::Result<()> {
    let Some(hello) = expect(&mut tcp, Kind::PreLogin).await? else { return Ok(()) };
    let wish = prelogin::encryption_wish(&hello)?;
    let (answer, settled) = prelogin::settle(shared.encryption, wish);
    answer_prelogin(&mut tcp, spid, answer).await?;
    let encrypted = settled == Settled::Everything;
    match settled {
        Settled::Impossible => Ok(()),
        Settled::Plain => {
            let Some(login) = expect(&mut tcp, Kind::Login7).await? else { return Ok(()) };
            logged_in(shared, Box::new(tcp), &login, spid, encrypted).await
        }
        Settled::LoginOnly => {
            let mut tls = shared.tls.accept_within_packets(tcp).await?;
            let Some(login) = expect(&mut tls, Kind::Login7).await? else { return Ok(()) };
            let tcp = tls.into_inner().0.into_inner();
            logged_in(shared, Box::new(tcp), &login, spid, encrypted).await
        }
        Settled::Everything => {
            let mut tls = shared.tls.accept_within_packets(tcp).await?;
            let Some(login) = expect(&mut tls, Kind::Login7).await? else { return Ok(()) };
            logged_in(shared, Box::new(tls), &login, spid, encrypted).await
        }
    }
}

async fn answer_prelogin(
    io: &mut (impl AsyncWrite + Unpin),
    spid: u16,
    answer: u8,
) -> io::Result<()> {
    let mut out = Writer::new(io, spid);
    out.payload = prelogin::reply(answer);
    out.finish().await
}

/// The next message, which must be of this kind; None where the client has gone.
async fn expect(io: &mut (impl AsyncRead + Unpin), kind: Kind) -> io::Result<Option<Vec<u8>>> {
    match read_message(io).await? {
        None => Ok(None),
        Some(message) if message.kind == kind => Ok(Some(message.payload)),
        Some(_) => Err(invalid("a message out of turn")),
    }
}

/// Checks the login and, if it is right, answers requests.
async fn logged_in(
    shared: Arc<Shared>,
    io: Box<dyn Duplex>,
    login: &[u8],
    spid: u16,
    encrypted: bool,
) -> io::Result<()> {
    let login = Login::parse(login)?;
    let (reader, writer) = tokio::io::split(io);
    let mut out = Writer::new(writer, spid);
    let mut session = Session::new(Arc::clone(&shared), spid, &login.database);
    let allowed = shared.admit(&login).and_then(|()| {
        let database = if login.database.is_empty() { "master" } else { &login.database };
        session.enter(database, &mut out.payload).map_err(|_| {
            let message = format!(
                "Cannot open database \"{database}\" requested by the login. The login failed."
            );
            SqlError::new(4060, 11, message)
        })
    });
    if let Err(error) = allowed {
        out.payload.clear();
        token::error(&mut out.payload, &error);
        token::done(&mut out.payload, Ends::Statement, Done { error: true, ..Done::default() });
        return out.finish().await;
    }
    let size = packet_size(login.packet_size, encrypted);
    acknowledge(&mut out.payload, &login, size);
    shared.log.logins.lock().push(login);
    out.finish().await?;
    out.resize(size);
    answer_requests(session, reader, out).await
}

/// Nothing said means 4,096; a packet within TLS is a record at most.
fn packet_size(wanted: u32, encrypted: bool) -> usize {
    let largest = if encrypted { 16_383 } else { 32_767 };
    match wanted as usize {
        0 => DEFAULT_SIZE,
        wanted => wanted.clamp(512, largest),
    }
}

fn acknowledge(out: &mut Vec<u8>, login: &Login, size: usize) {
    token::change(out, &Change::Collation);
    token::change(out, &Change::Language("us_english"));
    token::info(out, 5703, 1, "Changed language setting to us_english.");
    let [major, minor, high, low, ..] = SERVER_VERSION;
    token::login_ack(out, login.tds_version, [major, minor, high, low]);
    if login.utf8_support {
        token::utf8_ack(out);
    }
    token::change(out, &Change::PacketSize { new: size, old: DEFAULT_SIZE });
    token::done(out, Ends::Statement, Done::default());
}

/// Takes messages from the client, so that its wish to stop is heard while an answer goes out.
async fn listen(
    mut reader: ReadHalf<Box<dyn Duplex>>,
    requests: mpsc::Sender<Message>,
    attention: Arc<Attention>,
) {
    while let Ok(Some(message)) = read_message(&mut reader).await {
        if message.kind == Kind::Attention {
            attention.raise();
        } else if requests.send(message).await.is_err() {
            break;
        }
    }
}

async fn answer_requests<W: AsyncWrite + Unpin>(
    mut session: Session,
    reader: ReadHalf<Box<dyn Duplex>>,
    mut out: Writer<W>,
) -> io::Result<()> {
    let attention = Arc::new(Attention::default());
    let (sender, mut requests) = mpsc::channel(1);
    // A set, because it stops the listener and so closes the connection however this ends.
    let mut listener = JoinSet::new();
    listener.spawn(listen(reader, sender, Arc::clone(&attention)));
    loop {
        tokio::select! {
            biased;
            () = attention.arrived() => {
                attention.take();
                acknowledge_attention(&mut out.payload);
                out.finish().await?;
            }
            request = requests.recv() => {
                let Some(message) = request else { return Ok(()) };
                answer(&mut session, message, &attention, &mut out).await?;
            }
        }
    }
}

fn acknowledge_attention(out: &mut Vec<u8>) {
    token::done(out, Ends::Statement, Done { attention: true, ..Done::default() });
}

async fn answer<W: AsyncWrite + Unpin>(
    session: &mut Session,
    message: Message,
    attention: &Attention,
    out: &mut Writer<W>,
) -> io::Result<()> {
    if message.reset {
        session.reset();
    }
    let request = request::parse(&message)?;
    let fault = session.received(&request);
    out.faulty().arm(fault);
    let ends = if matches!(request, Request::Rpc(_)) { Ends::Procedure } else { Ends::Statement };
    let ran = match request {
        Request::Batch(text) => {
            session.batch(&text, &Default::default(), Ends::Statement, fault, attention, out).await
        }
        Request::Rpc(calls) => rpc::run(session, calls, fault, attention, out).await,
        Request::Transaction(request) => {
            transaction(session, request, &mut out.payload).map_err(Stop::Error)
        }
        Request::Unknown(kind) => {
            Err(SqlError::unsupported(&format!("A message of type {kind:#04x}")).into())
        }
    };
    match ran {
        Ok(()) => {}
        Err(Stop::Io(error)) => return Err(error),
        Err(Stop::Attention) => {
            attention.take();
            acknowledge_attention(&mut out.payload);
        }
        Err(Stop::Error(error)) => {
            token::error(&mut out.payload, &error);
            session.after_error(&error, &mut out.payload);
            token::done(&mut out.payload, ends, Done { error: true, ..Done::default() });
        }
    }
    out.finish().await
}

fn transaction(
    session: &mut Session,
    request: TransactionRequest,
    out: &mut Vec<u8>,
) -> Result<(), SqlError> {
    match request {
        TransactionRequest::Begin(isolation) => {
            session.isolate(isolation);
            session.begin(out);
        }
        TransactionRequest::Commit => session.commit(out)?,
        TransactionRequest::RollBack => session.roll_back(out)?,
    }
    token::done(out, Ends::Statement, Done::default());
    Ok(())
}
