//! The text of a batch, split into statements.

use std::collections::HashMap;

use datafusion::sql::sqlparser::ast::{Query, SetExpr};
use datafusion::sql::sqlparser::dialect::MsSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::edit::Edit;
use crate::error::SqlError;
use crate::table::fold;

/// What a transaction may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    ReadUncommitted,
    #[default]
    ReadCommitted,
    RepeatableRead,
    Snapshot,
    Serializable,
}

/// A statement that this server knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    Query(Box<Query>),
    Edit(Box<Edit>),
    Use(String),
    Isolation(Isolation),
    /// A SET that changes nothing here.
    Set,
    Begin,
    Commit,
    Rollback,
}

/// A batch: its statements, and how its names were typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    pub statements: Vec<Statement>,
    /// Folded name → as it was typed first.
    pub spelling: HashMap<String, String>,
}

impl Script {
    pub fn parse(text: &str) -> Result<Self, SqlError> {
        let tokens = Tokenizer::new(&MsSqlDialect {}, text)
            .tokenize_with_location()
            .map_err(|e| SqlError::syntax(e.to_string()))?;
        let mut tokens = without_options(tokens);
        let spelling = fold_names(&mut tokens);
        let mut parser = Parser::new(&MsSqlDialect {}).with_tokens_with_locations(tokens);
        let mut statements = Vec::new();
        loop {
            while parser.consume_token(&Token::SemiColon) {}
            if parser.peek_token_ref().token == Token::EOF {
                return Ok(Self { statements, spelling });
            }
            statements.push(statement(&mut parser)?);
        }
    }
}

/// Leaves `OPTION (...)` out: advice to an optimizer that is not here.
fn without_options(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let option = word(&token.token).as_deref() == Some("option");
        if !option || !opens(&mut rest) {
            kept.push(token);
            continue;
        }
        let mut depth = 0_i32;
        for token in rest.by_ref() {
            depth += match token.token {
                Token::LParen => 1,
                Token::RParen => -1,
                _ => 0,
            };
            if depth == 0 {
                break;
            }
        }
    }
    kept
}

/// Whether a bracket comes next, after blanks.
fn opens(rest: &mut std::iter::Peekable<impl Iterator<Item = TokenWithSpan>>) -> bool {
    while rest.next_if(|t| matches!(t.token, Token::Whitespace(_))).is_some() {}
    rest.peek().is_some_and(|t| t.token == Token::LParen)
}

/// Folds every name, quoted or not: SQL Server compares them without regard to case.
fn fold_names(tokens: &mut [TokenWithSpan]) -> HashMap<String, String> {
    let mut spelling = HashMap::new();
    for token in tokens {
        if let Token::Word(word) = &mut token.token {
            // The tokenizer keeps a doubled closing bracket doubled.
            let typed = if word.quote_style == Some('[') {
                word.value.replace("]]", "]")
            } else {
                word.value.clone()
            };
            word.value = fold(&typed);
            spelling.entry(word.value.clone()).or_insert(typed);
        }
    }
    spelling
}

fn word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(fold(&word.value)),
        _ => None,
    }
}

fn statement(parser: &mut Parser<'_>) -> Result<Statement, SqlError> {
    let first = word(&parser.peek_token_ref().token).unwrap_or_default();
    match first.as_str() {
        "set" => set(parser),
        "use" => {
            parser.next_token();
            let name = parser.parse_identifier().map_err(syntax)?;
            Ok(Statement::Use(name.value))
        }
        "begin" => transaction(parser, Statement::Begin),
        "commit" => transaction(parser, Statement::Commit),
        "rollback" => transaction(parser, Statement::Rollback),
        "select" | "with" => query(parser),
        "insert" | "update" | "delete" => {
            let statement = parser.parse_statement().map_err(syntax)?;
            ended(parser)?;
            Ok(Statement::Edit(Box::new(Edit::of(statement)?)))
        }
        _ if parser.peek_token_ref().token == Token::LParen => query(parser),
        _ => Err(SqlError::unsupported(&format!("A statement that begins with {first:?}"))),
    }
}

fn syntax(error: impl std::fmt::Display) -> SqlError {
    SqlError::syntax(format!("Incorrect syntax: {error}"))
}

fn query(parser: &mut Parser<'_>) -> Result<Statement, SqlError> {
    let query = parser.parse_query().map_err(syntax)?;
    if let SetExpr::Select(select) = query.body.as_ref()
        && select.into.is_some()
    {
        return Err(SqlError::unsupported("SELECT ... INTO"));
    }
    ended(parser)?;
    Ok(Statement::Query(query))
}

/// Words that can begin a statement.
const BEGINNINGS: [&str; 14] = [
    "select", "set", "use", "begin", "commit", "rollback", "with", "declare", "exec", "execute",
    "if", "insert", "update", "delete",
];

/// After a statement comes another one, a semicolon or nothing.
fn ended(parser: &Parser<'_>) -> Result<(), SqlError> {
    let next = &parser.peek_token_ref().token;
    let beginning = word(next).is_some_and(|w| BEGINNINGS.contains(&w.as_str()));
    if beginning || matches!(next, Token::SemiColon | Token::EOF) {
        return Ok(());
    }
    Err(SqlError::syntax(format!("Incorrect syntax near '{next}'.")))
}

/// `BEGIN TRAN[SACTION] [name]`, `COMMIT [TRAN | WORK]`, and so on.
fn transaction(parser: &mut Parser<'_>, kind: Statement) -> Result<Statement, SqlError> {
    parser.next_token();
    let word = word(&parser.peek_token_ref().token).unwrap_or_default();
    let named = match word.as_str() {
        "tran" | "transaction" | "work" => {
            parser.next_token();
            true
        }
        _ if kind == Statement::Begin => return Err(SqlError::unsupported("BEGIN ... END")),
        _ => false,
    };
    if named && ended(parser).is_err() {
        parser.next_token();
    }
    ended(parser)?;
    Ok(kind)
}

/// Options that SQL Server knows and that change nothing for a reader.
const OPTIONS: [&str; 20] = [
    "ansi_defaults",
    "ansi_null_dflt_on",
    "ansi_nulls",
    "ansi_padding",
    "ansi_warnings",
    "arithabort",
    "concat_null_yields_null",
    "cursor_close_on_commit",
    "datefirst",
    "dateformat",
    "deadlock_priority",
    "implicit_transactions",
    "language",
    "lock_timeout",
    "nocount",
    "numeric_roundabort",
    "quoted_identifier",
    "rowcount",
    "textsize",
    "xact_abort",
];

/// `SET option value`; several options may stand before one ON or OFF.
fn set(parser: &mut Parser<'_>) -> Result<Statement, SqlError> {
    parser.next_token();
    let mut words = Vec::new();
    loop {
        let next = &parser.peek_token_ref().token;
        if matches!(next, Token::SemiColon | Token::EOF)
            || (words.len() > 1 && ended(parser).is_ok())
        {
            break;
        }
        let next = parser.next_token().token;
        words.push(word(&next).unwrap_or_else(|| next.to_string()));
    }
    let option = words.first().map_or("", String::as_str);
    match option {
        "transaction" => isolation(&words).map(Statement::Isolation),
        _ if OPTIONS.contains(&option) => Ok(Statement::Set),
        _ => Err(SqlError::new(195, 15, format!("'{option}' is not a recognized SET option."))),
    }
}

fn isolation(words: &[String]) -> Result<Isolation, SqlError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["transaction", "isolation", "level", level @ ..] => match level {
            ["read", "uncommitted"] => Ok(Isolation::ReadUncommitted),
            ["read", "committed"] => Ok(Isolation::ReadCommitted),
            ["repeatable", "read"] => Ok(Isolation::RepeatableRead),
            ["snapshot"] => Ok(Isolation::Snapshot),
            ["serializable"] => Ok(Isolation::Serializable),
            _ => Err(SqlError::syntax(format!("Incorrect syntax near '{}'.", level.join(" ")))),
        },
        _ => Err(SqlError::syntax("Incorrect syntax near 'TRANSACTION'.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        let script = Script::parse(text).unwrap();
        let kind = |s: &Statement| match s {
            Statement::Query(query) => query.to_string(),
            other => format!("{other:?}"),
        };
        script.statements.iter().map(kind).collect()
    }

    #[test]
    fn statements_need_no_semicolon_between_them() {
        assert_eq!(
            kinds("SET NOCOUNT ON SELECT 1 SELECT 2; use [LcsCDR]"),
            ["Set", "SELECT 1", "SELECT 2", "Use(\"lcscdr\")"]
        );
        assert_eq!(
            // After a query COMMIT would be read as an alias.
            kinds("set transaction isolation level snapshot begin tran select 1; commit tran"),
            ["Isolation(Snapshot)", "Begin", "SELECT 1", "Commit"]
        );
        assert_eq!(kinds("SET LOCK_TIMEOUT -1\nSET ansi_nulls, ansi_padding on"), ["Set", "Set"]);
    }

    #[test]
    fn options_are_left_out() {
        assert_eq!(
            kinds("SELECT [a] FROM [dbo].[T] WHERE (b) > 1 OPTION (MAXDOP 1, FAST 5)"),
            ["SELECT [a] FROM [dbo].[t] WHERE (b) > 1"]
        );
    }

    #[test]
    fn names_keep_how_they_were_typed() {
        let script = Script::parse("SELECT [SessionId] AS x FROM [Odd]]Name]").unwrap();
        assert_eq!(script.spelling["sessionid"], "SessionId");
        assert_eq!(script.spelling["odd]name"], "Odd]Name");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (text, number) in [
            ("SELECT 1 FROM", 102),
            ("DROP TABLE t", 40_515),
            ("SELECT * INTO #t FROM u", 40_515),
            ("SET sillyness ON", 195),
            ("SELECT 1 1", 102),
            ("SELECT 'a", 102),
        ] {
            assert_eq!(Script::parse(text).unwrap_err().number, number, "{text}");
        }
    }
}
