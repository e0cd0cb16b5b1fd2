//! An amount divided in shares, to the last cent.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Decimal128Array, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{SortColumn, lexsort_to_indices, partition, take};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Result, exec_err};
use datafusion_macros::user_doc;

use crate::amount::{CHARGE_SCALE, CHARGE_TYPE, SCALE, amounts};
use crate::call::Call;
use crate::parameter::{Kind, parameter, setting};
use crate::relation::RelationFunction;

/// Divides so many of the smallest coins by shares of 0 or more: whole parts first, then one each
/// by the largest remainder, the first of equal ones. `None` if there is no share or numbers become
/// too large.
fn largest_remainder(coins: i128, shares: &[i128]) -> Option<Vec<i128>> {
    let total: i128 = shares.iter().try_fold(0_i128, |sum, share| sum.checked_add(*share))?;
    if total <= 0 {
        return None;
    }
    let products = shares.iter().map(|share| coins.abs().checked_mul(*share));
    let products: Vec<i128> = products.collect::<Option<_>>()?;
    let mut parts: Vec<i128> = products.iter().map(|product| product / total).collect();
    let rest = coins.abs() - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(products[i] % total));
    // Fewer than there are shares.
    order.into_iter().take(rest as usize).for_each(|i| parts[i] += 1);
    Some(parts.into_iter().map(|part| part * coins.signum()).collect())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Table function: an amount divided by shares so that the parts add up to it exactly, \
a row for each key in its order: key and amount (decimal, six digits). What is left after whole parts \
goes by the largest remainder, first by key. Shares of one key add up; rows with a NULL or a negative \
share do not count. A negative total is a credit.",
    syntax_example = "charge_split(relation or (subquery), key, share, total [, decimals])",
    argument(name = "key", description = "Who bears a part: text or a whole number."),
    argument(name = "share", description = "An amount, 0 or more."),
    argument(name = "total", description = "What is divided, the same in every row."),
    argument(name = "decimals", description = "Digits after the point, 0 to 6; 2 if left out."),
    sql_example = "```sql\nSELECT * FROM charge_split((SELECT * FROM (VALUES ('a', 1), ('b', 1), ('c', 1)) AS t(k, s)), k, s, 100);\n-- a | 33.340000\n-- b | 33.330000\n-- c | 33.330000\n```"
)]
struct ChargeSplit;

/// `charge_split(relation, key, share, total [, decimals])`
pub(super) fn charge_split() -> RelationFunction {
    RelationFunction {
        name: "charge_split",
        columns: &[],
        parameters: const {
            &[
                parameter("key", Kind::Key),
                parameter("share", Kind::Amount),
                parameter("total", Kind::Amount),
                setting("decimals", 0.0, CHARGE_SCALE as f64).or(2.0),
            ]
        },
        schema,
        evaluate,
        documentation: ChargeSplit.doc(),
    }
}

fn schema(columns: &[DataType]) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("key", columns[0].clone(), true),
        Field::new("amount", CHARGE_TYPE, true),
    ]))
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let rows = call.all_rows()?;
    let (shares, totals) = (amounts(rows.column(1))?, amounts(rows.column(2))?);
    let decimals = call.options().count("decimals")?;
    let Some(total) = total_of(&totals)? else {
        return Ok(RecordBatch::new_empty(call.schema()));
    };
    let coin = 10_i128.pow(u32::from(SCALE.unsigned_abs()) - decimals as u32);
    if total % coin != 0 {
        return exec_err!(
            "charge_split: the total has more than {decimals} decimals; round it first"
        );
    }
    let (keys, shares) = by_key(rows.column(0), &shares)?;
    let Some(parts) = largest_remainder(total / coin, &shares) else {
        return exec_err!("charge_split: there is no share above 0, or the numbers are too large");
    };
    let charge_coin = 10_i128.pow(u32::from(CHARGE_SCALE.unsigned_abs()) - decimals as u32);
    let amounts = Decimal128Array::from_iter_values(parts.iter().map(|part| part * charge_coin));
    call.result(vec![keys, Arc::new(amounts.with_data_type(CHARGE_TYPE))])
}

/// The total that all rows name; `None` without any.
fn total_of(totals: &Decimal128Array) -> Result<Option<i128>> {
    let mut all = totals.iter().flatten();
    let first = all.next();
    if all.any(|total| Some(total) != first) {
        return exec_err!("charge_split: the total must be the same in every row");
    }
    Ok(first)
}

/// The keys in order, and the sum of each one's shares.
fn by_key(keys: &ArrayRef, shares: &Decimal128Array) -> Result<(ArrayRef, Vec<i128>)> {
    let counts = |row: &u32| {
        let row = *row as usize;
        keys.is_valid(row) && shares.is_valid(row) && shares.value(row) >= 0
    };
    let rows = UInt32Array::from_iter_values((0..keys.len() as u32).filter(counts));
    let used = take(keys, &rows, None)?;
    let order =
        lexsort_to_indices(&[SortColumn { values: Arc::clone(&used), options: None }], None)?;
    let sorted = take(&used, &order, None)?;
    let share = |row: &u32| shares.value(rows.value(*row as usize) as usize);
    let sorted_shares: Vec<i128> = order.values().iter().map(share).collect();
    if sorted.is_empty() {
        return Ok((sorted, vec![]));
    }
    let groups = partition(&[Arc::clone(&sorted)])?.ranges();
    let sums = groups.iter().map(|rows| sorted_shares[rows.clone()].iter().sum()).collect();
    let firsts = UInt32Array::from_iter_values(groups.iter().map(|rows| rows.start as u32));
    Ok((take(&sorted, &firsts, None)?, sums))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Computed with Python's Decimal.
    #[test]
    fn worked_examples() {
        for (coins, shares, expected) in [
            (10_000, [1, 1, 1], [3334, 3333, 3333]),
            (5, [3, 3, 1], [2, 2, 1]),
            (100_001, [12_050, 7950, 3333], [51_644, 34_072, 14_285]),
            (-10_000, [1, 1, 1], [-3334, -3333, -3333]),
            (7, [0, 5, 0], [0, 7, 0]),
        ] {
            assert_eq!(largest_remainder(coins, &shares), Some(expected.to_vec()), "{coins}");
        }
        assert_eq!(largest_remainder(7, &[0, 0]), None);
        assert_eq!(largest_remainder(7, &[]), None);
        assert_eq!(largest_remainder(i128::MAX, &[2, 3]), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_are_within_a_coin_of_their_share(
            coins in -1_000_000_i128..1_000_000, shares in prop::collection::vec(0_i128..1000, 1..20),
        ) {
            let total: i128 = shares.iter().sum();
            prop_assume!(total > 0);
            let parts = largest_remainder(coins, &shares).unwrap();
            prop_assert_eq!(parts.iter().sum::<i128>(), coins);
            for (part, share) in parts.iter().zip(&shares) {
                prop_assert!((part * total - coins * share).abs() < total);
            }
        }
    }
}
