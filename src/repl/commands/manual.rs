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
    let functions = session.engine.functions();
    let pages: Vec<&FunctionInfo> =
        functions.iter().filter(|f| f.name.eq_ignore_ascii_case(name)).collect();
    if pages.is_empty() {
        return Err(unknown(name, &functions).into());
    }
    // A name can be an aggregate and a window function.
    let text: Vec<String> = pages.into_iter().map(page).collect();
    session.print(&text.join("\n"))?;
    Ok(Flow::Continue)
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
        text.extend(example.trim().lines().map(|line| format!("  {line}\n")));
    }
    text
}
