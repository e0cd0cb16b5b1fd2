//! `.param [NAME[:TYPE]=VALUE | set NAME VALUE | clear [NAME]]`

use super::listing::listing;
use super::{Argument, Command, usage};
use crate::error::{Error, Result};
use crate::repl::session::{Flow, Session, Stop};
use crate::tsql::{Params, Value};

pub static PARAM: Command = Command {
    name: "param",
    aliases: &[],
    argument: Argument::Free,
    usage: "[NAME[:TYPE]=VALUE]",
    summary: "bind $NAME and @NAME; clear [NAME] unbinds; without an argument, the bound ones",
    run: |session, argument| Box::pin(async move { run(session, argument) }),
};

fn run(session: &mut Session, argument: &str) -> Result<Flow, Stop> {
    let (verb, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    match (verb, rest.trim()) {
        ("", _) => list(session)?,
        ("clear", "") => session.params = Params::new(),
        ("clear", name) => {
            let unbound = || {
                Error::usage(format!("no parameter {name} is bound")).hinted(".param lists them")
            };
            session.params.remove(name).ok_or_else(unbound)?;
        }
        ("set", binding) => {
            let (name, value) =
                binding.split_once(char::is_whitespace).ok_or_else(|| usage(&PARAM))?;
            session.params.parse(&format!("{name}={}", value.trim()))?;
        }
        _ => session.params.parse(argument)?,
    }
    Ok(Flow::Continue)
}

fn list(session: &mut Session) -> Result<(), Stop> {
    let rows: Vec<[String; 3]> = session
        .params
        .iter()
        .map(|(name, value)| {
            let (type_name, text) = shown(value);
            [name.to_owned(), type_name.to_owned(), text]
        })
        .collect();
    session.show_batch(&listing(["name", "type", "value"], &rows)?)
}

fn shown(value: &Value) -> (&'static str, String) {
    match value {
        Value::Null => ("null", "NULL".to_owned()),
        Value::Text(text) => ("text", text.clone()),
        Value::Int(number) => ("int", number.to_string()),
        Value::Float(number) => ("float", number.to_string()),
        Value::Bool(truth) => ("bool", truth.to_string()),
        Value::Date(text) => ("date", text.clone()),
        Value::Timestamp(text) => ("timestamp", text.clone()),
    }
}
