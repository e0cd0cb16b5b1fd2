//! How an aggregate is written that needs all its rows at once, in order or not: a
//! [`CollectedFunction`] holds what such functions differ in. Rows are kept as slices of the
//! batches in which they came; partial states are lists, so merging is appending, and order is
//! made at the end from the keys that travel with the rows, whatever the partitioning was.

mod groups;
mod layout;
mod one;

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::function::{
    AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs,
};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, Expr, GroupsAccumulator, Signature,
};

use self::groups::Groups;
use self::layout::Layout;
use self::one::Collector;
use crate::named::equal_by_name;
use crate::parameter::{self, Parameter};

/// An aggregate whose state is its rows.
#[derive(Debug, Clone)]
pub struct CollectedFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// Whether the call needs ORDER BY inside its parentheses.
    pub ordered: bool,
    /// The type of the result.
    pub returns: fn() -> DataType,
    /// The result for all rows that have no NULL, NaN or infinite number, of which there are some,
    /// a column for each argument; in order if the function is ordered.
    pub evaluate: fn(&[ArrayRef]) -> Result<ScalarValue>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl From<CollectedFunction> for AggregateUDF {
    fn from(function: CollectedFunction) -> Self {
        let signature = parameter::signature(function.parameters);
        AggregateUDF::new_from_impl(Adapter { function, signature })
    }
}

#[derive(Debug)]
struct Adapter {
    function: CollectedFunction,
    signature: Signature,
}

impl AggregateUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        parameter::coerce(self.name(), self.function.parameters, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok((self.function.returns)())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        parameter::refuse_distinct(&args)?;
        Ok(Box::new(Collector::new(self.function.clone(), Layout::new(&args)?)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::new(self.function.clone(), Layout::new(&args)?)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let columns = args.input_fields.iter().chain(args.ordering_fields);
        let lists = columns.enumerate().map(|(i, column)| {
            let name = format_state_name(args.name, &i.to_string());
            Field::new_list(name, Field::new_list_field(column.data_type().clone(), true), true)
        });
        Ok(lists.map(Arc::new).collect())
    }

    /// Only fills in the session's time zone; it sees the call while ORDER BY can still be asked
    /// for. As a window function, where the window has the order, the call never gets here.
    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        let CollectedFunction { name, parameters, ordered, .. } = self.function;
        Some(Box::new(move |mut call: AggregateFunction, context| {
            if ordered && call.params.order_by.is_empty() {
                return plan_err!("{name} needs an order: write {name}(... ORDER BY ...)");
            }
            parameter::check_literals(name, parameters, &call.params.args)?;
            let options = context.config_options();
            call.params.args =
                parameter::with_session_zone(name, parameters, call.params.args, options)?;
            Ok(Expr::AggregateFunction(call))
        }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        if self.function.ordered {
            // The keys must come with the rows, but nothing needs to be sorted before.
            AggregateOrderSensitivity::Beneficial
        } else {
            AggregateOrderSensitivity::Insensitive
        }
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        _beneficial: bool,
    ) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);
