//! `.tables [PATTERN]`

use super::listing::{listing, matches};
use super::{Argument, Command};
use crate::engine::{Object, ObjectKind};
use crate::repl::session::{Flow, Session, Stop};

pub static TABLES: Command = Command {
    name: "tables",
    aliases: &["\\dt"],
    argument: Argument::Relation,
    usage: "[PATTERN]",
    summary: "the tables, or those whose name has PATTERN in it",
    run: |session, argument| Box::pin(async move { list(session, ObjectKind::Table, argument) }),
};

/// Lists the objects of a kind.
pub fn list(session: &mut Session, kind: ObjectKind, pattern: &str) -> Result<Flow, Stop> {
    let objects = session.engine.objects();
    let wanted = objects.into_iter().filter(|o| o.kind == kind && matches(pattern, &o.name));
    let row = |o: Object| {
        let note = session.engine.note(&o);
        [o.catalog, o.schema, o.name, note]
    };
    let mut rows: Vec<[String; 4]> = wanted.map(row).collect();
    rows.sort_by_cached_key(|row| row.each_ref().map(|part| part.to_lowercase()));
    session.show_batch(&listing(["catalog", "schema", "name", "note"], &rows)?)?;
    Ok(Flow::Continue)
}
