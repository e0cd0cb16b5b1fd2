//! A session: where it is, what it has begun, and how it answers a request.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;
use tokio::io::AsyncWrite;

use crate::attention::Attention;
use crate::column_metadata;
use crate::databases::{Databases, MASTER};
use crate::error::SqlError;
use crate::faults::Fault;
use crate::literal::Literal;
use crate::lower::Environment;
use crate::packet::Writer;
use crate::prelogin::SERVER_VERSION;
use crate::query::Answer;
use crate::request::Request;
use crate::row::WireRows;
use crate::script::{Isolation, Script, Statement};
use crate::server::Shared;
use crate::sql_type::SqlType;
use crate::token::{self, Change, Done, Ends};

/// Why a request ended early.
#[derive(Debug)]
pub enum Stop {
    /// The client hears of it, and the session goes on.
    Error(SqlError),
    /// The client has said that it wants no more.
    Attention,
    /// The way to the client is broken.
    Io(std::io::Error),
}

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Self::Error(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

#[derive(Debug)]
struct Transaction {
    id: [u8; 8],
    /// What a snapshot transaction sees, from its first query on.
    seen: Option<Arc<Databases>>,
}

/// One client's session.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    spid: u16,
    database: String,
    /// Where the session starts and where a reset brings it back.
    home: String,
    isolation: Isolation,
    transaction: Option<Transaction>,
    transactions: u64,
    /// Statements that were prepared, by their handles.
    pub prepared: HashMap<i32, Prepared>,
}

/// A prepared statement.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub text: String,
    /// `@P1 int, @P2 nvarchar(10)`
    pub declared: String,
}

impl Session {
    pub fn new(shared: Arc<Shared>, spid: u16, database: &str) -> Self {
        let home = if database.is_empty() { MASTER } else { database };
        Self {
            shared,
            spid,
            database: home.into(),
            home: home.into(),
            isolation: Isolation::default(),
            transaction: None,
            transactions: 0,
            prepared: HashMap::new(),
        }
    }

    /// As after login: a pool hands the connection to someone else.
    pub fn reset(&mut self) {
        self.database.clone_from(&self.home);
        self.isolation = Isolation::default();
        self.transaction = None;
        self.prepared.clear();
    }

    /// Notes a request; returns the fault that waits for it.
    pub fn received(&self, request: &Request) -> Option<Fault> {
        let text = request.text();
        let fault = self.shared.faults.take_request(&text);
        self.shared.log.requests.lock().push(text);
        fault
    }

    /// Sets what transactions see; None leaves it.
    pub fn isolate(&mut self, isolation: Option<Isolation>) {
        self.isolation = isolation.unwrap_or(self.isolation);
    }

    /// Runs a batch; each statement but the last says that more follows. In a procedure, so does
    /// the last.
    pub async fn batch<W: AsyncWrite + Unpin>(
        &mut self,
        text: &str,
        parameters: &HashMap<String, Literal>,
        ends: Ends,
        fault: Option<Fault>,
        attention: &Attention,
        out: &mut Writer<W>,
    ) -> Result<(), Stop> {
        let script = Script::parse(text)?;
        let last = script.statements.len().saturating_sub(1);
        let mut fault = fault;
        for (i, statement) in script.statements.into_iter().enumerate() {
            let more = i < last || ends == Ends::InProcedure;
            let mut done = Done { more, ..Done::default() };
            match statement {
                Statement::Query(query) => {
                    let environment = self.environment(parameters);
                    let databases = self.seen()?;
                    let planner = &self.shared.planner;
                    let answer = planner
                        .run(query, databases, &self.database, &environment, &script.spelling)
                        .await?;
                    done.rows = Some(send_rows(answer, fault.take(), attention, out).await?);
                    done.command = token::SELECT;
                }
                Statement::Edit(edit) => {
                    let environment = self.environment(parameters);
                    let Shared { planner, tables, .. } = self.shared.as_ref();
                    done.rows = edit.apply(planner, tables, &self.database, &environment).await?;
                }
                other => self.steer(other, &mut out.payload)?,
            }
            token::done(&mut out.payload, ends, done);
        }
        Ok(())
    }

    /// A statement that changes the session.
    fn steer(&mut self, statement: Statement, out: &mut Vec<u8>) -> Result<(), SqlError> {
        match statement {
            Statement::Use(name) => self.enter(&name, out)?,
            Statement::Isolation(isolation) => self.isolate(Some(isolation)),
            Statement::Begin => self.begin(out),
            Statement::Commit => self.commit(out)?,
            Statement::Rollback => self.roll_back(out)?,
            Statement::Set | Statement::Query(_) | Statement::Edit(_) => {}
        }
        Ok(())
    }

    /// Changes the database and tells the client.
    pub fn enter(&mut self, name: &str, out: &mut Vec<u8>) -> Result<(), SqlError> {
        let databases = self.shared.tables.now();
        let found = databases.get(name).ok_or_else(|| SqlError::no_such_database(name))?;
        let change = Change::Database { new: &found.name, old: &self.database };
        token::change(out, &change);
        token::info(out, 5701, 2, &format!("Changed database context to '{}'.", found.name));
        self.database.clone_from(&found.name);
        Ok(())
    }

    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.transactions += 1;
        let id = self.transactions.to_le_bytes();
        self.transaction = Some(Transaction { id, seen: None });
        token::change(out, &Change::Begun(id));
    }

    pub fn commit(&mut self, out: &mut Vec<u8>) -> Result<(), SqlError> {
        let ended = self.end("COMMIT")?;
        token::change(out, &Change::Committed(ended));
        Ok(())
    }

    pub fn roll_back(&mut self, out: &mut Vec<u8>) -> Result<(), SqlError> {
        let ended = self.end("ROLLBACK")?;
        token::change(out, &Change::RolledBack(ended));
        Ok(())
    }

    fn end(&mut self, how: &str) -> Result<[u8; 8], SqlError> {
        let ended = self.transaction.take().ok_or_else(|| {
            let message =
                format!("The {how} TRANSACTION request has no corresponding BEGIN TRANSACTION.");
            SqlError::new(if how == "COMMIT" { 3902 } else { 3903 }, 16, message)
        })?;
        Ok(ended.id)
    }

    /// The deadlock victim's transaction is gone.
    pub fn after_error(&mut self, error: &SqlError, out: &mut Vec<u8>) {
        if error.number == 1205
            && let Some(transaction) = self.transaction.take()
        {
            token::change(out, &Change::RolledBack(transaction.id));
        }
    }

    /// What a query of this session sees.
    fn seen(&mut self) -> Result<Arc<Databases>, SqlError> {
        let now = self.shared.tables.now();
        if self.isolation != Isolation::Snapshot {
            return Ok(now);
        }
        let allowed = now.get(&self.database).is_some_and(|d| d.id < 5 || d.snapshot_isolation);
        if !allowed {
            let message = format!(
                "Snapshot isolation transaction failed accessing database '{}' because snapshot \
                 isolation is not allowed in this database.",
                self.database
            );
            return Err(SqlError::new(3952, 16, message));
        }
        Ok(match &mut self.transaction {
            Some(transaction) => Arc::clone(transaction.seen.get_or_insert(now)),
            None => now,
        })
    }

    fn environment(&self, parameters: &HashMap<String, Literal>) -> Environment {
        let mut variables = parameters.clone();
        variables.extend([
            ("@@version".to_string(), Literal::text(VERSION)),
            ("@@servername".to_string(), Literal::name(token::SERVER_NAME)),
            ("@@spid".to_string(), Literal::int(self.spid)),
            ("@@trancount".to_string(), Literal::int(i32::from(self.transaction.is_some()))),
            ("@@language".to_string(), Literal::name("us_english")),
            ("@@max_precision".to_string(), Literal::int(38)),
            ("@@microsoftversion".to_string(), Literal::int(i32::from(SERVER_VERSION[0]) << 24)),
        ]);
        Environment { variables, functions: self.functions() }
    }

    fn functions(&self) -> HashMap<String, Literal> {
        let (now, databases) = (Utc::now(), self.shared.tables.now());
        let id = databases.get(&self.database).map_or(0, |d| d.id);
        let [major, minor, high, low, ..] = SERVER_VERSION;
        let version = format!("{major}.{minor}.{}.0", u16::from_be_bytes([high, low]));
        let property = |name: &str, value: Literal| (format!("serverproperty('{name}')"), value);
        HashMap::from([
            ("getdate".into(), Literal::time(now, SqlType::DateTime)),
            ("getutcdate".into(), Literal::time(now, SqlType::DateTime)),
            ("current_timestamp".into(), Literal::time(now, SqlType::DateTime)),
            ("sysutcdatetime".into(), Literal::time(now, SqlType::DateTime2(7))),
            ("sysdatetime".into(), Literal::time(now, SqlType::DateTime2(7))),
            ("db_name".into(), Literal::name(&self.database)),
            ("db_id".into(), Literal::int(id)),
            ("suser_sname".into(), Literal::name("sa")),
            ("min_active_rowversion".into(), databases.next_row_version(&self.database)),
            property("productversion", Literal::name(version)),
            property("productlevel", Literal::name("SP3")),
            property("edition", Literal::name("Developer Edition (64-bit)")),
            property("engineedition", Literal::int(3)),
            property("servername", Literal::name(token::SERVER_NAME)),
            property("machinename", Literal::name(token::SERVER_NAME)),
            property("collation", Literal::name(token::COLLATION_NAME)),
            property("ishadrenabled", Literal::int(0)),
        ])
    }
}

/// What SQL Server prints of itself begins so; the rest says what this is.
const VERSION: &str = "Microsoft SQL Server 2016 (tds-server, a server for tests)";

/// Rows are put together up to about this many bytes before they are sent.
const SEND_FROM: usize = 64 * 1024;

/// Sends columns and rows as the client takes them; returns how many rows.
async fn send_rows<W: AsyncWrite + Unpin>(
    mut answer: Answer,
    fault: Option<Fault>,
    attention: &Attention,
    out: &mut Writer<W>,
) -> Result<u64, Stop> {
    let error = match fault {
        Some(Fault::Error { number, after_rows }) => Some((number, after_rows)),
        _ => None,
    };
    column_metadata::put(&mut out.payload, &answer.columns);
    let mut sent = 0;
    loop {
        let next = tokio::select! {
            biased;
            () = attention.arrived() => return Err(Stop::Attention),
            next = answer.rows.next() => next,
        };
        let Some(batch) = next else { break };
        let rows = WireRows::new(&batch.map_err(SqlError::from)?, &answer.columns)?;
        for row in 0..rows.len() {
            if error.is_some_and(|(_, after)| sent == after) {
                break;
            }
            rows.put(row, &mut out.payload);
            sent += 1;
            if out.payload.len() >= SEND_FROM {
                out.send_full().await?;
                if attention.is_waiting() {
                    return Err(Stop::Attention);
                }
            }
        }
        if error.is_some_and(|(_, after)| sent == after) {
            break;
        }
    }
    match error {
        Some((number, _)) => Err(SqlError::numbered(number).into()),
        None => Ok(sent),
    }
}
