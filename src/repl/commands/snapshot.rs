//! `.snapshot`

use super::listing::listing;
use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};
use crate::store::{Snapshot, TableEntry};

pub static SNAPSHOT: Command = Command {
    name: "snapshot",
    aliases: &[],
    argument: Argument::Nothing,
    usage: "",
    summary: "the snapshot of the mirror that statements see, table by table",
    run: |session, _| Box::pin(async move { run(session) }),
};

fn run(session: &mut Session) -> Result<Flow, Stop> {
    let snapshot = session.engine.snapshot().ok_or_else(no_mirror)?;
    let rows: Vec<[String; 5]> = snapshot.tables.iter().map(row).collect();
    session.say(headline(snapshot));
    session.show_batch(&listing(["table", "rows", "files", "MiB", "read up to"], &rows)?)?;
    Ok(Flow::Continue)
}

fn headline(snapshot: &Snapshot) -> String {
    let note = snapshot.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let created = snapshot.created.format("%Y-%m-%d %H:%M:%S");
    format!("snapshot {} of {created} UTC{note}", snapshot.id)
}

fn row(table: &TableEntry) -> [String; 5] {
    let def = &table.def;
    [
        format!("{}.{}.{}", def.database, def.schema, def.name),
        table.rows().to_string(),
        table.files.len().to_string(),
        format!("{:.1}", table.size() as f64 / f64::from(1 << 20)),
        table.watermark.clone().unwrap_or_default(),
    ]
}

fn no_mirror() -> Error {
    Error::usage("this session reads no mirror, so it has no snapshot")
}
