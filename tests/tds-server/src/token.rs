//! Tokens of a reply other than rows (MS-TDS 2.2.7).

use crate::bytes::Put;
use crate::error::SqlError;

/// The name that the server gives itself in messages.
pub const SERVER_NAME: &str = "TDS-SERVER";

/// The collation of the server and of every database: SQL_Latin1_General_CP1_CI_AS.
pub const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];

/// The name of [`COLLATION`].
pub const COLLATION_NAME: &str = "SQL_Latin1_General_CP1_CI_AS";

/// Latin1_General_100_CI_AS_SC_UTF8: version 100, case and kana and width ignored, in UTF-8.
pub const UTF8_COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x24, 0x00];

/// The name of [`UTF8_COLLATION`].
pub const UTF8_COLLATION_NAME: &str = "Latin1_General_100_CI_AS_SC_UTF8";

const ENVCHANGE: u8 = 0xE3;
const ERROR: u8 = 0xAA;
const INFO: u8 = 0xAB;
const LOGINACK: u8 = 0xAD;
const FEATUREEXTACK: u8 = 0xAE;
const RETURNSTATUS: u8 = 0x79;

/// Something about the session that changed; the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    Database { new: &'a str, old: &'a str },
    Language(&'a str),
    PacketSize { new: usize, old: usize },
    Collation,
    Begun([u8; 8]),
    Committed([u8; 8]),
    RolledBack([u8; 8]),
}

pub fn change(out: &mut Vec<u8>, change: &Change<'_>) {
    sized(out, ENVCHANGE, |out| match change {
        Change::Database { new, old } => texts(out, 1, new, old),
        Change::Language(new) => texts(out, 2, new, ""),
        Change::PacketSize { new, old } => texts(out, 4, &new.to_string(), &old.to_string()),
        Change::Collation => {
            out.put([7, 5]);
            out.put(COLLATION);
            out.push(0);
        }
        Change::Begun(id) => {
            out.put([8, 8]);
            out.put(id);
            out.push(0);
        }
        Change::Committed(id) => ended(out, 9, id),
        Change::RolledBack(id) => ended(out, 10, id),
    });
}

fn texts(out: &mut Vec<u8>, kind: u8, new: &str, old: &str) {
    out.push(kind);
    out.put_b_varchar(new);
    out.put_b_varchar(old);
}

fn ended(out: &mut Vec<u8>, kind: u8, id: &[u8; 8]) {
    out.put([kind, 0, 8]);
    out.put(id);
}

/// A token whose length in bytes follows its type.
fn sized(out: &mut Vec<u8>, token: u8, content: impl FnOnce(&mut Vec<u8>)) {
    let mut body = Vec::new();
    content(&mut body);
    out.push(token);
    // Messages are cut to what fits before they come here.
    out.put((body.len() as u16).to_le_bytes());
    out.put(body);
}

pub fn error(out: &mut Vec<u8>, error: &SqlError) {
    sized(out, ERROR, |out| message(out, error));
}

/// A notice: number, state and text; nothing went wrong.
pub fn info(out: &mut Vec<u8>, number: i32, state: u8, text: &str) {
    let notice = SqlError { number, state, class: 0, message: text.into(), line: 1 };
    sized(out, INFO, |out| message(out, &notice));
}

fn message(out: &mut Vec<u8>, message: &SqlError) {
    /// SQL Server cuts its messages at this many characters.
    const LONGEST: usize = 2047;
    let text: String = message.message.chars().take(LONGEST).collect();
    out.put(message.number.to_le_bytes());
    out.put([message.state, message.class]);
    out.put_us_varchar(&text);
    out.put_b_varchar(SERVER_NAME);
    out.put_b_varchar("");
    out.put(message.line.to_le_bytes());
}

/// The highest version of TDS 7.
const TDS_7_4: u32 = 0x7400_0004;

/// Acknowledges a login in the client's version of TDS, if that is not above the server's.
pub fn login_ack(out: &mut Vec<u8>, tds_version: u32, version: [u8; 4]) {
    sized(out, LOGINACK, |out| {
        let t_sql = 1;
        out.push(t_sql);
        out.put(tds_version.min(TDS_7_4).to_be_bytes());
        // SQL Server ends its name with two zeros.
        out.put_b_varchar("Microsoft SQL Server\0\0");
        out.put(version);
    });
}

/// The server speaks UTF-8 in `varchar` too.
pub fn utf8_ack(out: &mut Vec<u8>) {
    out.put([FEATUREEXTACK, 0x0A, 1, 0, 0, 0, 1, 0xFF]);
}

pub fn return_status(out: &mut Vec<u8>, status: i32) {
    out.push(RETURNSTATUS);
    out.put(status.to_le_bytes());
}

/// Which of the three tokens ends a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// A statement of a batch.
    Statement,
    /// A statement within a procedure.
    InProcedure,
    Procedure,
}

/// The end of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    pub more: bool,
    pub error: bool,
    /// The answer to the client's wish to stop.
    pub attention: bool,
    pub command: u16,
    pub rows: Option<u64>,
}

/// `command` of SELECT.
pub const SELECT: u16 = 0xC1;

pub fn done(out: &mut Vec<u8>, ends: Ends, done: Done) {
    let flag = |on: bool, bit: u16| if on { bit } else { 0 };
    let status = flag(done.more, 0x01)
        | flag(done.error, 0x02)
        | flag(done.rows.is_some(), 0x10)
        | flag(done.attention, 0x20);
    out.push(match ends {
        Ends::Statement => 0xFD,
        Ends::Procedure => 0xFE,
        Ends::InProcedure => 0xFF,
    });
    out.put(status.to_le_bytes());
    out.put(done.command.to_le_bytes());
    out.put(done.rows.unwrap_or(0).to_le_bytes());
}
