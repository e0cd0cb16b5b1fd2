//! How an aggregate is written that needs all its rows at once, in order or not: a
//! [`CollectedFunction`] holds what such functions differ in. Rows are kept as slices of the
//! batches in which they came; partial states are lists, so merging is appending, and order is
//! made at the end from the keys that travel with the rows, whatever the partitioning was.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::compute::{
    SortColumn, SortOptions, concat, filter, is_not_null, lexsort_to_indices, take,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::function::{
    AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs,
};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, Expr, Signature,
};

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
    /// The result for all rows that have no NULL and no NaN, a column for each argument; in
    /// order if the function is ordered.
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
        let arguments = args.expr_fields.iter().map(|field| Ok(field.data_type().clone()));
        let keys = args.order_bys.iter().map(|key| key.expr.data_type(args.schema));
        Ok(Box::new(Collector {
            function: self.function.clone(),
            arguments: args.expr_fields.len(),
            order: args.order_bys.iter().map(|key| key.options).collect(),
            types: arguments.chain(keys).collect::<Result<_>>()?,
            chunks: VecDeque::new(),
            bytes: 0,
        }))
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
            parameter::check(name, parameters, call.params.args.iter().map(parameter::literal))?;
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

// A function is its name: none of them has state.
impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Adapter {}

impl Hash for Adapter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

#[derive(Debug)]
struct Collector {
    function: CollectedFunction,
    /// How many of the columns are arguments; the others are keys of the order.
    arguments: usize,
    order: Vec<SortOptions>,
    /// The columns' types.
    types: Vec<DataType>,
    /// Rows as they came, a vector of columns for each batch.
    chunks: VecDeque<Vec<ArrayRef>>,
    /// The memory of the rows, kept because it is asked for after every batch.
    bytes: usize,
}

impl Collector {
    /// The columns without rows in which an argument is NULL or NaN.
    fn usable(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let mut usable: Option<BooleanBuffer> = None;
        for column in &columns[..self.arguments] {
            if let Some(present) = present(column)? {
                usable = Some(usable.map_or_else(|| present.clone(), |usable| &usable & &present));
            }
        }
        let Some(usable) = usable else { return Ok(columns.to_vec()) };
        let usable = BooleanArray::new(usable, None);
        columns.iter().map(|column| Ok(filter(column, &usable)?)).collect()
    }

    fn append(&mut self, chunk: Vec<ArrayRef>) {
        if chunk.first().is_some_and(|column| !column.is_empty()) {
            self.bytes += bytes(&chunk);
            self.chunks.push_back(chunk);
        }
    }

    fn column(&self, index: usize) -> Result<ArrayRef> {
        let chunks: Vec<_> = self.chunks.iter().map(|chunk| chunk[index].as_ref()).collect();
        Ok(concat(&chunks)?)
    }

    /// The arguments in order; equal keys are ordered by the arguments, so that the result does
    /// not depend on how the rows came.
    fn ordered(&self) -> Result<Vec<ArrayRef>> {
        let columns = (0..self.types.len()).map(|i| self.column(i));
        let columns: Vec<_> = columns.collect::<Result<_>>()?;
        let (arguments, keys) = columns.split_at(self.arguments);
        if keys.is_empty() {
            return Ok(arguments.to_vec());
        }
        let options = self.order.iter().copied().map(Some).chain(std::iter::repeat(None));
        let sort: Vec<_> = keys
            .iter()
            .chain(arguments)
            .zip(options)
            .map(|(values, options)| SortColumn { values: Arc::clone(values), options })
            .collect();
        let indices = lexsort_to_indices(&sort, None)?;
        arguments.iter().map(|column| Ok(take(column, &indices, None)?)).collect()
    }
}

impl Accumulator for Collector {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let usable = self.usable(values)?;
        self.append(usable);
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |lists| lists.len());
        for row in (0..rows).filter(|&row| states[0].is_valid(row)) {
            let columns = states.iter().map(|lists| lists.as_list::<i32>().value(row));
            self.append(columns.collect());
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        if self.chunks.is_empty() {
            let null_list = |item: &DataType| ScalarValue::new_null_list(item.clone(), true, 1);
            return Ok(self.types.iter().map(null_list).collect());
        }
        let lists = (0..self.types.len()).map(|i| {
            let list = SingleRowListArrayBuilder::new(self.column(i)?).build_list_array();
            Ok(ScalarValue::List(Arc::new(list)))
        });
        lists.collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.chunks.is_empty() {
            return ScalarValue::try_from(&(self.function.returns)());
        }
        (self.function.evaluate)(&self.ordered()?)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }

    /// A window's frame gives up its oldest rows first.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut rows = self.usable(values)?.first().map_or(0, |column| column.len());
        while let Some(mut chunk) = self.chunks.pop_front() {
            self.bytes -= bytes(&chunk);
            let length = chunk[0].len();
            if length > rows {
                chunk.iter_mut().for_each(|c| *c = c.slice(rows, length - rows));
                self.bytes += bytes(&chunk);
                self.chunks.push_front(chunk);
                break;
            }
            rows -= length;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}

/// The memory of some rows, not of the batches that they are slices of.
fn bytes(chunk: &[ArrayRef]) -> usize {
    let column = |c: &ArrayRef| c.to_data().get_slice_memory_size().unwrap_or_default();
    chunk.iter().map(column).sum()
}

/// Where a column has a value; `None` if everywhere.
fn present(column: &ArrayRef) -> Result<Option<BooleanBuffer>> {
    let numbers = column.as_primitive_opt::<Float64Type>();
    let nan = numbers.is_some_and(|n| n.values().iter().any(|x| x.is_nan()));
    if column.logical_null_count() == 0 && !nan {
        return Ok(None);
    }
    let valid = is_not_null(column)?.values().clone();
    Ok(Some(match numbers {
        Some(n) => BooleanBuffer::collect_bool(n.len(), |i| valid.value(i) && !n.value(i).is_nan()),
        None => valid,
    }))
}
