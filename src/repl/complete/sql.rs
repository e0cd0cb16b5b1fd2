//! Completion inside a statement.

use super::scope::{Expected, Relation, Scope};
use super::{Candidate, Names, files};
use crate::engine::{FunctionKind, Object};
use crate::repl::naming::{begins, is_object, same, unquoted};
use crate::tsql::{Token, TokenKind, tokens};

/// Words that begin or shape a statement, in the order they are proposed.
const KEYWORDS: [&str; 72] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "TOP",
    "DISTINCT",
    "AS",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "OUTER",
    "CROSS",
    "ON",
    "USING",
    "UNION",
    "ALL",
    "EXCEPT",
    "INTERSECT",
    "WITH",
    "RECURSIVE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "LIKE",
    "ILIKE",
    "BETWEEN",
    "EXISTS",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "TRY_CAST",
    "ASC",
    "DESC",
    "NULLS",
    "FIRST",
    "LAST",
    "OVER",
    "PARTITION",
    "ROWS",
    "RANGE",
    "FILTER",
    "VALUES",
    "INTERVAL",
    "DATE",
    "TIMESTAMP",
    "TRUE",
    "FALSE",
    "EXPLAIN",
    "ANALYZE",
    "DESCRIBE",
    "SHOW",
    "SET",
    "USE",
    "CREATE",
    "VIEW",
    "TABLE",
    "EXTERNAL",
    "DROP",
    "COPY",
];

/// Words that a statement can begin with.
const BEGINNINGS: [&str; 12] = [
    "SELECT", "WITH", "EXPLAIN", "DESCRIBE", "SHOW", "SET", "USE", "CREATE", "DROP", "COPY",
    "VALUES", "INSERT",
];

/// Schemas whose tables need no qualifier.
const SEARCHED: [&str; 3] = ["main", "dbo", "cdr"];

/// The word at the cursor and the statement around it.
struct Cursor<'a> {
    /// The statement up to the word.
    before: &'a str,
    /// The whole statement, with a stand-in for the word: its quote may be open.
    statement: String,
    /// `LcsCDR.dbo` of `LcsCDR.dbo.Sess`, part by part.
    qualifiers: Vec<&'a str>,
    /// `Sess`, without its opening quote.
    prefix: &'a str,
    /// The quote that opens the last part.
    quote: Option<char>,
    /// Where the last part begins in the text.
    start: usize,
}

/// Where the word at byte `pos` starts, and what could stand there.
pub fn complete(text: &str, pos: usize, names: &Names) -> (usize, Vec<Candidate>) {
    if let Some(found) = in_string_or_comment(&text[..pos]) {
        return found;
    }
    let cursor = Cursor::new(text, pos);
    let before = tokens(cursor.before);
    let scope = Scope::read(cursor.before, &before);
    let candidates = match scope.expected(cursor.before, &before) {
        Expected::Statement => keywords(&BEGINNINGS, &cursor),
        Expected::Catalog => parts(names.objects().into_iter().map(|o| o.catalog), &cursor),
        Expected::Relation => relations(&cursor, names),
        Expected::File | Expected::Expression => expressions(&cursor, names),
    };
    (cursor.start, candidates)
}

/// The same where the text from `start` can only be the name of a relation.
pub fn relation(text: &str, start: usize, pos: usize, names: &Names) -> (usize, Vec<Candidate>) {
    let cursor = Cursor::new(&text[start..pos], pos - start);
    (start + cursor.start, relations(&cursor, names))
}

/// In an open string stands the name of a file, where the statement takes one; in a comment
/// nothing. None elsewhere.
fn in_string_or_comment(typed: &str) -> Option<(usize, Vec<Candidate>)> {
    let mut before = tokens(typed);
    let last = before.pop()?;
    let word = &typed[last.range.clone()];
    let start = last.range.start + 1;
    match last.kind {
        TokenKind::Error if word.starts_with('\'') && expects_file(typed, &before) => {
            Some((start, files::complete(&typed[start..])))
        }
        TokenKind::Error if word.starts_with(['[', '"']) => None,
        TokenKind::Comment if word.ends_with("*/") || word.ends_with('\n') => None,
        TokenKind::Error | TokenKind::Comment => Some((typed.len(), Vec::new())),
        _ => None,
    }
}

fn expects_file(text: &str, before: &[Token]) -> bool {
    let statement = &before[statement_start(text, before)..];
    Scope::read(text, statement).expected(text, statement) == Expected::File
}

/// The index of the first token after the last `;`.
fn statement_start(text: &str, tokens: &[Token]) -> usize {
    tokens.iter().rposition(|token| &text[token.range.clone()] == ";").map_or(0, |at| at + 1)
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str, pos: usize) -> Self {
        let typed = &text[..pos];
        let open = tokens(typed).pop().filter(|token| token.kind == TokenKind::Error);
        let opening = open.map_or(pos, |token| token.range.start);
        let start = word_start(&typed[..opening]);
        let (qualifiers, last) = qualifiers(typed, start, opening);
        let quote = typed[last..].chars().next().filter(|c| matches!(c, '[' | '"'));
        let statement = statement_offset(&text[..start]);
        Self {
            before: &text[statement..start],
            statement: format!(
                "{}x{}",
                &text[statement..start],
                text[pos..].split(';').next().unwrap_or_default()
            ),
            qualifiers,
            prefix: unquoted(&typed[last..]),
            quote,
            start: last,
        }
    }

    fn matches(&self, name: &str) -> bool {
        begins(name, self.prefix)
    }

    /// The relations of the whole statement, those after the cursor too.
    fn scope(&self) -> Scope {
        Scope::read(&self.statement, &tokens(&self.statement))
    }

    /// A name as a proposal, quoted as it was begun or as it must be.
    fn name(&self, name: &str) -> Candidate {
        let insert = match self.quote {
            Some('"') => format!("\"{name}\""),
            None if is_plain(name) => name.to_owned(),
            _ => format!("[{name}]"),
        };
        Candidate { display: name.to_owned(), insert }
    }
}

/// Where the word that ends the text begins.
fn word_start(text: &str) -> usize {
    let of_word = |c: char| c.is_alphanumeric() || "_#@$.[]\"".contains(c);
    text.char_indices()
        .rev()
        .take_while(|(_, c)| of_word(*c))
        .last()
        .map_or(text.len(), |(at, _)| at)
}

/// The parts before the last dot, and where the last part begins. `opening` is where an open
/// quote begins, or the end.
fn qualifiers(typed: &str, start: usize, opening: usize) -> (Vec<&str>, usize) {
    let Some(dot) = typed[start..opening].rfind('.') else {
        return (Vec::new(), start);
    };
    let parts = typed[start..start + dot].split('.').map(unquoted).collect();
    (parts, start + dot + 1)
}

fn statement_offset(text: &str) -> usize {
    let tokens = tokens(text);
    match statement_start(text, &tokens) {
        0 => 0,
        at => tokens[at - 1].range.end,
    }
}

/// True for a name that needs no quotes.
fn is_plain(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    starts
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
}

fn expressions(cursor: &Cursor<'_>, names: &Names) -> Vec<Candidate> {
    let scope = cursor.scope();
    if let Some(qualifier) = cursor.qualifiers.last() {
        let columns = columns(scope.relations.iter().filter(|r| is_named(r, qualifier)), names);
        return match columns.is_empty() {
            true => relations(cursor, names),
            false => parts(columns.into_iter(), cursor),
        };
    }
    let mut found = parts(columns(scope.relations.iter(), names).into_iter(), cursor);
    found.extend(parts(scope.relations.iter().filter_map(|r| r.name().map(str::to_owned)), cursor));
    if found.is_empty() || !cursor.prefix.is_empty() {
        found.extend(functions(cursor, names, |kind| kind != FunctionKind::Table));
        found.extend(keywords(&KEYWORDS, cursor));
    }
    found
}

fn is_named(relation: &Relation, qualifier: &str) -> bool {
    let names = [relation.name(), relation.path.last().map(String::as_str)];
    names.into_iter().flatten().any(|name| same(name, qualifier))
}

fn columns<'a>(relations: impl Iterator<Item = &'a Relation>, names: &Names) -> Vec<String> {
    let objects = names.objects();
    let object =
        |relation: &Relation| objects.iter().find(|object| is_object(object, &relation.path));
    relations.filter_map(object).flat_map(|object| names.columns(object)).collect()
}

fn relations(cursor: &Cursor<'_>, names: &Names) -> Vec<Candidate> {
    let objects = names.objects();
    match cursor.qualifiers[..] {
        [] => {
            let mut found = parts(cursor.scope().named_queries.into_iter(), cursor);
            let (bare, others): (Vec<_>, Vec<_>) =
                objects.iter().partition(|o| SEARCHED.contains(&o.schema.to_lowercase().as_str()));
            found.extend(parts(bare.iter().map(|o| o.name.clone()), cursor));
            found.extend(functions(cursor, names, |kind| kind == FunctionKind::Table));
            found.extend(parts(objects.iter().map(|o| o.catalog.clone()), cursor));
            found.extend(parts(others.iter().map(|o| o.schema.clone()), cursor));
            found
        }
        [first] => {
            let (catalog, schema) =
                (|o: &&Object| same(&o.catalog, first), |o: &&Object| same(&o.schema, first));
            let mut found = parts(objects.iter().filter(schema).map(|o| o.name.clone()), cursor);
            found.extend(parts(objects.iter().filter(catalog).map(|o| o.schema.clone()), cursor));
            found
        }
        [catalog, schema] => {
            let within = |o: &&Object| {
                same(&o.catalog, catalog) && (schema.is_empty() || same(&o.schema, schema))
            };
            parts(objects.iter().filter(within).map(|o| o.name.clone()), cursor)
        }
        _ => Vec::new(),
    }
}

/// The names that begin as typed, each once, in order.
fn parts(names: impl Iterator<Item = String>, cursor: &Cursor<'_>) -> Vec<Candidate> {
    let mut matching: Vec<String> = names.filter(|name| cursor.matches(name)).collect();
    matching.sort_by_key(|name| name.to_lowercase());
    matching.dedup();
    matching.iter().map(|name| cursor.name(name)).collect()
}

/// Functions are shown with their arguments and inserted up to the parenthesis.
fn functions(
    cursor: &Cursor<'_>,
    names: &Names,
    wanted: impl Fn(FunctionKind) -> bool,
) -> Vec<Candidate> {
    let all = names.functions();
    let matching = all
        .iter()
        .filter(|f| wanted(f.kind) && !cursor.prefix.is_empty() && cursor.matches(&f.name));
    matching
        .map(|f| Candidate { display: f.syntax.clone(), insert: format!("{}(", f.name) })
        .collect()
}

/// Words of SQL in the case that was begun.
fn keywords(words: &[&str], cursor: &Cursor<'_>) -> Vec<Candidate> {
    let upper = cursor.prefix.chars().any(char::is_uppercase);
    let cased = |word: &&str| if upper { (*word).to_owned() } else { word.to_lowercase() };
    words
        .iter()
        .filter(|word| cursor.matches(word))
        .map(|word| Candidate::plain(cased(word)))
        .collect()
}
