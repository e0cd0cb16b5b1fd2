//! How an aggregate is written that is a sum divided by a sum, a [`RatioFunction`], or made of
//! two sums in another way, a [`TwoSumsFunction`]: both say what one row adds to each sum. Groups
//! keep two numbers each and are updated in one pass over a batch.

use std::mem::size_of_val;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator,
    Signature,
};

use crate::named::equal_by_name;
use crate::parameter::{self, Parameter};

/// An aggregate of the form Σ value / Σ weight, as Float64.
#[derive(Debug, Clone)]
pub struct RatioFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// For each row the value and its weight; both 0 for a row that does not count.
    pub terms: fn(&[ArrayRef]) -> Result<Vec<Term>>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

/// An aggregate of two sums, as Float64.
#[derive(Debug, Clone)]
pub struct TwoSumsFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// What each row adds to the sums; [`Term::default`] for a row that does not count.
    pub terms: fn(&[ArrayRef]) -> Result<Vec<Term>>,
    /// The result from both sums.
    pub result: fn(&Term) -> Option<f64>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl From<RatioFunction> for AggregateUDF {
    fn from(function: RatioFunction) -> Self {
        let RatioFunction { name, parameters, terms, documentation } = function;
        TwoSumsFunction { name, parameters, terms, result: Term::ratio, documentation }.into()
    }
}

/// What a row adds to the sums.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Term {
    /// The numerator's part.
    pub value: f64,
    /// The denominator's part.
    pub weight: f64,
}

impl Term {
    fn add(&mut self, other: Term) {
        self.value += other.value;
        self.weight += other.weight;
    }

    fn ratio(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.value / self.weight)
    }
}

impl From<TwoSumsFunction> for AggregateUDF {
    fn from(function: TwoSumsFunction) -> Self {
        let signature = parameter::signature(function.parameters);
        AggregateUDF::new_from_impl(Adapter { function, signature })
    }
}

#[derive(Debug)]
struct Adapter {
    function: TwoSumsFunction,
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
        Ok(DataType::Float64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let sum = |name| {
            let name = format_state_name(args.name, name);
            Arc::new(Field::new(name, DataType::Float64, true))
        };
        Ok(vec![sum("value"), sum("weight")])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        parameter::refuse_distinct(&args)?;
        let TwoSumsFunction { terms, result, .. } = self.function;
        Ok(Box::new(Sum { terms, result, sum: Term::default() }))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let TwoSumsFunction { terms, result, .. } = self.function;
        Ok(Box::new(Sums { terms, result, sums: vec![] }))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.function.documentation
    }
}

equal_by_name!(Adapter);

#[derive(Debug)]
struct Sum {
    terms: fn(&[ArrayRef]) -> Result<Vec<Term>>,
    result: fn(&Term) -> Option<f64>,
    sum: Term,
}

impl Accumulator for Sum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        (self.terms)(values)?.into_iter().for_each(|term| self.sum.add(term));
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        state_terms(states).for_each(|term| self.sum.add(term));
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.sum.value.into(), self.sum.weight.into()])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok((self.result)(&self.sum).into())
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

struct Sums {
    terms: fn(&[ArrayRef]) -> Result<Vec<Term>>,
    result: fn(&Term) -> Option<f64>,
    sums: Vec<Term>,
}

impl GroupsAccumulator for Sums {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        self.sums.resize(groups, Term::default());
        let terms = (self.terms)(values)?.into_iter().zip(group_indices).enumerate();
        let counts = |row| filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        for (_, (term, &group)) in terms.filter(|(row, _)| counts(*row)) {
            self.sums[group].add(term);
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        group_indices: &[usize],
        groups: usize,
    ) -> Result<()> {
        self.sums.resize(groups, Term::default());
        for (term, &group) in state_terms(states).zip(group_indices) {
            self.sums[group].add(term);
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = emit_to.take_needed(&mut self.sums);
        Ok(Arc::new(sums.iter().map(self.result).collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(columns(&emit_to.take_needed(&mut self.sums)))
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut terms = (self.terms)(values)?;
        if let Some(filter) = filter {
            let counts = |row| filter.is_valid(row) && filter.value(row);
            let rows = terms.iter_mut().enumerate().filter(|(row, _)| !counts(*row));
            rows.for_each(|(_, term)| *term = Term::default());
        }
        Ok(columns(&terms))
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<Term>()
    }
}

fn columns(terms: &[Term]) -> Vec<ArrayRef> {
    let values = Float64Array::from_iter_values(terms.iter().map(|term| term.value));
    let weights = Float64Array::from_iter_values(terms.iter().map(|term| term.weight));
    vec![Arc::new(values), Arc::new(weights)]
}

fn state_terms(states: &[ArrayRef]) -> impl Iterator<Item = Term> {
    let [values, weights] = [0, 1].map(|i| states[i].as_primitive::<Float64Type>().values());
    values.iter().zip(weights).map(|(&value, &weight)| Term { value, weight })
}
