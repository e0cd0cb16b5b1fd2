//! Completion of command lines: `.mode c`, `\d Sess`, `:r mon`.

use super::{Candidate, Names, files, sql};
use crate::output::Format;
use crate::repl::commands::{self, Argument};
use crate::repl::input;
use crate::repl::naming::begins;

/// The proposals for a command line; None where the text is SQL.
pub fn complete(text: &str, pos: usize, names: &Names) -> Option<(usize, Vec<Candidate>)> {
    let typed = &text[..pos];
    let line = typed.trim_start();
    let mark = line.chars().next().filter(|c| input::MARKS.contains(c))?;
    let indent = typed.len() - line.len();
    let Some(space) = line.find(char::is_whitespace) else {
        return Some((indent, command_names(mark, line)));
    };
    let after = &line[space..];
    let start = pos - after.trim_start().len();
    let command = commands::find(&line[mark.len_utf8()..space])?;
    Some(argument(command.argument, text, start, pos, names))
}

/// Every command takes every mark; the short forms have their own.
fn command_names(mark: char, typed: &str) -> Vec<Candidate> {
    let own = commands::ALL.iter().map(|command| format!("{mark}{}", command.name));
    let short = commands::ALL.iter().flat_map(|command| command.aliases).map(|&a| a.to_owned());
    own.chain(short)
        .filter(|name| name.starts_with(mark) && begins(name, typed))
        .map(Candidate::plain)
        .collect()
}

fn argument(
    kind: Argument,
    text: &str,
    start: usize,
    pos: usize,
    names: &Names,
) -> (usize, Vec<Candidate>) {
    let typed = &text[start..pos];
    let words = |words: Vec<String>| {
        words.into_iter().filter(|word| begins(word, typed)).map(Candidate::plain).collect()
    };
    let candidates = match kind {
        Argument::Nothing | Argument::Free => Vec::new(),
        Argument::Relation => return sql::relation(text, start, pos, names),
        Argument::Function => words(names.functions().into_iter().map(|f| f.name).collect()),
        Argument::File => files::complete(typed),
        Argument::Format => words(Format::ALL.iter().map(|(_, name)| (*name).to_owned()).collect()),
        Argument::Switch => words(vec!["on".into(), "off".into()]),
        Argument::Command => words(commands::ALL.iter().map(|c| c.name.to_owned()).collect()),
        Argument::Sql => {
            let (at, candidates) = sql::complete(&text[start..], pos - start, names);
            return (start + at, candidates);
        }
    };
    (start, candidates)
}
