//! `.describe [NAME]`

use super::listing::listing;
use super::{Argument, Command, tables};
use crate::engine::nearest;
use crate::engine::{Object, ObjectKind};
use crate::error::{Error, Result};
use crate::repl::naming::{is_object, path};
use crate::repl::session::{Flow, Session, Stop};
use crate::report::printable;

pub static DESCRIBE: Command = Command {
    name: "describe",
    aliases: &["\\d"],
    argument: Argument::Relation,
    usage: "[NAME]",
    summary: "the columns of a table or view; without a name, the tables",
    run: |session, argument| Box::pin(run(session, argument)),
};

async fn run(session: &mut Session, name: &str) -> Result<Flow, Stop> {
    if name.is_empty() {
        return tables::list(session, ObjectKind::Table, "");
    }
    let object = find(session.engine.objects(), name)?;
    let columns = session.engine.columns(&object).await?;
    let null = |nullable| if nullable { "yes" } else { "no" }.to_owned();
    let rows: Vec<[String; 4]> =
        columns.into_iter().map(|c| [c.name, c.data_type, null(c.nullable), c.note]).collect();
    let note = session.engine.note(&object);
    if session.terminal.is_interactive() && !note.is_empty() {
        session.say(printable(&format!("{}: {note}", object.full_name())));
    }
    session.show_batch(&listing(["column", "type", "null", "note"], &rows)?)?;
    Ok(Flow::Continue)
}

/// The object of a name that may leave catalog and schema out and may be quoted.
fn find(objects: Vec<Object>, name: &str) -> Result<Object> {
    let path = path(name);
    let last = path.last().copied().unwrap_or_default();
    let near = nearest(last, objects.iter().map(|o| o.name.as_str()));
    let error = Error::usage(format!("there is no table or view {name}"));
    let error = match near {
        Some(near) => error.hinted(format!("did you mean {near}?")),
        None => error.hinted(".tables and .views list them"),
    };
    objects.into_iter().find(|object| is_object(object, &path)).ok_or(error)
}
