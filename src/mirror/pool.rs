//! The connections into one database: opened when needed, used again only after a whole answer.

use std::sync::{Mutex, PoisonError};

use tiberius::Row;
use tracing::warn;

use super::connection::{Connection, Parameter};
use super::fault::Fault;
use super::queries::Isolation;
use super::retry::Retry;
use super::server::Server;

pub struct Pool {
    server: Server,
    database: String,
    isolation: Isolation,
    retry: Retry,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(server: &Server, database: &str, isolation: Isolation, retry: Retry) -> Self {
        Self {
            server: server.clone(),
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
    pub async fn rows(
        &self,
        what: &str,
        sql: &str,
        parameters: &[Parameter],
    ) -> Result<Vec<Row>, Fault> {
        self.retry
            .run(what, async || {
                let mut rows = Vec::new();
                let take = async |row| {
                    rows.push(row);
                    Ok(())
                };
                self.each_row(sql, parameters, take).await?;
                Ok(rows)
            })
            .await
    }

    /// An answer that the mirror can do without: none, if the server does not give it at once.
    pub async fn optional_rows(&self, what: &str, sql: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        let take = async |row| {
            rows.push(row);
            Ok(())
        };
        match self.each_row(sql, &[], take).await {
            Ok(()) => rows,
            Err(refused) => {
                warn!(what, %refused, "done without");
                Vec::new()
            }
        }
    }

    /// Hands over each row of an answer, at the pace at which it is taken. Tried once.
    pub async fn each_row(
        &self,
        sql: &str,
        parameters: &[Parameter],
        take: impl AsyncFnMut(Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(&self.server, &self.database, self.isolation).await?,
        };
        let connection = connection.each_row(sql, parameters, take).await?;
        self.idle().push(connection);
        Ok(())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Connections are pushed and popped whole, so a poisoned lock does no harm.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
