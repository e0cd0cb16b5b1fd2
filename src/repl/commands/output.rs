//! `.output [FILE]` and `.once FILE`

use super::{Argument, Command, unquoted_path, usage};
use crate::error::Result;
use crate::repl::session::{Flow, Session, Stop};

pub static OUTPUT: Command = Command {
    name: "output",
    aliases: &["\\o", ":out"],
    argument: Argument::File,
    usage: "[FILE]",
    summary: "send results to FILE, in the format of its name; without one, to the screen",
    run: |session, argument| Box::pin(async move { output(session, argument) }),
};

pub static ONCE: Command = Command {
    name: "once",
    aliases: &[],
    argument: Argument::File,
    usage: "FILE",
    summary: "send the next result to FILE, in the format of its name",
    run: |session, argument| Box::pin(async move { once(session, argument) }),
};

fn output(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    // sqlcmd returns to the screen with `:out stdout`.
    let screen = argument.is_empty() || argument.eq_ignore_ascii_case("stdout");
    session.destination.set((!screen).then(|| unquoted_path(argument)))?;
    Ok(Flow::Continue)
}

fn once(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    if argument.is_empty() {
        return Err(usage(&ONCE).into());
    }
    session.destination.set_once(unquoted_path(argument));
    Ok(Flow::Continue)
}
