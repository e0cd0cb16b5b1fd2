//! `.manual FUNCTION`

use super::{Argument, Command, functions, usage};
use crate::engine::FunctionInfo;
use crate::engine::nearest;
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};

pub static MANUAL: Command = Command {
    name: "manual",
    aliases: &[],
    argument: Argument::Function,
    usage: "FUNCTION",
    summary: "what a function does, its arguments, an example",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, name: &str) -> Result<Flow, Stop> {
    let name = name.trim_end_matches(['(', ')']);
    if name.is_empty() {
        return Err(usage(&MANUAL).into());
    }
    let text = pages(session, name).ok_or_else(|| unknown(name, &session.engine.functions()))?;
    session.print(&text)?;
    Ok(Flow::Continue)
}

/// All that is known of the functions of a name; it can be an aggregate and a window function.
pub fn pages(session: &Session, name: &str) -> Option<String> {
    let functions = session.engine.functions().into_iter();
    let pages: Vec<String> =
        functions.filter(|f| f.name.eq_ignore_ascii_case(name)).map(|f| page(&f)).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

fn unknown(name: &str, functions: &[FunctionInfo]) -> Error {
    let error = Error::usage(format!("there is no function {name}"));
    match nearest(name, functions.iter().map(|f| f.name.as_str())) {
        Some(near) => error.hinted(format!("did you mean {near}?")),
        None => error.hinted(".functions lists them"),
    }
}

fn page(function: &FunctionInfo) -> String {
    let mut text = format!(
        "{}  ({} function)\n\n{}\n",
        function.syntax,
        functions::kind(function.kind),
        function.description.trim()
    );
    if !function.arguments.is_empty() {
        let width = function.arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        text.push_str("\nArguments:\n");
        let line = |(name, about): &(String, String)| format!("  {name:<width$}  {about}\n");
        text.extend(function.arguments.iter().map(line));
    }
    if let Some(example) = &function.example {
        text.push_str("\nExample:\n");
        let lines = example.trim().lines().filter(|line| !line.starts_with("```"));
        text.extend(lines.map(|line| format!("  {line}\n")));
    }
    text
}
