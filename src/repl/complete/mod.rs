//! What may stand at the cursor: commands and their arguments, or names and words of SQL.

mod command;
mod files;
mod names;
mod scope;
mod sql;

pub use names::Names;

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What the list of proposals shows.
    pub display: String,
    /// What takes the place of the word at the cursor.
    pub insert: String,
}

impl Candidate {
    /// A proposal that is shown as it is inserted.
    fn plain(text: impl Into<String>) -> Self {
        let insert = text.into();
        Self { display: insert.clone(), insert }
    }
}

/// Where the word at byte `pos` starts, and what could stand there, best first.
pub fn complete(text: &str, pos: usize, names: &Names) -> (usize, Vec<Candidate>) {
    command::complete(text, pos, names).unwrap_or_else(|| sql::complete(text, pos, names))
}
