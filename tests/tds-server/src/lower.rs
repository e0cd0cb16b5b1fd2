//! T-SQL that DataFusion does not plan, rewritten in the syntax tree.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, LimitClause, ObjectName, ObjectNamePart, Query, Select, SelectItem,
    SetExpr, TableFactor, Top, TopQuantity, UnaryOperator, Value, VisitMut, VisitorMut,
};

use crate::error::SqlError;
use crate::functions::{CONVERT, TRY_CONVERT};
use crate::literal::Literal;
use crate::sql_type::{Length, SqlType};

/// What names of variables and functions without arguments stand for.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// `@p1`, `@@version`, folded.
    pub variables: HashMap<String, Literal>,
    /// `db_name`, `getutcdate`, `serverproperty('productversion')`, folded.
    pub functions: HashMap<String, Literal>,
}

/// Columns of a result that have no name are given one that begins with this.
pub const UNNAMED: char = '\u{1}';

/// Rewrites a query.
pub fn lower(query: &mut Query, environment: &Environment) -> Result<(), SqlError> {
    name_columns(&mut query.body);
    match query.visit(&mut Rules(environment)) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Gives the outermost columns names that differ; SQL Server needs none.
fn name_columns(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => {
            for (i, item) in select.projection.iter_mut().enumerate() {
                if let SelectItem::UnnamedExpr(expr) = item
                    && !matches!(expr, Expr::Identifier(n) if !n.value.starts_with('@'))
                    && !matches!(expr, Expr::CompoundIdentifier(_))
                {
                    let alias = Ident::with_quote('[', format!("{UNNAMED}{i}"));
                    *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
                }
            }
        }
        SetExpr::SetOperation { left, right, .. } => {
            name_columns(left);
            name_columns(right);
        }
        SetExpr::Query(query) => name_columns(&mut query.body),
        _ => {}
    }
}

struct Rules<'a>(&'a Environment);

impl VisitorMut for Rules<'_> {
    type Break = SqlError;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<SqlError> {
        flow(top_to_limit(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<SqlError> {
        select.projection.iter_mut().for_each(type_literal);
        ControlFlow::Continue(())
    }

    /// `LcsCDR..Users` leaves the schema out: it is dbo.
    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<SqlError> {
        for part in &mut relation.0 {
            if part.as_ident().is_some_and(|name| name.value.is_empty()) {
                *part = ObjectNamePart::Identifier(Ident::new("dbo"));
            }
        }
        ControlFlow::Continue(())
    }

    /// Hints such as NOLOCK change nothing here.
    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<SqlError> {
        if let TableFactor::Table { with_hints, .. } = table {
            with_hints.clear();
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        flow(self.lower_expr(expr))
    }
}

fn flow(outcome: Result<(), SqlError>) -> ControlFlow<SqlError> {
    outcome.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

impl Rules<'_> {
    fn lower_expr(&self, expr: &mut Expr) -> Result<(), SqlError> {
        let lowered = match expr {
            Expr::Value(value) => match &value.value {
                Value::NationalStringLiteral(text) => Some(string(text)),
                _ => None,
            },
            Expr::Identifier(name) if name.value.starts_with('@') => {
                let missing = || {
                    let message = format!("Must declare the scalar variable \"{}\".", name.value);
                    SqlError::new(137, 15, message)
                };
                Some(self.0.variables.get(&name.value).ok_or_else(missing)?.expr())
            }
            Expr::Cast { kind, expr, data_type, .. } => {
                let lenient = *kind == CastKind::TryCast;
                Some(convert((**expr).clone(), &data_type.to_string(), None, lenient))
            }
            Expr::Convert { is_try, expr, data_type: Some(to), styles, .. } => {
                Some(convert((**expr).clone(), &to.to_string(), styles.first().cloned(), *is_try))
            }
            Expr::Function(function) => self.lower_function(function)?,
            _ => None,
        };
        if let Some(lowered) = lowered {
            *expr = lowered;
        }
        Ok(())
    }

    fn lower_function(&self, function: &mut Function) -> Result<Option<Expr>, SqlError> {
        let name = function.name.to_string().to_lowercase();
        let arguments = arguments(function);
        if let Some(value) = self.0.functions.get(&called(&name, &arguments)) {
            return Ok(Some(value.expr()));
        }
        Ok(match (name.as_str(), arguments.as_slice()) {
            ("count_big", _) => {
                rename(function, "count");
                None
            }
            ("count", _) => {
                let count = Expr::Function(function.clone());
                Some(convert(count, "int", None, false))
            }
            ("isnull", _) => {
                rename(function, "coalesce");
                None
            }
            ("len", [text]) => {
                let trimmed = call("rtrim", vec![text.clone()]);
                let length = call("character_length", vec![trimmed]);
                Some(convert(length, "int", None, false))
            }
            ("serverproperty" | "databasepropertyex" | "object_id" | "db_name" | "db_id", _) => {
                let nothing = Literal { text: None, sql_type: SqlType::SqlVariant };
                Some(nothing.expr())
            }
            _ => None,
        })
    }
}

/// A call as the environment knows it: arguments only if they are literals.
fn called(name: &str, arguments: &[Expr]) -> String {
    match arguments {
        [] => name.to_string(),
        [only] => format!("{name}({})", only.to_string().to_lowercase()),
        _ => String::new(),
    }
}

fn arguments(function: &Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().filter_map(plain).collect()
}

fn rename(function: &mut Function, name: &str) {
    function.name = ObjectName::from(vec![Ident::new(name)]);
}

/// A call of a function by its name.
pub fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let argument = |expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(argument).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

pub fn string(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.to_string()))
}

/// The value as a type of SQL Server.
pub fn convert(value: Expr, to: &str, style: Option<Expr>, lenient: bool) -> Expr {
    let name = if lenient { TRY_CONVERT } else { CONVERT };
    call(name, [value, string(&to.to_lowercase())].into_iter().chain(style).collect())
}

/// A literal in a SELECT list is a `varchar` or `nvarchar` of its own length.
fn type_literal(item: &mut SelectItem) {
    let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
        return;
    };
    let length = |units: usize| Length::Limited(u16::try_from(units.max(1)).unwrap_or(u16::MAX));
    let sql_type = match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => SqlType::VarChar(length(text.chars().count())),
            Value::NationalStringLiteral(text) => {
                SqlType::NVarChar(length(text.encode_utf16().count()))
            }
            Value::Number(number, _) if number.parse::<i32>().is_ok() => SqlType::Int,
            _ => return,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: number } => match number.as_ref() {
            Expr::Value(value) if value.value.to_string().parse::<i32>().is_ok() => SqlType::Int,
            _ => return,
        },
        _ => return,
    };
    *expr = convert(expr.clone(), &sql_type.to_string(), None, false);
}

/// `SELECT TOP n`, and `OFFSET ... FETCH`, as the LIMIT of the query.
fn top_to_limit(query: &mut Query) -> Result<(), SqlError> {
    if let Some(fetch) = query.fetch.take() {
        let offset = match query.limit_clause.take() {
            Some(LimitClause::LimitOffset { offset, .. }) => offset,
            _ => None,
        };
        let limit = fetch.quantity.or_else(|| Some(Expr::value(Value::Number("1".into(), false))));
        query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() });
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let Some(Top { percent, with_ties, quantity }) = select.top.take() else { return Ok(()) };
    if percent || with_ties {
        return Err(SqlError::unsupported("TOP ... PERCENT or WITH TIES"));
    }
    let limit = quantity.map(|quantity| match quantity {
        TopQuantity::Constant(n) => Expr::value(Value::Number(n.to_string(), false)),
        TopQuantity::Expr(expr) => expr,
    });
    query.limit_clause =
        Some(LimitClause::LimitOffset { limit, offset: None, limit_by: Vec::new() });
    Ok(())
}
