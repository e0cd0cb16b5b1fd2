//! Tokens for colouring a line as it is typed; never fails.

use std::ops::Range;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{
    Location, Token as SqlToken, TokenWithSpan, Tokenizer, TokenizerError, Whitespace,
};

use super::dialect::CdrDialect;
use super::params::parameter_name;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Keyword,
    Identifier,
    String,
    Number,
    Comment,
    Operator,
    Parameter,
    /// What the tokenizer could not read: an unclosed quote, comment or bracket.
    Error,
}

/// A stretch of text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
}

/// The tokens of a text, white space left out. What cannot be read is one `Error` to the end.
pub fn tokens(text: &str) -> Vec<Token> {
    let (read, failed) = read(text);
    let mut offsets = Offsets::new(text);
    let mut tokens: Vec<Token> = read
        .iter()
        .filter_map(|t| {
            let range = offsets.of(t.span.start)..offsets.of(t.span.end);
            Some(Token { kind: kind(&t.token)?, range })
        })
        .collect();
    if failed.is_some() {
        let start = read.last().map_or(0, |t| Offsets::new(text).of(t.span.end));
        tokens.push(Token { kind: TokenKind::Error, range: start..text.len() });
    }
    tokens
}

/// Everything up to the first fault, and the fault.
pub(super) fn read(text: &str) -> (Vec<TokenWithSpan>, Option<TokenizerError>) {
    let mut tokens = Vec::new();
    let failed =
        Tokenizer::new(&CdrDialect, text).tokenize_with_location_into_buf(&mut tokens).err();
    (tokens, failed)
}

fn kind(token: &SqlToken) -> Option<TokenKind> {
    Some(match token {
        SqlToken::EOF => return None,
        SqlToken::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => TokenKind::Comment,
        SqlToken::Whitespace(_) => return None,
        SqlToken::Number(..) => TokenKind::Number,
        token if parameter_name(token).is_some() => TokenKind::Parameter,
        SqlToken::Word(word) if word.keyword != Keyword::NoKeyword => TokenKind::Keyword,
        SqlToken::Word(_) => TokenKind::Identifier,
        SqlToken::SingleQuotedString(_)
        | SqlToken::NationalStringLiteral(_)
        | SqlToken::EscapedStringLiteral(_)
        | SqlToken::UnicodeStringLiteral(_)
        | SqlToken::HexStringLiteral(_)
        | SqlToken::SingleQuotedByteStringLiteral(_) => TokenKind::String,
        _ => TokenKind::Operator,
    })
}

/// Turns the tokenizer's line and column into byte offsets, walking the text once: questions must
/// come in order.
pub(super) struct Offsets<'a> {
    text: &'a str,
    offset: usize,
    line: u64,
    column: u64,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, offset: 0, line: 1, column: 1 }
    }

    /// A stretch of a longer text, which begins at `place` of it.
    pub(super) fn from(text: &'a str, place: Location) -> Self {
        Self { text, offset: 0, line: place.line, column: place.column }
    }

    pub(super) fn of(&mut self, place: Location) -> usize {
        while (self.line, self.column) < (place.line, place.column) {
            let Some(c) = self.text[self.offset..].chars().next() else { break };
            self.offset += c.len_utf8();
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        tokens(text).into_iter().map(|t| (t.kind, &text[t.range])).collect()
    }

    #[test]
    fn a_line_is_coloured_by_kind() {
        use TokenKind::*;
        assert_eq!(
            kinds("SELECT [é x], @p -- note\n FROM t WHERE a='b' AND n>1.5"),
            [
                (Keyword, "SELECT"),
                (Identifier, "[é x]"),
                (Operator, ","),
                (Parameter, "@p"),
                (Comment, "-- note\n"),
                (Keyword, "FROM"),
                (Identifier, "t"),
                (Keyword, "WHERE"),
                (Identifier, "a"),
                (Operator, "="),
                (String, "'b'"),
                (Keyword, "AND"),
                (Identifier, "n"),
                (Operator, ">"),
                (Number, "1.5"),
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_is_an_error_to_the_end() {
        assert_eq!(kinds("SELECT 'ab").last(), Some(&(TokenKind::Error, "'ab")));
    }
}
