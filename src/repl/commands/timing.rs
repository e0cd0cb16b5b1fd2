//! `.timing [on|off]`

use super::{Argument, Command, switch};
use crate::error::Result;
use crate::repl::session::{Flow, Session, Stop};

pub static TIMING: Command = Command {
    name: "timing",
    aliases: &[],
    argument: Argument::Switch,
    usage: "[on|off]",
    summary: "show how long each statement took",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    session.timing = switch(&TIMING, argument, session.timing)?;
    session.say(if session.timing { "timing is on" } else { "timing is off" });
    Ok(Flow::Continue)
}
