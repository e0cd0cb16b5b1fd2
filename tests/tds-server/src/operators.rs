//! Operators that mean in T-SQL what they do not mean elsewhere.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result};
use datafusion::functions::expr_fn::{lower, rtrim};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// `bit` compares with numbers; `+` joins texts; texts are equal whatever their case and the blanks
/// at their end, which is what the server's collation says.
#[derive(Debug)]
pub struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        raw: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (raw.left.get_type(schema), raw.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(raw));
        };
        let texts = is_text(&left) && is_text(&right);
        let planned = |left, op, right| Ok(PlannerResult::Planned(binary_expr(left, op, right)));
        match (&raw.op, comparison(&raw.op)) {
            (BinaryOperator::Plus, _) if texts => {
                planned(raw.left, Operator::StringConcat, raw.right)
            }
            (_, Some(op @ (Operator::Eq | Operator::NotEq))) if texts => {
                planned(collated(raw.left), op, collated(raw.right))
            }
            (_, Some(op)) if left == DataType::Boolean && right.is_integer() => {
                planned(cast(raw.left, DataType::Int32), op, raw.right)
            }
            (_, Some(op)) if left.is_integer() && right == DataType::Boolean => {
                planned(raw.left, op, cast(raw.right, DataType::Int32))
            }
            _ => Ok(PlannerResult::Original(raw)),
        }
    }
}

fn comparison(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A text as the collation compares it.
fn collated(text: Expr) -> Expr {
    lower(rtrim(vec![text]))
}
