//! `.explain [analyze] [SQL]`

use arrow::array::AsArray;
use arrow::array::{Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::{Argument, Command};
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};
use crate::report::SourceText;

pub static EXPLAIN: Command = Command {
    name: "explain",
    aliases: &[],
    argument: Argument::Sql,
    usage: "[analyze] [SQL]",
    summary: "the plan of a statement, or of the previous one; analyze runs it and measures",
    run: |session, argument| Box::pin(run(session, argument)),
};

async fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    let (analyze, sql) = match argument.split_once(char::is_whitespace).unwrap_or((argument, "")) {
        (word, rest) if word.eq_ignore_ascii_case("analyze") => (true, rest.trim()),
        _ => (false, argument),
    };
    let previous = session.previous.statement.clone();
    let sql =
        if sql.is_empty() { previous.ok_or_else(nothing_to_explain)? } else { sql.to_owned() };
    let verb = if analyze { "EXPLAIN ANALYZE" } else { "EXPLAIN FORMAT TREE" };
    // On a line of its own, so that a place in the statement is easily told.
    let text = format!("{verb}\n{sql}");
    match plans(session, &text).await {
        Ok(plan) => session.print(&plan)?,
        Err(error) => {
            session.report(&error, &SourceText { name: None, text: &text });
            return Err(Stop::Reported(error.kind));
        }
    }
    Ok(Flow::Continue)
}

async fn plans(session: &Session, text: &str) -> Result<String> {
    let mut plans = String::new();
    for statement in session.engine.statements(text)? {
        for batch in session.collect(&statement).await? {
            plans.push_str(&plan_text(&batch)?);
        }
    }
    Ok(plans)
}

/// The plan is the last column; its lines are its form.
fn plan_text(batch: &RecordBatch) -> Result<String> {
    let Some(column) = batch.columns().last() else { return Ok(String::new()) };
    let unreadable = |cause| Error::internal(format!("the plan is not text: {cause}"));
    let column = cast(column, &DataType::Utf8).map_err(unreadable)?;
    let plans = column.as_string::<i32>();
    Ok((0..plans.len()).map(|row| format!("{}\n", plans.value(row).trim_end())).collect())
}

fn nothing_to_explain() -> Error {
    Error::usage("no statement ran yet").hinted(".explain SELECT ...")
}
