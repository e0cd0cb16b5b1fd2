//! The server: what it is set up with, and what it serves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::Notify;

use crate::connection;
use crate::databases::{MASTER, Tables};
use crate::error::SqlError;
use crate::faults::Faults;
use crate::login::Login;
use crate::lower::Environment;
use crate::mirror;
use crate::prelogin::Encryption;
use crate::query::Planner;
use crate::script::{Script, Statement};
use crate::table::TableSpec;
use crate::tls::Tls;

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    pub tables: Tables,
    pub planner: Planner,
    pub faults: Faults,
    pub tls: Tls,
    pub encryption: Encryption,
    pub log: Log,
    user: String,
    password: String,
    /// Wakes every connection to its end.
    kill: Notify,
}

/// What clients have done.
#[derive(Debug, Default)]
pub struct Log {
    pub logins: Mutex<Vec<Login>>,
    /// Texts of the requests, in the order in which they came.
    pub requests: Mutex<Vec<String>>,
}

impl Shared {
    /// Whether this login may come in.
    pub fn admit(&self, login: &Login) -> Result<(), SqlError> {
        if login.integrated {
            let message = "Login failed. The login is from an untrusted domain and cannot be used \
                           with Integrated authentication.";
            return Err(SqlError::new(18_452, 14, message));
        }
        let known = login.user.eq_ignore_ascii_case(&self.user) && login.password == self.password;
        if !known || self.faults.take_login() {
            return Err(SqlError::login_failed(&login.user));
        }
        Ok(())
    }
}

/// Sets a server up. Unless told otherwise: user `sa`, password `Passw0rd!`, TLS offered.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    user: String,
    password: String,
    encryption: Encryption,
    port: u16,
    tables: Tables,
    planner: Planner,
}

impl Builder {
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.user = user.into();
        self.password = password.into();
        self
    }

    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = encryption;
        self
    }

    /// A port of the loopback interface; 0, which is the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves a table.
    ///
    /// # Errors
    /// Rows that do not fit their columns.
    pub fn table(self, spec: TableSpec) -> Result<Self, SqlError> {
        self.tables.create(spec)?;
        Ok(self)
    }

    /// Serves the tables of a mirror, read from its files whenever they are asked for.
    ///
    /// # Errors
    /// The mirror cannot be opened.
    pub fn mirror(self, dir: &Path) -> Result<Self, cdrql::Error> {
        mirror::serve(dir, &self.tables, &self.planner)?;
        Ok(self)
    }

    /// Serves the tables of a mirror, held in memory.
    ///
    /// # Errors
    /// The mirror cannot be opened or read.
    pub fn hold(self, dir: &Path) -> Result<Self, cdrql::Error> {
        mirror::hold(dir, &self.tables)?;
        Ok(self)
    }

    /// Serves the tables of the sample, held in memory so that they can be changed.
    ///
    /// # Errors
    /// The sample's files are damaged.
    pub fn sample(self) -> Result<Self, cdrql::Error> {
        mirror::hold_sample(&self.tables)?;
        Ok(self)
    }

    /// Starts to listen.
    pub fn start(self) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime =
            runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let shared = Arc::new(Shared {
            tables: self.tables,
            planner: self.planner,
            faults: Faults::default(),
            tls: Tls::new()?,
            encryption: self.encryption,
            log: Log::default(),
            user: self.user,
            password: self.password,
            kill: Notify::new(),
        });
        let listener = {
            let _guard = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(accept(Arc::clone(&shared), listener));
        Ok(Server { shared, address, runtime: Some(runtime) })
    }
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    /// Ids below this are the system's own.
    const FIRST_SPID: u16 = 51;
    let mut spid = FIRST_SPID;
    while let Ok((tcp, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let killed = Arc::clone(&shared);
            // A client that breaks off, and a fault on command, end here: nobody is to be told.
            tokio::select! {
                () = killed.kill.notified() => {}
                _ended = connection::serve(shared, tcp, spid) => {}
            }
        });
        spid = spid.checked_add(1).unwrap_or(FIRST_SPID);
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Some until it is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    pub fn builder() -> Builder {
        Builder {
            user: "sa".into(),
            password: "Passw0rd!".into(),
            encryption: Encryption::default(),
            port: 0,
            tables: Tables::default(),
            planner: Planner::default(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What is served; it can be changed at any time.
    pub fn tables(&self) -> &Tables {
        &self.shared.tables
    }

    /// Changes rows by INSERT, UPDATE and DELETE, which name their tables in full.
    ///
    /// # Errors
    /// There is no such table, a value does not fit, or the text is not understood. What stands
    /// before the statement that fails has been done.
    pub fn execute(&self, text: &str) -> Result<(), SqlError> {
        let script = Script::parse(text)?;
        let shared = Arc::clone(&self.shared);
        self.block_on(async move {
            for statement in script.statements {
                let Statement::Edit(edit) = statement else {
                    return Err(SqlError::unsupported("Anything but INSERT, UPDATE and DELETE"));
                };
                let environment = Environment::default();
                edit.apply(&shared.planner, &shared.tables, MASTER, &environment).await?;
            }
            Ok(())
        })
    }

    /// Waits for work on the server's own threads: the caller may be inside another runtime.
    fn block_on<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, SqlError>> + Send + 'static,
    ) -> Result<T, SqlError> {
        let stopped = || SqlError::new(50_000, 16, "the server has stopped");
        let runtime = self.runtime.as_ref().ok_or_else(stopped)?;
        let (sender, receiver) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            // Who asked is waiting below.
            let _ = sender.send(work.await);
        });
        receiver.recv().map_err(|_| stopped())?
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The certificate, in PEM, that clients must trust to trust this server.
    pub fn authority_pem(&self) -> &str {
        &self.shared.tls.authority_pem
    }

    /// Logins that were admitted, in order.
    pub fn logins(&self) -> Vec<Login> {
        self.shared.log.logins.lock().clone()
    }

    /// Texts of the requests, in order; of a procedure, its parameters.
    pub fn requests(&self) -> Vec<String> {
        self.shared.log.requests.lock().clone()
    }

    /// Cuts every connection, as a server that dies does; new ones are taken.
    pub fn kill_connections(&self) {
        self.shared.kill.notify_waiters();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
