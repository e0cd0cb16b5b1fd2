//! How far a table has been read. It is kept with the table, and published with it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::spans::Spans;
use crate::store::{SnapshotId, TableEntry};

/// What the next pass over a table starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The latest time key when the last pass began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_to: Option<DateTime<Utc>>,
    /// The latest change that any row told of, in its `LastModifiedTime` or the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_to: Option<DateTime<Utc>>,
    /// Every smaller rowversion has been read; hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rowversion: Option<String>,
    /// The last number that the identity column had given out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<i64>,
    /// The database that it was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// A pass in the making.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<Progress>,
}

/// How far a pass has come with a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The snapshot that the pass will publish; in an older one this says nothing any more.
    pub snapshot: SnapshotId,
    /// Where the pass began to read.
    pub from: Option<DateTime<Utc>>,
    /// The latest time key when the pass began, or last came to the table's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Stretches of time that were read to their end.
    pub done: Spans,
}

impl Watermark {
    /// That of a stored table; a fresh one where there is none, or one of somebody else's making.
    pub fn of(entry: &TableEntry) -> Self {
        let text = entry.watermark.as_deref().unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What an unfinished pass towards this snapshot has done already.
    pub fn progress(&self, snapshot: SnapshotId) -> Option<&Progress> {
        self.pass.as_ref().filter(|pass| pass.snapshot == snapshot)
    }

    pub fn encode(&self) -> String {
        // A struct of texts, numbers and lists always encodes.
        serde_json::to_string(self).unwrap_or_default()
    }
}
