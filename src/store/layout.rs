//! Where things lie below a mirror's directory. Paths are relative and use forward slashes.

use super::def::TableDef;
use super::snapshot::SnapshotId;

/// What belongs to the mirror as a whole rather than to one table.
pub const CONTROL: &str = "_cdrql";
pub const SNAPSHOTS: &str = "_cdrql/snapshots";
#[cfg(feature = "delta")]
pub const LOCK: &str = "_cdrql/lock";

/// The file of a snapshot.
pub fn snapshot_path(id: SnapshotId) -> String {
    format!("{SNAPSHOTS}/{id:08}.json")
}

/// The snapshot that a file of [`SNAPSHOTS`] holds; None for other files.
pub fn snapshot_id(file_name: &str) -> Option<SnapshotId> {
    file_name.strip_suffix(".json")?.parse().ok()
}

/// A table's directory.
pub fn table_dir(def: &TableDef) -> String {
    [&def.database, &def.schema, &def.name].map(|part| escape(part)).join("/")
}

/// Spells a name with characters that every file system and URL takes as they are; any other
/// byte becomes `@` and two hex digits.
fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => out.push(byte.into()),
            _ => out.push_str(&format!("@{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_stay_apart_and_inside() {
        assert_eq!(escape("SessionDetails"), "SessionDetails");
        assert_eq!(escape("../Größe@"), "@2E@2E@2FGr@C3@B6@C3@9Fe@40");
    }

    #[test]
    fn snapshot_names_go_round() {
        assert_eq!(snapshot_path(7), "_cdrql/snapshots/00000007.json");
        assert_eq!(snapshot_id("00000007.json"), Some(7));
        assert_eq!(snapshot_id("00000007.json.tmp"), None);
    }
}
