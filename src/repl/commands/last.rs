//! `.last`

use std::io::{BufWriter, stdout};

use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::output::{self, Sink, Style};
use crate::repl::pager::Pager;
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
    let kept = session.previous.result.as_ref().ok_or_else(nothing_kept)?;
    let mut writer =
        output::writer(session.format, kept.schema.clone(), sink(session), &Style::default())?;
    let written = kept
        .batches
        .iter()
        .try_for_each(|batch| writer.write(batch))
        .and_then(|()| writer.finish());
    match written {
        // Whoever leaves the pager early has seen enough.
        Err(_) if session.terminal.stdout => Ok(Flow::Continue),
        written => written.map(|()| Flow::Continue).map_err(Stop::from),
    }
}

/// The pager on a terminal; where there is none, the screen.
fn sink(session: &Session) -> Sink {
    match Pager::start() {
        Ok(pager) if session.terminal.stdout => Box::new(BufWriter::new(pager)),
        _ => Box::new(BufWriter::new(stdout())),
    }
}

fn nothing_kept() -> Error {
    Error::usage("there is no previous result")
}
