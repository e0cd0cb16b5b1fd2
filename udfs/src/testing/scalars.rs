//! What holds for every scalar function: a batch gives what its rows give one by one, whatever
//! mix of arrays, scalars, slices and dictionaries the arguments are.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, Decimal128Array, Float64Array, Int64Array, ListArray, StringArray,
    StringViewArray, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, UInt64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};

use super::Random;
use crate::amount;
use crate::parameter::{self, Kind, Parameter};
use crate::scalar::Adapter;

const LENGTHS: [usize; 12] = [0, 1, 7, 8, 9, 63, 64, 65, 255, 256, 257, 600];

/// For functions of numbers alone, which are quick.
const LONG: [usize; 2] = [8192, 8193];

/// Numbers at which functions change their mind, and rubbish.
const NUMBERS: [f64; 30] = [
    0.0,
    1.0,
    2.0,
    0.001,
    0.05,
    0.1,
    0.07,
    0.5,
    1.01,
    3.6,
    4.5,
    5.0,
    7.0,
    10.0,
    30.0,
    31.0,
    36.5,
    60.0,
    93.2,
    100.0,
    177.3,
    400.0,
    501.0,
    3000.0,
    -1.0,
    -0.0,
    1e300,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

const TEXTS: [&str; 14] = [
    "G.711",
    "PCMU",
    "g729",
    "x-msrta/16000",
    "SIREN",
    "H264S",
    "AMR-WB-12.65",
    "EVS-32",
    "sip:Ken.Myer@contoso.com:5061;gruu",
    "+49 (30) 1234-567",
    "sip:+12065550100;ext=5@gw.contoso.com;user=phone",
    "sip:ken@contoso.com;opaque=app:conf:focus:id:X7",
    "",
    "no such codec, and a name that does not fit a view",
];

fn parameters(udf: &ScalarUDF) -> &'static [Parameter] {
    udf.inner().downcast_ref::<Adapter>().unwrap().function.parameters
}

fn numbers(random: &mut Random, rows: usize, null_share: f64) -> Float64Array {
    (0..rows)
        .map(|_| {
            let number = match random.below(3) {
                0 => random.pick(&NUMBERS),
                1 => random.unit() * 5.0,
                _ => random.unit() * 200.0,
            };
            (random.unit() >= null_share).then_some(number)
        })
        .collect()
}

fn names(random: &mut Random, rows: usize, null_share: f64, names: &[&str]) -> ArrayRef {
    let names = (0..rows).map(|_| (random.unit() >= null_share).then(|| random.pick(names)));
    Arc::new(StringViewArray::from_iter(names.collect::<Vec<_>>()))
}

/// An argument for a parameter: an array where the function takes one.
fn argument(
    parameter: &Parameter,
    random: &mut Random,
    rows: usize,
    null_share: f64,
) -> ColumnarValue {
    let array: ArrayRef = match parameter.kind {
        Kind::Number => Arc::new(numbers(random, rows, null_share)),
        Kind::Flag => Arc::new(Float64Array::from_iter(
            (0..rows).map(|_| (random.unit() >= null_share).then(|| random.pick(&[0.0, 1.0]))),
        )),
        Kind::Text | Kind::Key | Kind::Id => {
            let texts =
                (0..rows).map(|_| (random.unit() >= null_share).then(|| random.pick(&TEXTS)));
            cast(&StringArray::from_iter(texts), &DataType::Utf8View).unwrap()
        }
        Kind::Choice(names) => return ColumnarValue::Scalar(random.pick(names).into()),
        Kind::Setting(low, high) => {
            return ColumnarValue::Scalar((low + random.unit() * (high.min(1e6) - low)).into());
        }
        Kind::Edges => {
            let edges = [1.0, 5.0, 30.0, 100.0].map(ScalarValue::from);
            let list = ScalarValue::new_list(&edges, &DataType::Float64, true);
            return ColumnarValue::Scalar(ScalarValue::List(list));
        }
        Kind::Record(names) => {
            let fields = names.iter().step_by(3).map(|name| {
                let column: ArrayRef = Arc::new(numbers(random, rows, null_share));
                (Arc::new(Field::new(*name, DataType::Float64, true)), column)
            });
            let (fields, columns): (Vec<_>, Vec<_>) = fields.unzip();
            let nulls = (0..rows).map(|_| random.unit() >= null_share).collect::<Vec<_>>();
            let nulls = Some(NullBuffer::from(nulls));
            Arc::new(StructArray::new(fields.into(), columns, nulls))
        }
        Kind::Counts => {
            Arc::new(ListArray::from_iter_primitive::<UInt64Type, _, _>((0..rows).map(|_| {
                let counts: Vec<_> =
                    (0..random.below(90)).map(|_| Some(random.next() % 9)).collect();
                (random.unit() >= null_share).then_some(counts)
            })))
        }
        Kind::Keys | Kind::Moment => unreachable!("only table functions take these"),
        Kind::Instant => Arc::new(Int64Array::from_iter((0..rows).map(|_| {
            let seconds = random.below(4_000_000_000) as i64;
            (random.unit() >= null_share).then_some(seconds)
        }))),
        Kind::Amount => Arc::new(
            Decimal128Array::from_iter((0..rows).map(|_| {
                let amount = (random.next() >> 20) as i128;
                (random.unit() >= null_share).then_some(amount)
            }))
            .with_data_type(amount::TYPE),
        ),
        Kind::Region => names(random, rows, null_share, &["US", "DE", "gb"]),
        Kind::Zone => names(random, rows, null_share, &["UTC", "Europe/Berlin", ""]),
    };
    ColumnarValue::Array(array)
}

fn call(udf: &ScalarUDF, args: &[ColumnarValue], rows: usize) -> Result<ColumnarValue> {
    let fields = args.iter().map(|a| Arc::new(Field::new("", a.data_type(), true)));
    let arg_fields: Vec<_> = fields.collect();
    let literals: Vec<_> = args
        .iter()
        .map(|a| match a {
            ColumnarValue::Scalar(value) => Some(value),
            ColumnarValue::Array(_) => None,
        })
        .collect();
    let field = ReturnFieldArgs { arg_fields: &arg_fields, scalar_arguments: &literals };
    let return_field = udf.return_field_from_args(field)?;
    let args = ScalarFunctionArgs {
        args: args.to_vec(),
        arg_fields,
        number_rows: rows,
        return_field: Arc::clone(&return_field),
        config_options: Arc::new(ConfigOptions::default()),
    };
    let result = udf.invoke_with_args(args)?;
    assert_eq!(&result.data_type(), return_field.data_type(), "{}", udf.name());
    Ok(result)
}

fn array(udf: &ScalarUDF, args: &[ColumnarValue], rows: usize) -> ArrayRef {
    let array = call(udf, args, rows).unwrap().to_array(rows).unwrap();
    assert_eq!(array.len(), rows, "{}", udf.name());
    array
}

fn row(value: &ColumnarValue, row: usize) -> ScalarValue {
    match value {
        ColumnarValue::Scalar(value) => value.clone(),
        ColumnarValue::Array(array) => ScalarValue::try_from_array(array, row).unwrap(),
    }
}

#[test]
fn a_batch_gives_what_its_rows_give() {
    let mut random = Random(1);
    for udf in crate::functions().scalar {
        let is_number = |p: &Parameter| matches!(p.kind, Kind::Number | Kind::Choice(_));
        let long = LONG.into_iter().filter(|_| parameters(&udf).iter().all(is_number));
        let lengths = LENGTHS.into_iter().chain(long);
        for (rows, null_share) in lengths.flat_map(|n| [(n, 0.0), (n, 0.1), (n, 1.0)]) {
            let parameters = parameters(&udf).iter();
            let args: Vec<_> =
                parameters.map(|p| argument(p, &mut random, rows, null_share)).collect();
            let batch = array(&udf, &args, rows);
            // Of a long batch some rows, the last among them.
            for i in (0..rows).rev().step_by(1 + rows / 1000 * 17) {
                let scalars: Vec<_> =
                    args.iter().map(|a| ColumnarValue::Scalar(row(a, i))).collect();
                let alone = call(&udf, &scalars, 1).unwrap();
                let expected = row(&alone, 0);
                let actual = ScalarValue::try_from_array(&batch, i).unwrap();
                assert_eq!(actual, expected, "{} of {scalars:?}, row {i}", udf.name());
            }
        }
    }
}

/// The same values whatever form they come in.
#[test]
fn the_form_of_an_argument_does_not_matter() {
    const ROWS: usize = 300;
    let mut random = Random(2);
    for udf in crate::functions().scalar {
        let parameters = parameters(&udf);
        let args: Vec<_> = parameters.iter().map(|p| argument(p, &mut random, ROWS, 0.1)).collect();
        let whole = array(&udf, &args, ROWS);
        let name = udf.name();

        let sliced = args.iter().map(|a| match a {
            ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(13, 270)),
            scalar => scalar.clone(),
        });
        let part = array(&udf, &sliced.collect::<Vec<_>>(), 270);
        assert_eq!(part.to_data(), whole.slice(13, 270).to_data(), "{name} of slices");

        for k in 0..args.len() {
            let constant = row(&args[k], 5);
            let mut scalar = args.clone();
            scalar[k] = ColumnarValue::Scalar(constant.clone());
            if let (ColumnarValue::Array(_), true) = (&args[k], args.len() > 1) {
                let mut repeated = args.clone();
                repeated[k] = ColumnarValue::Array(constant.to_array_of_size(ROWS).unwrap());
                let expected = array(&udf, &repeated, ROWS);
                let actual = array(&udf, &scalar, ROWS);
                assert_eq!(actual.as_ref(), expected.as_ref(), "{name} with constant {k}");
            }
            if matches!(parameters[k].kind, Kind::Text) {
                for text in text_types() {
                    let mut other = args.clone();
                    other[k] = args[k].cast_to(&text, None).unwrap();
                    assert_eq!(
                        array(&udf, &other, ROWS).as_ref(),
                        whole.as_ref(),
                        "{name} of {text}"
                    );
                }
            }
        }
    }
}

fn text_types() -> [DataType; 3] {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    [DataType::Utf8, DataType::LargeUtf8, dictionary]
}

#[test]
fn numbers_of_any_type_are_accepted() {
    for udf in crate::functions().scalar {
        let parameters = parameters(&udf);
        let numbers: Vec<_> =
            parameters.iter().filter(|p| matches!(p.kind, Kind::Number)).copied().collect();
        for number in [DataType::Int32, DataType::UInt8, DataType::Decimal128(5, 4), DataType::Null]
        {
            let given = vec![number; numbers.len()];
            let seen = parameter::coerce(udf.name(), &numbers, &given).unwrap();
            assert!(seen.iter().all(|seen| *seen == DataType::Float64));
        }
        for wrong in [DataType::Utf8, DataType::Boolean, DataType::Date32] {
            if let Some(number) = numbers.first() {
                let error = parameter::coerce(udf.name(), &[*number], &[wrong]).unwrap_err();
                assert!(error.to_string().contains("must be a number"), "{error}");
            }
        }
    }
}

#[test]
fn a_wrong_number_of_arguments_is_a_plan_error() {
    for udf in crate::functions().scalar {
        let too_many = vec![DataType::Float64; parameters(&udf).len() + 1];
        for given in [&[], too_many.as_slice()] {
            let error = udf.inner().coerce_types(given).unwrap_err();
            assert!(error.to_string().contains(udf.name()), "{error}");
        }
    }
}
