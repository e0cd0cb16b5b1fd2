//! How a table function is written that looks rows of one relation up in another:
//! `name(relation or (subquery), relation or (subquery), options)`.
//!
//! Both relations are planned by the session and become one, rows of either side with NULL in the
//! other's columns and a mark that tells them apart: so whatever judges or runs what a
//! [`RelationFunction`] reads need not know of two.

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::TableFactor;

use crate::call::Call;
use crate::parameter::{Parameter, flag};
use crate::relation::{RelationFunction, arguments_of, is_call_of, plan_input, typed};

/// The last column of a [`LookupFunction`]: whether a row is the second relation's.
pub const IS_SECOND: Parameter = flag("is_second");

/// A table function over two relations.
#[derive(Debug, Clone, Copy)]
pub struct LookupFunction {
    /// The function. Its columns are the first relation's, the second's, and [`IS_SECOND`].
    pub function: RelationFunction,
    /// How many of the columns are the first relation's.
    pub first: usize,
}

impl LookupFunction {
    /// Both relations as one.
    fn join(&self, first: LogicalPlan, second: LogicalPlan) -> Result<LogicalPlan> {
        let columns = &self.function.columns[..self.function.columns.len() - 1];
        let (of_first, of_second) = columns.split_at(self.first);
        let own = |plan: &LogicalPlan, columns: &'static [Parameter]| {
            let schema = plan.schema();
            typed(&self.function, columns, self.function.read_columns(columns, schema)?, schema)
        };
        let (first_columns, second_columns) = (own(&first, of_first)?, own(&second, of_second)?);
        let absent_first = absent(&first_columns, &first)?;
        let absent_second = absent(&second_columns, &second)?;
        let project = |plan, columns: Vec<Column>, other: Vec<Column>, is_second: bool| {
            let mark = (&IS_SECOND, lit(f64::from(u8::from(is_second))));
            let all = match is_second {
                true => other.into_iter().chain(columns).chain([mark]),
                false => columns.into_iter().chain(other).chain([mark]),
            };
            let all = all.map(|(parameter, expr)| expr.alias(parameter.name));
            LogicalPlanBuilder::from(plan).project(all)
        };
        let second = project(second, second_columns, absent_first, true)?.build()?;
        project(first, first_columns, absent_second, false)?.union(second)?.build()
    }
}

/// A column and what is in it.
type Column = (&'static Parameter, Expr);

/// NULL for columns, in the types that they have.
fn absent(columns: &[Column], plan: &LogicalPlan) -> Result<Vec<Column>> {
    let null = |(parameter, expr): &Column| {
        let data_type = expr.get_type(plan.schema())?;
        Ok((*parameter, Expr::Literal(ScalarValue::try_from(&data_type)?, None)))
    };
    columns.iter().map(null).collect()
}

/// The rows of both relations of a call.
///
/// # Errors
/// Those of the input, and when it does not fit into memory.
pub(crate) fn both(call: &mut Call) -> Result<[RecordBatch; 2]> {
    let rows = call.all_rows()?;
    let mark = rows.column(rows.num_columns() - 1).as_primitive::<Float64Type>();
    let side = |is_second: f64| {
        let of_side = mark.values().iter().map(|mark| *mark == is_second);
        filter_record_batch(&rows, &BooleanArray::from_iter(of_side.map(Some)))
    };
    Ok([side(0.0)?, side(1.0)?])
}

/// Plans calls of lookup functions; registered with a session by `register_all`.
#[derive(Debug)]
pub struct LookupFunctionPlanner {
    functions: Vec<LookupFunction>,
}

impl LookupFunctionPlanner {
    /// A planner for these functions.
    pub fn new(functions: Vec<LookupFunction>) -> Self {
        Self { functions }
    }
}

impl RelationPlanner for LookupFunctionPlanner {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let called = self.functions.iter().find(|f| is_call_of(&f.function, &relation));
        let (lookup, alias) = match (called, &relation) {
            (Some(lookup), TableFactor::Table { alias, .. }) => (*lookup, alias.clone()),
            _ => return Ok(RelationPlanning::Original(Box::new(relation))),
        };
        let function = lookup.function;
        let mut arguments = arguments_of(&function, relation, context)?.into_iter();
        let (Some((None, first)), Some((None, second))) = (arguments.next(), arguments.next())
        else {
            return plan_err!(
                "{}: two relations must come first; see {}",
                function.name,
                function.documentation.map_or("its manual", |d| &d.syntax_example)
            );
        };
        let first = plan_input(&function, first, context)?;
        let second = plan_input(&function, second, context)?;
        let input = lookup.join(first, second)?;
        let options = function.bind(arguments.collect(), input.schema(), context)?;
        let plan = function.call(input, options)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}
