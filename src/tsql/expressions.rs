//! Expressions that SQL Server reads in its own way.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
    Value, ValueWithSpan,
};

use super::equivalents::equivalent;
use super::statement::position;
use crate::error::{Error, Result};

/// In `MediaTypes & 0x10` stands a number; elsewhere `0x10` is a byte.
pub(super) fn flags(expr: &mut Expr) {
    use BinaryOperator::{BitwiseAnd, BitwiseOr, BitwiseXor, Eq, NotEq};
    let Expr::BinaryOp { left, op, right } = expr else { return };
    match op {
        BitwiseAnd | BitwiseOr | BitwiseXor => [left, right].into_iter().for_each(|e| number(e)),
        Eq | NotEq if is_bitwise(left) => number(right),
        Eq | NotEq if is_bitwise(right) => number(left),
        _ => {}
    }
}

fn is_bitwise(expr: &Expr) -> bool {
    use BinaryOperator::{BitwiseAnd, BitwiseOr, BitwiseXor};
    match expr {
        Expr::Nested(inner) => is_bitwise(inner),
        Expr::BinaryOp { op, .. } => matches!(op, BitwiseAnd | BitwiseOr | BitwiseXor),
        _ => false,
    }
}

/// Turns hex digits into the number that they write, where 64 bits hold it.
fn number(expr: &mut Expr) {
    let Expr::Value(ValueWithSpan { value, .. }) = expr else { return };
    if let Value::HexStringLiteral(digits) = value
        && let Ok(number) = i64::from_str_radix(digits, 16)
    {
        *value = Value::Number(number.to_string(), false);
    }
}

/// What DataFusion would complain of in words that help nobody.
pub(super) fn refuse(expr: &Expr) -> Result<()> {
    match expr {
        Expr::Collate { .. } => Err(Error::statement("COLLATE is not supported")
            .at(position(expr.span().start))
            .hinted("to ignore case, compare lower(a) with lower(b)")),
        Expr::Function(function) => refuse_bare_unit(function),
        _ => Ok(()),
    }
}

/// `DATEDIFF(second, a, b)`: the unit would be taken for a column.
fn refuse_bare_unit(function: &Function) -> Result<()> {
    let name = function.name.to_string();
    let takes_unit = name.starts_with("date");
    if !takes_unit || !matches!(first_argument(function), Some(Expr::Identifier(_))) {
        return Ok(());
    }
    let Some(instead) = equivalent(&name) else { return Ok(()) };
    Err(Error::statement(format!("{name} with a bare unit is not supported"))
        .at(position(function.name.span().start))
        .hinted(format!("write {instead}")))
}

fn first_argument(function: &Function) -> Option<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.first()? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, Position};
    use crate::tsql::{Params, split};

    fn lowered(text: &str) -> Result<String, Error> {
        let parsed = split(text).unwrap()[0].parse(&Params::new());
        parsed.map(|p| p.statement.to_string())
    }

    #[test]
    fn a_mask_in_hex_is_a_number() {
        let text = "select a & 0x10, 0x1f | a from t where (a & 0x20) = 0x20 and b = 0x10";
        assert_eq!(
            lowered(text).unwrap().split_once(" FROM ").unwrap().1,
            "t WHERE (a & 32) = 32 AND b = X'10'"
        );
    }

    #[test]
    fn a_bare_unit_is_answered_with_what_to_write() {
        let error = lowered("select\n DATEDIFF(second, a, b) from t").unwrap_err();
        assert_eq!(error.position, Some(Position { line: 2, column: 2 }));
        assert_eq!(error.hints, ["write to_unixtime(u) - to_unixtime(t)"]);
        assert!(lowered("select date_part('hour', t) from t").is_ok());
        assert!(lowered("select datepart('hour', t) from t").is_ok());
    }

    #[test]
    fn collate_is_refused_with_the_way_out() {
        let error =
            lowered("select a from t where a = 'x' collate latin1_general_ci_as").unwrap_err();
        assert!(error.message.contains("COLLATE") && error.hints[0].contains("lower"), "{error:?}");
    }
}
