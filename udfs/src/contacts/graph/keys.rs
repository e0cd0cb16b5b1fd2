//! Keys of people as small numbers.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ListArray, UInt32Array, make_comparator};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{SortOptions, cast, sort_to_indices, take};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_err};

/// A person of a graph: the position of its key among all keys in order, so that what is ordered
/// by node is ordered by key.
pub(super) type Node = u32;

/// The type of a result's keys when they come in as this type.
pub(super) fn key_type(column: &DataType) -> DataType {
    if column.is_null() { DataType::Utf8View } else { column.clone() }
}

/// The keys of a graph in order: text by bytes, numbers by value.
#[derive(Clone)]
pub(super) struct Keys {
    sorted: ArrayRef,
}

impl Keys {
    /// Different keys in order, and for each the node that it became.
    pub(super) fn sort(keys: &ArrayRef) -> Result<(Self, Vec<Node>)> {
        let order = sort_to_indices(keys, None, None)?;
        let mut nodes = vec![0; keys.len()];
        for (node, at) in order.values().iter().enumerate() {
            nodes[*at as usize] = node as Node;
        }
        Ok((Self { sorted: take(keys, &order, None)? }, nodes))
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Every node.
    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.len() as Node
    }

    pub(super) fn all(&self) -> ArrayRef {
        Arc::clone(&self.sorted)
    }

    pub(super) fn size(&self) -> usize {
        self.sorted.get_array_memory_size()
    }

    /// The nodes with these keys; `None` for one that the graph does not have.
    pub(super) fn find(&self, wanted: &ArrayRef) -> Result<Vec<Option<Node>>> {
        let wanted = cast(wanted, self.sorted.data_type())?;
        let compare = make_comparator(&self.sorted, &wanted, SortOptions::default())?;
        let find = |i: usize| {
            let below = |node: &Node| compare(*node as usize, i) == Ordering::Less;
            let node = partition_point(self.len() as Node, below);
            let found = (node as usize) < self.len() && compare(node as usize, i).is_eq();
            (found && wanted.is_valid(i)).then_some(node)
        };
        Ok((0..wanted.len()).map(find).collect())
    }

    /// A column of the keys of these nodes.
    pub(super) fn column(&self, nodes: impl IntoIterator<Item = Node>) -> Result<ArrayRef> {
        Ok(take(&self.sorted, &UInt32Array::from_iter_values(nodes), None)?)
    }

    /// A column of the keys of these nodes, NULL where there is none.
    pub(super) fn optional(
        &self,
        nodes: impl IntoIterator<Item = Option<Node>>,
    ) -> Result<ArrayRef> {
        Ok(take(&self.sorted, &UInt32Array::from_iter(nodes), None)?)
    }

    /// A column of lists of keys.
    pub(super) fn lists(&self, lists: &Lists<Node>) -> Result<ArrayRef> {
        lists.column(self.column(lists.items.iter().copied())?)
    }
}

/// The first node for which `below` no longer holds.
fn partition_point(nodes: Node, below: impl Fn(&Node) -> bool) -> Node {
    let (mut low, mut high) = (0, nodes);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(&middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Lists one after the other; a missing one is NULL.
pub(super) struct Lists<T> {
    items: Vec<T>,
    ends: Vec<usize>,
    present: Vec<bool>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { items: vec![], ends: vec![], present: vec![] }
    }
}

impl<T> Lists<T> {
    pub(super) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.close(true);
    }

    pub(super) fn push_null(&mut self) {
        self.close(false);
    }

    fn close(&mut self, present: bool) {
        self.ends.push(self.items.len());
        self.present.push(present);
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// A column of these lists with `values` for their items.
    pub(super) fn column(&self, values: ArrayRef) -> Result<ArrayRef> {
        if i32::try_from(self.items.len()).is_err() {
            return exec_err!("the lists of the result are too long; ask for fewer rows or hops");
        }
        let starts = std::iter::once(0).chain(self.ends.iter().map(|&end| end as i32));
        let offsets = OffsetBuffer::new(starts.collect::<Vec<i32>>().into());
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let nulls = NullBuffer::from(self.present.as_slice());
        Ok(Arc::new(ListArray::try_new(item, offsets, values, Some(nulls))?))
    }
}
