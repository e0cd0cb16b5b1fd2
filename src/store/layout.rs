//! Where things lie below a mirror's directory. Paths are relative and use forward slashes.

#[cfg(feature = "delta")]
use std::fmt::Display;

#[cfg(feature = "delta")]
use super::def::TableDef;
#[cfg(feature = "delta")]
use super::period::Period;
use super::snapshot::SnapshotId;

#[cfg(feature = "delta")]
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

#[cfg(feature = "delta")]
/// A table's directory.
pub fn table_dir(def: &TableDef) -> String {
    [&def.database, &def.schema, &def.name].map(|part| escape(part)).join("/")
}

/// The name of a data file; `unique` is 32 hexadecimal digits.
#[cfg(feature = "delta")]
pub fn data_file_name(period: Period, unique: impl Display) -> String {
    format!("{period}_{unique}.parquet")
}

/// The period of a data file, from its name; None for a file that is not one of ours.
#[cfg(feature = "delta")]
pub fn data_file_period(name: &str) -> Option<Period> {
    let (period, unique) = name.strip_suffix(".parquet")?.split_once('_')?;
    let ours = unique.len() == 32 && unique.bytes().all(|b| b.is_ascii_hexdigit());
    period.parse().ok().filter(|_| ours)
}

#[cfg(feature = "delta")]
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

    #[cfg(feature = "delta")]
    #[test]
    fn only_our_own_names_are_data_files() {
        let day: Period = "2014-02-03".parse().unwrap();
        let unique = "0123456789abcdef0123456789abcdef";
        assert_eq!(data_file_period(&data_file_name(day, unique)), Some(day));
        for other in
            ["mine.parquet", "all_mine.parquet", "2014_0123456789abcdef0123456789abcdef.parquet"]
        {
            assert_eq!(data_file_period(other), None, "{other}");
        }
    }

    #[test]
    fn snapshot_names_go_round() {
        assert_eq!(snapshot_path(7), "_cdrql/snapshots/00000007.json");
        assert_eq!(snapshot_id("00000007.json"), Some(7));
        assert_eq!(snapshot_id("00000007.json.tmp"), None);
    }
}
