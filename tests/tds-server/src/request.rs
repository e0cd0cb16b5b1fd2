//! What a client asks for after login (MS-TDS 2.2.6.6, 2.2.6.7, 2.2.6.9).

use std::io;

use crate::bytes::{Reader, utf16};
use crate::literal::Literal;
use crate::packet::{Kind, Message, invalid};
use crate::parameter;
use crate::script::Isolation;

/// A request.
#[derive(Debug, PartialEq)]
pub enum Request {
    /// The text of a batch.
    Batch(String),
    /// Calls of procedures, one after the other.
    Rpc(Vec<Call>),
    Transaction(TransactionRequest),
    /// The message's type.
    Unknown(u8),
}

/// A call of a procedure: by its name, or by its number where it has one.
#[derive(Debug, PartialEq)]
pub struct Call {
    pub procedure: Procedure,
    pub parameters: Vec<Parameter>,
}

/// The procedures that drivers call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Procedure {
    ExecuteSql,
    Prepare,
    Execute,
    PrepExec,
    Unprepare,
    ResetConnection,
    Other(String),
}

/// A parameter; drivers leave names of positional ones empty.
#[derive(Debug, PartialEq)]
pub struct Parameter {
    /// Folded, with its `@`.
    pub name: String,
    pub value: Literal,
}

/// A transaction begun or ended by message instead of by statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionRequest {
    /// None leaves the level as it is.
    Begin(Option<Isolation>),
    Commit,
    RollBack,
}

impl Request {
    /// Text by which a fault finds its request.
    pub fn text(&self) -> String {
        match self {
            Self::Batch(text) => text.clone(),
            Self::Rpc(calls) => {
                let texts = calls.iter().flat_map(|c| &c.parameters);
                texts.filter_map(|p| p.value.text.clone()).collect::<Vec<_>>().join("\n")
            }
            Self::Transaction(_) | Self::Unknown(_) => String::new(),
        }
    }
}

pub fn parse(message: &Message) -> io::Result<Request> {
    Ok(match message.kind {
        Kind::SqlBatch => Request::Batch(utf16(after_headers(&message.payload)?.0)),
        Kind::Rpc => Request::Rpc(calls(after_headers(&message.payload)?)?),
        Kind::TransactionManager => transaction(after_headers(&message.payload)?)?,
        Kind::Other(kind) => Request::Unknown(kind),
        Kind::Attention | Kind::PreLogin | Kind::Login7 => {
            return Err(invalid("a message out of turn"));
        }
    })
}

/// What follows ALL_HEADERS, whose length stands in front of them.
fn after_headers(payload: &[u8]) -> io::Result<Reader<'_>> {
    let length = Reader(payload).u32()? as usize;
    let rest = payload.get(length..).filter(|_| length >= 4);
    rest.map(Reader).ok_or_else(|| invalid("headers longer than their message"))
}

fn transaction(mut reader: Reader<'_>) -> io::Result<Request> {
    const BEGIN: u16 = 5;
    const COMMIT: u16 = 7;
    const ROLLBACK: u16 = 8;
    Ok(match reader.u16()? {
        BEGIN => Request::Transaction(TransactionRequest::Begin(match reader.u8()? {
            1 => Some(Isolation::ReadUncommitted),
            2 => Some(Isolation::ReadCommitted),
            3 => Some(Isolation::RepeatableRead),
            4 => Some(Isolation::Serializable),
            5 => Some(Isolation::Snapshot),
            _ => None,
        })),
        COMMIT => Request::Transaction(TransactionRequest::Commit),
        ROLLBACK => Request::Transaction(TransactionRequest::RollBack),
        _ => Request::Unknown(0x0E),
    })
}

/// Stands between two calls of one message.
const BATCH_FLAGS: [u8; 3] = [0x80, 0xFF, 0xFE];

fn calls(mut reader: Reader<'_>) -> io::Result<Vec<Call>> {
    let mut calls = Vec::new();
    while !reader.is_empty() {
        let procedure = procedure(&mut reader)?;
        let _options = reader.u16()?;
        let mut parameters = Vec::new();
        while reader.0.first().is_some_and(|next| !BATCH_FLAGS.contains(next)) {
            parameters.push(self::parameter(&mut reader)?);
        }
        if !reader.is_empty() {
            reader.u8()?;
        }
        calls.push(Call { procedure, parameters });
    }
    Ok(calls)
}

fn procedure(reader: &mut Reader<'_>) -> io::Result<Procedure> {
    const BY_NUMBER: u16 = 0xFFFF;
    let length = reader.u16()?;
    if length != BY_NUMBER {
        let name = reader.utf16(length.into())?.to_lowercase();
        let name = name.rsplit('.').next().unwrap_or_default();
        return Ok(match name.trim_matches(['[', ']']) {
            "sp_executesql" => Procedure::ExecuteSql,
            "sp_prepare" => Procedure::Prepare,
            "sp_execute" => Procedure::Execute,
            "sp_prepexec" => Procedure::PrepExec,
            "sp_unprepare" => Procedure::Unprepare,
            "sp_reset_connection" => Procedure::ResetConnection,
            other => Procedure::Other(other.into()),
        });
    }
    Ok(match reader.u16()? {
        10 => Procedure::ExecuteSql,
        11 => Procedure::Prepare,
        12 => Procedure::Execute,
        13 => Procedure::PrepExec,
        15 => Procedure::Unprepare,
        other => Procedure::Other(format!("procedure number {other}")),
    })
}

fn parameter(reader: &mut Reader<'_>) -> io::Result<Parameter> {
    let name = reader.b_varchar()?.to_lowercase();
    let _by_reference_or_default = reader.u8()?;
    Ok(Parameter { name, value: parameter::read(reader)? })
}
