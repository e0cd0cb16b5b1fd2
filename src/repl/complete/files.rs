//! Names of files and directories.

use std::fs;
use std::path::MAIN_SEPARATOR;

use super::Candidate;

/// The files and directories that `typed`, a path as far as it was typed, could become.
pub fn complete(typed: &str) -> Vec<Candidate> {
    let split = typed.rfind(std::path::is_separator).map_or(0, |at| at + 1);
    let (directory, prefix) = typed.split_at(split);
    let listed = if directory.is_empty() { "." } else { directory };
    let Ok(entries) = fs::read_dir(listed) else { return Vec::new() };
    let mut found: Vec<Candidate> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path().is_dir())))
        .filter(|(name, _)| name.starts_with(prefix) && is_wanted(name, prefix))
        .map(|(name, is_directory)| candidate(directory, name, is_directory))
        .collect();
    found.sort_by(|a, b| a.display.cmp(&b.display));
    found
}

/// Hidden files only for one who asks for them.
fn is_wanted(name: &str, prefix: &str) -> bool {
    prefix.starts_with('.') || !name.starts_with('.')
}

fn candidate(directory: &str, mut name: String, is_directory: bool) -> Candidate {
    if is_directory {
        name.push(MAIN_SEPARATOR);
    }
    Candidate { insert: format!("{directory}{name}"), display: name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_below_a_path() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("reports")).unwrap();
        for file in ["report.sql", "other.sql", ".report"] {
            fs::write(home.path().join(file), "").unwrap();
        }
        let typed = format!("{}{MAIN_SEPARATOR}rep", home.path().display());
        let found = complete(&typed);
        let shown: Vec<&str> = found.iter().map(|c| c.display.as_str()).collect();
        assert_eq!(shown, ["report.sql", &format!("reports{MAIN_SEPARATOR}")]);
        assert_eq!(found[0].insert, format!("{typed}ort.sql"));
    }

    #[test]
    fn a_directory_that_is_not_there_has_no_files() {
        assert_eq!(complete("no such directory/x"), []);
    }
}
