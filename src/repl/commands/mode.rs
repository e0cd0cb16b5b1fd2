//! `.mode [FORMAT]` and `.expanded [on|off]`

use super::{Argument, Command, switch};
use crate::error::Result;
use crate::output::Format;
use crate::repl::session::{Flow, Session, Stop};

pub static MODE: Command = Command {
    name: "mode",
    aliases: &[],
    argument: Argument::Format,
    usage: "[FORMAT]",
    summary: "how results are written: table, csv, json, ...; without one, how now",
    run: |session, argument| Box::pin(async move { mode(session, argument) }),
};

pub static EXPANDED: Command = Command {
    name: "expanded",
    aliases: &["\\x"],
    argument: Argument::Switch,
    usage: "[on|off]",
    summary: "one line for each value instead of a table",
    run: |session, argument| Box::pin(async move { expanded(session, argument) }),
};

fn mode(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    if argument.is_empty() {
        let names: Vec<&str> = Format::ALL.iter().map(|(_, name)| *name).collect();
        session.say(format!("mode is {} (one of: {})", session.format, names.join(" ")));
    } else {
        session.format = argument.parse()?;
    }
    Ok(Flow::Continue)
}

fn expanded(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    let on = switch(&EXPANDED, argument, session.format == Format::Vertical)?;
    session.format = if on { Format::Vertical } else { Format::Table };
    session.say(format!("mode is {}", session.format));
    Ok(Flow::Continue)
}
