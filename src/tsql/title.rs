//! What a result's columns are called: an alias as typed, an unnamed expression by its own text.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use datafusion::sql::parser::{CopyToSource, Statement as DfStatement};
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, Query, Select, SelectItem, SetExpr, Statement, Visit, Visitor,
};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::statement::{Spelling, Words};
use super::tokens::Offsets;

/// The source text of each item of the statement's outermost SELECT list, white space collapsed.
pub(super) fn titles(tokens: &[TokenWithSpan], text: &str) -> Vec<String> {
    let Some(first) = tokens.first() else { return Vec::new() };
    let mut offsets = Offsets::from(text, first.span.start);
    select_list(tokens)
        .iter()
        .filter_map(|item| {
            let start = offsets.of(item.first()?.span.start);
            let end = offsets.of(item.last()?.span.end);
            Some(text[start..end].split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
}

/// The items between the outermost SELECT and its FROM, split at commas outside parentheses.
fn select_list(tokens: &[TokenWithSpan]) -> Vec<&[TokenWithSpan]> {
    let mut depth = 0;
    let mut at_depth_0 = tokens.iter().enumerate().filter(|(_, t)| {
        let before = depth;
        match t.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        before == 0 && !matches!(t.token, Token::LParen)
    });
    let Some((select, _)) = at_depth_0.find(|(_, t)| is(t, &[Keyword::SELECT])) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    let mut start = select + 1;
    for (at, token) in at_depth_0 {
        if is(token, ENDS_LIST) {
            items.push(&tokens[start..at]);
            return items;
        }
        if token.token == Token::Comma {
            items.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    items.push(&tokens[start..]);
    items
}

const ENDS_LIST: &[Keyword] = &[
    Keyword::FROM,
    Keyword::INTO,
    Keyword::WHERE,
    Keyword::GROUP,
    Keyword::HAVING,
    Keyword::ORDER,
    Keyword::UNION,
    Keyword::EXCEPT,
    Keyword::INTERSECT,
    Keyword::LIMIT,
    Keyword::QUALIFY,
];

fn is(token: &TokenWithSpan, keywords: &[Keyword]) -> bool {
    matches!(&token.token, Token::Word(w) if w.quote_style.is_none() && keywords.contains(&w.keyword))
}

/// Gives unnamed outputs an alias of their own, so that two equal ones may stand side by side, and
/// learns how all aliases were typed.
pub(super) fn name_outputs(
    statement: &mut DfStatement,
    titles: &[String],
    words: &Words,
    spelling: &mut Spelling,
) {
    match statement {
        DfStatement::Statement(statement) => {
            if let Statement::Query(query) = statement.as_mut()
                && let Some(select) = first_select(query)
            {
                name_unnamed(select, titles, spelling);
            }
            learn_created(statement, words, spelling);
            learn_aliases(statement.as_ref(), words, spelling);
        }
        DfStatement::CreateExternalTable(create) => learn_name(&create.name, words, spelling),
        DfStatement::CopyTo(copy) => {
            if let CopyToSource::Query(query) = &copy.source {
                learn_aliases(query.as_ref(), words, spelling);
            }
        }
        _ => {}
    }
}

/// A created object is listed under its name as typed.
fn learn_created(statement: &Statement, words: &Words, spelling: &mut Spelling) {
    match statement {
        Statement::CreateTable(create) => learn_name(&create.name, words, spelling),
        Statement::CreateView(create) => learn_name(&create.name, words, spelling),
        _ => {}
    }
}

fn learn_name(name: &ObjectName, words: &Words, spelling: &mut Spelling) {
    if let Some(last) = name.0.last().and_then(|part| part.as_ident())
        && let Some(typed) = words.get(&last.span.start)
    {
        spelling.learn(&last.value, typed);
    }
}

/// The SELECT whose list names the query's columns.
fn first_select(query: &mut Query) -> Option<&mut Select> {
    let mut body = query.body.as_mut();
    loop {
        match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = query.body.as_mut(),
            _ => return None,
        }
    }
}

fn name_unnamed(select: &mut Select, titles: &[String], spelling: &mut Spelling) {
    let counted = titles.len() == select.projection.len();
    let mut taken = Taken::default();
    select.projection.iter().filter_map(output_name).for_each(|name| taken.take(name));
    let mut seen = HashSet::new();
    for (i, item) in select.projection.iter_mut().enumerate() {
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        let planned = expr.to_string();
        let repeated = !seen.insert(planned.clone());
        if is_name(expr) && !repeated {
            continue;
        }
        let title = if counted { titles[i].clone() } else { planned };
        let alias = taken.free_name(super::fold(&title));
        spelling.learn(&alias, &title);
        *item =
            SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', alias) };
    }
}

/// Names that are given, and the last number that was put behind each.
#[derive(Default)]
struct Taken(HashMap<String, usize>);

impl Taken {
    fn take(&mut self, name: String) {
        self.0.entry(name).or_insert(1);
    }

    /// The name, or with a number where it is taken.
    fn free_name(&mut self, wanted: String) -> String {
        let mut name = wanted.clone();
        while self.0.contains_key(&name) {
            let last = self.0.entry(wanted.clone()).or_insert(1);
            *last += 1;
            name = format!("{wanted}:{last}");
        }
        self.take(name.clone());
        name
    }
}

/// The name that an item of the list already has.
fn output_name(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.value.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => {
            names.last().map(|n| n.value.clone())
        }
        _ => None,
    }
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

fn learn_aliases(node: &impl Visit, words: &Words, spelling: &mut Spelling) {
    let _: ControlFlow<()> = node.visit(&mut Aliases { words, spelling });
}

struct Aliases<'a> {
    words: &'a Words,
    spelling: &'a mut Spelling,
}

impl Visitor for Aliases<'_> {
    type Break = ();

    /// Inner queries come first, so that the outermost spelling stays.
    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let SetExpr::Select(select) = query.body.as_ref() {
            for item in &select.projection {
                if let SelectItem::ExprWithAlias { alias, .. } = item
                    && let Some(typed) = self.words.get(&alias.span.start)
                {
                    self.spelling.learn(&alias.value, typed);
                }
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use crate::tsql::{Params, Parsed, split};

    fn parsed(text: &str) -> Parsed {
        split(text).unwrap()[0].parse(&Params::new()).unwrap()
    }

    #[test]
    fn unnamed_outputs_are_titled_by_their_text() {
        let p = parsed("select COUNT(*), Count( * ), max(a+(1)) from T where x = 1");
        assert_eq!(p.spelling.of("count(*)"), Some("COUNT(*)"));
        assert_eq!(p.spelling.of("count( * )"), Some("Count( * )"));
        assert_eq!(p.spelling.of("max(a+(1))"), Some("max(a+(1))"));
    }

    #[test]
    fn equal_outputs_may_stand_side_by_side() {
        let p = parsed("select a, a, count(*), count(*) from t");
        assert_eq!(
            p.statement.to_string(),
            r#"SELECT a, a AS "a:2", count(*) AS "count(*)", count(*) AS "count(*):2" FROM t"#
        );
        assert_eq!(p.spelling.of("count(*):2"), Some("count(*)"));
    }

    #[test]
    fn aliases_keep_their_typed_spelling() {
        let p = parsed(
            "with c as (select 1 as Inner1) select Inner1 as [Total Calls], 2 as TOTAL from c",
        );
        assert_eq!(p.spelling.of("total calls"), Some("Total Calls"));
        assert_eq!(p.spelling.of("total"), Some("TOTAL"));
        assert_eq!(p.spelling.of("inner1"), Some("Inner1"));
    }

    #[test]
    fn a_created_object_keeps_its_typed_name() {
        let p = parsed("create view cdr.MyCalls as select 1 as One");
        assert_eq!(p.spelling.of("mycalls"), Some("MyCalls"));
        assert_eq!(
            parsed("create table [My T] as select 1 as x").spelling.of("my t"),
            Some("My T")
        );
    }

    #[test]
    fn titles_are_found_behind_a_cte() {
        let p = parsed("with c as (select sum(x) from t) select MAX(y) from c");
        assert_eq!(p.spelling.of("max(y)"), Some("MAX(y)"));
    }
}
