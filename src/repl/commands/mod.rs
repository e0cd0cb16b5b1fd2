//! The commands, one file each. The table [`ALL`] drives dispatch, help and completion.

mod describe;
mod edit;
mod explain;
mod functions;
mod help;
mod last;
mod listing;
mod manual;
mod mode;
mod output;
mod param;
mod quit;
mod read;
mod snapshot;
mod tables;
mod timing;
mod views;
mod watch;

use futures::future::BoxFuture;

use super::input::CommandLine;
use super::session::{Flow, Session, Stop};
use crate::engine::nearest;
use crate::error::{Error, Result};

/// A command of the shell.
pub struct Command {
    /// Without its mark; `.name`, `\name` and `:name` all call it.
    pub name: &'static str,
    /// The short forms of psql and sqlcmd, with their marks.
    pub aliases: &'static [&'static str],
    /// What completion proposes after the name.
    pub argument: Argument,
    /// The argument as help shows it.
    pub usage: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    pub run: Run,
}

/// Carries a command out; the text is its argument.
pub type Run = for<'a> fn(&'a mut Session, &'a str) -> BoxFuture<'a, Result<Flow, Stop>>;

/// What a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    Nothing,
    Relation,
    Function,
    File,
    Format,
    Switch,
    Command,
    Sql,
    /// Something that nothing is known about.
    Free,
}

/// Every command, in the order of the help text.
pub static ALL: [&Command; 20] = [
    &help::HELP,
    &tables::TABLES,
    &views::VIEWS,
    &describe::DESCRIBE,
    &functions::FUNCTIONS,
    &manual::MANUAL,
    &mode::MODE,
    &mode::EXPANDED,
    &output::OUTPUT,
    &output::ONCE,
    &read::READ,
    &param::PARAM,
    &explain::EXPLAIN,
    &last::LAST,
    &watch::WATCH,
    &edit::EDIT,
    &timing::TIMING,
    &snapshot::SNAPSHOT,
    &quit::QUIT,
    &quit::EXIT,
];

/// The command of that name or short form, without a mark, in any case of letters.
pub fn find(name: &str) -> Option<&'static Command> {
    let is_name = |known: &str| known.eq_ignore_ascii_case(name);
    ALL.into_iter().find(|c| is_name(c.name) || c.aliases.iter().any(|alias| is_name(&alias[1..])))
}

/// Carries out a command line.
pub async fn run(session: &mut Session, line: CommandLine<'_>) -> Result<Flow, Stop> {
    let command = find(line.name).ok_or_else(|| unknown(line.name))?;
    if command.argument == Argument::Nothing && !line.argument.is_empty() {
        return Err(usage(command).into());
    }
    (command.run)(session, line.argument).await
}

fn unknown(name: &str) -> Error {
    let error = Error::usage(format!("there is no command .{name}"));
    match nearest(name, ALL.iter().map(|command| command.name)) {
        Some(near) => error.hinted(format!("did you mean .{near}?")),
        None => error.hinted(".help lists the commands"),
    }
}

/// How a command is to be called.
fn usage(command: &Command) -> Error {
    let call = format!("usage: .{} {}", command.name, command.usage);
    Error::usage(call.trim_end())
}

/// `on` or `off`; nothing switches.
fn switch(command: &Command, argument: &str, now: bool) -> Result<bool> {
    match argument.to_ascii_lowercase().as_str() {
        "" => Ok(!now),
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(usage(command)),
    }
}

/// A path as it was typed, without quotes around it.
fn unquoted_path(argument: &str) -> &std::path::Path {
    let quoted = |mark| argument.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    std::path::Path::new(quoted('\'').or_else(|| quoted('"')).unwrap_or(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_short_forms_call_one_command_each() {
        let mut calls: Vec<&str> = ALL.iter().map(|c| c.name).collect();
        calls.extend(ALL.iter().flat_map(|c| c.aliases).map(|alias| &alias[1..]));
        for call in &calls {
            assert_eq!(calls.iter().filter(|other| other == &call).count(), 1, "{call}");
        }
    }

    #[test]
    fn the_forms_that_fingers_know() {
        for (form, name) in [
            ("d", "describe"),
            ("dt", "tables"),
            ("dv", "views"),
            ("df", "functions"),
            ("o", "output"),
            ("out", "output"),
            ("i", "read"),
            ("r", "read"),
            ("x", "expanded"),
            ("timing", "timing"),
            ("watch", "watch"),
            ("e", "edit"),
            ("q", "quit"),
            ("EXIT", "exit"),
        ] {
            assert_eq!(find(form).map(|c| c.name), Some(name), "{form}");
        }
        assert!(find("z").is_none());
    }

    #[test]
    fn a_slip_is_answered_with_the_nearest_name() {
        assert_eq!(unknown("tabels").hints, ["did you mean .tables?"]);
        assert_eq!(unknown("frobnicate").hints, [".help lists the commands"]);
    }

    #[test]
    fn a_path_may_stand_in_quotes() {
        assert_eq!(unquoted_path("'my file.sql'"), std::path::Path::new("my file.sql"));
        assert_eq!(unquoted_path("it's.sql"), std::path::Path::new("it's.sql"));
    }
}
