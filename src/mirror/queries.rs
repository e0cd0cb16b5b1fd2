//! Every SQL text that the mirror sends: plain T-SQL, for SQL Server 2008 R2 and later and for what
//! speaks its language.
//!
//! A connection is opened *in* its database, so names have two parts. Nothing sorts on the server:
//! a sort costs its memory and its disk, and our rows are sorted anyway before they are written.

use std::fmt;

use chrono::{DateTime, Utc};

/// Makes a session gentle: a batch of its own each, so that a server that does not know one still
/// takes the others.
pub const SESSION: [&str; 4] = [
    "SET LOCK_TIMEOUT 30000",
    "SET DEADLOCK_PRIORITY LOW",
    "SET TEXTSIZE 2147483647",
    "SET NOCOUNT ON",
];

/// What a chunk's one SELECT may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    Snapshot,
    ReadCommitted,
    /// Dirty reads: rows may be missed, doubled or never have been.
    ReadUncommitted,
}

impl Isolation {
    pub fn set(self) -> &'static str {
        match self {
            Self::Snapshot => "SET TRANSACTION ISOLATION LEVEL SNAPSHOT",
            Self::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Self::ReadUncommitted => "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
        }
    }
}

/// Server name and version, for the log; a server that does not answer is read all the same.
pub const SERVER: &str = "SELECT CONVERT(nvarchar(128), @@SERVERNAME) AS server_name, \
    CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version";

/// The database as it spells itself, what tells it from another one of that name, whether it allows
/// snapshot isolation, and the server's clock.
pub const DATABASE: &str = "SELECT name AS database_name, service_broker_guid AS database_guid, \
    create_date, snapshot_isolation_state, GETUTCDATE() AS utc_now \
    FROM sys.databases WHERE name = DB_NAME()";

pub const TABLES: &str = "SELECT s.name AS schema_name, t.name AS table_name, t.object_id, \
    t.is_ms_shipped \
    FROM sys.tables AS t \
    JOIN sys.schemas AS s ON s.schema_id = t.schema_id";

/// `declared_type` may be an alias; `base_type` is what it stands for, NULL for a CLR type.
pub const COLUMNS: &str = "SELECT c.object_id, c.column_id, c.name AS column_name, \
    c.max_length, c.[precision], c.[scale], c.is_nullable, c.collation_name, \
    declared.name AS declared_type, base.name AS base_type \
    FROM sys.columns AS c \
    JOIN sys.tables AS t ON t.object_id = c.object_id \
    JOIN sys.types AS declared ON declared.user_type_id = c.user_type_id \
    LEFT JOIN sys.types AS base ON base.user_type_id = c.system_type_id";

/// The key columns of every index.
pub const INDEXES: &str = "SELECT i.object_id, i.index_id, i.is_primary_key, i.is_unique, \
    i.has_filter, i.is_disabled, i.is_hypothetical, ic.key_ordinal, ic.column_id \
    FROM sys.indexes AS i \
    JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id \
    JOIN sys.tables AS t ON t.object_id = i.object_id \
    WHERE ic.key_ordinal > 0";

/// What the server believes, without counting; no right but to see the tables is needed.
pub const ROW_ESTIMATES: &str = "SELECT object_id, CONVERT(bigint, SUM(rows)) AS row_estimate \
    FROM sys.partitions WHERE index_id IN (0, 1) GROUP BY object_id";

/// The last number that each identity column gave out; NULL for none yet.
pub const IDENTITIES: &str = "SELECT object_id, CONVERT(bigint, last_value) AS last_identity \
    FROM sys.identity_columns";

/// Below it no transaction will change a rowversion any more.
pub const SAFE_ROWVERSION: &str =
    "SELECT CONVERT(binary(8), MIN_ACTIVE_ROWVERSION()) AS safe_rowversion";

/// Keeps a scan on one of the server's processors.
const GENTLE: &str = "OPTION (MAXDOP 1)";

/// A name as T-SQL quotes it.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.0.replace(']', "]]"))
    }
}

/// A time in the column's own type: an implicit conversion would compare `datetime` by fractions
/// that it does not have.
struct Bound<'a>(Key<'a>, DateTime<Utc>);

impl fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To the millisecond, all that `datetime` takes; every bound is a whole second.
        write!(f, "CAST('{}' AS {})", self.1.format("%Y-%m-%dT%H:%M:%S%.3f"), self.0.sql_type)
    }
}

/// A rowversion: eight bytes, the largest digit first.
pub type Version = [u8; 8];

fn version(bytes: Version) -> String {
    format!("CONVERT(binary(8), 0x{:016X})", u64::from_be_bytes(bytes))
}

/// A table to read, by its two names.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    pub schema: &'a str,
    pub table: &'a str,
}

impl fmt::Display for From<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Quoted(self.schema), Quoted(self.table))
    }
}

/// A column and the type in which it is compared with a time: `datetime`, `datetime2(7)`, ...
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    pub column: &'a str,
    pub sql_type: &'a str,
}

/// Which rows to read.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    All,
    From(Key<'a>, DateTime<Utc>),
    /// Without the end.
    Between(Key<'a>, DateTime<Utc>, DateTime<Utc>),
    /// The marker from a time on, of those whose key is before another: changed late, behind what
    /// is re-read anyway.
    Late {
        marker: Key<'a>,
        since: DateTime<Utc>,
        key: Key<'a>,
        before: DateTime<Utc>,
    },
    /// Without the end.
    Versions(&'a str, Version, Version),
    /// Numbers above this one.
    Above(&'a str, i64),
}

impl Rows<'_> {
    fn condition(self) -> String {
        let from = |key: Key<'_>, time| format!("{} >= {}", Quoted(key.column), Bound(key, time));
        let to = |key: Key<'_>, time| format!("{} < {}", Quoted(key.column), Bound(key, time));
        match self {
            Self::All => String::new(),
            Self::From(key, start) => format!(" WHERE {}", from(key, start)),
            Self::Between(key, start, end) => {
                format!(" WHERE {} AND {}", from(key, start), to(key, end))
            }
            Self::Late { marker, since, key, before } => {
                format!(" WHERE {} AND {}", from(marker, since), to(key, before))
            }
            Self::Versions(column, start, end) => {
                let (column, start, end) = (Quoted(column), version(start), version(end));
                format!(" WHERE {column} >= {start} AND {column} < {end}")
            }
            Self::Above(column, number) => format!(" WHERE {} > {number}", Quoted(column)),
        }
    }
}

/// Reads rows; `columns` are select expressions in the table's order.
pub fn select(columns: &[String], from: From<'_>, rows: Rows<'_>) -> String {
    format!("SELECT {} FROM {from}{} {GENTLE}", columns.join(", "), rows.condition())
}

/// The smallest or largest key; two queries, since one with both would scan.
pub fn lowest(key: Key<'_>, from: From<'_>, rows: Rows<'_>) -> String {
    format!("SELECT MIN({}) AS lowest FROM {from}{}", Quoted(key.column), rows.condition())
}

pub fn highest(key: Key<'_>, from: From<'_>) -> String {
    format!("SELECT MAX({}) AS highest FROM {from}", Quoted(key.column))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: From<'_> = From { schema: "dbo", table: "Odd]Name" };
    const KEY: Key<'_> = Key { column: "SessionIdTime", sql_type: "datetime" };

    #[test]
    fn names_cannot_break_out_of_their_brackets() {
        let columns = ["[a]".to_owned(), "CONVERT(decimal(19,4), [b]) AS [b]".to_owned()];
        assert_eq!(
            select(&columns, FROM, Rows::All),
            "SELECT [a], CONVERT(decimal(19,4), [b]) AS [b] FROM [dbo].[Odd]]Name] \
             OPTION (MAXDOP 1)"
        );
    }

    #[test]
    fn bounds_are_compared_in_the_columns_type() {
        let [start, end] =
            [1_393_632_000, 1_393_718_400].map(|s| DateTime::from_timestamp(s, 0).unwrap());
        assert_eq!(
            select(&["[a]".into()], FROM, Rows::Between(KEY, start, end)),
            "SELECT [a] FROM [dbo].[Odd]]Name] \
             WHERE [SessionIdTime] >= CAST('2014-03-01T00:00:00.000' AS datetime) \
             AND [SessionIdTime] < CAST('2014-03-02T00:00:00.000' AS datetime) OPTION (MAXDOP 1)"
        );
        let marker = Key { column: "LastModifiedTime", sql_type: "datetime2(3)" };
        assert_eq!(
            select(
                &["[a]".into()],
                FROM,
                Rows::Late { marker, since: start, key: KEY, before: end }
            ),
            "SELECT [a] FROM [dbo].[Odd]]Name] \
             WHERE [LastModifiedTime] >= CAST('2014-03-01T00:00:00.000' AS datetime2(3)) \
             AND [SessionIdTime] < CAST('2014-03-02T00:00:00.000' AS datetime) OPTION (MAXDOP 1)"
        );
    }

    #[test]
    fn versions_are_compared_as_bytes() {
        let rows = Rows::Versions("Version", [0, 0, 0, 0, 0, 0, 7, 0xD1], [0xFF; 8]);
        assert_eq!(
            select(&["[a]".into()], FROM, rows),
            "SELECT [a] FROM [dbo].[Odd]]Name] \
             WHERE [Version] >= CONVERT(binary(8), 0x00000000000007D1) \
             AND [Version] < CONVERT(binary(8), 0xFFFFFFFFFFFFFFFF) OPTION (MAXDOP 1)"
        );
    }
}
