//! What a mirror holds after the source has changed.

use cdrql::mirror::Rebuilt;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn rows_added_completed_late_and_purged() {
    let days = 24;
    let server = serving([
        calls(&[(0, 1, "old", None), (days, 1, "kept", None), (30 * days, 1, "open", None)]),
        people(&[(1, "Ann"), (2, "Bob")]),
    ]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    assert_eq!(mirrored_calls(dir.path()).await, ["0/1 old", "24/1 kept", "720/1 open"]);

    // Day 0 is purged, a call is completed, another appears, one comes late into the last days, and
    // one far behind them was changed, which only its marker tells.
    let now = [
        (days, 1, "changed", Some(31 * days)),
        (29 * days, 7, "late", None),
        (30 * days, 1, "complete", None),
        (31 * days, 1, "new", None),
    ];
    server.tables().replace("Made.dbo.Calls", vec![call_batch(&now)]).unwrap();
    server
        .tables()
        .replace("Made.dbo.People", vec![people_batch(&[(2, "Bob"), (3, "Cleo")])])
        .unwrap();
    let report = sync(&server, dir.path(), made()).await.unwrap();
    let expected = ["0/1 old", "24/1 changed", "696/7 late", "720/1 complete", "744/1 new"];
    assert_eq!(mirrored_calls(dir.path()).await, expected);
    let of = |name: &str| report.tables.iter().find(|table| table.table.ends_with(name)).unwrap();
    assert_eq!((of("Calls").added, of("Calls").changed, of("Calls").rows), (2, 2, 5));
    let people = rows(&engine(dir.path()), "Made.dbo.People").await;
    assert_eq!(people, ["\"1\" \"Ann\"", "\"2\" \"Bob\"", "\"3\" \"Cleo\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_a_column_appear_and_a_column_goes() {
    let server = serving([calls(&[(1, 1, "a", None)])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();

    server.tables().create(people(&[(1, "Ann")])).unwrap();
    let mut columns = call_columns();
    columns.push(Column::new("Extra", SqlType::TinyInt));
    let wider = |calls: &[Call]| {
        let batch = call_batch(calls);
        let extra: ArrayRef = Arc::new(Int32Array::from_iter_values((0..).take(calls.len())));
        let all = batch.columns().iter().cloned().chain([extra]);
        let names = ["At", "Seq", "Text", "LastModifiedTime", "Extra"];
        RecordBatch::try_from_iter(names.into_iter().zip(all)).unwrap()
    };
    let two = [(1, 1, "a", None), (2, 1, "b", None)];
    server.tables().alter("Made.dbo.Calls", columns, vec![wider(&two)]).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let sql = "(SELECT Text, Extra FROM Made.dbo.Calls) c";
    assert_eq!(rows(&engine(dir.path()), sql).await, ["\"a\" \"0\"", "\"b\" \"1\""]);
    assert_eq!(rows(&engine(dir.path()), "Made.dbo.People").await.len(), 1);

    // The column goes again: what it held stays where the rows are not read again.
    let late = [(2 + 30 * 24, 1, "c", None)];
    server.tables().alter("Made.dbo.Calls", call_columns(), vec![call_batch(&late)]).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let expected = ["\"a\" \"0\"", "\"b\" \"1\"", "\"c\" NULL"];
    assert_eq!(rows(&engine(dir.path()), sql).await, expected);
}

/// No row reads as before, but no id stands for something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_text_that_comes_or_goes_rebuilds_no_source() {
    let server = serving([people(&[(1, "Ann"), (2, "Bob")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();

    let narrow = people_batch(&[(1, "Ann"), (2, "Bob")]);
    let note: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let all = narrow.columns().iter().cloned().chain([note]);
    let wide = RecordBatch::try_from_iter(["Id", "Name", "Note"].into_iter().zip(all)).unwrap();
    let mut columns = people_columns();
    columns.push(Column::new("Note", SqlType::NVarChar(Length::Limited(20))));
    server.tables().alter("Made.dbo.People", columns, vec![wide]).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let sql = "(SELECT Id, Note FROM Made.dbo.People) p";
    assert_eq!(rows(&engine(dir.path()), sql).await, ["\"1\" \"a\"", "\"2\" \"b\""]);

    server.tables().alter("Made.dbo.People", people_columns(), vec![narrow]).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    assert_eq!(rows(&engine(dir.path()), sql).await, ["\"1\" NULL", "\"2\" NULL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_is_refused_by_name_and_nothing_is_lost() {
    let server = serving([people(&[(1, "Ann")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let columns =
        vec![Column::new("Id", SqlType::Int).not_null(), Column::new("Name", SqlType::Int)];
    let numbers: [(&str, ArrayRef); 2] = [
        ("Id", Arc::new(Int32Array::from(vec![1]))),
        ("Name", Arc::new(Int32Array::from(vec![7]))),
    ];
    let numbers = RecordBatch::try_from_iter(numbers).unwrap();
    server.tables().alter("Made.dbo.People", columns, vec![numbers]).unwrap();
    let refusal = sync(&server, dir.path(), made()).await.unwrap_err();
    assert!(refusal.message.contains("column Name was Utf8View and is now Int32"), "{refusal:?}");
    assert_eq!(rows(&engine(dir.path()), "Made.dbo.People").await, ["\"1\" \"Ann\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_a_key_is_kept_when_it_shrinks() {
    let keyless = |names: &[(i32, &str)]| TableSpec { primary_key: Vec::new(), ..people(names) };
    let server = serving([keyless(&[(1, "Ann"), (2, "Bob")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let people = async || rows(&engine(dir.path()), "Made.dbo.People").await;

    server.tables().replace("Made.dbo.People", vec![people_batch(&[(1, "Ann")])]).unwrap();
    let report = sync(&server, dir.path(), made()).await.unwrap();
    assert!(report.tables[0].notes[0].contains("shrank from 2 rows to 1"), "{report:?}");
    assert_eq!(people().await, ["\"1\" \"Ann\"", "\"2\" \"Bob\""]);

    let three = [(1, "Ann"), (2, "Bea"), (3, "Cleo")];
    server.tables().replace("Made.dbo.People", vec![people_batch(&three)]).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    assert_eq!(people().await, ["\"1\" \"Ann\"", "\"2\" \"Bea\"", "\"3\" \"Cleo\""]);
}

/// Ratings of QoEMetrics have a time but no key: a day is replaced as a whole, if it did not shrink.
#[tokio::test(flavor = "multi_thread")]
async fn facts_without_a_key_are_replaced_day_by_day() {
    let batch = |ratings: &[(i64, i32)]| {
        let times = ratings.iter().map(|rating| MARCH + rating.0 * HOUR);
        let columns: [(&str, ArrayRef); 2] = [
            ("ConferenceDateTime", Arc::new(TimestampMicrosecondArray::from_iter_values(times))),
            ("Rating", Arc::new(Int32Array::from_iter_values(ratings.iter().map(|r| r.1)))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let columns = vec![
        Column::new("ConferenceDateTime", SqlType::DateTime).not_null(),
        Column::new("Rating", SqlType::Int),
    ];
    let first = batch(&[(1, 5), (2, 5), (2, 5), (720, 1), (721, 4), (745, 3), (746, 3)]);
    let ratings = table("CallQualityFeedback", columns, &[], first);
    let server = serving([TableSpec { database: "QoEMetrics".into(), ..ratings }]);
    let dir = tempfile::tempdir().unwrap();
    let settings = || Settings { databases: vec!["QoEMetrics".into()], ..settings() };
    sync(&server, dir.path(), settings()).await.unwrap();
    let ratings = async || {
        let sql = "(SELECT date_part('day', ConferenceDateTime) AS d, Rating FROM \
                   QoEMetrics.dbo.CallQualityFeedback) r";
        let rows = rows(&engine(dir.path()), sql).await;
        rows.iter().map(|row| row.replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(ratings().await, ["1 3", "1 3", "1 5", "1 5", "1 5", "31 1", "31 4"]);

    // The first day is purged; on the 31st a rating has changed and one has come; of the next day
    // one is gone; and there is another day.
    let second = batch(&[(720, 2), (721, 4), (722, 4), (745, 3), (770, 5)]);
    server.tables().replace("QoEMetrics.dbo.CallQualityFeedback", vec![second]).unwrap();
    let report = sync(&server, dir.path(), settings()).await.unwrap();
    let expected = ["1 3", "1 3", "1 5", "1 5", "1 5", "2 5", "31 2", "31 4", "31 4"];
    assert_eq!(ratings().await, expected);
    assert_eq!(report.tables[0].rows, 9);
    let note = &report.tables[0].notes[0];
    assert!(note.contains("2014-04-01 shrank from 2 rows to 1"), "{note}");

    let again = sync(&server, dir.path(), settings()).await.unwrap();
    assert_eq!((again.tables[0].added, again.tables[0].changed), (0, 0));
    assert_eq!(ratings().await, expected);
}

/// A look-up's row that comes while the facts are read is there when they are.
#[tokio::test(flavor = "multi_thread")]
async fn look_ups_are_read_again_after_the_facts() {
    let server = serving([calls(&[(1, 1, "a", None)]), people(&[(1, "Ann"), (7, "Bob")])]);
    let dir = tempfile::tempdir().unwrap();
    let while_reading = Duration::from_millis(400);
    let stall = tds_server::Fault::Stall { after_bytes: 10, for_time: while_reading };
    server.faults().push_on("[At] <", stall);
    let appended = async {
        while server.faults().waiting() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.tables().append("Made.dbo.People", people_batch(&[(8, "Cleo")])).unwrap();
    };
    let (ran, ()) = tokio::join!(sync(&server, dir.path(), made()), appended);
    ran.unwrap();
    let found = rows(&engine(dir.path()), "Made.dbo.People").await;
    assert_eq!(found, ["\"1\" \"Ann\"", "\"7\" \"Bob\"", "\"8\" \"Cleo\""]);
    // Not the whole table twice.
    assert!(server.requests().iter().any(|request| request.contains("WHERE [Id] > 7")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_source_is_refused_until_told_what_to_do() {
    let server = serving([calls(&[(1, 1, "a", None)]), people(&[(1, "Ann"), (2, "Bob")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();

    // The ids restart, in a database that looks the same otherwise.
    server.tables().replace("Made.dbo.People", vec![people_batch(&[(1, "Zoe")])]).unwrap();
    let refusal = sync(&server, dir.path(), made()).await.unwrap_err();
    assert!(refusal.message.contains("1 of 1 ids stand for something else"), "{refusal:?}");

    // The same as another database.
    server.tables().rebuild("Made").unwrap();
    server.tables().append("Made.dbo.People", people_batch(&[(1, "Zoe")])).unwrap();
    server.tables().append("Made.dbo.Calls", call_batch(&[(9, 1, "z", None)])).unwrap();
    let refusal = sync(&server, dir.path(), made()).await.unwrap_err();
    assert!(refusal.message.contains("another database of that name"), "{refusal:?}");
    assert_eq!(mirrored_calls(dir.path()).await, ["1/1 a"]);

    let replace = Settings { rebuilt: Rebuilt::Replace, ..made() };
    sync(&server, dir.path(), replace).await.unwrap();
    assert_eq!(mirrored_calls(dir.path()).await, ["9/1 z"]);
    assert_eq!(rows(&engine(dir.path()), "Made.dbo.People").await, ["\"1\" \"Zoe\""]);
    sync(&server, dir.path(), made()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_source_under_another_identity_is_accepted_once_told() {
    let server = serving([people(&[(1, "Ann")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    server.tables().rebuild("Made").unwrap();
    server.tables().append("Made.dbo.People", people_batch(&[(1, "Ann")])).unwrap();
    sync(&server, dir.path(), made()).await.unwrap_err();
    let merge = Settings { rebuilt: Rebuilt::Merge, ..made() };
    sync(&server, dir.path(), merge).await.unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
}

/// A table with a rowversion is read by it: what has none that is new is not read again.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_a_rowversion_is_read_by_it() {
    let versioned = |rows: &[(i32, &str, u64)]| {
        let ids = rows.iter().map(|row| row.0);
        let versions: Vec<[u8; 8]> = rows.iter().map(|row| row.2.to_be_bytes()).collect();
        let columns: [(&str, ArrayRef); 3] = [
            ("Id", Arc::new(Int32Array::from_iter_values(ids))),
            ("Name", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1)))),
            ("Version", Arc::new(arrow::array::BinaryArray::from_iter_values(versions))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let columns = vec![
        Column::new("Id", SqlType::Int).not_null(),
        Column::new("Name", SqlType::NVarChar(Length::Limited(64))),
        Column::new("Version", SqlType::RowVersion).not_null(),
    ];
    let first = versioned(&[(1, "Ann", 100), (2, "Bob", 101)]);
    let server = serving([table("Versioned", columns, &["Id"], first)]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let second = versioned(&[(1, "Ann", 100), (2, "Bea", 102), (3, "Cleo", 103)]);
    server.tables().replace("Made.dbo.Versioned", vec![second]).unwrap();
    let report = sync(&server, dir.path(), made()).await.unwrap();
    let done = &report.tables[0];
    assert_eq!((done.read, done.added, done.changed, done.rows), (2, 1, 1, 3));
    let names = rows(&engine(dir.path()), "(SELECT Id, Name FROM Made.dbo.Versioned) v").await;
    assert_eq!(names, ["\"1\" \"Ann\"", "\"2\" \"Bea\"", "\"3\" \"Cleo\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_from_the_far_future_hides_none_to_come() {
    let far = 24 * 366 * 500;
    let server = serving([calls(&[(1, 1, "a", None), (far, 1, "far", None)])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    // A few hours before the present moment, which no row has reached yet.
    let now = (chrono_now() - MARCH) / HOUR - 5;
    server.tables().append("Made.dbo.Calls", call_batch(&[(now, 1, "now", None)])).unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    assert_eq!(mirrored_calls(dir.path()).await.len(), 3);
}

/// A window cannot be asked for by a time that its type does not have.
#[tokio::test(flavor = "multi_thread")]
async fn rows_at_both_ends_of_a_time_type_are_read_again() {
    let end_of_9999 = 253_402_300_799_000_000;
    for (sql_type, first, last) in [
        (SqlType::DateTime, -6_847_804_800_000_000, end_of_9999 + 997_000),
        (SqlType::SmallDateTime, -2_208_988_800_000_000, 3_453_321_540_000_000),
        (SqlType::DateTime2(6), -62_135_596_800_000_000, end_of_9999 + 999_999),
    ] {
        let moments = |times: Vec<i64>| {
            let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(times));
            let changed = Arc::clone(&times);
            RecordBatch::try_from_iter([("At", times), ("LastModifiedTime", changed)]).unwrap()
        };
        let columns = vec![
            Column::new("At", sql_type).not_null(),
            Column::new("LastModifiedTime", sql_type).not_null(),
        ];
        let server = serving([table("Moments", columns, &["At"], moments(vec![first]))]);
        let dir = tempfile::tempdir().unwrap();
        for held in [vec![first], vec![first, MARCH, last], vec![first, MARCH, last - HOUR, last]] {
            server.tables().replace("Made.dbo.Moments", vec![moments(held.clone())]).unwrap();
            let done = sync(&server, dir.path(), made()).await;
            done.unwrap_or_else(|error| panic!("{sql_type}: {error:?}"));
            assert_eq!(rows(&engine(dir.path()), "Made.dbo.Moments").await.len(), held.len());
        }
    }
}

fn chrono_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_micros() as i64
}
