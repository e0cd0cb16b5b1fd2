//! The connections into one database: opened when needed, used again only after a whole answer.

use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use tiberius::Row;
use tracing::warn;

use super::batches::Batches;
use super::connection::Connection;
use super::fault::Fault;
use super::queries::Isolation;
use super::retry::Retry;
use super::server::Server;
use super::wire::Tls;

pub struct Pool {
    server: Server,
    tls: Option<Tls>,
    database: String,
    isolation: Isolation,
    retry: Retry,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(
        server: &Server,
        tls: Option<&Tls>,
        database: &str,
        isolation: Isolation,
        retry: Retry,
    ) -> Self {
        Self {
            server: server.clone(),
            tls: tls.cloned(),
            database: database.into(),
            isolation,
            retry,
            idle: Mutex::default(),
        }
    }

    pub fn retry(&self) -> &Retry {
        &self.retry
    }

    /// A small answer, whole; tried again if need be.
    pub async fn rows(&self, what: &str, sql: &str) -> Result<Vec<Row>, Fault> {
        self.retry.run(what, async || self.rows_once(sql).await).await
    }

    /// An answer that the mirror can do without: none, if the server does not give it at once.
    pub async fn optional_rows(&self, what: &str, sql: &str) -> Vec<Row> {
        self.rows_once(sql).await.unwrap_or_else(|refused| {
            warn!(what, %refused, "done without");
            Vec::new()
        })
    }

    async fn rows_once(&self, sql: &str) -> Result<Vec<Row>, Fault> {
        let (connection, rows) = self.connection().await?.rows(sql).await?;
        self.idle().push(connection);
        Ok(rows)
    }

    /// Hands over an answer in batches, at the pace at which they are taken. Tried once.
    pub async fn batches(
        &self,
        sql: &str,
        batches: &mut Batches<'_>,
        take: impl AsyncFnMut(RecordBatch) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let connection = self.connection().await?.batches(sql, batches, take).await?;
        self.idle().push(connection);
        Ok(())
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        let idle = self.idle().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let tls = self.tls.as_ref();
                Connection::open(&self.server, tls, &self.database, self.isolation).await
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Connections are pushed and popped whole, so a poisoned lock does no harm.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
