//! Random arguments into every scalar function, from the root of the repository:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cp Cargo.lock udfs/fuzz
//! cargo +nightly fuzz run --fuzz-dir udfs/fuzz --sanitizer none scalars -- -max_total_time=600
//! ```
//!
//! A call either does not plan, or it gives one value of the promised type for each row, and for
//! any row the same value as for that row alone.

#![no_main]

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, ListArray, StringArray,
    StructArray, UInt64Array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};
use libfuzzer_sys::arbitrary::{self, Unstructured};
use libfuzzer_sys::fuzz_target;

static FUNCTIONS: LazyLock<Vec<ScalarUDF>> = LazyLock::new(|| cdrql_udfs::functions().scalar);

/// Numbers at which functions change their mind.
const NUMBERS: [f64; 18] = [
    0.0,
    -0.0,
    1.0,
    0.07,
    0.1,
    0.5,
    4.5,
    7.0,
    10.0,
    30.0,
    95.0,
    100.0,
    500.0,
    1e300,
    f64::MIN_POSITIVE,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// Constants that functions know, addresses, numbers.
const TEXTS: [&str; 30] = [
    "", "PCMU", "G.729", "SILK", "x-msrta/16000", "Siren", "AMR-WB-12.65", "EVS-32", "lync2013",
    "cqd2019", "cqd2024", "default", "low", "very_low", "narrowband", "wideband", "fullband", "plc",
    "none", "uc", "pstn", "g711", "sip:ann@contoso.com;gruu", "+49 (30) 1234-567", "tel:+12065550100",
    "sip:+12065550100;ext=5@gw.contoso.com;user=phone", "DE", "US", "UTC", "Europe/Berlin",
];

fuzz_target!(|data: &[u8]| {
    // What runs out of bytes is as good as any other call.
    let _ = call_one(&mut Unstructured::new(data));
});

fn call_one(u: &mut Unstructured) -> arbitrary::Result<()> {
    let udf = u.choose(&FUNCTIONS)?;
    let names = udf.signature().parameter_names.as_ref().map_or(0, Vec::len);
    let count = if u.ratio(9, 10)? { names } else { u.int_in_range(0..=names + 1)? };
    let rows = *u.choose(&[0, 1, 2, 7, 63, 64, 65, 255, 256, 257, 300])?;
    let arguments = (0..count).map(|_| argument(u, rows));
    let arguments: Vec<_> = arguments.collect::<arbitrary::Result<_>>()?;
    let Some(arguments) = coerced(udf, arguments) else { return Ok(()) };
    let Some(result) = invoke(udf, &arguments, rows) else { return Ok(()) };
    if rows > 0 {
        let row = u.choose_index(rows)?;
        let alone: Vec<_> = arguments.iter().map(|a| ColumnarValue::Scalar(at(a, row))).collect();
        if let Some(alone) = invoke(udf, &alone, 1) {
            assert_eq!(at(&result, row), at(&alone, 0), "{} of row {row}", udf.name());
        }
    }
    Ok(())
}

fn at(value: &ColumnarValue, row: usize) -> ScalarValue {
    match value {
        ColumnarValue::Scalar(value) => value.clone(),
        ColumnarValue::Array(array) => ScalarValue::try_from_array(array, row).unwrap(),
    }
}

/// The arguments as the types that the function asks for; `None` if it takes no such arguments.
fn coerced(udf: &ScalarUDF, arguments: Vec<ColumnarValue>) -> Option<Vec<ColumnarValue>> {
    let types: Vec<_> = arguments.iter().map(ColumnarValue::data_type).collect();
    let types = udf.inner().coerce_types(&types).ok()?;
    let cast = |(value, data_type): (&ColumnarValue, &DataType)| value.cast_to(data_type, None).ok();
    arguments.iter().zip(&types).map(cast).collect()
}

fn invoke(udf: &ScalarUDF, arguments: &[ColumnarValue], rows: usize) -> Option<ColumnarValue> {
    let fields = arguments.iter().map(|a| Arc::new(Field::new("", a.data_type(), true)));
    let arg_fields: Vec<_> = fields.collect();
    let literals = arguments.iter().map(|argument| match argument {
        ColumnarValue::Scalar(value) => Some(value),
        ColumnarValue::Array(_) => None,
    });
    let literals: Vec<_> = literals.collect();
    let given = ReturnFieldArgs { arg_fields: &arg_fields, scalar_arguments: &literals };
    let return_field = udf.return_field_from_args(given).ok()?;
    let result: Result<_> = udf.invoke_with_args(ScalarFunctionArgs {
        args: arguments.to_vec(),
        arg_fields,
        number_rows: rows,
        return_field: Arc::clone(&return_field),
        config_options: Arc::new(ConfigOptions::default()),
    });
    let result = result.ok()?;
    assert_eq!(&result.data_type(), return_field.data_type(), "{}", udf.name());
    if let ColumnarValue::Array(array) = &result {
        assert_eq!(array.len(), rows, "{}", udf.name());
        array.to_data().validate_full().unwrap();
    }
    Some(result)
}

/// An argument of any kind, as a constant, a column or a part of one.
fn argument(u: &mut Unstructured, rows: usize) -> arbitrary::Result<ColumnarValue> {
    let offset = u.int_in_range(0..=9)?;
    let column = column(u, rows + offset)?.slice(offset, rows);
    if rows > 0 && u.ratio(1, 3)? {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0).unwrap()));
    }
    Ok(ColumnarValue::Array(column))
}

fn column(u: &mut Unstructured, rows: usize) -> arbitrary::Result<ArrayRef> {
    Ok(match u.int_in_range(0..=15)? {
        0..=6 => Arc::new(numbers(u, rows)?),
        7 => Arc::new(Int64Array::from(values(u, rows, |u| u.arbitrary())?)),
        8 => Arc::new(Float32Array::from(values(u, rows, |u| u.arbitrary())?)),
        9 => {
            let cents = values(u, rows, |u| Ok(i64::from(u.arbitrary::<i32>()?)))?;
            cast(&Int64Array::from(cents), &DataType::Decimal128(20, 2)).unwrap()
        }
        10 => Arc::new(BooleanArray::from(values(u, rows, |u| u.arbitrary())?)),
        11 => Arc::new(lists(u, rows)?),
        12 => Arc::new(record(u, rows)?),
        13 => Arc::new(UInt64Array::from(values(u, rows, |u| u.arbitrary())?)),
        kind => {
            let texts = StringArray::from(values(u, rows, text)?);
            let dictionary =
                DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
            let as_type = if kind == 14 { DataType::Utf8View } else { dictionary };
            cast(&texts, &as_type).unwrap()
        }
    })
}

/// Values, now and then the same one for all rows, and NULL in between.
fn values<T: Clone>(
    u: &mut Unstructured,
    rows: usize,
    mut value: impl FnMut(&mut Unstructured) -> arbitrary::Result<T>,
) -> arbitrary::Result<Vec<Option<T>>> {
    let distinct = u.int_in_range(1..=12)?;
    let some = (0..distinct).map(|_| Ok(if u.ratio(1, 8)? { None } else { Some(value(u)?) }));
    let some: Vec<_> = some.collect::<arbitrary::Result<_>>()?;
    Ok(some.into_iter().cycle().take(rows).collect())
}

fn numbers(u: &mut Unstructured, rows: usize) -> arbitrary::Result<Float64Array> {
    let number = |u: &mut Unstructured| match u.int_in_range(0..=3)? {
        0 => u.arbitrary(),
        1 => u.choose(&NUMBERS).copied(),
        _ => Ok(f64::from(u.arbitrary::<u16>()?) / 64.0),
    };
    Ok(Float64Array::from(values(u, rows, number)?))
}

fn text(u: &mut Unstructured) -> arbitrary::Result<String> {
    if u.ratio(3, 4)? { Ok((*u.choose(&TEXTS)?).to_string()) } else { u.arbitrary() }
}

fn lists(u: &mut Unstructured, rows: usize) -> arbitrary::Result<ListArray> {
    if u.arbitrary()? {
        let edges = values(u, rows, |u| Ok(vec![Some(u.arbitrary()?), Some(u.arbitrary()?)]))?;
        return Ok(ListArray::from_iter_primitive::<Float64Type, _, _>(edges));
    }
    let counts = values(u, rows, |u| u.arbitrary::<Vec<Option<u64>>>())?;
    Ok(ListArray::from_iter_primitive::<UInt64Type, _, _>(counts))
}

/// Parameters of the full E-model.
fn record(u: &mut Unstructured, rows: usize) -> arbitrary::Result<StructArray> {
    let names = ["ta_ms", "loss_pct", "ie", "bpl", "stmr", "qdu", "burst_ratio"];
    let count = u.int_in_range(1..=names.len())?;
    let columns = names[..count].iter().map(|name| {
        let column: ArrayRef = Arc::new(numbers(u, rows)?);
        Ok((Arc::new(Field::new(*name, DataType::Float64, true)), column))
    });
    let columns: Vec<_> = columns.collect::<arbitrary::Result<_>>()?;
    Ok(StructArray::from(columns))
}
