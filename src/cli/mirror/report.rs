//! What a run did, or would do, on stdout; what somebody should look at, on stderr.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::super::destination::Destination;
use super::super::exit::Exit;
use super::super::terminal;
use crate::mirror::{Difference, Planned, Report, Source};
use crate::output::{self, writer};
use crate::{Error, Result};

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
}

/// The summary of a run.
pub fn done(report: &Report, format: Format) -> Result<Exit> {
    if let Format::Json = format {
        return print_json(&done_json(report));
    }
    note_differences(&report.differences);
    for table in &report.tables {
        for note in &table.notes {
            terminal::note(&format!("{}: {note}\n", table.table));
        }
        if table.replaced_characters > 0 {
            let count = table.replaced_characters;
            terminal::note(&format!("{}: {count} characters that are no text\n", table.table));
        }
    }
    let tables = &report.tables;
    let number = |of: fn(&crate::mirror::TableReport) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(tables.iter().map(of)))
    };
    print_table([
        ("table", text(tables.iter().map(|table| Some(table.table.clone())))),
        ("rows read", number(|table| table.read)),
        ("added", number(|table| table.added)),
        ("changed", number(|table| table.changed)),
        ("rows", number(|table| table.rows)),
    ])?;
    let (read, seconds) = (report.read(), report.elapsed.as_secs_f64());
    let rate = read as f64 / seconds.max(0.001);
    terminal::note(&format!(
        "snapshot {}: {read} rows read in {seconds:.1} s, {rate:.0} rows/s\n",
        report.snapshot
    ));
    Ok(Exit::SUCCESS)
}

fn done_json(report: &Report) -> Value {
    let tables = report.tables.iter().map(|table| {
        json!({
            "table": table.table,
            "read": table.read,
            "added": table.added,
            "changed": table.changed,
            "rows": table.rows,
            "replaced_characters": table.replaced_characters,
            "notes": table.notes,
        })
    });
    json!({
        "snapshot": report.snapshot,
        "seconds": report.elapsed.as_secs_f64(),
        "read": report.read(),
        "tables": tables.collect::<Vec<_>>(),
        "differences": differences_json(&report.differences),
    })
}

/// What a run would do.
pub fn plan(sources: &[Source], format: Format) -> Result<Exit> {
    let planned: Vec<&Planned> = sources.iter().flat_map(|source| &source.tables).collect();
    if let Format::Json = format {
        let tables = planned.iter().map(|planned| {
            json!({
                "table": planned.table.def.to_string(),
                "read": planned.strategy.to_string(),
                "key": planned.table.def.primary_key,
                "columns": planned.table.columns.len(),
                "estimated_rows": planned.table.row_estimate,
            })
        });
        let differences = sources.iter().map(|source| differences_json(&source.differences));
        return print_json(&json!({
            "tables": tables.collect::<Vec<_>>(),
            "differences": differences.collect::<Vec<_>>().concat(),
        }));
    }
    sources.iter().for_each(|source| note_differences(&source.differences));
    print_table([
        ("table", text(planned.iter().map(|p| Some(p.table.def.to_string())))),
        ("read", text(planned.iter().map(|p| Some(p.strategy.to_string())))),
        ("key", text(planned.iter().map(|p| Some(p.table.def.primary_key.join(", "))))),
        (
            "estimated rows",
            Arc::new(planned.iter().map(|p| p.table.row_estimate).collect::<UInt64Array>()),
        ),
    ])
}

fn differences_json(differences: &[Difference]) -> Vec<Value> {
    differences.iter().map(|d| json!({ "table": d.table, "what": d.what })).collect()
}

fn note_differences(differences: &[Difference]) {
    for difference in differences {
        terminal::note(&format!("differs from the published schema: {difference}\n"));
    }
}

fn text(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn print_table<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<Exit> {
    let columns = columns.map(|(title, array)| (title, array, true));
    let rows = RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|e| Error::internal(e.to_string()))?;
    let stdout = Destination::stdout();
    let style = terminal::stdout_style();
    let mut out = writer(output::Format::Table, rows.schema(), stdout.sink(), &style)?;
    stdout.ended(out.write(&rows).and_then(|()| out.finish()))
}

fn print_json(value: &Value) -> Result<Exit> {
    let stdout = Destination::stdout();
    let printed = stdout.sink().write_all(format!("{value:#}\n").as_bytes());
    stdout.ended(printed.map_err(|cause| Error::source(cause.to_string())))
}
