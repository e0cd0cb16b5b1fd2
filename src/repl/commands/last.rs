//! `.last`

use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};

pub static LAST: Command = Command {
    name: "last",
    aliases: &[],
    argument: Argument::Nothing,
    usage: "",
    summary: "all rows and columns of the previous result; on a terminal in the pager",
    run: |session, _| Box::pin(async move { run(session) }),
};

fn run(session: &mut Session) -> Result<Flow, Stop> {
    let kept = session.previous.result.clone().ok_or_else(nothing_kept)?;
    session.show_whole(&kept)?;
    Ok(Flow::Continue)
}

fn nothing_kept() -> Error {
    Error::usage("there is no previous result")
}
