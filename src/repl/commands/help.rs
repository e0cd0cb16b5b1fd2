//! `.help [COMMAND]`

use std::fmt::Write;

use super::{ALL, Argument, Command, find, manual, unknown};
use crate::error::Result;
use crate::repl::session::{Flow, Session, Stop};

pub static HELP: Command = Command {
    name: "help",
    aliases: &["\\?", "\\h"],
    argument: Argument::Command,
    usage: "[COMMAND|FUNCTION]",
    summary: "this list, one command of it, or the manual of a function",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    if argument.is_empty() {
        session.print(&overview())?;
        return Ok(Flow::Continue);
    }
    let name = argument.trim_start_matches(['.', '\\', ':']);
    match find(name) {
        Some(command) => session.print(&line(command))?,
        // `\h` explains functions in other shells.
        None => match manual::pages(session, name) {
            Some(text) => session.print(&text)?,
            None => return Err(unknown(name).into()),
        },
    }
    Ok(Flow::Continue)
}

fn overview() -> String {
    let mut text =
        String::from("SQL runs at a closing ; or at a line that says GO (GO 3: three times).\n\n");
    text.extend(ALL.into_iter().map(line));
    text.push_str(
        "\nTab completes names, Ctrl-R searches the history, Ctrl-C cancels, Ctrl-D leaves.\n\
         The previous result is the table _. A line that begins with a space is not kept in the history.\n",
    );
    text
}

fn line(command: &Command) -> String {
    let mut text = format!(".{} {}", command.name, command.usage);
    text = format!("{:<28} {}", text.trim_end(), command.summary);
    if !command.aliases.is_empty() {
        // Writing to a String does not fail.
        let _ = write!(text, "  ({})", command.aliases.join(" "));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_with_its_short_forms() {
        let text = overview();
        for command in ALL {
            assert!(text.contains(&format!(".{}", command.name)), "{}", command.name);
            assert!(command.aliases.iter().all(|alias| text.contains(alias)), "{}", command.name);
        }
    }
}
