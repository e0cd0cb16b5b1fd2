//! Look-up tables: written once, when all facts are.

use super::facts::table;
use super::rows::Rows;
use super::sink::{Sink, Span};
use crate::Result;
use crate::schema::{self, Table};

/// Writes one table whole.
pub fn fill(
    sink: &dyn Sink,
    database: &str,
    name: &str,
    write: impl FnOnce(&mut Rows) -> Result<()>,
) -> Result<()> {
    let table = table(database, name)?;
    let mut rows = Rows::new(table, sink.open(table, Span::All)?);
    write(&mut rows)?;
    rows.finish()
}

/// Writes a table of an id, counted from one, and a text.
pub fn fill_names<'a>(
    sink: &dyn Sink,
    (database, name): (&str, &str),
    [id, text]: [&str; 2],
    names: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    fill(sink, database, name, |rows| {
        (1..).zip(names).try_for_each(|(n, value)| rows.put(id, n).put(text, value).end())
    })
}

/// Writes the tables of a database whose rows Microsoft publishes.
pub fn fill_published(sink: &dyn Sink, database: &str) -> Result<()> {
    // Of the SIP responses only one example is published.
    let whole = |t: &&Table| t.database == database && t.name != "SIPResponseMetaData";
    let published = schema::base_tables().filter(whole);
    for (table, rows) in published.filter_map(|t| Some((t, schema::lookup_rows(t)?))) {
        let mut file = sink.open(table, Span::All)?;
        file.write(&rows)?;
        file.finish()?;
    }
    Ok(())
}
