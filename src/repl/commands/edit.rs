//! `.edit [SQL]`

use std::ffi::OsString;
use std::io::{self, Write};

use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};
use crate::repl::shell;

pub static EDIT: Command = Command {
    name: "edit",
    aliases: &["\\e"],
    argument: Argument::Sql,
    usage: "[SQL]",
    summary: "change the previous statement, or this one, in $VISUAL or $EDITOR",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    if !session.terminal.is_interactive() {
        return Err(Error::usage(".edit needs a terminal").into());
    }
    let previous = session.previous.statement.as_ref().map(|statement| format!("{statement};"));
    let text = if argument.is_empty() { previous.unwrap_or_default() } else { argument.to_owned() };
    Ok(Flow::Edit(edit(&text)?.trim_end().to_owned()))
}

fn edit(text: &str) -> Result<String> {
    let unusable =
        |cause: io::Error| Error::source(format!("the statement could not be edited: {cause}"));
    let mut file =
        tempfile::Builder::new().prefix("cdrql-").suffix(".sql").tempfile().map_err(unusable)?;
    writeln!(file, "{text}").map_err(unusable)?;
    // An editor on Windows cannot write a file that we hold open.
    let path = file.into_temp_path();
    let editor = editor();
    let status = shell::command(&editor, &[path.as_os_str()]).status().map_err(unusable)?;
    if !status.success() {
        let message =
            format!("{}: ended with {status}, the statement is as it was", editor.display());
        return Err(Error::source(message).hinted("set EDITOR to the editor of your choice"));
    }
    std::fs::read_to_string(&path).map_err(|cause| Error::file(&path, cause))
}

fn editor() -> OsString {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let fallback = if cfg!(windows) { "notepad" } else { "vi" };
    set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| fallback.into())
}
