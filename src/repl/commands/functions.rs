//! `.functions [PATTERN]`

use super::listing::{listing, matches};
use super::{Argument, Command};
use crate::engine::FunctionKind;
use crate::repl::session::{Flow, Session, Stop};

pub static FUNCTIONS: Command = Command {
    name: "functions",
    aliases: &["\\df"],
    argument: Argument::Function,
    usage: "[PATTERN]",
    summary: "the functions, or those whose name has PATTERN in it",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, pattern: &str) -> Result<Flow, Stop> {
    let functions = session.engine.functions().into_iter().filter(|f| matches(pattern, &f.name));
    let mut rows: Vec<[String; 4]> = functions
        .map(|f| {
            let summary = f.description.lines().next().unwrap_or_default().to_owned();
            [f.name, kind(f.kind).to_owned(), f.syntax, summary]
        })
        .collect();
    rows.sort();
    session.show_batch(&listing(["function", "kind", "call", "description"], &rows)?)?;
    Ok(Flow::Continue)
}

/// The word for a kind of function.
pub fn kind(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Scalar => "scalar",
        FunctionKind::Aggregate => "aggregate",
        FunctionKind::Window => "window",
        FunctionKind::Table => "table",
    }
}
