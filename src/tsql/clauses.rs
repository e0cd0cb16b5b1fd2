//! Clauses that DataFusion's planner does not know, or passes over in silence: rewritten where it
//! knows the same in other words, else refused. No answer is better than one to another question.

use datafusion::sql::sqlparser::ast::JoinOperator::{CrossApply, OuterApply};
use datafusion::sql::sqlparser::ast::{
    Expr, Fetch, GroupByExpr, GroupByWithModifier, JoinOperator, LimitClause, Query, Select,
    TableFactor, Value, ValueWithSpan,
};

use crate::error::{Error, Result};

/// `OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY` is `LIMIT 10 OFFSET 5`.
pub(super) fn fetch_to_limit(query: &mut Query) -> Result<()> {
    let Some(Fetch { with_ties, percent, quantity }) = query.fetch.take() else { return Ok(()) };
    if with_ties || percent {
        return Err(Error::statement("FETCH ... PERCENT and WITH TIES are not supported"));
    }
    let one = || Expr::value(Value::Number("1".into(), false));
    let wanted = quantity.unwrap_or_else(one);
    let nothing = LimitClause::LimitOffset { limit: None, offset: None, limit_by: Vec::new() };
    match query.limit_clause.get_or_insert(nothing) {
        LimitClause::LimitOffset { limit: limit @ None, .. } => {
            *limit = Some(wanted);
            Ok(())
        }
        _ => Err(Error::statement("LIMIT and FETCH cannot stand in one query")),
    }
}

/// `GROUP BY a, b WITH ROLLUP` is `GROUP BY ROLLUP (a, b)`.
pub(super) fn group_modifiers(select: &mut Select) -> Result<()> {
    let (columns, modifiers) = match &mut select.group_by {
        GroupByExpr::Expressions(columns, modifiers) => (columns, modifiers),
        GroupByExpr::All(modifiers) if modifiers.is_empty() => return Ok(()),
        GroupByExpr::All(_) => return Err(unsupported("GROUP BY ALL WITH ...")),
    };
    let sets: fn(Vec<Vec<Expr>>) -> Expr = match modifiers.as_slice() {
        [] => return Ok(()),
        [GroupByWithModifier::Rollup] => Expr::Rollup,
        [GroupByWithModifier::Cube] => Expr::Cube,
        _ => {
            return Err(
                unsupported("this WITH after GROUP BY").hinted("WITH ROLLUP and WITH CUBE are")
            );
        }
    };
    if columns.iter().any(is_number) {
        return Err(Error::statement("GROUP BY ... WITH ROLLUP or CUBE takes no column numbers")
            .hinted("write the columns themselves"));
    }
    let each = columns.drain(..).map(|column| vec![column]).collect();
    columns.push(sets(each));
    modifiers.clear();
    Ok(())
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(ValueWithSpan { value: Value::Number(..), .. }))
}

pub(super) fn refuse_in_query(query: &Query) -> Result<()> {
    match &query.for_clause {
        Some(clause) => {
            Err(unsupported(clause).hinted("choose a format for the result, as --format json"))
        }
        None => Ok(()),
    }
}

pub(super) fn refuse_in_select(select: &Select) -> Result<()> {
    if joins(select).any(|join| matches!(join, CrossApply | OuterApply)) {
        return Err(unsupported("APPLY")
            .hinted("join the rows numbered by row_number() OVER (...), with QUALIFY"));
    }
    Ok(())
}

fn joins(select: &Select) -> impl Iterator<Item = &JoinOperator> {
    select.from.iter().flat_map(|from| &from.joins).map(|join| &join.join_operator)
}

pub(super) fn refuse_in_factor(factor: &TableFactor) -> Result<()> {
    match factor {
        TableFactor::Table { sample: Some(_), .. }
        | TableFactor::Derived { sample: Some(_), .. } => {
            Err(unsupported("TABLESAMPLE").hinted("use WHERE random() < 0.1"))
        }
        TableFactor::Table { with_ordinality: true, .. } => Err(unsupported("WITH ORDINALITY")),
        TableFactor::Pivot { .. } => {
            Err(unsupported("PIVOT").hinted("write sum(x) FILTER (WHERE ...) for each column"))
        }
        TableFactor::Unpivot { .. } => {
            Err(unsupported("UNPIVOT").hinted("write a SELECT for each column, with UNION ALL"))
        }
        _ => Ok(()),
    }
}

fn unsupported(what: impl std::fmt::Display) -> Error {
    Error::statement(format!("{what} is not supported"))
}

#[cfg(test)]
mod tests {
    use crate::tsql::{Params, split};

    fn lowered(text: &str) -> String {
        let parsed = split(text).unwrap()[0].parse(&Params::new());
        parsed.map_or_else(|e| e.message, |p| p.statement.to_string())
    }

    #[test]
    fn fetch_is_a_limit() {
        assert_eq!(
            lowered("select a from t order by a offset 5 rows fetch next 10 rows only"),
            "SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 5 ROWS"
        );
        assert_eq!(lowered("select a from t fetch first row only"), "SELECT a FROM t LIMIT 1");
        assert!(
            lowered("select a from t limit 1 fetch first 2 rows only").contains("cannot stand")
        );
        assert!(lowered("select a from t fetch first 5 rows with ties").contains("not supported"));
    }

    #[test]
    fn with_rollup_and_with_cube_are_not_lost() {
        assert_eq!(
            lowered("select a, b, count(*) as n from t group by a, b with rollup"),
            "SELECT a, b, count(*) AS n FROM t GROUP BY ROLLUP (a, b)"
        );
        assert!(lowered("select a from t group by a with cube").ends_with("GROUP BY CUBE (a)"));
        assert!(lowered("select a from t group by 1 with cube").contains("no column numbers"));
        assert!(lowered("select a from t group by a with totals").contains("not supported"));
    }

    #[test]
    fn what_would_be_passed_over_is_refused() {
        for text in [
            "select a from t for json auto",
            "select a from t for xml path",
            "select a from t tablesample (10 percent)",
            "select a from t cross apply (select top 1 b from u) q",
            "select a from t pivot (sum(a) for b in (c)) p",
        ] {
            assert!(lowered(text).contains("not supported"), "{text}: {}", lowered(text));
        }
    }
}
