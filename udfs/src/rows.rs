//! Rows of arguments: a function says what it does with one row, as plain numbers; scalars, arrays,
//! slices, NULLs and rubbish are handled here.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, Int8Array, PrimitiveArray,
    StringViewArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int8Type};
use datafusion::common::{HashMap, Result, ScalarValue, exec_err, internal_err, plan_err};
use datafusion::logical_expr::ColumnarValue;

pub(crate) use crate::lanes::MISSING;
use crate::lanes::{Cell, Column, Nulls, map_rows};
use crate::local_time::{SESSION_ZONE, Zone};
use crate::parameter::{self, Kind, Parameter};

/// The arguments of one call, a value for each parameter.
pub struct Arguments<'a> {
    function: &'a str,
    parameters: &'a [Parameter],
    values: Vec<ColumnarValue>,
    rows: usize,
    /// The session's time zone.
    zone: Zone,
}

impl<'a> Arguments<'a> {
    /// Gives every argument its parameter, and parameters that were left out their default.
    pub(crate) fn new(
        function: &'a str,
        parameters: &'a [Parameter],
        given: Vec<ColumnarValue>,
        rows: usize,
    ) -> Result<Self> {
        let bound = parameter::bind(function, parameters, given.len())?;
        let mut given = given.into_iter();
        let values = parameters.iter().zip(bound).map(|(parameter, bound)| match bound {
            Some(_) => given.next(),
            None => parameter.default().map(ColumnarValue::Scalar),
        });
        match values.collect() {
            Some(values) => Ok(Self { function, parameters, values, rows, zone: Zone::default() }),
            None => internal_err!("{function}: arguments do not match the parameters"),
        }
    }

    /// The same arguments in a session with this time zone.
    pub(crate) fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A Float64 array by [`Self::strict`].
    pub fn floats<const N: usize>(&self, row: impl Fn([f64; N]) -> f64) -> Result<ArrayRef> {
        Ok(Arc::new(self.strict::<Float64Type, N>(row)?))
    }

    /// A Utf8View array of names by [`Self::strict`]: `row` says the index of the name.
    pub(crate) fn names<const N: usize>(
        &self,
        names: &[&str],
        row: impl Fn([f64; N]) -> i64,
    ) -> Result<ArrayRef> {
        labels(names, &self.strict::<Int8Type, N>(row)?)
    }

    /// One value per row from the numbers among the arguments, of which there must be `N`.
    /// A row in which any of them is NULL, NaN or infinite is NULL.
    pub(crate) fn strict<P, const N: usize>(
        &self,
        row: impl Fn([f64; N]) -> <P::Native as Cell>::Lane,
    ) -> Result<PrimitiveArray<P>>
    where
        P: ArrowPrimitiveType,
        P::Native: Cell,
    {
        let columns = self.columns::<N>()?;
        let nulls = NullBuffer::union_many(columns.iter().map(Column::nulls));
        Ok(map_rows(&columns, self.rows, Nulls::Anything, nulls, |numbers| {
            // Zero times what is NaN or infinite is NaN. Both sides of the selection are computed,
            // so that it is no branch.
            let finite = numbers.iter().fold(0.0, |sum, x| sum + x * 0.0) == 0.0;
            let result = row(numbers);
            if finite { result } else { P::Native::MISSING }
        }))
    }

    /// Like [`Self::strict`], but a number that is NULL, NaN or infinite reaches `row` as NaN.
    pub(crate) fn lenient<P, const N: usize>(
        &self,
        row: impl Fn([f64; N]) -> <P::Native as Cell>::Lane,
    ) -> Result<PrimitiveArray<P>>
    where
        P: ArrowPrimitiveType,
        P::Native: Cell,
    {
        let columns = self.columns::<N>()?;
        // Zero times what is infinite is NaN.
        let finite = |x: f64| x + x * 0.0;
        Ok(map_rows(&columns, self.rows, Nulls::Nan, None, |numbers| row(numbers.map(finite))))
    }

    /// Looks a text up for every row, so that it takes part as a number; NULL becomes NaN.
    pub fn text_as_number(&self, index: usize, number: impl Fn(&str) -> f64) -> Result<Self> {
        let mut values = self.values.clone();
        values[index] = match &self.values[index] {
            ColumnarValue::Scalar(text) => {
                let value = text.try_as_str().flatten().map_or(f64::NAN, number);
                ColumnarValue::Scalar(ScalarValue::Float64(Some(value)))
            }
            ColumnarValue::Array(texts) => ColumnarValue::Array(look_up(texts, &number)?),
        };
        Ok(Self { values, ..*self })
    }

    /// Which of its names a parameter of kind [`Kind::Choice`] is.
    pub fn choice(&self, index: usize) -> Result<usize> {
        let (parameter, value) = (&self.parameters[index], &self.values[index]);
        let Kind::Choice(names) = parameter.kind else {
            return internal_err!("{}: `{}` is no choice", self.function, parameter.name);
        };
        let chosen = match value {
            ColumnarValue::Scalar(value) => value.try_as_str().flatten(),
            ColumnarValue::Array(_) => {
                return exec_err!("{}: `{}` must be a constant", self.function, parameter.name);
            }
        };
        match names.iter().position(|&name| Some(name) == chosen) {
            Some(position) => Ok(position),
            None => exec_err!(
                "{}: argument `{}` must be one of '{}'",
                self.function,
                parameter.name,
                names.join("', '")
            ),
        }
    }

    /// The numbers of a parameter of kind [`Kind::Edges`].
    pub fn edges(&self, index: usize) -> Result<Vec<f64>> {
        let name = self.parameters[index].name;
        match &self.values[index] {
            ColumnarValue::Scalar(list) => edges(self.function, name, list),
            ColumnarValue::Array(_) => exec_err!("{}: `{name}` must be a constant", self.function),
        }
    }

    /// The value of a parameter of kind [`Kind::Setting`] that is the same for all rows.
    pub fn setting(&self, index: usize) -> Result<f64> {
        let parameter = &self.parameters[index];
        let numbers = self.numbers(index)?;
        let first = numbers.iter().next().flatten();
        match (parameter.kind, first) {
            (Kind::Setting(low, high), Some(x)) if (low..=high).contains(&x) => Ok(x),
            _ => exec_err!("{}: `{}` is out of its range", self.function, parameter.name),
        }
    }

    /// An argument that is a number as an array of as many rows as the call has.
    pub fn numbers(&self, index: usize) -> Result<Float64Array> {
        Ok(self.array(index)?.as_primitive::<Float64Type>().clone())
    }

    /// An argument that is a number, row by row; `None` where it is NULL, NaN or infinite.
    pub fn finite(&self, index: usize) -> Result<Vec<Option<f64>>> {
        let numbers = self.numbers(index)?;
        Ok(numbers.iter().map(|x| x.filter(|x| x.is_finite())).collect())
    }

    /// An argument as an array of as many rows as the call has.
    pub fn array(&self, index: usize) -> Result<ArrayRef> {
        self.values[index].to_array(self.rows)
    }

    /// An argument that is text as an array of as many rows as the call has.
    pub fn texts(&self, index: usize) -> Result<StringViewArray> {
        Ok(cast(&self.array(index)?, &DataType::Utf8View)?.as_string_view().clone())
    }

    /// The time zone of each row, from a parameter of kind [`Kind::Zone`]; `None` for what is
    /// NULL or no zone.
    pub(crate) fn zones(&self, index: usize) -> Result<Vec<Option<Zone>>> {
        zones_of(&self.array(index)?, self.zone)
    }

    fn columns<const N: usize>(&self) -> Result<[Column<'_>; N]> {
        let numbers: Vec<_> = self.values.iter().filter_map(column).collect();
        match numbers.try_into() {
            Ok(columns) => Ok(columns),
            Err(found) => internal_err!("{}: {} numbers, {N} expected", self.function, found.len()),
        }
    }
}

/// The time zone of each of `rows` rows of an aggregate; UTC where none was given.
pub(crate) fn zones(names: Option<&ArrayRef>, rows: usize) -> Result<Vec<Option<Zone>>> {
    match names {
        Some(names) => zones_of(names, Zone::default()),
        None => Ok(vec![Some(Zone::default()); rows]),
    }
}

fn zones_of(names: &ArrayRef, session: Zone) -> Result<Vec<Option<Zone>>> {
    let names = cast(names, &DataType::Utf8View)?;
    let named = |name| if name == SESSION_ZONE { Some(session) } else { Zone::named(name) };
    let mut last: (Option<&str>, Option<Zone>) = (None, None);
    let zones = names.as_string_view().iter().map(|name| {
        // The same name mostly comes many times on end.
        if name != last.0 {
            last = (name, name.and_then(named));
        }
        last.1
    });
    Ok(zones.collect())
}

/// Names for codes: code `i` becomes `names[i]` as Utf8View, NULL stays NULL.
pub fn labels(names: &[&str], codes: &Int8Array) -> Result<ArrayRef> {
    Ok(take(&StringViewArray::from_iter_values(names), codes, None)?)
}

/// The numbers of a list literal.
///
/// # Errors
/// A plan error unless they are strictly rising.
pub(crate) fn edges(function: &str, name: &str, list: &ScalarValue) -> Result<Vec<f64>> {
    let list = list.cast_to(&DataType::new_list(DataType::Float64, true))?;
    let ScalarValue::List(list) = list else {
        return plan_err!("{function}: argument `{name}` must be a list of numbers");
    };
    let numbers = list.values().as_primitive::<Float64Type>();
    let rising = numbers.null_count() == 0 && numbers.values().windows(2).all(|w| w[0] < w[1]);
    if list.is_null(0)
        || numbers.is_empty()
        || !rising
        || numbers.values().iter().any(|x| x.is_nan())
    {
        return plan_err!("{function}: argument `{name}` must be strictly rising numbers");
    }
    Ok(numbers.values().to_vec())
}

/// The numbers of an argument that holds any.
fn column(value: &ColumnarValue) -> Option<Column<'_>> {
    match value {
        ColumnarValue::Scalar(ScalarValue::Float64(value)) => {
            Some(Column::Constant(value.unwrap_or(f64::NAN)))
        }
        ColumnarValue::Scalar(_) => None,
        ColumnarValue::Array(array) => array.as_primitive_opt().map(Column::Array),
    }
}

fn look_up(texts: &ArrayRef, number: &impl Fn(&str) -> f64) -> Result<ArrayRef> {
    if let Some(dictionary) = texts.as_any_dictionary_opt() {
        let numbers = look_up(dictionary.values(), number)?;
        return Ok(take(&numbers, dictionary.keys(), None)?);
    }
    let texts = cast(texts, &DataType::Utf8View)?;
    let texts = texts.as_string_view();
    // Few texts come many times, and equal views are equal texts.
    let mut known: HashMap<u128, f64> = HashMap::new();
    let numbers = texts.views().iter().enumerate().map(|(row, view)| match texts.is_valid(row) {
        true => *known.entry(*view).or_insert_with(|| number(texts.value(row))),
        false => f64::NAN,
    });
    Ok(Arc::new(Float64Array::from_iter_values(numbers)))
}
