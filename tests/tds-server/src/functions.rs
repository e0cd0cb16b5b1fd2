//! The functions that lowered statements call, with SQL Server's types on what they return.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, GroupsAccumulator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::convert::Conversion;
use crate::sql_type::SqlType;
use crate::table::SQL_TYPE;

/// `sql_convert(value, 'type', style)`: what CAST and CONVERT become.
pub const CONVERT: &str = "sql_convert";
/// `sql_try_convert`: what TRY_CAST and TRY_CONVERT become.
pub const TRY_CONVERT: &str = "sql_try_convert";

pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    [false, true].map(|lenient| Arc::new(ScalarUDF::from(Convert::new(lenient)))).into()
}

pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    [min_udaf(), max_udaf()].map(|f| Arc::new(AggregateUDF::from(Typed(f)))).into()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Convert {
    lenient: bool,
    signature: Signature,
}

impl Convert {
    fn new(lenient: bool) -> Self {
        Self { lenient, signature: Signature::variadic_any(Volatility::Immutable) }
    }

    fn conversion(&self, value: &Field, arguments: &[Option<&ScalarValue>]) -> Result<Conversion> {
        let [_, Some(to), rest @ ..] = arguments else {
            return plan_err!("the type to convert to must be a literal");
        };
        let to = to.try_as_str().flatten().unwrap_or_default().parse::<SqlType>();
        let style = match rest {
            [Some(style)] => i64::try_from((*style).clone())?,
            _ => 0,
        };
        Ok(Conversion {
            from: value.metadata().get(SQL_TYPE).and_then(|t| t.parse().ok()),
            to: to.map_err(|e| DataFusionError::Plan(e.to_string()))?,
            style,
            lenient: self.lenient,
        })
    }
}

impl ScalarUDFImpl for Convert {
    fn name(&self) -> &str {
        if self.lenient { TRY_CONVERT } else { CONVERT }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        plan_err!("the type depends on an argument")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let Some(value) = args.arg_fields.first() else { return plan_err!("nothing to convert") };
        let to = self.conversion(value, args.scalar_arguments)?.to;
        let nullable = self.lenient || value.is_nullable();
        Ok(Arc::new(typed(Field::new(self.name(), to.arrow(), nullable), to)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalars = args.args.iter().map(|a| match a {
            ColumnarValue::Scalar(scalar) => Some(scalar),
            ColumnarValue::Array(_) => None,
        });
        let scalars: Vec<_> = scalars.collect();
        let conversion = self.conversion(&args.arg_fields[0], &scalars)?;
        let convert = |array: &ArrayRef| {
            conversion.apply(array).map_err(|e| DataFusionError::External(Box::new(e)))
        };
        match &args.args[0] {
            ColumnarValue::Array(array) => convert(array).map(ColumnarValue::Array),
            ColumnarValue::Scalar(scalar) => {
                let array = convert(&scalar.to_array()?)?;
                ScalarValue::try_from_array(&array, 0).map(ColumnarValue::Scalar)
            }
        }
    }
}

/// A field that says which type of SQL Server it has.
fn typed(field: Field, sql_type: SqlType) -> Field {
    field.with_metadata([(SQL_TYPE.to_string(), sql_type.to_string())].into())
}

/// MIN and MAX: their result has the type of their argument, which DataFusion's own forget.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Typed(Arc<AggregateUDF>);

impl AggregateUDFImpl for Typed {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.0.return_type(arguments)
    }

    fn return_field(&self, arguments: &[FieldRef]) -> Result<FieldRef> {
        let field = self.0.return_field(arguments)?;
        let declared = arguments.first().and_then(|a| a.metadata().get(SQL_TYPE)?.parse().ok());
        Ok(match declared {
            Some(declared) => Arc::new(typed(field.as_ref().clone(), declared)),
            None => field,
        })
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(arguments)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.0.accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.0.create_groups_accumulator(args)
    }
}
