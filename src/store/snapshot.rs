//! The snapshot: every table's files as of one moment, in one file.
//!
//! The file has two lines. The first is a header with the format number and the checksum of the
//! second, so that a file cut short, edited or written by a newer cdrql is told apart at once.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::data_file::DataFile;
use super::def::TableDef;
use crate::{Error, Result};

/// Counts from 1; a newer snapshot has a higher one.
pub type SnapshotId = u64;

/// The format that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// What a mirror held when the snapshot was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: SnapshotId,
    pub created: DateTime<Utc>,
    pub note: Option<String>,
    /// Ordered by database, schema and name.
    pub tables: Vec<TableEntry>,
}

/// One table of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    pub def: TableDef,
    /// Version of the table's Delta log that names the same files.
    pub version: u64,
    /// Up to where the source had been read; its meaning is the writer's.
    pub watermark: Option<String>,
    /// The source's clock when the table was last looked at, whether it had changed or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<DateTime<Utc>>,
    /// The last step done of every application, see `Writer::stage_step`.
    #[serde(default)]
    pub steps: BTreeMap<String, i64>,
    /// Ordered by time.
    pub files: Vec<DataFile>,
}

impl TableEntry {
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Size of the files in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }
}

impl Snapshot {
    /// Looks a table up without regard to case.
    pub fn table(&self, database: &str, schema: &str, name: &str) -> Option<&TableEntry> {
        self.tables.iter().find(|t| {
            t.def.database.eq_ignore_ascii_case(database)
                && t.def.schema.eq_ignore_ascii_case(schema)
                && t.def.name.eq_ignore_ascii_case(name)
        })
    }

    /// Reads a snapshot file's bytes; `path` is for the error.
    pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<Self> {
        let (header, body) = split_lines(bytes).ok_or_else(|| damaged(path, "it is cut short"))?;
        let header: Header = serde_json::from_slice(header).map_err(|e| damaged(path, e))?;
        if header.format > FORMAT {
            return Err(newer_format(path, header.format));
        }
        if header.format == 0 {
            return Err(damaged(path, "there is no format 0"));
        }
        if crc32fast::hash(body) != header.crc32 {
            return Err(damaged(path, "its checksum does not fit its text"));
        }
        serde_json::from_slice(body).map_err(|e| damaged(path, e))
    }

    #[cfg(feature = "delta")]
    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let internal = |e: serde_json::Error| Error::internal(format!("snapshot {}: {e}", self.id));
        let mut body = serde_json::to_vec(self).map_err(internal)?;
        body.push(b'\n');
        let header = Header { format: FORMAT, crc32: crc32fast::hash(&body) };
        let mut bytes = serde_json::to_vec(&header).map_err(internal)?;
        bytes.push(b'\n');
        bytes.append(&mut body);
        Ok(bytes)
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    /// Of everything after the header's line.
    crc32: u32,
}

fn split_lines(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn damaged(path: &Path, cause: impl std::fmt::Display) -> Error {
    Error::file(path, format!("the snapshot is damaged: {cause}"))
        .hinted("Open an older snapshot with --as-of, or restore this file from a backup.")
}

fn newer_format(path: &Path, format: u32) -> Error {
    Error::file(path, format!("the snapshot has format {format}; this cdrql reads up to {FORMAT}"))
        .hinted("Open the mirror with the newer cdrql that wrote it.")
}

#[cfg(all(test, feature = "delta"))]
mod tests {
    use super::*;
    use crate::schema;
    use crate::store::{Period, TimeRange};

    fn snapshot() -> Snapshot {
        let file = DataFile {
            path: "LcsCDR/dbo/SessionDetails/2014-02_a.parquet".into(),
            size: 10,
            rows: 3,
            period: Period::Month { year: 2014, month: 2 },
            time: Some(TimeRange { min: Some(1), max: Some(2), nulls: 0 }),
        };
        let entry = TableEntry {
            def: TableDef::from(schema::table("LcsCDR", "SessionDetails").unwrap()),
            version: 4,
            watermark: Some("2014-02-03".into()),
            looked_at: Some(DateTime::UNIX_EPOCH),
            steps: BTreeMap::from([("sync".into(), 9)]),
            files: vec![file],
        };
        Snapshot { id: 7, created: DateTime::UNIX_EPOCH, note: None, tables: vec![entry] }
    }

    fn decode(bytes: &[u8]) -> Result<Snapshot> {
        Snapshot::decode(Path::new("m/00000007.json"), bytes)
    }

    #[test]
    fn it_goes_round() {
        assert_eq!(decode(&snapshot().encode().unwrap()).unwrap(), snapshot());
    }

    #[test]
    fn cut_anywhere_it_is_damaged() {
        let bytes = snapshot().encode().unwrap();
        for end in 0..bytes.len() {
            let message = decode(&bytes[..end]).unwrap_err().message;
            assert!(message.starts_with("m/00000007.json: the snapshot is damaged"), "{message}");
        }
    }

    #[test]
    fn one_changed_byte_is_noticed() {
        let bytes = snapshot().encode().unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(decode(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_newer_format_is_refused_by_name() {
        let error = decode(b"{\"format\":2,\"crc32\":0,\"new\":1}\nanything").unwrap_err();
        assert!(
            error.message.contains("has format 2; this cdrql reads up to 1"),
            "{}",
            error.message
        );
    }
}
