//! The statements typed in earlier sessions: one file in the user's data directory, readable by
//! its owner only. The line editor writes it; an entry of several lines stays one entry.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::error::{Error, Result};

/// Entries kept; the oldest go first.
pub const MAX_ENTRIES: usize = 10_000;

/// Names another file for the history.
const VARIABLE: &str = "CDRQL_HISTORY";

/// The history file: what `CDRQL_HISTORY` names, else `history` in the user's data directory.
/// None for a user without a home.
pub fn path() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(ProjectDirs::from("", "", "cdrql")?.data_dir().join("history")))
}

/// Makes the file, and its directory, if they do not exist, and closes them to other users.
pub fn prepare(path: &Path) -> Result<()> {
    let prepare = || {
        if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty() && !d.exists())
        {
            create_private_dir(directory)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        restrict(&file)
    };
    prepare().map_err(|cause| Error::file(path, cause))
}

#[cfg(unix)]
fn create_private_dir(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(unix)]
fn restrict(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.is_file() {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A user's profile on Windows is closed to other users already.
#[cfg(not(unix))]
fn create_private_dir(directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)
}

#[cfg(not(unix))]
fn restrict(_file: &fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_and_its_directory_are_made() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("share/cdrql/history");
        prepare(&path).unwrap();
        prepare(&path).unwrap();
        assert!(path.is_file());
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        let error = prepare(home.path()).unwrap_err();
        assert!(error.message.contains(&home.path().display().to_string()), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it_even_if_it_was_open_before() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history");
        fs::write(&path, "#V2\nselect 1;\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        prepare(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "#V2\nselect 1;\n");
    }
}
