//! `.read FILE`

use super::{Argument, Command, unquoted_path, usage};
use crate::error::Result;
use crate::repl::session::{Flow, Session, Stop};

pub static READ: Command = Command {
    name: "read",
    aliases: &["\\i", ":r"],
    argument: Argument::File,
    usage: "FILE",
    summary: "run the statements and commands of a file, up to the first failure",
    run: |session, argument| Box::pin(run(session, argument)),
};

async fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    if argument.is_empty() {
        return Err(usage(&READ).into());
    }
    session.run_file(unquoted_path(argument)).await
}
