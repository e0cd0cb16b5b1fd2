//! Parameters: `$month` or `@month` in the text, bound by value.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::fold;
use crate::error::{Error, Result};

/// A value that a parameter stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// `YYYY-MM-DD`
    Date(String),
    /// `YYYY-MM-DD hh:mm:ss[.fff]`, UTC
    Timestamp(String),
}

impl Value {
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// Reads `value` as the named type: text, int, float, bool, date, timestamp or null.
    fn typed(type_name: &str, value: &str) -> Option<Self> {
        Some(match type_name.to_ascii_lowercase().as_str() {
            "text" => Self::text(value),
            "int" => Self::Int(value.parse().ok()?),
            "float" => Self::Float(value.parse().ok().filter(|v: &f64| v.is_finite())?),
            "bool" => Self::Bool(value.to_ascii_lowercase().parse().ok()?),
            "date" => Self::Date(value.into()),
            "timestamp" => Self::Timestamp(value.into()),
            "null" => Self::Null,
            _ => return None,
        })
    }

    /// The literal's tokens; negative numbers in parentheses, so that no operator can bind inside.
    fn tokens(&self) -> Vec<Token> {
        let quoted = |text: &str| Token::SingleQuotedString(text.into());
        let number = |text: String| match text.strip_prefix('-') {
            Some(positive) => {
                vec![
                    Token::LParen,
                    Token::Minus,
                    Token::Number(positive.into(), false),
                    Token::RParen,
                ]
            }
            None => vec![Token::Number(text, false)],
        };
        match self {
            Self::Null => vec![Token::make_keyword("NULL")],
            Self::Text(text) => vec![quoted(text)],
            Self::Int(value) => number(value.to_string()),
            Self::Float(value) => number(format!("{value:?}")),
            Self::Bool(value) => vec![Token::make_keyword(if *value { "TRUE" } else { "FALSE" })],
            Self::Date(text) => vec![Token::make_keyword("DATE"), quoted(text)],
            Self::Timestamp(text) => vec![Token::make_keyword("TIMESTAMP"), quoted(text)],
        }
    }
}

/// Bound parameters; names compare without regard to case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params {
    values: BTreeMap<String, Value>,
}

impl Params {
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds or rebinds a name, given with or without its `$` or `@`.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(fold(bare(name)), value);
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.values.remove(&fold(bare(name)))
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(&fold(bare(name)))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Reads `NAME=VALUE` (text) or `NAME:TYPE=VALUE` and binds it.
    pub fn parse(&mut self, binding: &str) -> Result<()> {
        let (left, value) = binding
            .split_once('=')
            .ok_or_else(|| Error::usage(format!("parameter {binding:?}: expected NAME=VALUE")))?;
        let (name, type_name) = left.split_once(':').unwrap_or((left, "text"));
        if name.is_empty() {
            return Err(Error::usage(format!("parameter {binding:?}: the name is missing")));
        }
        let value = Value::typed(type_name, value).ok_or_else(|| {
            Error::usage(format!("parameter {name}: {value:?} is not of type {type_name}"))
                .hinted("types are text, int, float, bool, date, timestamp, null")
        })?;
        self.set(name, value);
        Ok(())
    }

    /// Replaces every parameter token by its literal, in place of the same span.
    pub(super) fn bind(&self, tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>> {
        let mut bound = Vec::with_capacity(tokens.len());
        for token in tokens {
            match parameter_name(&token.token) {
                None => bound.push(token),
                Some(name) => match self.get(name) {
                    Some(value) => bound.extend(
                        value.tokens().into_iter().map(|t| TokenWithSpan::new(t, token.span)),
                    ),
                    None if is_positional(name) => bound.push(token),
                    None => return Err(unbound(name, &token)),
                },
            }
        }
        Ok(bound)
    }
}

/// `$1` belongs to PREPARE and EXECUTE; it is bound here only when somebody gave it a value.
fn is_positional(name: &str) -> bool {
    name.starts_with('$') && bare(name).bytes().all(|b| b.is_ascii_digit())
}

/// The parameter that a token names, with its mark.
pub(super) fn parameter_name(token: &Token) -> Option<&str> {
    match token {
        Token::Placeholder(name) if name.starts_with('$') => Some(name),
        Token::Word(word)
            if word.quote_style.is_none()
                && word.keyword == Keyword::NoKeyword
                && word.value.starts_with('@')
                && !word.value.starts_with("@@") =>
        {
            Some(&word.value)
        }
        _ => None,
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches(['$', '@'])
}

fn unbound(name: &str, token: &TokenWithSpan) -> Error {
    Error::statement(format!("parameter {name} has no value"))
        .at(super::statement::position(token.span.start))
        .hinted(format!("bind it: --param {0}=VALUE, or .param set {0} VALUE", bare(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_are_text_unless_typed() {
        let mut params = Params::new();
        params.parse("Month=2014-02").unwrap();
        params.parse("n:int=-5").unwrap();
        assert_eq!(params.get("@MONTH"), Some(&Value::text("2014-02")));
        assert_eq!(params.get("$n"), Some(&Value::Int(-5)));
        assert_eq!(
            params.parse("n:int=five").unwrap_err().message,
            "parameter n: \"five\" is not of type int"
        );
        assert!(params.parse("x").is_err());
    }

    #[test]
    fn an_equals_sign_may_stand_in_the_value() {
        let mut params = Params::new();
        params.parse("q=a=b").unwrap();
        assert_eq!(params.get("q"), Some(&Value::text("a=b")));
    }
}
