//! One connection into one database.
//!
//! Whatever uses a connection takes it and hands it back only when the answer was read to its end:
//! a query that failed or was dropped takes its connection with it, and the next one opens anew.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::{FutureExt, TryStreamExt};
use tiberius::error::Error as DriverError;
use tiberius::{Client, Query, Row};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};
use tracing::{debug, warn};

use super::fault::{self, Fault};
use super::queries::{self, Isolation};
use super::server::{Port, Server};
use super::{browser, fault::while_reading};
use crate::Error;

/// How long the network may take to answer at all.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);

pub struct Connection {
    client: Client<Compat<TcpStream>>,
}

/// A value bound to `@P1`, `@P2`, ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    Text(String),
    Bytes(Vec<u8>),
}

impl Connection {
    /// Connects, logs in and makes the session gentle.
    pub async fn open(
        server: &Server,
        database: &str,
        isolation: Isolation,
    ) -> Result<Self, Fault> {
        let address = &server.address;
        let port = match &address.port {
            Port::Number(port) => *port,
            Port::Instance(name) => {
                browser::port_of(&address.host, name).await.map_err(Fault::Passing)?
            }
        };
        let unreachable = |cause: String| {
            let message = format!("{address}: cannot be reached: {cause}");
            Fault::Passing(
                Error::source(message).hinted("check the name, the port and the firewall"),
            )
        };
        let tcp = timeout(CONNECT_PATIENCE, TcpStream::connect((address.host.as_str(), port)))
            .await
            .map_err(|_| unreachable(format!("no answer in {} s", CONNECT_PATIENCE.as_secs())))?
            .map_err(|cause| unreachable(cause.to_string()))?;
        tcp.set_nodelay(true).map_err(|cause| unreachable(cause.to_string()))?;
        let login = Client::connect(server.config(port, database), tcp.compat_write());
        let client = unpanicked(login)
            .await?
            .map_err(|cause| fault::while_connecting(address, database, &cause))?;
        debug!(%address, database, "connected");
        Self { client }.make_gentle(isolation).await
    }

    async fn make_gentle(mut self, isolation: Isolation) -> Result<Self, Fault> {
        for setting in queries::SESSION {
            match self.batch(setting).await? {
                Err(DriverError::Server(refused)) => {
                    warn!(setting, refused = refused.message(), "not known to the server");
                }
                other => other.map_err(|cause| while_reading(&cause))?,
            }
        }
        self.batch(isolation.set()).await?.map_err(|cause| while_reading(&cause))?;
        Ok(self)
    }

    /// A batch without an answer. A server error leaves the connection as it was.
    async fn batch(&mut self, sql: &str) -> Result<Result<(), DriverError>, Fault> {
        let run = async { self.client.simple_query(sql).await?.into_results().await };
        Ok(unpanicked(run).await?.map(|_| ()))
    }

    /// Hands over each row of an answer; what takes them slowly slows the server down.
    pub async fn each_row(
        mut self,
        sql: &str,
        parameters: &[Parameter],
        mut take: impl AsyncFnMut(Row) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let mut query = Query::new(sql);
        for parameter in parameters {
            match parameter {
                Parameter::Text(text) => query.bind(text.as_str()),
                Parameter::Bytes(bytes) => query.bind(bytes.as_slice()),
            }
        }
        let read = async {
            let answer = query.query(&mut self.client).await;
            let mut rows = answer.map_err(|cause| while_reading(&cause))?.into_row_stream();
            while let Some(row) = rows.try_next().await.map_err(|cause| while_reading(&cause))? {
                take(row).await?;
            }
            Ok::<_, Fault>(())
        };
        unpanicked(read).await??;
        Ok(self)
    }
}

/// Bytes that nobody expected may make the driver panic; the connection is lost then, no more.
async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_panic| {
        Fault::Passing(Error::source("the server's answer could not be understood"))
    })
}
