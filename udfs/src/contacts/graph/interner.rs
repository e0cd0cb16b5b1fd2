//! Keys as numbers while they are read.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, new_empty_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;

use super::keys::{Keys, Node, key_type};

/// Gives keys, of which none is NULL, numbers in the order in which they are first seen.
pub(super) struct Interner {
    data_type: DataType,
    /// Whole numbers as long as they are near each other.
    near: Option<Near>,
    /// All other keys.
    hashed: Box<dyn GroupValues>,
    groups: Vec<usize>,
}

impl Interner {
    pub(super) fn new(column: &DataType) -> Result<Self> {
        let data_type = key_type(column);
        let schema = Schema::new(vec![Field::new("key", data_type.clone(), true)]);
        let hashed = new_group_values(Arc::new(schema), &GroupOrdering::None)?;
        let near = (data_type == DataType::Int64).then(Near::default);
        Ok(Self { data_type, near, hashed, groups: vec![] })
    }

    /// Appends the number of each key.
    pub(super) fn intern(&mut self, keys: &ArrayRef, numbers: &mut Vec<Node>) -> Result<()> {
        let keys = cast(keys, &self.data_type)?;
        if let Some(near) = &mut self.near {
            let keys = keys.as_primitive::<Int64Type>().values();
            if near.intern(keys, numbers) {
                return Ok(());
            }
            // From now on by hash, with the same numbers for what has one.
            let seen: ArrayRef = Arc::new(Int64Array::from(std::mem::take(&mut near.seen)));
            self.near = None;
            self.hashed.intern(&[seen], &mut self.groups)?;
        }
        self.hashed.intern(&[keys], &mut self.groups)?;
        if self.hashed.len() > Node::MAX as usize {
            return exec_err!("more than {} different keys", Node::MAX);
        }
        numbers.extend(self.groups.iter().map(|&group| group as Node));
        Ok(())
    }

    /// Bytes that this takes.
    pub(super) fn size(&self) -> usize {
        self.hashed.size() + self.near.as_ref().map_or(0, Near::size)
    }

    /// The keys in order, and for each number the node that it became.
    pub(super) fn finish(self) -> Result<(Keys, Vec<Node>)> {
        Keys::sort(&self.seen()?)
    }

    /// The same for keys that several have seen, each with numbers of its own.
    pub(super) fn finish_all(
        interners: Vec<Self>,
        column: &DataType,
    ) -> Result<(Keys, Vec<Vec<Node>>)> {
        let mut all = Self::new(column)?;
        let mut numbers = vec![];
        for interner in interners {
            let mut of_one = vec![];
            all.intern(&interner.seen()?, &mut of_one)?;
            numbers.push(of_one);
        }
        let (keys, nodes) = all.finish()?;
        numbers.iter_mut().flatten().for_each(|number| *number = nodes[*number as usize]);
        Ok((keys, numbers))
    }

    /// The keys in the order of their numbers.
    fn seen(mut self) -> Result<ArrayRef> {
        Ok(match self.near {
            Some(near) => Arc::new(Int64Array::from(near.seen)),
            None if self.hashed.is_empty() => new_empty_array(&self.data_type),
            None => self.hashed.emit(EmitTo::All)?.swap_remove(0),
        })
    }
}

/// Numbers of whole numbers that are near each other, found by their distance to the first slot.
#[derive(Default)]
struct Near {
    base: i64,
    /// The number of each key from `base` on, or [`NONE`].
    slots: Vec<Node>,
    /// The keys in the order of their numbers.
    seen: Vec<i64>,
}

/// What has no number yet.
const NONE: Node = Node::MAX;

/// So many slots are worth it for any keys, and for many keys as many for each.
const SLOTS: usize = 1 << 20;
const SLOTS_PER_KEY: usize = 16;

impl Near {
    /// Appends the number of each key; appends none and says false if they are not near.
    fn intern(&mut self, keys: &[i64], numbers: &mut Vec<Node>) -> bool {
        let (Some(&low), Some(&high)) = (keys.iter().min(), keys.iter().max()) else { return true };
        if !self.cover(low, high) {
            return false;
        }
        let (slots, base, seen) = (&mut self.slots, self.base, &mut self.seen);
        numbers.extend(keys.iter().map(|key| {
            let slot = &mut slots[key.wrapping_sub(base) as usize];
            if *slot == NONE {
                *slot = seen.len() as Node;
                seen.push(*key);
            }
            *slot
        }));
        true
    }

    /// Makes slots for all keys between these; false if there would be too many.
    fn cover(&mut self, low: i64, high: i64) -> bool {
        let (mut first, mut end) = (i128::from(low), i128::from(high) + 1);
        let now = i128::from(self.base)..i128::from(self.base) + self.slots.len() as i128;
        if !now.is_empty() {
            if now.start <= first && end <= now.end {
                return true;
            }
            (first, end) = (first.min(now.start), end.max(now.end));
        }
        let most = SLOTS.max(SLOTS_PER_KEY * self.seen.len()).min(NONE as usize) as i128;
        if end - first > most {
            return false;
        }
        // Twice as many as are needed, so that few copies are made; keys mostly grow.
        let end = end.max((2 * end - first).min(first + most)).min(i128::from(i64::MAX) + 1);
        let mut slots = vec![NONE; (end - first) as usize];
        let shift = (now.start - first) as usize;
        if !now.is_empty() {
            slots[shift..shift + self.slots.len()].copy_from_slice(&self.slots);
        }
        (self.base, self.slots) = (first as i64, slots);
        true
    }

    fn size(&self) -> usize {
        size_of::<Node>() * self.slots.capacity() + size_of::<i64>() * self.seen.capacity()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::StringViewArray;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nodes_are_in_the_order_of_keys_whatever_came_first() {
        let text = |keys: &[&str]| Arc::new(StringViewArray::from_iter_values(keys)) as ArrayRef;
        let mut interner = Interner::new(&DataType::Utf8View).unwrap();
        let mut numbers = vec![];
        interner.intern(&text(&["dan", "ann", "dan"]), &mut numbers).unwrap();
        interner.intern(&text(&["a name that is longer than twelve bytes"]), &mut numbers).unwrap();
        let (keys, nodes) = interner.finish().unwrap();
        assert_eq!(numbers.iter().map(|n| nodes[*n as usize]).collect::<Vec<_>>(), [2, 1, 2, 0]);
        let found = keys.find(&text(&["dan", "eve", "", "ann"])).unwrap();
        assert_eq!(found, [Some(2), None, None, Some(1)]);
        assert_eq!(keys.column([2, 1]).unwrap().as_string_view().value(0), "dan");
    }

    #[test]
    fn text_that_is_no_number_is_no_key_of_numbers() {
        let mut interner = Interner::new(&DataType::Int64).unwrap();
        let mut numbers = vec![];
        let keys: ArrayRef = Arc::new(Int64Array::from(vec![7, -3]));
        interner.intern(&keys, &mut numbers).unwrap();
        let (keys, _) = interner.finish().unwrap();
        let wanted: ArrayRef = Arc::new(StringViewArray::from_iter_values(["7", "x", "-3"]));
        assert_eq!(keys.find(&wanted).unwrap(), [Some(1), None, Some(0)]);
    }

    /// Keys of any distance, and such that begin near each other and then do not stay so.
    fn any_keys() -> impl Strategy<Value = Vec<Vec<i64>>> {
        let near = prop::collection::vec(-9_i64..9, 0..9);
        let far =
            prop::collection::vec(prop_oneof![Just(i64::MIN), Just(i64::MAX), any::<i64>()], 0..4);
        prop::collection::vec(prop_oneof![3 => near, 1 => far], 0..6)
    }

    proptest! {
        #[test]
        fn numbers_of_whole_numbers_lead_back_to_them(batches in any_keys()) {
            let mut interner = Interner::new(&DataType::Int64).unwrap();
            let mut numbers = vec![];
            for batch in &batches {
                let keys: ArrayRef = Arc::new(Int64Array::from(batch.clone()));
                interner.intern(&keys, &mut numbers).unwrap();
            }
            let (keys, nodes) = interner.finish().unwrap();
            let all = batches.concat();
            let found = keys.column(numbers.iter().map(|number| nodes[*number as usize])).unwrap();
            prop_assert_eq!(&found.as_primitive::<Int64Type>().values()[..], &all[..]);
            let sorted: std::collections::BTreeSet<i64> = all.into_iter().collect();
            let sorted: Vec<i64> = sorted.into_iter().collect();
            let all = keys.all();
            prop_assert_eq!(&all.as_primitive::<Int64Type>().values()[..], &sorted[..]);
        }
    }
}
