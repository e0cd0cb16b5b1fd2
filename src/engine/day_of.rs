//! `CAST(time AS date)` by one division. Nearly every report is by day, and the cast goes through a
//! calendar for each value, which took nearly half the time of such a query.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, internal_err};
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::sort_properties::ExprProperties;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

const TIME: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Puts [`DayOf`] in the place of casts where columns are computed or grouped by. In conditions the
/// cast stays, because there the planner reads bounds of files off it.
#[derive(Debug)]
pub(super) struct DaysByDivision {
    day_of: Arc<ScalarUDF>,
}

impl Default for DaysByDivision {
    fn default() -> Self {
        let signature = Signature::exact(vec![TIME], Volatility::Immutable);
        Self { day_of: Arc::new(ScalarUDF::from(DayOf { signature })) }
    }
}

impl OptimizerRule for DaysByDivision {
    fn name(&self) -> &str {
        "days_by_division"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let input = match &plan {
            LogicalPlan::Projection(projection) => projection.input.schema(),
            LogicalPlan::Aggregate(aggregate) => aggregate.input.schema(),
            _ => return Ok(Transformed::no(plan)),
        };
        let (input, names) = (Arc::clone(input), NamePreserver::new(&plan));
        plan.map_expressions(|expr| {
            let name = names.save(&expr);
            let expr = expr.transform_up(|part| self.divided(part, &input))?;
            Ok(expr.update_data(|expr| name.restore(expr)))
        })
    }
}

impl DaysByDivision {
    fn divided(&self, expr: Expr, input: &DFSchema) -> Result<Transformed<Expr>> {
        match expr {
            Expr::Cast(Cast { expr, field })
                if *field.data_type() == DataType::Date32 && expr.get_type(input)? == TIME =>
            {
                let day = ScalarFunction::new_udf(Arc::clone(&self.day_of), vec![*expr]);
                Ok(Transformed::yes(Expr::ScalarFunction(day)))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// The date that a time lies in.
#[derive(Debug, PartialEq, Eq, Hash)]
struct DayOf {
    signature: Signature,
}

impl ScalarUDFImpl for DayOf {
    fn name(&self) -> &str {
        "day_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let [time] = args.arg_fields else { return internal_err!("day_of takes one time") };
        let field = Field::new(self.name(), DataType::Date32, time.is_nullable());
        Ok(Arc::new(field.with_metadata(time.metadata().clone())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [time] = args.args.as_slice() else { return internal_err!("day_of takes one time") };
        let times = time.to_array(args.number_rows)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        // Days of 64 bits of microseconds take 28 bits.
        let days = times.unary::<_, Date32Type>(|micros| micros.div_euclid(DAY) as i32);
        Ok(ColumnarValue::Array(Arc::new(days)))
    }

    fn preserves_lex_ordering(&self, _inputs: &[ExprProperties]) -> Result<bool> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, TimestampMicrosecondArray};
    use arrow::compute::cast;
    use datafusion::config::ConfigOptions;
    use proptest::prelude::*;

    fn day_of(times: &ArrayRef) -> ArrayRef {
        let rule = DaysByDivision::default();
        let value = rule.day_of.invoke_with_args(ScalarFunctionArgs {
            args: vec![ColumnarValue::Array(Arc::clone(times))],
            arg_fields: vec![Arc::new(Field::new("t", TIME, true))],
            number_rows: times.len(),
            return_field: Arc::new(Field::new("d", DataType::Date32, true)),
            config_options: Arc::new(ConfigOptions::new()),
        });
        value.unwrap().to_array(times.len()).unwrap()
    }

    /// In the plan that is run, a condition keeps its cast.
    #[cfg(feature = "sample")]
    #[tokio::test]
    async fn it_takes_the_place_of_the_cast_where_columns_are_computed() {
        let engine = crate::Engine::builder().sample().build().unwrap();
        let sql = "EXPLAIN SELECT CAST(SessionIdTime AS date), count(*) FROM LcsCDR.dbo.SessionDetails \
                   WHERE CAST(SessionIdTime AS date) > '2014-02-04' GROUP BY 1";
        let plan = engine.sql(sql).await.unwrap().collect().await.unwrap();
        let plan = arrow::util::pretty::pretty_format_batches(&plan).unwrap().to_string();
        assert!(plan.contains("day_of("), "{plan}");
        assert!(!plan.lines().any(|line| line.contains("Filter") && line.contains("day_of(")));
    }

    proptest! {
        /// Before and after 1970, at every time of day.
        #[test]
        fn it_is_what_the_cast_gives(
            days in prop::collection::vec(prop::option::of(-90_000_i64..90_000), 1..50),
            within in 0..DAY,
        ) {
            let times = days.iter().map(|day| day.map(|day| day * DAY + within));
            let times: ArrayRef = Arc::new(times.collect::<TimestampMicrosecondArray>());
            prop_assert_eq!(&day_of(&times), &cast(&times, &DataType::Date32).unwrap());
        }
    }
}
