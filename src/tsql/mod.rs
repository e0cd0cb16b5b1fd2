//! Text to statements: one tokenizer and one dialect for the whole product.
//!
//! A text is tokenised once. The tokens decide where statements end (`;` or a `GO` line), what is
//! an identifier (folded to lower case, quoted or not), where a parameter stands (replaced by a
//! literal token, never pasted into text) and what colours a line has.

mod clauses;
mod depth;
mod dialect;
mod equivalents;
mod expressions;
mod lower;
mod params;
mod planners;
mod split;
mod statement;
mod title;
mod tokens;

pub use equivalents::equivalent;
pub use params::{Params, Value};
pub use planners::{SqlServerTypes, TextPlus};
pub use split::{is_complete, split};
pub use statement::{Parsed, Spelling, Statement};
pub use tokens::{Token, TokenKind, tokens};

/// Identifiers compare by this form.
pub fn fold(name: &str) -> String {
    name.to_lowercase()
}
