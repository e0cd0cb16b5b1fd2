//! What DataFusion's planner is told of SQL Server: its types, and `+` between texts.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, TypePlanner};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};
use datafusion::sql::sqlparser::ast::{BinaryOperator, DataType as SqlType, ExactNumberInfo};

/// SQL Server's types as the mirror stores them. The length of a text is not kept.
#[derive(Debug)]
pub struct SqlServerTypes;

impl TypePlanner for SqlServerTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        let data_type = match sql_type {
            SqlType::Nvarchar(_) => Some(DataType::Utf8View),
            // 0 to 255.
            SqlType::TinyInt(_) => Some(DataType::Int16),
            SqlType::Bit(None) => Some(DataType::Boolean),
            SqlType::Float(ExactNumberInfo::None) => Some(DataType::Float64),
            SqlType::Float(ExactNumberInfo::Precision(bits)) if *bits > 24 => {
                Some(DataType::Float64)
            }
            SqlType::Datetime(_) => Some(MOMENT),
            SqlType::Binary(_) | SqlType::Varbinary(_) => Some(DataType::Binary),
            SqlType::Custom(name, _) => custom(&name.to_string()),
            _ => None,
        };
        Ok(data_type.map(|data_type| Arc::new(Field::new("", data_type, true))))
    }
}

const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Types that the parser has no word of its own for.
fn custom(name: &str) -> Option<DataType> {
    match name {
        "datetime2" | "smalldatetime" => Some(MOMENT),
        "datetimeoffset" => Some(DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))),
        "money" => Some(DataType::Decimal128(19, 4)),
        "smallmoney" => Some(DataType::Decimal128(10, 4)),
        "nchar" | "ntext" | "sysname" | "uniqueidentifier" | "xml" => Some(DataType::Utf8View),
        _ => None,
    }
}

/// `+` joins two texts.
#[derive(Debug)]
pub struct TextPlus;

impl ExprPlanner for TextPlus {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let joins = expr.op == BinaryOperator::Plus
            && is_text(&expr.left, schema)
            && is_text(&expr.right, schema);
        if !joins {
            return Ok(PlannerResult::Original(expr));
        }
        let (left, right) = (Box::new(expr.left), Box::new(expr.right));
        let joined = BinaryExpr::new(left, Operator::StringConcat, right);
        Ok(PlannerResult::Planned(Expr::BinaryExpr(joined)))
    }
}

fn is_text(expr: &Expr, schema: &DFSchema) -> bool {
    let text = [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View];
    expr.get_type(schema).is_ok_and(|data_type| text.contains(&data_type))
}
