//! What a writer accepts, keeps and forgets.

use super::*;
use crate::ErrorKind;

fn message<T>(result: Result<T>) -> String {
    result.map(|_| ()).unwrap_err().message
}

#[tokio::test]
async fn rows_out_of_order_or_place_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::open(dir.path()).unwrap();
    let refused =
        |period, rows: &[Row]| message(write(&writer, &facts(), period, &fact_batch(rows)));
    assert!(refused(Period::All, &[(2, 1, 0), (1, 1, 0)]).contains("comes after a later one"));
    assert!(refused(day(1), &[(DAY - 1, 1, 0)]).contains("lies outside of 1970-01-02"));
    assert!(
        refused(day(1), &[(DAY, 1, 0), (2 * DAY, 1, 0)]).contains("lies outside of 1970-01-02")
    );

    let mut file = writer.file(&facts(), Period::All).unwrap();
    file.write(&fact_batch(&[(5, 1, 0)])).unwrap();
    assert!(message(file.write(&fact_batch(&[(4, 1, 0)]))).contains("comes after a later one"));
    assert!(message(file.write(&name_batch(&[(1, "a")]))).contains("expected"));
}

#[tokio::test]
async fn an_unfinished_file_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::open(dir.path()).unwrap();
    drop(writer.file(&facts(), Period::All).unwrap());
    assert_eq!(std::fs::read_dir(dir.path().join("LcsCDR/dbo/Facts")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_day_cannot_lie_beside_the_month_around_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let january = "1970-01".parse().unwrap();
    let month = write(&writer, &facts(), january, &fact_batch(&[(1, 1, 0)])).unwrap();
    let first = write(&writer, &facts(), day(0), &fact_batch(&[(2, 1, 0)])).unwrap();
    let both = Change::Append(vec![month.clone(), first.clone()]);
    let refusal = message(writer.commit(vec![change(facts(), both)]).await);
    assert!(refusal.contains("1970-01-01 overlaps 1970-01"), "{refusal}");

    // But a month may take the place of its days.
    writer.commit(vec![change(facts(), Change::Append(vec![first]))]).await.unwrap();
    let closed = Change::Replace { period: january, files: vec![month] };
    writer.commit(vec![change(facts(), closed)]).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(1, 1, 0)]);

    // And a merge into a closed month's day rewrites the month.
    let merged = writer.merge(&facts(), day(0), std::iter::once(fact_batch(&[(3, 1, 7)]))).unwrap();
    writer.commit(vec![change(facts(), merged)]).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(1, 1, 0), (3, 1, 7)]);
}

#[tokio::test]
async fn older_snapshots_stay_readable_until_they_are_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    for value in 1..=3 {
        let file = write(&writer, &facts(), day(0), &fact_batch(&[(0, 1, value)])).unwrap();
        let whole = TableChange {
            table: facts(),
            change: Change::Whole(vec![file]),
            watermark: Some(value.to_string()),
        };
        assert_eq!(writer.commit(vec![whole]).await.unwrap(), value as u64);
    }
    for value in 1..=3 {
        let rows = facts_of(dir.path(), AsOf::Snapshot(value as u64)).await;
        assert_eq!(rows, [(0, 1, value)]);
    }
    let snapshots = Mirror::snapshots(dir.path()).unwrap();
    assert_eq!(snapshots.iter().map(|s| s.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(snapshots[1].tables[0].watermark.as_deref(), Some("2"));
    assert_eq!(facts_of(dir.path(), AsOf::Time(snapshots[1].created)).await, [(0, 1, 2)]);

    let removed = writer.retain(Retention::Newest(2)).unwrap();
    assert_eq!((removed.snapshots, removed.files), (1, 1));
    assert!(message(Mirror::open(dir.path(), AsOf::Snapshot(1))).contains("no snapshot 1"));
    assert!(message(Mirror::open(dir.path(), AsOf::Time(snapshots[0].created))).contains("oldest"));
    assert_eq!(facts_of(dir.path(), AsOf::Snapshot(2)).await, [(0, 1, 2)]);

    // Nothing is kept of the past, but the newest snapshot always.
    let far = chrono::Utc::now() + chrono::TimeDelta::days(1);
    assert_eq!(writer.retain(Retention::Since(far)).unwrap().snapshots, 1);
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 3)]);
}

#[tokio::test]
async fn retain_spares_what_is_being_written_and_takes_what_was_abandoned() {
    let dir = tempfile::tempdir().unwrap();
    let writer = mirror_of(dir.path(), &[(0, 1, 1)]).await;
    let abandoned = write(&writer, &facts(), day(1), &fact_batch(&[(DAY, 1, 2)])).unwrap();
    drop(writer);

    let mut writer = Writer::open(dir.path()).unwrap();
    let ready = write(&writer, &facts(), Period::All, &fact_batch(&[(DAY, 1, 3)])).unwrap();
    let mut unfinished = writer.file(&facts(), Period::All).unwrap();
    let removed = writer.retain(Retention::Newest(1)).unwrap();
    assert_eq!((removed.files, removed.bytes), (1, abandoned.size));
    unfinished.write(&fact_batch(&[(2 * DAY, 1, 4)])).unwrap();
    let files = vec![ready, unfinished.finish().unwrap()];
    writer.commit(vec![change(facts(), Change::Append(files))]).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1), (DAY, 1, 3), (2 * DAY, 1, 4)]);
}

#[tokio::test]
async fn a_failed_commit_changes_no_table() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = mirror_of(dir.path(), &[(0, 1, 1)]).await;
    let good = write(&writer, &facts(), Period::All, &fact_batch(&[(1, 1, 2)])).unwrap();
    let strange = TableDef {
        name: "Strange".into(),
        columns: Schema::new(vec![Field::new("T", DataType::Time64(TimeUnit::Nanosecond), true)])
            .into(),
        primary_key: vec![],
        time_key: None,
        ..facts()
    };
    let changes =
        vec![change(facts(), Change::Append(vec![good])), change(strange, Change::Append(vec![]))];
    let refusal = message(writer.commit(changes).await);
    assert!(refusal.contains("column T: Time64(ns) cannot be stored"), "{refusal}");
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);

    // Nor does the next commit bring it in.
    let names_file = write(&writer, &names(), Period::All, &name_batch(&[(1, "a")])).unwrap();
    writer.commit(vec![change(names(), Change::Whole(vec![names_file]))]).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);
}

#[tokio::test]
async fn a_type_that_changed_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = mirror_of(dir.path(), &[(0, 1, 1)]).await;
    let mut fields = facts().columns.fields().to_vec();
    fields[2] = Field::new("Value", DataType::Utf8View, true).into();
    let changed = TableDef { columns: Schema::new(fields).into(), ..facts() };
    let refusal = message(writer.commit(vec![change(changed, Change::Append(vec![]))]).await);
    assert!(refusal.contains("column Value was Int32 and is now Utf8View"), "{refusal}");
}

#[tokio::test]
async fn a_table_without_a_key_is_not_merged() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::open(dir.path()).unwrap();
    let keyless = TableDef { primary_key: vec![], ..names() };
    let error = writer.merge(&keyless, Period::All, std::iter::empty()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage);
    assert!(error.message.contains("without a primary key"), "{}", error.message);
}

#[cfg(unix)]
#[tokio::test]
async fn everything_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("mirror");
    drop(mirror_of(&root, &[(0, 1, 1)]).await);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file =
        &Mirror::open(&root, AsOf::Newest).unwrap().snapshot().tables[0].files[0].path.clone();
    for path in ["", "_cdrql", "_cdrql/snapshots", "LcsCDR", "LcsCDR/dbo/Facts/_delta_log"] {
        assert_eq!(mode(&root.join(path)), 0o700, "{path}");
    }
    for path in ["_cdrql/snapshots/00000001.json", file] {
        assert_eq!(mode(&root.join(path)), 0o600, "{path}");
    }
}

/// A mirror travels, and goes to other people: what is in it must not tell where it was made.
#[tokio::test]
async fn nothing_in_a_mirror_says_where_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = mirror_of(dir.path(), &[(1, 1, 0)]).await;
    let more = write(&writer, &facts(), Period::All, &fact_batch(&[(2, 1, 0)])).unwrap();
    writer.commit(vec![change(facts(), Change::Append(vec![more]))]).await.unwrap();
    drop(writer);

    let place = dir.path().file_name().unwrap().to_str().unwrap().as_bytes();
    let mut waiting = vec![dir.path().to_path_buf()];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        files += 1;
        let tells = bytes.windows(place.len()).any(|window| window == place);
        assert!(!tells, "{}", path.display());
    }
    assert!(files > 3, "two commits, data and snapshots: {files}");
}
