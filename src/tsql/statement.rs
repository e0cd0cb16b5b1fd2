//! One statement: its text, its place, and how it is parsed.

use std::collections::HashMap;

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement as DfStatement};
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::dialect::CdrDialect;
use super::{Params, depth, fold, lower, title};
use crate::error::{Error, Position, Result};

/// Nesting that a statement may have; the parser grows its stack on the heap.
const NESTING: usize = 250;

/// Words that begin a statement of a T-SQL program.
const PROGRAM: [&str; 8] =
    ["DECLARE", "IF", "WHILE", "PRINT", "BEGIN", "RAISERROR", "THROW", "WAITFOR"];

/// Switches of SQL Server whose better half is always on here, or that have no meaning.
const IDLE: [&str; 7] = [
    "nocount",
    "ansi_nulls",
    "ansi_padding",
    "ansi_warnings",
    "arithabort",
    "quoted_identifier",
    "xact_abort",
];

/// One statement of a text, tokenised, not yet parsed: parameters are still open.
#[derive(Debug, Clone)]
pub struct Statement {
    text: String,
    tokens: Vec<TokenWithSpan>,
    repeat: u32,
}

/// A parsed and lowered statement, and the names that its result shows.
#[derive(Debug)]
pub struct Parsed {
    pub statement: DfStatement,
    pub spelling: Spelling,
}

/// Output names as they were typed, by the name that the plan knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelling(HashMap<String, String>);

impl Spelling {
    /// The typed spelling of an alias or of an unnamed expression.
    pub fn of(&self, planned: &str) -> Option<&str> {
        self.0.get(planned).map(String::as_str)
    }

    pub(super) fn learn(&mut self, planned: impl Into<String>, typed: impl Into<String>) {
        self.0.insert(planned.into(), typed.into());
    }
}

/// Spelling of the words in a text, by where they stand.
pub(super) type Words = HashMap<Location, String>;

impl Statement {
    pub(super) fn new(text: &str, tokens: Vec<TokenWithSpan>) -> Self {
        Self { text: text.to_string(), tokens, repeat: 1 }
    }

    pub(super) fn set_repeat(&mut self, times: u32) {
        self.repeat = times;
    }

    /// The statement as typed, without its terminator.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it starts in the text that was split.
    pub fn position(&self) -> Position {
        self.tokens.first().map_or(Position { line: 1, column: 1 }, |t| position(t.span.start))
    }

    /// The line on which it starts.
    pub fn line(&self) -> usize {
        self.position().line
    }

    /// How often `GO n` wants it run.
    pub fn repeat(&self) -> u32 {
        self.repeat
    }

    /// Binds the parameters, folds the names, parses and lowers.
    ///
    /// # Errors
    /// An unbound parameter or a syntax error, with its place in the text that was split.
    pub fn parse(&self, params: &Params) -> Result<Parsed> {
        self.refuse_program()?;
        depth::check(&self.tokens)?;
        let mut words = Words::new();
        let titles = title::titles(&self.tokens, &self.text);
        let tokens = params.bind(self.tokens.clone())?;
        let tokens = tokens.into_iter().map(|t| folded(t, &mut words)).collect::<Vec<_>>();
        let mut statements = DFParserBuilder::new(tokens)
            .with_dialect(&CdrDialect)
            .with_recursion_limit(NESTING)
            .build()
            .and_then(|mut parser| parser.parse_statements())
            .map_err(|e| self.syntax_error(&e))?;
        let Some(mut statement) = statements.pop_front() else {
            return Err(Error::statement("there is no statement here"));
        };
        let mut spelling = Spelling::default();
        lower::lower(&mut statement).map_err(|e| e.at_if_unplaced(self.position()))?;
        title::name_outputs(&mut statement, &titles, &words, &mut spelling);
        Ok(Parsed { statement, spelling })
    }

    /// True for a switch of SQL Server's that changes nothing here: `SET NOCOUNT ON`.
    pub fn is_idle(&self) -> bool {
        let words: Vec<String> =
            self.tokens.iter().take(4).map(|t| fold(&t.token.to_string())).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["set", switch, "on" | "off"] => IDLE.contains(&switch),
            ["set", "transaction", "isolation", "level"] => true,
            _ => false,
        }
    }

    /// T-SQL is a language of programs, too; those are not run here.
    fn refuse_program(&self) -> Result<()> {
        let word = self.tokens.first().map(|t| t.token.to_string().to_uppercase());
        let Some(word) = word.filter(|word| PROGRAM.contains(&word.as_str())) else {
            return Ok(());
        };
        let error = Error::statement(format!("{word} is not supported")).at(self.position());
        Err(match word.as_str() {
            "DECLARE" => {
                error.hinted("use a parameter: --param name=value, then @name in the text")
            }
            _ => error.hinted("statements run one after the other, without variables or branches"),
        })
    }

    fn syntax_error(&self, error: &DataFusionError) -> Error {
        let message = match error.find_root() {
            DataFusionError::SQL(e, _) => match e.as_ref() {
                ParserError::ParserError(m) | ParserError::TokenizerError(m) => m.clone(),
                ParserError::RecursionLimitExceeded => {
                    format!("the statement is nested more than {NESTING} levels deep")
                }
            },
            other => other.strip_backtrace(),
        };
        let (message, place) = split_place(&message);
        let message = message.replace("found: EOF", "found the end of the statement");
        Error::statement(message).at(place.unwrap_or_else(|| self.end()))
    }

    fn end(&self) -> Position {
        self.tokens.last().map_or(Position { line: 1, column: 1 }, |t| position(t.span.end))
    }
}

/// sqlparser's place as ours.
pub(super) fn position(place: Location) -> Position {
    Position { line: place.line as usize, column: place.column as usize }
}

/// Folds an identifier, quoted or not, and remembers how it was typed; N'text' is text.
fn folded(mut token: TokenWithSpan, words: &mut Words) -> TokenWithSpan {
    match &mut token.token {
        Token::Word(word) => {
            let typed = std::mem::take(&mut word.value);
            word.value = fold(&typed);
            if word.value != typed {
                words.insert(token.span.start, typed);
            }
        }
        Token::NationalStringLiteral(text) => {
            token.token = Token::SingleQuotedString(std::mem::take(text));
        }
        _ => {}
    }
    token
}

/// Cuts "... at Line: 3, Column: 14" off a parser's message.
fn split_place(message: &str) -> (&str, Option<Position>) {
    let Some((what, place)) = message.rsplit_once(" at Line: ") else { return (message, None) };
    let numbers = place.split_once(", Column: ").and_then(|(line, column)| {
        Some(Position { line: line.parse().ok()?, column: column.trim().parse().ok()? })
    });
    (what, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tsql::{Value, split};

    fn parse(text: &str, params: &Params) -> Result<String> {
        split(text)?[0].parse(params).map(|p| p.statement.to_string())
    }

    #[test]
    fn every_spelling_of_a_name_is_one_name() {
        let none = Params::new();
        let one = parse("select UserUri from LcsCDR.dbo.Users", &none).unwrap();
        assert_eq!(one, "SELECT useruri FROM lcscdr.dbo.users");
        let two = parse("select [USERURI] from [LcsCdr].[DBO].\"Users\"", &none).unwrap();
        assert_eq!(two, "SELECT [useruri] FROM [lcscdr].[dbo].\"users\"");
    }

    #[test]
    fn parameters_are_values_not_text() {
        let mut params = Params::new();
        params.set("who", Value::text("x' OR '1'='1"));
        params.set("n", Value::Int(-3));
        let bound = parse("select * from t where a = $who and b > @N", &params).unwrap();
        assert_eq!(bound, "SELECT * FROM t WHERE a = 'x'' OR ''1''=''1' AND b > (-3)");
    }

    #[test]
    fn an_unbound_parameter_is_shown_where_it_stands() {
        let error = parse("select 1,\n  $month", &Params::new()).unwrap_err();
        assert_eq!(error.message, "parameter $month has no value");
        assert_eq!(error.position, Some(Position { line: 2, column: 3 }));
    }

    #[test]
    fn declare_is_refused_with_the_way_out() {
        let error = parse("declare @x int = 5", &Params::new()).unwrap_err();
        assert!(error.message.contains("DECLARE") && error.hints[0].contains("--param"));
    }

    #[test]
    fn switches_without_a_meaning_are_known() {
        let idle = |text: &str| split(text).unwrap()[0].is_idle();
        assert!(idle("SET NOCOUNT ON") && idle("set ansi_nulls off;"));
        assert!(idle("set transaction isolation level read uncommitted"));
        assert!(!idle("set cdrql.time_zone = 'UTC'") && !idle("set language on"));
    }

    #[test]
    fn a_syntax_error_names_its_place() {
        let error = parse("select (1\n from t", &Params::new()).unwrap_err();
        assert_eq!(error.position.map(|p| p.line), Some(2), "{error:?}");
    }

    #[test]
    fn what_sql_server_people_type_parses() {
        let none = Params::new();
        for text in [
            "select c = count(*) from t with (nolock)",
            "select a.x from a left join b inner join c on b.i = c.i on a.i = b.i",
            "select N'x', t.[order] from [group] as t",
            "select sum(x) filter (where y > 1) from t",
            "select * from f(t, hops => 2)",
        ] {
            assert!(parse(text, &none).is_ok(), "{text}: {:?}", parse(text, &none));
        }
    }
}
