//! How a window function is written that looks at a whole ordered partition: a
//! [`WindowFunction`] holds what such functions differ in.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, new_empty_array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::expr::WindowFunction as WindowCall;
use datafusion::logical_expr::function::{
    PartitionEvaluatorArgs, WindowFunctionSimplification, WindowUDFFieldArgs,
};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, LimitEffect, PartitionEvaluator, Signature, WindowUDF,
    WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;

use crate::named::equal_by_name;
use crate::parameter::{self, Parameter};
use crate::rows::Arguments;

/// A window function of this crate, with Float64 results.
#[derive(Debug, Clone)]
pub struct WindowFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// One value for each row of a partition, of which there are some, in the window's order.
    pub evaluate: fn(&Arguments) -> Result<ArrayRef>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl From<WindowFunction> for WindowUDF {
    fn from(function: WindowFunction) -> Self {
        let signature = parameter::signature(function.parameters);
        WindowUDF::new_from_impl(Adapter { function, signature })
    }
}

#[derive(Debug)]
struct Adapter {
    function: WindowFunction,
    signature: Signature,
}

impl WindowUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        parameter::coerce(self.name(), self.function.parameters, given)
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Float64, true)))
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator { function: self.function.clone() }))
    }

    /// Changes nothing: it sees constants while a wrong one can still be a planning error.
    fn simplify(&self) -> Option<WindowFunctionSimplification> {
        let WindowFunction { name, parameters, .. } = self.function;
        Some(Box::new(move |call: WindowCall, _| {
            parameter::check_literals(name, parameters, &call.params.args)?;
            Ok(Expr::from(call))
        }))
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        LimitEffect::Unknown
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);

#[derive(Debug)]
struct Evaluator {
    function: WindowFunction,
}

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let WindowFunction { name, parameters, evaluate, .. } = self.function;
        if rows == 0 {
            return Ok(new_empty_array(&DataType::Float64));
        }
        let given = values.iter().map(|column| ColumnarValue::Array(Arc::clone(column)));
        evaluate(&Arguments::new(name, parameters, given.collect(), rows)?)
    }
}
