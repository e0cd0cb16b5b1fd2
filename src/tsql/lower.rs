//! SQL Server constructs that DataFusion does not plan, rewritten in the syntax tree.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use datafusion::sql::parser::{CopyToSource, Statement as DfStatement};
use datafusion::sql::sqlparser::ast::{
    DescribeAlias, Expr, FunctionArg, FunctionArgExpr, Ident, LimitClause, ObjectName,
    ObjectNamePart, Query, Select, SetExpr, Statement, TableFactor, TableFunctionArgs, Top,
    TopQuantity, Value, Values, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::{clauses, expressions};
use crate::error::{Error, Result};

/// Applies every rule to a statement, wherever it nests.
pub(super) fn lower(statement: &mut DfStatement) -> Result<()> {
    match statement {
        DfStatement::Statement(statement) => lower_ast(statement.as_mut()),
        DfStatement::Explain(explain) => lower(&mut explain.statement),
        DfStatement::CopyTo(copy) => match &mut copy.source {
            CopyToSource::Query(query) => lower_ast(query.as_mut()),
            CopyToSource::Relation(_) => Ok(()),
        },
        DfStatement::CreateExternalTable(_) | DfStatement::Reset(_) => Ok(()),
    }
}

fn lower_ast(node: &mut impl VisitMut) -> Result<()> {
    match node.visit(&mut Rules) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// `SHOW COLUMNS FROM t` shows what `DESCRIBE t` does: declared names.
fn describe(table_name: ObjectName) -> Statement {
    Statement::ExplainTable {
        describe_alias: DescribeAlias::Describe,
        hive_format: None,
        has_table_keyword: false,
        table_name,
    }
}

/// The schema that SQL Server takes for granted.
const DBO: &str = "dbo";

struct Rules;

impl VisitorMut for Rules {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        let fine = clauses::refuse_in_query(query)
            .and_then(|()| clauses::fetch_to_limit(query))
            .and_then(|()| top_to_limit(query));
        or_break(fine)
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        let fine = clauses::refuse_in_select(select);
        or_break(fine.and_then(|()| clauses::group_modifiers(select)))
    }

    /// `LcsCDR..Users` leaves the schema out: it is dbo.
    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<Error> {
        for part in &mut relation.0 {
            if part.as_ident().is_some_and(|name| name.value.is_empty()) {
                *part = ObjectNamePart::Identifier(Ident::new(DBO));
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        if let TableFactor::Table { args: Some(arguments), .. } = factor {
            relation_to_subquery(arguments);
        }
        or_break(clauses::refuse_in_factor(factor))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        expressions::flags(expr);
        or_break(expressions::refuse(expr))
    }

    fn pre_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<Error> {
        match statement {
            Statement::ShowColumns { show_options, .. } => {
                if let Some(table) = show_options.show_in.take().and_then(|i| i.parent_name) {
                    *statement = describe(table);
                }
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn or_break(fine: Result<()>) -> ControlFlow<Error> {
    fine.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

/// `FROM components(cdr.contacts)` reads a relation by its name: `(SELECT * FROM cdr.contacts)`. No
/// table function takes a column in the first place, so that a name there is always a relation's.
fn relation_to_subquery(arguments: &mut TableFunctionArgs) {
    let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) = arguments.args.first_mut()
    else {
        return;
    };
    let parts = match first {
        Expr::Identifier(name) => vec![name.clone()],
        Expr::CompoundIdentifier(parts) => parts.clone(),
        _ => return,
    };
    *first = Expr::Subquery(Box::new(whole(ObjectName::from(parts))));
}

/// `SELECT * FROM relation`.
fn whole(relation: ObjectName) -> Query {
    let mut query = Query::clone(&SELECT_ALL);
    if let SetExpr::Select(select) = query.body.as_mut()
        && let Some(TableFactor::Table { name, .. }) =
            select.from.first_mut().map(|from| &mut from.relation)
    {
        *name = relation;
    }
    query
}

/// The query that [`whole`] puts a name into.
static SELECT_ALL: LazyLock<Box<Query>> = LazyLock::new(|| {
    let parsed = Parser::parse_sql(&GenericDialect {}, "SELECT * FROM relation");
    match parsed.ok().and_then(|mut statements| statements.pop()) {
        Some(Statement::Query(query)) => query,
        // The text above is a query.
        _ => unreachable!(),
    }
});

/// `SELECT TOP n ... ORDER BY` is a LIMIT of the query; in a branch of a UNION, of that branch.
fn top_to_limit(query: &mut Query) -> Result<()> {
    match query.body.as_mut() {
        SetExpr::Select(select) => {
            let Some(top) = select.top.take() else { return Ok(()) };
            if query.limit_clause.is_some() || query.fetch.is_some() {
                return Err(Error::statement("TOP and LIMIT cannot stand in one query"));
            }
            query.limit_clause = Some(limit(top)?);
            Ok(())
        }
        body => top_in_branches(body),
    }
}

fn top_in_branches(body: &mut SetExpr) -> Result<()> {
    match body {
        SetExpr::SetOperation { left, right, .. } => {
            top_in_branches(left)?;
            top_in_branches(right)
        }
        SetExpr::Select(select) => {
            let Some(top) = select.top.take() else { return Ok(()) };
            let limit = limit(top)?;
            let nothing = Values { explicit_row: false, value_keyword: false, rows: Vec::new() };
            let branch = std::mem::replace(body, SetExpr::Values(nothing));
            *body = SetExpr::Query(Box::new(limited(branch, limit)));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn limited(body: SetExpr, limit: LimitClause) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: Some(limit),
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

fn limit(top: Top) -> Result<LimitClause> {
    if top.percent || top.with_ties {
        return Err(Error::statement("TOP ... PERCENT and WITH TIES are not supported")
            .hinted("use QUALIFY rank() OVER (ORDER BY ...) <= n for ties"));
    }
    let limit = top.quantity.map(|quantity| match quantity {
        TopQuantity::Constant(n) => Expr::value(Value::Number(n.to_string(), false)),
        TopQuantity::Expr(expr) => expr,
    });
    Ok(LimitClause::LimitOffset { limit, offset: None, limit_by: Vec::new() })
}

#[cfg(test)]
mod tests {
    use crate::tsql::{Params, split};

    fn lowered(text: &str) -> String {
        let parsed = split(text).unwrap()[0].parse(&Params::new());
        parsed.map_or_else(|e| e.message, |p| p.statement.to_string())
    }

    #[test]
    fn top_is_a_limit() {
        assert_eq!(
            lowered("select top 5 a from t order by a"),
            "SELECT a FROM t ORDER BY a LIMIT 5"
        );
        assert_eq!(
            lowered("select * from (select top (2) a from t) q"),
            "SELECT * FROM (SELECT a FROM t LIMIT 2) q"
        );
        assert_eq!(
            lowered("select a from t union all select top 1 b from u"),
            "SELECT a FROM t UNION ALL (SELECT b FROM u LIMIT 1)"
        );
    }

    #[test]
    fn two_dots_mean_dbo() {
        assert_eq!(lowered("select * from LcsCDR..Users"), "SELECT * FROM lcscdr.dbo.users");
    }

    #[test]
    fn a_relation_among_arguments_is_read_whole() {
        assert_eq!(
            lowered("select * from busy_hour(cdr.Calls, started, ended, k => 2)"),
            "SELECT * FROM busy_hour((SELECT * FROM cdr.calls), started, ended, k => 2)"
        );
        assert_eq!(lowered("select * from range(1, 3)"), "SELECT * FROM range(1, 3)");
    }

    #[test]
    fn what_would_be_wrong_is_refused() {
        assert!(lowered("select top 5 percent a from t").contains("not supported"));
        assert!(lowered("select top 5 a from t limit 3").contains("cannot stand"));
    }
}
