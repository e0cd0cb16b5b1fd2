//! `.watch [SECONDS] [SQL]`

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Argument, Command, usage};
use crate::error::{Error, ErrorKind, Result};
use crate::repl::interrupt::ctrl_c;
use crate::repl::session::{Flow, Session, Stop};
use crate::report::SourceText;

pub static WATCH: Command = Command {
    name: "watch",
    aliases: &[],
    argument: Argument::Sql,
    usage: "[SECONDS] [SQL]",
    summary: "run a statement, or the previous one, every 2 SECONDS until Ctrl-C",
    run: |session, argument| Box::pin(run(session, argument)),
};

const PAUSE: Duration = Duration::from_secs(2);

async fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    let (pause, sql) = pause_and_sql(argument).ok_or_else(|| usage(&WATCH))?;
    let previous = session.previous.statement.clone();
    let nothing = || Error::usage("no statement ran yet").hinted(".watch 5 SELECT ...");
    let sql = if sql.is_empty() { previous.ok_or_else(nothing)? } else { sql.to_owned() };
    // Listening from the start: between two runs nobody else would hear it.
    let mut interrupted = JoinSet::new();
    interrupted.spawn(ctrl_c());
    loop {
        session.say(format!(
            "{} UTC, every {pause:?}",
            chrono::Utc::now().format("%Y-%m-%d %H:%M:%S")
        ));
        match session.run_text(&SourceText { name: None, text: &sql }).await {
            Ok(_) => {}
            // The way to leave.
            Err(Stop::Reported(ErrorKind::Interrupted)) => return Ok(Flow::Continue),
            Err(stop) => return Err(stop),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = interrupted.join_next() => return Ok(Flow::Continue),
        }
    }
}

/// None for a number of seconds that nobody can wait.
fn pause_and_sql(argument: &str) -> Option<(Duration, &str)> {
    let (word, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    match word.parse::<f64>() {
        Ok(seconds) => Some((Duration::try_from_secs_f64(seconds).ok()?, rest.trim())),
        Err(_) => Some((PAUSE, argument)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_statement_are_both_optional() {
        assert_eq!(pause_and_sql(""), Some((PAUSE, "")));
        assert_eq!(pause_and_sql("0.5"), Some((Duration::from_millis(500), "")));
        assert_eq!(pause_and_sql("5 select 1"), Some((Duration::from_secs(5), "select 1")));
        assert_eq!(pause_and_sql("select 1"), Some((PAUSE, "select 1")));
        assert_eq!(pause_and_sql("-1 select 1"), None);
        assert_eq!(pause_and_sql("nan"), None);
    }
}
