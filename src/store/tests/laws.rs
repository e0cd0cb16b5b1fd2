//! Laws of append, replace and merge, against a table that is a plain list of rows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::*;

#[derive(Debug, Clone)]
enum Operation {
    Append(Vec<Row>),
    Replace(i64, Vec<Row>),
    Merge(i64, Vec<Row>),
    Whole(Vec<Row>),
}

/// Rows of three days with few distinct keys, so that keys meet; not sorted, keys may repeat.
fn rows(days: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Row>> {
    let row = (days, 0..3i64, 0..2i32, any::<i32>());
    prop::collection::vec(
        row.prop_map(|(day, hour, seq, value)| (day * DAY + hour * HOUR, seq, value)),
        0..8,
    )
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let of_day = |make: fn(i64, Vec<Row>) -> Operation| {
        (0..3i64).prop_flat_map(move |n| rows(n..n + 1).prop_map(move |rows| make(n, rows)))
    };
    let operation = prop_oneof![
        rows(0..3).prop_map(Operation::Append),
        of_day(Operation::Replace),
        of_day(Operation::Merge),
        rows(0..3).prop_map(Operation::Whole),
    ];
    prop::collection::vec(operation, 1..5)
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_unstable();
    rows
}

fn of_day(rows: &[Row], n: i64) -> Vec<Row> {
    rows.iter().filter(|row| row.0 / DAY == n).copied().collect()
}

/// What the table should hold afterwards: a merge by the book, row by row.
fn expected(table: Vec<Row>, operation: &Operation) -> Vec<Row> {
    match operation {
        Operation::Append(rows) => [table, rows.clone()].concat(),
        Operation::Whole(rows) => rows.clone(),
        Operation::Replace(n, rows) => {
            let others = table.into_iter().filter(|row| row.0 / DAY != *n);
            others.chain(rows.iter().copied()).collect()
        }
        Operation::Merge(_, rows) => {
            let new: BTreeMap<(i64, i32), i32> = rows.iter().map(|r| ((r.0, r.1), r.2)).collect();
            let kept = table.into_iter().filter(|row| !new.contains_key(&(row.0, row.1)));
            kept.chain(new.iter().map(|(key, value)| (key.0, key.1, *value))).collect()
        }
    }
}

/// A file per day that has rows.
fn day_files(writer: &Writer, rows: &[Row]) -> Vec<DataFile> {
    let days = (0..3).map(|n| (n, sorted(of_day(rows, n)))).filter(|(_, rows)| !rows.is_empty());
    days.map(|(n, rows)| write(writer, &facts(), day(n), &fact_batch(&rows)).unwrap()).collect()
}

fn change_of(writer: &Writer, operation: &Operation) -> Change {
    match operation {
        Operation::Append(rows) => Change::Append(day_files(writer, rows)),
        Operation::Whole(rows) => Change::Whole(day_files(writer, rows)),
        Operation::Replace(n, rows) => {
            Change::Replace { period: day(*n), files: day_files(writer, rows) }
        }
        Operation::Merge(n, rows) => {
            // In two batches, as they come from a server, and in any order.
            let (a, b) = rows.split_at(rows.len() / 2);
            let batches = [fact_batch(a), fact_batch(b)];
            writer.merge(&facts(), day(*n), batches.into_iter()).unwrap()
        }
    }
}

/// Applies the operations to a table and compares it with the book after each.
async fn apply(operations: &[Operation]) {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let mut table = Vec::new();
    for operation in operations {
        let changed = change_of(&writer, operation);
        writer.commit(vec![change(facts(), changed)]).await.unwrap();
        table = expected(table, operation);
        assert_eq!(facts_of(dir.path(), AsOf::Newest).await, sorted(table.clone()));
    }
}

#[tokio::test]
async fn files_that_overlap_in_time_are_merged_in_its_order() {
    let (early, late) = (vec![(0, 1, 1), (2 * HOUR, 1, 2)], vec![(HOUR, 1, 3), (3 * HOUR, 1, 4)]);
    let new = vec![(HOUR, 1, 5), (4 * HOUR, 1, 6)];
    for (first, second) in [(early.clone(), late.clone()), (late, early)] {
        let appended = [first, second].map(Operation::Append);
        apply(&[&appended[..], &[Operation::Merge(0, new.clone())]].concat()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_table_holds_what_its_changes_say(operations in operations()) {
        Runtime::new().unwrap().block_on(apply(&operations));
    }

    #[test]
    fn merging_twice_is_merging_once(old in rows(0..1), new in rows(0..1)) {
        Runtime::new().unwrap().block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut writer = Writer::open(dir.path()).unwrap();
            for operation in [Operation::Append(old), Operation::Merge(0, new.clone())] {
                let changed = change_of(&writer, &operation);
                writer.commit(vec![change(facts(), changed)]).await.unwrap();
            }
            let once = facts_of(dir.path(), AsOf::Newest).await;
            let again = change_of(&writer, &Operation::Merge(0, new));
            writer.commit(vec![change(facts(), again)]).await.unwrap();
            assert_eq!(facts_of(dir.path(), AsOf::Newest).await, once);
        });
    }
}

#[tokio::test]
async fn a_lookup_keeps_rows_that_the_source_has_purged() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    for rows in [vec![(1, "ann"), (2, "bob")], vec![(2, "Bob"), (3, "cleo")]] {
        let merged =
            writer.merge(&names(), Period::All, std::iter::once(name_batch(&rows))).unwrap();
        writer.commit(vec![change(names(), merged)]).await.unwrap();
    }
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    let read = session(&mirror, 1)
        .table(TableReference::bare("Names"))
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(read, [name_batch(&[(1, "ann"), (2, "Bob"), (3, "cleo")])]);
}
