//! The procedures by which drivers run statements with parameters.

use std::collections::HashMap;

use tokio::io::AsyncWrite;

use crate::attention::Attention;
use crate::bytes::Put;
use crate::column_metadata::WireColumn;
use crate::error::SqlError;
use crate::faults::Fault;
use crate::literal::Literal;
use crate::packet::Writer;
use crate::request::{Call, Parameter, Procedure};
use crate::session::{Prepared, Session, Stop};
use crate::sql_type::SqlType;
use crate::token::{self, Done, Ends};

const RETURNVALUE: u8 = 0xAC;

/// Runs the calls of a message.
pub async fn run<W: AsyncWrite + Unpin>(
    session: &mut Session,
    calls: Vec<Call>,
    fault: Option<Fault>,
    attention: &Attention,
    out: &mut Writer<W>,
) -> Result<(), Stop> {
    let last = calls.len().saturating_sub(1);
    for (i, call) in calls.into_iter().enumerate() {
        let handle = handle_of(session, &call)?;
        if let Some((text, parameters)) = statement(session, &call)? {
            let ends = Ends::InProcedure;
            session.batch(&text, &parameters, ends, fault, attention, out).await?;
        }
        token::return_status(&mut out.payload, 0);
        if let Some(handle) = handle {
            return_handle(&mut out.payload, handle);
        }
        let done = Done { more: i < last, ..Done::default() };
        token::done(&mut out.payload, Ends::Procedure, done);
    }
    Ok(())
}

/// Prepares what is to be prepared; returns its handle.
fn handle_of(session: &mut Session, call: &Call) -> Result<Option<i32>, SqlError> {
    let prepared = match call.procedure {
        Procedure::Prepare | Procedure::PrepExec => {
            Prepared { text: text(call, 2)?, declared: declared(call) }
        }
        Procedure::Unprepare => {
            let handle = number(call, 0)?;
            session.prepared.remove(&handle);
            return Ok(None);
        }
        Procedure::ResetConnection => {
            session.reset();
            return Ok(None);
        }
        _ => return Ok(None),
    };
    let handle = session.prepared.keys().max().map_or(1, |last| last + 1);
    session.prepared.insert(handle, prepared);
    Ok(Some(handle))
}

/// A text and the values of its variables.
type Bound = (String, HashMap<String, Literal>);

/// What a call runs: a text and the values of its variables.
fn statement(session: &Session, call: &Call) -> Result<Option<Bound>, SqlError> {
    let values = |skip: usize| call.parameters.iter().skip(skip);
    match &call.procedure {
        Procedure::ExecuteSql => Ok(Some((text(call, 0)?, bind(&declared(call), values(2))))),
        Procedure::PrepExec => Ok(Some((text(call, 2)?, bind(&declared(call), values(3))))),
        Procedure::Execute => {
            let handle = number(call, 0)?;
            let missing = || {
                let message = format!("Could not find prepared statement with handle {handle}.");
                SqlError::new(8179, 16, message)
            };
            let prepared = session.prepared.get(&handle).ok_or_else(missing)?;
            Ok(Some((prepared.text.clone(), bind(&prepared.declared, values(1)))))
        }
        Procedure::Prepare | Procedure::Unprepare | Procedure::ResetConnection => Ok(None),
        Procedure::Other(name) => {
            Err(SqlError::new(2812, 16, format!("Could not find stored procedure '{name}'.")))
        }
    }
}

/// The declaration of the variables, which every procedure takes as its second parameter.
fn declared(call: &Call) -> String {
    call.parameters.get(1).and_then(|p| p.value.text.clone()).unwrap_or_default()
}

/// Parameters by name, in their declared types; one without a name takes the name declared in its
/// place, or `@P1`, `@P2`.
fn bind<'a>(
    declared: &str,
    parameters: impl Iterator<Item = &'a Parameter>,
) -> HashMap<String, Literal> {
    let declared = declarations(declared);
    let bound = parameters.enumerate().map(|(i, parameter)| {
        let name = match (parameter.name.as_str(), declared.get(i)) {
            ("", Some((name, _))) => name.clone(),
            ("", None) => format!("@p{}", i + 1),
            (name, _) => name.to_string(),
        };
        let declaration = declared.iter().find(|(declared, _)| *declared == name);
        let sql_type = declaration.map_or(parameter.value.sql_type, |(_, sql_type)| *sql_type);
        (name, Literal { sql_type, ..parameter.value.clone() })
    });
    bound.collect()
}

/// Names, folded, and types of `@P1 int, @P2 decimal(5,2) output`; types unknown here are left out.
fn declarations(text: &str) -> Vec<(String, SqlType)> {
    let mut depth = 0;
    let parts = text.split(|c: char| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    let declaration = |part: &str| {
        let (name, sql_type) = part.trim().split_once(char::is_whitespace)?;
        let sql_type = sql_type.to_lowercase().replace(" output", "").parse().ok()?;
        Some((name.to_lowercase(), sql_type))
    };
    parts.filter_map(declaration).collect()
}

fn text(call: &Call, at: usize) -> Result<String, SqlError> {
    let text = call.parameters.get(at).and_then(|p| p.value.text.clone());
    text.ok_or_else(|| {
        SqlError::new(
            214,
            16,
            "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.",
        )
    })
}

fn number(call: &Call, at: usize) -> Result<i32, SqlError> {
    let text = call.parameters.get(at).and_then(|p| p.value.text.as_deref());
    text.and_then(|t| t.parse().ok()).ok_or_else(|| {
        SqlError::new(214, 16, "Procedure expects parameter '@handle' of type 'int'.")
    })
}

/// The handle of a prepared statement, as an output parameter.
fn return_handle(out: &mut Vec<u8>, handle: i32) {
    let (ordinal, output) = (0_u16, 1);
    out.push(RETURNVALUE);
    out.put(ordinal.to_le_bytes());
    out.put_b_varchar("@handle");
    out.push(output);
    let (user_type, flags) = ([0; 4], [0; 2]);
    out.put(user_type);
    out.put(flags);
    let column = WireColumn {
        name: String::new(),
        sql_type: SqlType::Int,
        nullable: true,
        utf8: false,
        computed: false,
    };
    column.type_info(out);
    out.push(4);
    out.put(handle.to_le_bytes());
}
