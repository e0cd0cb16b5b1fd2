//! What a function takes: names, kinds and defaults of its parameters, and the checks that
//! follow from them.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Expr, Signature, Volatility, lit};

use crate::local_time::{SESSION_ZONE, Zone};
use crate::{amount, config, region};

/// One parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name, as in `name => value`.
    pub name: &'static str,
    /// What may be passed.
    pub kind: Kind,
    default: Option<Constant>,
}

/// What may be passed for a parameter, and as what the function sees it.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any number, seen as Float64.
    Number,
    /// A number, seen as Float64, that as a literal must be between two limits.
    Setting(f64, f64),
    /// A Boolean, seen as Float64 0 or 1.
    Flag,
    /// Text of any string type or a dictionary of one, seen as it is.
    Text,
    /// A constant text out of a list.
    Choice(&'static [&'static str]),
    /// A constant list of strictly rising numbers, seen as List(Float64).
    Edges,
    /// Text or a whole number that identifies something, seen as Utf8View or Int64.
    Key,
    /// A point in time or a whole number; two of one call come in the same unit.
    Instant,
    /// Text or a whole number that names a row, seen as Utf8View or Int64.
    Id,
    /// A constant key or list of keys, seen as List(Utf8View) or List(Int64).
    Keys,
    /// A constant point in time, as a timestamp, a date, text of one or a whole number.
    Moment,
    /// A struct of numbers with these field names, any of which may be missing.
    Record(&'static [&'static str]),
    /// A list of counts, seen as List(UInt64).
    Counts,
    /// An exact amount, seen as [`amount::TYPE`].
    Amount,
    /// The two letters of a country, as text.
    Region,
    /// The name of a time zone, as text.
    Zone,
}

#[derive(Debug, Clone, Copy)]
enum Constant {
    Number(f64),
    Text(&'static str),
    Null,
}

/// A parameter of kind [`Kind::Number`].
pub const fn number(name: &'static str) -> Parameter {
    parameter(name, Kind::Number)
}

/// A parameter of kind [`Kind::Text`].
pub const fn text(name: &'static str) -> Parameter {
    parameter(name, Kind::Text)
}

/// A parameter of kind [`Kind::Flag`].
pub const fn flag(name: &'static str) -> Parameter {
    parameter(name, Kind::Flag)
}

/// A parameter of kind [`Kind::Choice`].
pub const fn choice(name: &'static str, names: &'static [&'static str]) -> Parameter {
    parameter(name, Kind::Choice(names))
}

/// A parameter of kind [`Kind::Setting`]: from `low` to `high`, where [`f64::MIN_POSITIVE`] is
/// anything above 0 and [`f64::MAX`] no limit.
pub const fn setting(name: &'static str, low: f64, high: f64) -> Parameter {
    parameter(name, Kind::Setting(low, high))
}

/// A parameter of kind [`Kind::Zone`], the session's zone when it is left out.
pub const fn zone(name: &'static str) -> Parameter {
    parameter(name, Kind::Zone).or_text(SESSION_ZONE)
}

/// A parameter of any kind.
pub const fn parameter(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, default: None }
}

impl Parameter {
    /// Makes the parameter optional, with this number when it is left out.
    pub const fn or(mut self, default: f64) -> Self {
        self.default = Some(Constant::Number(default));
        self
    }

    /// Makes the parameter optional, with this text when it is left out.
    pub const fn or_text(mut self, default: &'static str) -> Self {
        self.default = Some(Constant::Text(default));
        self
    }

    /// Makes the parameter optional, with NULL when it is left out.
    pub const fn or_null(mut self) -> Self {
        self.default = Some(Constant::Null);
        self
    }

    /// The value when the parameter is left out; `None` if it must not be.
    pub fn default(&self) -> Option<ScalarValue> {
        self.default.map(|constant| match constant {
            Constant::Number(value) => ScalarValue::Float64(Some(value)),
            Constant::Text(value) => ScalarValue::from(value),
            Constant::Null if matches!(self.kind, Kind::Text | Kind::Region | Kind::Zone) => {
                ScalarValue::Utf8View(None)
            }
            Constant::Null => ScalarValue::Null,
        })
    }

    /// The type as which a value of type `given` reaches the function.
    fn coerce(&self, function: &str, given: &DataType) -> Result<DataType> {
        let seen = match self.kind {
            Kind::Number | Kind::Setting(..) => is_number(given).then_some(DataType::Float64),
            Kind::Flag => matches!(given, DataType::Boolean | DataType::Float64 | DataType::Null)
                .then_some(DataType::Float64),
            Kind::Text | Kind::Choice(_) | Kind::Region | Kind::Zone => coerce_text(given),
            Kind::Amount => (is_number(given) || is_text(given)).then_some(amount::TYPE),
            Kind::Edges => coerce_list(given, DataType::Float64),
            Kind::Counts => coerce_list(given, DataType::UInt64),
            Kind::Key | Kind::Id => coerce_key(given),
            Kind::Keys => coerce_keys(given),
            Kind::Moment if is_text(given) => {
                Some(DataType::Timestamp(TimeUnit::Microsecond, None))
            }
            Kind::Moment => coerce_instant(given),
            Kind::Instant => coerce_instant(given),
            Kind::Record(names) => return coerce_record(function, self.name, names, given),
        };
        match seen {
            Some(seen) => Ok(seen),
            None => plan_err!(
                "{function}: argument `{}` must be {}, not {given}",
                self.name,
                self.kind.describe()
            ),
        }
    }

    /// Refuses a literal that the function could never use.
    fn check(&self, function: &str, literal: &ScalarValue) -> Result<()> {
        match self.kind {
            _ if literal.is_null() && matches!(self.default, Some(Constant::Null)) => Ok(()),
            Kind::Choice(names) => match literal.try_as_str().flatten() {
                Some(value) if names.contains(&value) => Ok(()),
                value => plan_err!(
                    "{function}: argument `{}` is '{}', must be one of '{}'",
                    self.name,
                    value.unwrap_or("NULL"),
                    names.join("', '")
                ),
            },
            Kind::Setting(low, high) => match as_f64(literal) {
                Some(value) if (low..=high).contains(&value) => Ok(()),
                _ => plan_err!(
                    "{function}: argument `{}` is {literal}, must be {}",
                    self.name,
                    range(low, high)
                ),
            },
            Kind::Edges => crate::rows::edges(function, self.name, literal).map(|_| ()),
            Kind::Region => {
                self.check_name(function, literal, |name| region::named(name).is_some())
            }
            Kind::Zone => self.check_name(function, literal, |name| {
                name == SESSION_ZONE || Zone::named(name).is_some()
            }),
            _ => Ok(()),
        }
    }
}

impl Parameter {
    fn check_name(
        &self,
        function: &str,
        literal: &ScalarValue,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<()> {
        match literal.try_as_str().flatten() {
            Some(name) if !is_known(name) => plan_err!(
                "{function}: argument `{}` is '{name}', must be {}",
                self.name,
                self.kind.describe()
            ),
            _ => Ok(()),
        }
    }
}

impl Kind {
    /// Whether a parameter of this kind is the same for all rows.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self, Kind::Setting(..) | Kind::Choice(_) | Kind::Keys | Kind::Moment)
    }

    fn describe(&self) -> &'static str {
        match self {
            Kind::Number | Kind::Setting(..) => "a number",
            Kind::Flag => "a Boolean",
            Kind::Text | Kind::Choice(_) => "text",
            Kind::Edges => "a list of numbers",
            Kind::Counts => "a list of counts",
            Kind::Key | Kind::Id => "text or a whole number",
            Kind::Keys => "text, a whole number or a list of either",
            Kind::Instant | Kind::Moment => "a timestamp, a date or a whole number",
            Kind::Record(_) => "a struct of numbers",
            Kind::Amount => "an amount",
            Kind::Region => "a country such as 'DE'",
            Kind::Zone => "a time zone such as 'Europe/Berlin' or 'UTC'",
        }
    }
}

/// Refuses DISTINCT, which the aggregates of this crate would otherwise pass over in silence.
pub(crate) fn refuse_distinct(args: &AccumulatorArgs) -> Result<()> {
    if args.is_distinct {
        return plan_err!("{}: DISTINCT is not possible here; use a subquery", args.name);
    }
    Ok(())
}

/// The signature of a function with these parameters.
pub(crate) fn signature(parameters: &[Parameter]) -> Signature {
    let mut signature = Signature::user_defined(Volatility::Immutable);
    signature.parameter_names = Some(parameters.iter().map(|p| p.name.to_string()).collect());
    signature
}

/// The parameters that `given` arguments stand for: optional ones fall away from the right.
///
/// # Errors
/// A plan error when there are too few or too many arguments.
pub fn bind<'a>(
    function: &str,
    parameters: &'a [Parameter],
    given: usize,
) -> Result<Vec<Option<&'a Parameter>>> {
    let required = parameters.iter().filter(|p| p.default.is_none()).count();
    if !(required..=parameters.len()).contains(&given) {
        let names: Vec<_> = parameters.iter().map(|p| p.name).collect();
        return plan_err!("{function} takes ({}), got {given} arguments", names.join(", "));
    }
    let mut absent = parameters.len() - given;
    let mut bound: Vec<_> = parameters
        .iter()
        .rev()
        .map(|parameter| {
            let fall_away = absent > 0 && parameter.default.is_some();
            absent -= usize::from(fall_away);
            (!fall_away).then_some(parameter)
        })
        .collect();
    bound.reverse();
    Ok(bound)
}

/// The types as which arguments of the types `given` reach the function.
///
/// # Errors
/// A plan error that names the argument which has a wrong type.
pub fn coerce(
    function: &str,
    parameters: &[Parameter],
    given: &[DataType],
) -> Result<Vec<DataType>> {
    let bound = bind(function, parameters, given.len())?;
    let seen = bound.into_iter().flatten().zip(given);
    let seen: Vec<_> = seen.map(|(p, given)| p.coerce(function, given)).collect::<Result<_>>()?;
    agree(function, parameters, seen)
}

/// Refuses literals among `arguments` that the function could never use.
///
/// # Errors
/// A plan error that names the argument and what it may be.
pub fn check<'a>(
    function: &str,
    parameters: &[Parameter],
    arguments: impl ExactSizeIterator<Item = Option<&'a ScalarValue>>,
) -> Result<()> {
    let bound = bind(function, parameters, arguments.len())?;
    let literals = bound.into_iter().flatten().zip(arguments);
    for (parameter, literal) in literals {
        if let Some(literal) = literal {
            parameter.check(function, literal)?;
        }
    }
    Ok(())
}

/// The arguments with the session's time zone in place of one that was left out; the same
/// arguments for a function that takes none.
pub(crate) fn with_session_zone(
    function: &str,
    parameters: &[Parameter],
    given: Vec<Expr>,
    options: &ConfigOptions,
) -> Result<Vec<Expr>> {
    if !parameters.iter().any(|p| matches!(p.kind, Kind::Zone)) {
        return Ok(given);
    }
    let bound = bind(function, parameters, given.len())?;
    let mut given = given.into_iter();
    let all = parameters.iter().zip(bound).map(|(parameter, bound)| {
        let value = match bound {
            Some(_) => given.next(),
            None => parameter.default().map(|default| Expr::Literal(default, None)),
        };
        let value = value.unwrap_or_else(|| lit(ScalarValue::Null));
        let is_session = matches!(parameter.kind, Kind::Zone)
            && literal(&value).and_then(|v| v.try_as_str().flatten()) == Some(SESSION_ZONE);
        if is_session { lit(config::time_zone(options).name()) } else { value }
    });
    Ok(all.collect())
}

/// As [`check`], of the literals among these expressions.
///
/// # Errors
/// A plan error that names the argument and what it may be.
pub fn check_literals(function: &str, parameters: &[Parameter], given: &[Expr]) -> Result<()> {
    check(function, parameters, given.iter().map(literal))
}

/// The literal that an expression is, if it is one.
pub fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

/// Keys of one call must be of one type, and so must instants; NULL adapts itself.
fn agree(
    function: &str,
    parameters: &[Parameter],
    mut seen: Vec<DataType>,
) -> Result<Vec<DataType>> {
    let is_key = |kind| matches!(kind, Kind::Key);
    let is_instant = |kind| matches!(kind, Kind::Instant);
    for must_agree in [is_key, is_instant] {
        let alike = parameters.iter().enumerate().filter(|(_, p)| must_agree(p.kind));
        let alike: Vec<usize> = alike.map(|(i, _)| i).filter(|i| *i < seen.len()).collect();
        agree_among(function, &alike, &mut seen)?;
    }
    Ok(seen)
}

fn agree_among(function: &str, alike: &[usize], seen: &mut [DataType]) -> Result<()> {
    let Some(common) = alike.iter().map(|&i| seen[i].clone()).reduce(finer) else {
        return Ok(());
    };
    for &i in alike {
        let both_times = is_time(&seen[i]) && is_time(&common);
        if !(seen[i].is_null() || seen[i] == common || both_times) {
            let other = &seen[i];
            return plan_err!(
                "{function}: arguments of type {other} and {common} cannot be compared"
            );
        }
        seen[i] = common.clone();
    }
    Ok(())
}

/// Of two types the one that loses nothing.
fn finer(a: DataType, b: DataType) -> DataType {
    match (&a, &b) {
        (DataType::Null, _) => b,
        (DataType::Timestamp(x, _), DataType::Timestamp(y, _)) if y > x => b,
        _ => a,
    }
}

fn is_number(given: &DataType) -> bool {
    match given {
        DataType::Dictionary(_, value) => is_number(value),
        _ => given.is_numeric() || given.is_null(),
    }
}

fn is_text(given: &DataType) -> bool {
    matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_time(given: &DataType) -> bool {
    matches!(given, DataType::Timestamp(..))
}

fn coerce_text(given: &DataType) -> Option<DataType> {
    match given {
        DataType::Null => Some(DataType::Utf8View),
        DataType::Dictionary(_, value) => is_text(value).then(|| given.clone()),
        _ => is_text(given).then(|| given.clone()),
    }
}

fn coerce_list(given: &DataType, item: DataType) -> Option<DataType> {
    let fits = match given {
        DataType::Null => true,
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            is_number(field.data_type())
        }
        _ => false,
    };
    fits.then(|| DataType::new_list(item, true))
}

fn coerce_key(given: &DataType) -> Option<DataType> {
    match given {
        DataType::Null => Some(DataType::Null),
        DataType::Dictionary(_, value) => coerce_key(value),
        _ if is_text(given) => Some(DataType::Utf8View),
        _ => given.is_integer().then_some(DataType::Int64),
    }
}

fn coerce_keys(given: &DataType) -> Option<DataType> {
    let key = match given {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            coerce_key(field.data_type())
        }
        _ => coerce_key(given),
    };
    key.map(|key| if key.is_null() { key } else { DataType::new_list(key, true) })
}

fn coerce_instant(given: &DataType) -> Option<DataType> {
    use TimeUnit::{Microsecond, Second};
    match given {
        DataType::Null => Some(DataType::Null),
        DataType::Timestamp(unit, _) => Some(DataType::Timestamp(*unit, None)),
        DataType::Date32 => Some(DataType::Timestamp(Second, None)),
        DataType::Date64 => Some(DataType::Timestamp(Microsecond, None)),
        _ => given.is_integer().then_some(DataType::Int64),
    }
}

fn coerce_record(
    function: &str,
    parameter: &str,
    names: &[&str],
    given: &DataType,
) -> Result<DataType> {
    let DataType::Struct(fields) = given else {
        return plan_err!("{function}: argument `{parameter}` must be a struct, not {given}");
    };
    let fields = fields.iter().map(|field| {
        if !names.contains(&field.name().as_str()) {
            return plan_err!(
                "{function}: no field `{}` in `{parameter}`, which may have {}",
                field.name(),
                names.join(", ")
            );
        }
        if !is_number(field.data_type()) {
            return plan_err!("{function}: field `{}` must be a number", field.name());
        }
        Ok(field.as_ref().clone().with_data_type(DataType::Float64))
    });
    Ok(DataType::Struct(fields.collect::<Result<_>>()?))
}

/// Limits in words.
fn range(low: f64, high: f64) -> String {
    match (low == f64::MIN_POSITIVE, high == f64::MAX) {
        (true, true) => "above 0".to_string(),
        (true, false) => format!("above 0 and at most {high}"),
        (false, true) => format!("{low} or more"),
        (false, false) => format!("from {low} to {high}"),
    }
}

/// A numeric literal as Float64.
pub fn as_f64(literal: &ScalarValue) -> Option<f64> {
    match literal.cast_to(&DataType::Float64) {
        Ok(ScalarValue::Float64(value)) => value.filter(|v| v.is_finite()),
        _ => None,
    }
}
