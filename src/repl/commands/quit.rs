//! `.quit` and `.exit`

use super::{Argument, Command};
use crate::repl::session::Flow;

pub static QUIT: Command = Command {
    name: "quit",
    aliases: &["\\q"],
    argument: Argument::Nothing,
    usage: "",
    summary: "leave",
    run: |_, _| Box::pin(async { Ok(Flow::Quit) }),
};

pub static EXIT: Command = Command { name: "exit", aliases: &[], ..QUIT };
