//! Where statements end: at `;`, at a line that says `GO`, at the end of the text.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, TokenizerError, Whitespace};

use super::statement::{Statement, position};
use super::tokens::{Offsets, read};
use crate::error::{Error, Result};

/// Splits a text into its statements. Empty ones are left out; `GO n` repeats what stands before
/// it since the last `GO`.
///
/// # Errors
/// A quote, bracket or comment that is not closed, with the place where it opens.
pub fn split(text: &str) -> Result<Vec<Statement>> {
    let (tokens, failed) = read(text);
    if let Some(failed) = failed {
        return Err(unreadable(&failed));
    }
    let mut splitter = Splitter::new(text);
    let mut rest = tokens.as_slice();
    while let [first, tail @ ..] = rest {
        if let Some((repeat, length)) = go_line(rest, splitter.line_is_blank()) {
            splitter.end_batch(repeat);
            rest = &rest[length..];
        } else if first.token == Token::SemiColon {
            splitter.end_statement();
            rest = tail;
        } else {
            splitter.push(first);
            rest = tail;
        }
    }
    splitter.end_statement();
    Ok(splitter.done)
}

/// True where the text ends in `;` or a `GO` line outside quotes, comments and brackets.
pub fn is_complete(text: &str) -> bool {
    let (tokens, failed) = read(text);
    if failed.is_some() {
        return false;
    }
    let blank = |t: &TokenWithSpan| matches!(t.token, Token::Whitespace(_) | Token::EOF);
    let Some(last) = tokens.iter().rposition(|t| !blank(t)) else { return true };
    if tokens[last].token == Token::SemiColon {
        return true;
    }
    let line_start = tokens[..last].iter().rposition(is_newline).map_or(0, |at| at + 1);
    let words =
        tokens[line_start..].iter().position(|t| !blank(t)).map_or(last, |at| line_start + at);
    go_line(&tokens[words..], true).is_some()
}

struct Splitter<'a> {
    text: &'a str,
    offsets: Offsets<'a>,
    current: Vec<TokenWithSpan>,
    done: Vec<Statement>,
    /// Where in `done` the batch began that a `GO n` would repeat.
    batch: usize,
    blank_line: bool,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        let offsets = Offsets::new(text);
        Self { text, offsets, current: Vec::new(), done: Vec::new(), batch: 0, blank_line: true }
    }

    fn line_is_blank(&self) -> bool {
        self.blank_line
    }

    fn push(&mut self, token: &TokenWithSpan) {
        match token.token {
            _ if is_newline(token) => self.blank_line = true,
            Token::Whitespace(_) | Token::EOF => {}
            _ => {
                self.blank_line = false;
                self.current.push(token.clone());
            }
        }
    }

    fn end_statement(&mut self) {
        self.blank_line = false;
        let tokens = std::mem::take(&mut self.current);
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        let start = self.offsets.of(first.span.start);
        let end = self.offsets.of(last.span.end);
        self.done.push(Statement::new(&self.text[start..end], tokens));
    }

    fn end_batch(&mut self, repeat: u32) {
        self.end_statement();
        self.blank_line = true;
        let once: Vec<Statement> = self.done[self.batch..].to_vec();
        match once.as_slice() {
            [_] if repeat > 0 => self.done[self.batch].set_repeat(repeat),
            _ if repeat == 0 => self.done.truncate(self.batch),
            _ => (1..repeat).for_each(|_| self.done.extend_from_slice(&once)),
        }
        self.batch = self.done.len();
    }
}

/// How often a `GO` line repeats and how many tokens it has, if `tokens` begin with one.
fn go_line(tokens: &[TokenWithSpan], at_line_start: bool) -> Option<(u32, usize)> {
    let [first, rest @ ..] = tokens else { return None };
    let Token::Word(word) = &first.token else { return None };
    if !at_line_start || word.quote_style.is_some() || !word.value.eq_ignore_ascii_case("go") {
        return None;
    }
    let length = rest.iter().position(is_newline).unwrap_or(rest.len());
    let mut words = rest[..length].iter().filter(|t| !is_blank(t));
    let repeat = match (words.next().map(|t| &t.token), words.next()) {
        (None, _) => 1,
        (Some(Token::Number(n, false)), None) => n.parse().ok()?,
        _ => return None,
    };
    Some((repeat, length + 1))
}

fn is_blank(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_) | Token::EOF | Token::SemiColon)
}

/// A line comment swallows its line break.
fn is_newline(token: &TokenWithSpan) -> bool {
    matches!(
        token.token,
        Token::Whitespace(Whitespace::Newline | Whitespace::SingleLineComment { .. })
    )
}

fn unreadable(failed: &TokenizerError) -> Error {
    let what = match failed.message.as_str() {
        m if m.starts_with("Unterminated string literal") => "this quote is not closed",
        m if m.contains("multi-line comment") => "a /* comment is not closed",
        m if m.contains("close delimiter") => "this bracket or quoted name is not closed",
        m => m,
    };
    Error::statement(what.to_string()).at(position(failed.location))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).unwrap().iter().map(|s| s.text().to_string()).collect()
    }

    #[test]
    fn semicolons_in_strings_comments_and_brackets_do_not_split() {
        let text = "select ';' /* ; */, [a;b] -- it's;\nfrom t; select 2";
        assert_eq!(texts(text), ["select ';' /* ; */, [a;b] -- it's;\nfrom t", "select 2"]);
    }

    #[test]
    fn go_stands_alone_on_its_line() {
        assert_eq!(
            texts("select 1\nGO\nselect 2\n go 2 \nselect go from t"),
            ["select 1", "select 2", "select go from t"]
        );
        assert_eq!(split("select 2\ngo 3").unwrap()[0].repeat(), 3);
    }

    #[test]
    fn go_repeats_its_whole_batch() {
        assert_eq!(
            texts("select 1; select 2\nGO 2"),
            ["select 1", "select 2", "select 1", "select 2"]
        );
        assert_eq!(texts("select 0\nGO 0\nselect 1"), ["select 1"]);
    }

    #[test]
    fn lines_count_from_the_start_of_the_text() {
        let lines: Vec<usize> =
            split("\n\nselect 1;\nselect\n2").unwrap().iter().map(Statement::line).collect();
        assert_eq!(lines, [3, 4]);
    }

    #[test]
    fn completeness_is_decided_by_tokens() {
        for complete in ["", "select 1;", "select 1; -- done", "select 1\nGO", "select ';';", "go"]
        {
            assert!(is_complete(complete), "{complete:?}");
        }
        for open in
            ["select 1", "select 1 -- ;", "select ';", "select /* ;", "select [a;", "go away"]
        {
            assert!(!is_complete(open), "{open:?}");
        }
    }

    #[test]
    fn an_open_quote_is_shown_where_it_opens() {
        let error = split("select 1;\nselect 'abc").unwrap_err();
        assert_eq!(error.position.map(|p| (p.line, p.column)), Some((2, 8)));
    }
}
