//! How an aggregate is written that counts or weighs keys and looks at the amounts alone: a
//! [`TallyFunction`] says what the keys of rows are. Keys are stored once, groups hold numbers of
//! keys, and all groups of a batch are updated in one pass.

use std::hash::{Hash, Hasher};
use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StringViewArray,
    UInt32Array, new_empty_array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion::common::{HashMap, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::function::{
    AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs,
};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, Expr, GroupsAccumulator,
    Signature,
};

use crate::parameter::{self, Parameter};

/// An aggregate over how much each key has.
#[derive(Debug, Clone)]
pub struct TallyFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// The type of the keys, Utf8View or Int64, for arguments of these types.
    pub key: fn(&[FieldRef]) -> DataType,
    /// The keys of some rows.
    pub entries: fn(&[ArrayRef]) -> Result<Entries>,
    /// The type of the result, to which a number can be cast.
    pub returns: DataType,
    /// The result from the keys' amounts, the largest first, and the setting.
    pub evaluate: fn(&[f64], Option<f64>) -> Option<f64>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

/// What rows add to a tally.
#[derive(Debug)]
pub struct Entries {
    /// The key of each row; a row whose key is NULL does not count.
    pub keys: ArrayRef,
    /// What each row adds to its key, 1 if not said; NULL, NaN or negative: it does not count.
    pub weights: Option<Float64Array>,
    /// A number that is the same for all rows.
    pub setting: Option<f64>,
}

impl Entries {
    fn weight(&self, row: usize) -> Option<f64> {
        let Some(weights) = &self.weights else { return Some(1.0) };
        let weight = weights.is_valid(row).then(|| weights.value(row));
        weight.filter(|weight| *weight >= 0.0)
    }
}

impl From<TallyFunction> for AggregateUDF {
    fn from(function: TallyFunction) -> Self {
        let signature = parameter::signature(function.parameters);
        AggregateUDF::new_from_impl(Adapter { function, signature })
    }
}

#[derive(Debug)]
struct Adapter {
    function: TallyFunction,
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
        Ok(self.function.returns.clone())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let list = |name, item: DataType| {
            let item = Field::new_list_field(item, true);
            Arc::new(Field::new_list(format_state_name(args.name, name), item, true))
        };
        let setting = format_state_name(args.name, "setting");
        Ok(vec![
            list("keys", (self.function.key)(args.input_fields)),
            list("weights", DataType::Float64),
            Arc::new(Field::new(setting, DataType::Float64, true)),
        ])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        parameter::refuse_distinct(&args)?;
        Ok(Box::new(OneTally(Tallies::new(self.function.clone(), args.expr_fields))))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Tallies::new(self.function.clone(), args.expr_fields)))
    }

    /// Fills in the session's time zone; it sees constants while a wrong one can still be a
    /// planning error.
    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        let TallyFunction { name, parameters, .. } = self.function;
        Some(Box::new(move |mut call: AggregateFunction, context| {
            parameter::check(name, parameters, call.params.args.iter().map(parameter::literal))?;
            let options = context.config_options();
            call.params.args =
                parameter::with_session_zone(name, parameters, call.params.args, options)?;
            Ok(Expr::AggregateFunction(call))
        }))
    }

    /// Nothing counts as an empty tally, of which there may be a result.
    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        ScalarValue::from((self.function.evaluate)(&[], None)).cast_to(data_type)
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

/// The tallies of groups.
struct Tallies {
    function: TallyFunction,
    keys: Keys,
    /// For each group the amount of each key that it has.
    groups: Vec<HashMap<u32, f64>>,
    setting: Option<f64>,
}

impl Tallies {
    fn new(function: TallyFunction, arguments: &[FieldRef]) -> Self {
        let keys = Keys::new((function.key)(arguments));
        Self { function, keys, groups: vec![], setting: None }
    }

    fn add(&mut self, entries: &Entries, group: impl Fn(usize) -> Option<usize>) -> Result<()> {
        self.setting = entries.setting.or(self.setting);
        let keys = self.keys.numbers(&entries.keys)?;
        for (row, key) in keys.into_iter().enumerate() {
            if let (Some(key), Some(group), Some(weight)) = (key, group(row), entries.weight(row)) {
                *self.groups[group].entry(key).or_default() += weight;
            }
        }
        Ok(())
    }

    fn result(&self, group: &HashMap<u32, f64>) -> Option<f64> {
        // Order makes sums the same however rows came.
        let mut amounts: Vec<f64> = group.values().copied().collect();
        amounts.sort_unstable_by(|a, b| b.total_cmp(a));
        (self.function.evaluate)(&amounts, self.setting).filter(|result| result.is_finite())
    }

    /// The state's columns for groups.
    fn columns(&self, groups: &[HashMap<u32, f64>]) -> Result<Vec<ArrayRef>> {
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(HashMap::len));
        let entries = || groups.iter().flatten();
        let numbers = UInt32Array::from_iter_values(entries().map(|(key, _)| *key));
        let keys = take(&self.keys.array(), &numbers, None)?;
        let weights = Float64Array::from_iter_values(entries().map(|(_, weight)| *weight));
        let list = |items: ArrayRef| -> Result<ArrayRef> {
            let item = Arc::new(Field::new_list_field(items.data_type().clone(), true));
            Ok(Arc::new(ListArray::try_new(item, offsets.clone(), items, None)?))
        };
        let settings = Float64Array::from(vec![self.setting; groups.len()]);
        Ok(vec![list(keys)?, list(Arc::new(weights))?, Arc::new(settings)])
    }
}

impl GroupsAccumulator for Tallies {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, HashMap::new);
        let entries = (self.function.entries)(values)?;
        let counts = |row| filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        self.add(&entries, |row| counts(row).then(|| group_indices[row]))
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        group_indices: &[usize],
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups, HashMap::new);
        let (keys, weights) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        let settings = states[2].as_primitive::<Float64Type>();
        for (row, &group) in group_indices.iter().enumerate().filter(|(row, _)| keys.is_valid(*row))
        {
            let entries = Entries {
                keys: keys.value(row),
                weights: Some(weights.value(row).as_primitive().clone()),
                setting: settings.is_valid(row).then(|| settings.value(row)),
            };
            self.add(&entries, |_| Some(group))?;
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        let results: Float64Array = groups.iter().map(|group| self.result(group)).collect();
        Ok(cast(&results, &self.function.returns)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit_to.take_needed(&mut self.groups);
        self.columns(&groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut each = Self {
            keys: Keys::new(self.keys.data_type()),
            function: self.function.clone(),
            groups: vec![],
            setting: None,
        };
        let rows = values.first().map_or(0, |column| column.len());
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let entry = size_of::<(u32, f64)>() + 1;
        let groups: usize = self.groups.iter().map(|group| group.capacity() * entry).sum();
        groups + self.groups.capacity() * size_of::<HashMap<u32, f64>>() + self.keys.bytes
    }
}

/// The tally of a single group.
struct OneTally(Tallies);

impl std::fmt::Debug for OneTally {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "OneTally of {}", self.0.function.name)
    }
}

impl Accumulator for OneTally {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |column| column.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states, &vec![0; states[0].len()], 1)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.groups.resize_with(1, HashMap::new);
        let columns = self.0.state(EmitTo::All)?;
        columns.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.groups.resize_with(1, HashMap::new);
        let result = self.0.result(&self.0.groups[0]);
        ScalarValue::from(result).cast_to(&self.0.function.returns)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}

/// Keys by number, in the order in which they came.
struct Keys {
    store: Store,
    /// The memory of the keys, kept because it is asked for after every batch.
    bytes: usize,
}

enum Store {
    Text {
        numbers: HashMap<Arc<str>, u32>,
        keys: Vec<Arc<str>>,
    },
    Whole {
        numbers: HashMap<i64, u32>,
        keys: Vec<i64>,
    },
    /// Of arguments that are all NULL.
    Null,
}

impl Keys {
    fn new(data_type: DataType) -> Self {
        let store = match data_type {
            DataType::Null => Store::Null,
            DataType::Int64 => Store::Whole { numbers: HashMap::new(), keys: vec![] },
            _ => Store::Text { numbers: HashMap::new(), keys: vec![] },
        };
        Self { store, bytes: 0 }
    }

    fn data_type(&self) -> DataType {
        match self.store {
            Store::Null => DataType::Null,
            Store::Whole { .. } => DataType::Int64,
            Store::Text { .. } => DataType::Utf8View,
        }
    }

    /// The number of each row's key, a new one for a key that was not there.
    fn numbers(&mut self, column: &ArrayRef) -> Result<Vec<Option<u32>>> {
        let known = self.len();
        let found = match &mut self.store {
            Store::Null => vec![None; column.len()],
            Store::Whole { numbers, keys } => {
                let column = column.as_primitive::<Int64Type>();
                let mut number = |key: i64| {
                    *numbers.entry(key).or_insert_with(|| {
                        keys.push(key);
                        keys.len() as u32 - 1
                    })
                };
                column.iter().map(|key| Some(number(key?))).collect()
            }
            Store::Text { numbers, keys } => {
                let mut bytes = 0;
                let mut number = |text: &str| match numbers.get(text) {
                    Some(number) => *number,
                    None => {
                        let key: Arc<str> = text.into();
                        bytes += text.len();
                        keys.push(Arc::clone(&key));
                        numbers.insert(key, keys.len() as u32 - 1);
                        keys.len() as u32 - 1
                    }
                };
                let texts = column.as_string_view();
                let found = texts.iter().map(|text| Some(number(text?))).collect();
                self.bytes += bytes;
                found
            }
        };
        self.bytes += (self.len() - known) * size_of::<(i64, Arc<str>, Arc<str>, u32)>();
        if self.len() > u32::MAX as usize {
            return internal_err!("more keys than can be numbered");
        }
        Ok(found)
    }

    fn len(&self) -> usize {
        match &self.store {
            Store::Null => 0,
            Store::Whole { keys, .. } => keys.len(),
            Store::Text { keys, .. } => keys.len(),
        }
    }

    /// The keys in the order of their numbers.
    fn array(&self) -> ArrayRef {
        match &self.store {
            Store::Null => new_empty_array(&DataType::Null),
            Store::Whole { keys, .. } => Arc::new(Int64Array::from(keys.clone())),
            Store::Text { keys, .. } => Arc::new(StringViewArray::from_iter_values(keys)),
        }
    }
}
