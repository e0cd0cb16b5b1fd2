//! `.last`

use std::io::BufWriter;

use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::host::progress::Eraser;
use crate::output::{self, Format, Style};
use crate::repl::pager::Pager;
use crate::repl::previous::Kept;
use crate::repl::session::{Flow, Session, Stop};
use crate::repl::showing::Showing;

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
    let paged = session.terminal.stdout && session.destination.is_screen();
    match if paged { Pager::start() } else { None } {
        Some(pager) => page(&kept, session.format, pager)?,
        None => show(session, &kept)?,
    }
    Ok(Flow::Continue)
}

/// Shows everything uncut, until the person leaves the pager.
fn page(kept: &Kept, format: Format, pager: Pager) -> Result<()> {
    let format = if format.is_binary() { Format::Table } else { format };
    let sink = Box::new(BufWriter::new(pager));
    let mut writer = output::writer(format, kept.schema.clone(), sink, &Style::default())?;
    let written = kept.batches.iter().try_for_each(|batch| writer.write(batch));
    // Whoever leaves early has seen enough; nothing else can go wrong in a pipe.
    let _ = written.and_then(|()| writer.finish());
    Ok(())
}

fn show(session: &mut Session, kept: &Kept) -> Result<(), Stop> {
    let mut showing = Showing::open(session, kept.schema.clone(), Eraser::none())?;
    kept.batches.iter().try_for_each(|batch| showing.write(batch))?;
    showing.finish()
}

fn nothing_kept() -> Error {
    Error::usage("there is no previous result")
}
