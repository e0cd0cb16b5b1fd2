//! One connection into one database.
//!
//! Whatever uses a connection takes it and hands it back only when the answer was read to its end:
//! a query that failed or was dropped takes its connection with it, and the next one opens anew.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::FutureExt;
use tiberius::error::Error as DriverError;
use tiberius::{Client, Row};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};
use tracing::{debug, warn};

use super::batches::Batches;
use super::browser;
use super::fault::{self, Fault, while_reading};
use super::queries::{self, Isolation};
use super::server::{Port, Server};
use super::wire::{self, Answer, Carrier, Channel, Incoming, Step, Tls, send_batch};
use crate::Error;

pub struct Connection {
    client: Client<Compat<Carrier>>,
    /// The same way to the server, past the driver.
    carrier: Carrier,
    packet_size: usize,
    patience: Duration,
}

impl Connection {
    /// Connects, logs in and makes the session gentle.
    pub async fn open(
        server: &Server,
        tls: Option<&Tls>,
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
        let carrier = Channel::open(address, port, tls).await?;
        let login = Client::connect(server.config(port, database), carrier.clone().compat_write());
        let client = unpanicked(login)
            .await?
            .map_err(|cause| fault::while_connecting(address, database, &cause))?;
        debug!(%address, database, "connected");
        let packet_size = wire::agreed_packet_size(&carrier.take_login());
        let connection = Self { client, carrier, packet_size, patience: server.patience };
        connection.make_gentle(isolation).await
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

    /// A small answer, whole.
    pub async fn rows(mut self, sql: &str) -> Result<(Self, Vec<Row>), Fault> {
        let read = async { self.client.simple_query(sql).await?.into_first_result().await };
        let rows = unpanicked(read).await?.map_err(|cause| while_reading(&cause))?;
        Ok((self, rows))
    }

    /// A large answer, batch by batch; what takes them slowly slows the server down.
    pub async fn batches(
        mut self,
        sql: &str,
        batches: &mut Batches<'_>,
        mut take: impl AsyncFnMut(RecordBatch) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let sent = send_batch(&mut self.carrier, sql, self.packet_size).await;
        sent.map_err(|cause| fault::lost(&cause))?;
        let mut answer = Answer::new(Incoming::new(self.carrier.clone(), self.patience));
        loop {
            match answer.step().map_err(|cause| fault::lost(&cause))? {
                Step::Wait => answer.more().await.map_err(|cause| fault::lost(&cause))?,
                Step::Columns(columns) => batches.begin(columns)?,
                Step::Row(row) => {
                    if let Some(batch) = batches.push(row)? {
                        take(batch).await?;
                    }
                }
                Step::Error(number, message) => return Err(fault::by_code(number, message)),
                Step::End => break,
            }
        }
        if let Some(batch) = batches.finish()? {
            take(batch).await?;
        }
        Ok(self)
    }
}

/// Bytes that nobody expected may make the driver panic; the connection is lost then, no more.
async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_panic| {
        Fault::Passing(Error::source("the server's answer could not be understood"))
    })
}
