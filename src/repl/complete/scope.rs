//! Which relations a statement names, and what its place at the cursor expects.

use crate::repl::naming::unquoted;
use crate::tsql::{Token, TokenKind};

/// A table or view named in FROM or JOIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// `LcsCDR.dbo.SessionDetails` as its parts, without quotes.
    pub path: Vec<String>,
    pub alias: Option<String>,
}

impl Relation {
    /// The name that its columns are qualified by.
    pub fn name(&self) -> Option<&str> {
        self.alias.as_deref().or_else(|| self.path.last().map(String::as_str))
    }
}

/// What a statement's tokens told, read from left to right.
#[derive(Debug, Default)]
pub struct Scope {
    pub relations: Vec<Relation>,
    /// Names that WITH gives to subqueries.
    pub named_queries: Vec<String>,
    frames: Vec<Frame>,
}

/// One level of parentheses.
#[derive(Debug, Default, Clone, Copy)]
struct Frame {
    /// The last clause word was FROM, JOIN or alike: a comma begins another relation.
    relations: bool,
    /// These are the arguments of a table function.
    table_function: bool,
}

/// What can stand after the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Statement,
    Relation,
    Catalog,
    File,
    Expression,
}

impl Scope {
    pub fn read(text: &str, tokens: &[Token]) -> Self {
        let words = Words { text, tokens };
        let mut scope = Self { frames: vec![Frame::default()], ..Self::default() };
        for at in 0..tokens.len() {
            scope.step(&words, at);
        }
        scope
    }

    /// What the end of these tokens, which the scope was read from, expects.
    pub fn expected(&self, text: &str, tokens: &[Token]) -> Expected {
        let words = Words { text, tokens };
        let Some(last) = tokens.len().checked_sub(1) else { return Expected::Statement };
        let frame = self.frames.last().copied().unwrap_or_default();
        match words.upper(last).as_str() {
            "USE" => Expected::Catalog,
            "LOCATION" => Expected::File,
            "TO" if words.upper(0) == "COPY" => Expected::File,
            "DESC" | "DESCRIBE" if last == 0 => Expected::Relation,
            word if begins_relation(word) => Expected::Relation,
            "," if frame.relations => Expected::Relation,
            "(" | "," if frame.table_function => Expected::Relation,
            _ => Expected::Expression,
        }
    }

    fn step(&mut self, words: &Words<'_>, at: usize) {
        let word = words.upper(at);
        match word.as_str() {
            "(" => {
                let table_function = self.calls_relation(words, at);
                self.frames.push(Frame { relations: false, table_function });
            }
            // Too many closing parentheses are the parser's matter.
            ")" if self.frames.len() > 1 => drop(self.frames.pop()),
            "," if self.top().relations => self.relations.extend(words.relation(at + 1)),
            "AS" if words.upper(at + 1) == "(" => self.named_queries.extend(words.name_before(at)),
            word if words.is_keyword(at) && begins_relation(word) => {
                self.top().relations = true;
                self.relations.extend(words.relation(at + 1));
            }
            word if words.is_keyword(at) && ends_relations(word) => self.top().relations = false,
            _ => {}
        }
    }

    fn top(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// True where the `(` follows a name in FROM.
    fn calls_relation(&mut self, words: &Words<'_>, at: usize) -> bool {
        let before = at.checked_sub(2).map(|at| words.upper(at)).unwrap_or_default();
        let follows = begins_relation(&before) || (before == "," && self.top().relations);
        follows && words.is_name(at - 1)
    }
}

fn begins_relation(word: &str) -> bool {
    matches!(word, "FROM" | "JOIN" | "INTO" | "UPDATE" | "TABLE" | "APPLY")
}

fn ends_relations(word: &str) -> bool {
    matches!(
        word,
        "SELECT"
            | "ON"
            | "WHERE"
            | "GROUP"
            | "HAVING"
            | "WINDOW"
            | "QUALIFY"
            | "ORDER"
            | "LIMIT"
            | "OFFSET"
            | "UNION"
            | "EXCEPT"
            | "INTERSECT"
            | "SET"
            | "VALUES"
    )
}

/// The tokens with their text.
struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &self.text[token.range.clone()])
    }

    fn upper(&self, at: usize) -> String {
        self.text(at).to_uppercase()
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is_keyword(&self, at: usize) -> bool {
        self.kind(at) == Some(TokenKind::Keyword)
    }

    /// Many names of the schema are also words of SQL; those that shape a FROM clause are not names.
    fn is_name(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(TokenKind::Identifier) => true,
            Some(TokenKind::Keyword) => {
                let word = self.upper(at);
                !begins_relation(&word) && !ends_relations(&word) && !joins(&word)
            }
            _ => false,
        }
    }

    fn name_before(&self, at: usize) -> Option<String> {
        let before = at.checked_sub(1)?;
        self.is_name(before).then(|| unquoted(self.text(before)).to_owned())
    }

    /// The relation whose name begins at a token: `a.b.c [AS] alias`.
    fn relation(&self, mut at: usize) -> Option<Relation> {
        let mut path = Vec::new();
        while self.is_name(at) {
            path.push(unquoted(self.text(at)).to_owned());
            if self.text(at + 1) != "." {
                break;
            }
            // `LcsCDR..SessionDetails` leaves the schema out.
            at += if self.text(at + 2) == "." { 3 } else { 2 };
        }
        let explicit = self.upper(at + 1) == "AS";
        let alias = if explicit { at + 2 } else { at + 1 };
        let named =
            self.is_name(alias) && (explicit || self.kind(alias) == Some(TokenKind::Identifier));
        let alias = named.then(|| unquoted(self.text(alias)).to_owned());
        (!path.is_empty()).then_some(Relation { path, alias })
    }
}

fn joins(word: &str) -> bool {
    matches!(
        word,
        "AS" | "INNER"
            | "LEFT"
            | "RIGHT"
            | "FULL"
            | "CROSS"
            | "OUTER"
            | "NATURAL"
            | "LATERAL"
            | "WITH"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tsql::tokens;

    fn relations(text: &str) -> Vec<String> {
        let shown = |r: Relation| match r.alias {
            Some(alias) => format!("{} {alias}", r.path.join(".")),
            None => r.path.join("."),
        };
        Scope::read(text, &tokens(text)).relations.into_iter().map(shown).collect()
    }

    fn expected(text: &str) -> Expected {
        let tokens = tokens(text);
        Scope::read(text, &tokens).expected(text, &tokens)
    }

    #[test]
    fn relations_with_paths_quotes_and_aliases() {
        let text = "select * from LcsCDR.dbo.[Session Details] s, calls AS c \
                    left join QoEMetrics..MediaLine on a = b where x in (select y from z)";
        assert_eq!(
            relations(text),
            ["LcsCDR.dbo.Session Details s", "calls c", "QoEMetrics.MediaLine", "z"]
        );
    }

    #[test]
    fn commas_outside_from_name_no_relations() {
        assert_eq!(relations("select a, b from t where f(a, b) = 1 order by a, b"), ["t"]);
    }

    #[test]
    fn subqueries_with_names_are_known() {
        let text = "with busy as (select 1), quiet as (select 2) select * from busy";
        assert_eq!(Scope::read(text, &tokens(text)).named_queries, ["busy", "quiet"]);
    }

    #[test]
    fn the_place_tells_what_is_expected() {
        use Expected::*;
        for (text, wanted) in [
            ("", Statement),
            ("select * from", Relation),
            ("select * from a, ", Relation),
            ("select * from a join", Relation),
            ("select a,", Expression),
            ("select * from a where x in (select y from", Relation),
            ("select * from a where", Expression),
            ("select * from a order by b desc", Expression),
            ("describe", Relation),
            ("use", Catalog),
            ("copy t to", File),
            ("select * from pairs(", Relation),
            ("select * from pairs(a, 1) where f(", Expression),
        ] {
            assert_eq!(expected(text), wanted, "{text:?}");
        }
    }
}
