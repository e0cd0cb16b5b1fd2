//! How a scalar function is written: a [`ScalarFunction`] holds what functions differ in;
//! signature, coercion, checks of literals and scalar against array are done once, here.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature,
};

use crate::config;
use crate::named::equal_by_name;
use crate::parameter::{self, Parameter};
use crate::rows::Arguments;

/// A scalar function of this crate.
#[derive(Debug, Clone)]
pub struct ScalarFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// The type of the result for arguments of these types.
    pub returns: fn(&[DataType]) -> DataType,
    /// One value for each row of the arguments. A row never fails, its result is NULL.
    pub evaluate: fn(&Arguments) -> Result<ArrayRef>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl From<ScalarFunction> for ScalarUDF {
    fn from(function: ScalarFunction) -> Self {
        let signature = parameter::signature(function.parameters);
        ScalarUDF::new_from_impl(Adapter { function, signature })
    }
}

/// The part of DataFusion's interface that is the same for all functions.
#[derive(Debug)]
pub(crate) struct Adapter {
    pub(crate) function: ScalarFunction,
    signature: Signature,
}

impl ScalarUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        parameter::coerce(self.name(), self.function.parameters, given)
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok((self.function.returns)(arguments))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let literals = args.scalar_arguments.iter().copied();
        parameter::check(self.name(), self.function.parameters, literals)?;
        let types: Vec<_> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name(), (self.function.returns)(&types), true)))
    }

    /// Changes nothing: it sees constants which were not yet literals at first.
    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        parameter::check_literals(self.name(), self.function.parameters, &args)?;
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arguments = Arguments::new(self.name(), self.function.parameters, args.args, rows)?
            .in_zone(config::time_zone(&args.config_options));
        let result = (self.function.evaluate)(&arguments)?;
        if constant {
            ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar)
        } else {
            Ok(ColumnarValue::Array(result))
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);
