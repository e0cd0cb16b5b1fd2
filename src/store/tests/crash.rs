//! A writer that dies: readers see the old snapshot, the next writer carries on or starts over.

use super::*;

/// A data file that was being written when its writer died.
const HALF: &str = "all_0123456789abcdef0123456789abcdef.parquet";

/// Commits `(0, 1, 1)` of facts and "old" of names, then stages new contents of both and stops
/// before it publishes.
async fn interrupted(dir: &Path) -> Writer {
    let mut writer = Writer::open(dir).unwrap();
    writer.commit(both(&writer, 1, "old")).await.unwrap();
    for (number, staged) in both(&writer, 2, "new").into_iter().enumerate() {
        let step = Step { application: "sync".into(), number: number as i64 };
        assert!(writer.stage_step(staged, &step).await.unwrap());
    }
    writer
}

fn both(writer: &Writer, value: i32, name: &str) -> Vec<TableChange> {
    let fact = write(writer, &facts(), Period::All, &fact_batch(&[(0, 1, value)])).unwrap();
    let name = write(writer, &names(), Period::All, &name_batch(&[(1, name)])).unwrap();
    let watermark = Some(value.to_string());
    vec![
        TableChange {
            table: facts(),
            change: Change::Whole(vec![fact]),
            watermark: watermark.clone(),
        },
        TableChange { table: names(), change: Change::Whole(vec![name]), watermark },
    ]
}

#[tokio::test]
async fn what_is_staged_nobody_sees() {
    let dir = tempfile::tempdir().unwrap();
    drop(interrupted(dir.path()).await);
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);
}

#[tokio::test]
async fn a_resumed_writer_publishes_what_was_staged() {
    let dir = tempfile::tempdir().unwrap();
    drop(interrupted(dir.path()).await);
    let mut writer = Writer::resume(dir.path()).await.unwrap();
    assert_eq!(writer.table(&facts()).unwrap().watermark.as_deref(), Some("2"));

    // The steps that were done are not done again; one that was not, is.
    let mut changes = both(&writer, 3, "newer");
    let step = |number| Step { application: "sync".into(), number };
    let names_change = changes.pop().unwrap();
    assert!(!writer.stage_step(changes.pop().unwrap(), &step(0)).await.unwrap());
    assert_eq!(writer.last_step(&names(), "sync"), Some(1));
    assert!(writer.stage_step(names_change, &step(2)).await.unwrap());
    assert_eq!(writer.publish(Some("second".into())).await.unwrap(), 2);

    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 2)]);
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    assert_eq!(mirror.snapshot().note.as_deref(), Some("second"));
    assert_eq!(mirror.verify(true).damages, []);
    let read = session(&mirror, 1)
        .table(TableReference::bare("Names"))
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(read, [name_batch(&[(1, "newer")])]);
}

#[tokio::test]
async fn a_writer_that_starts_over_drops_what_was_staged() {
    let dir = tempfile::tempdir().unwrap();
    drop(interrupted(dir.path()).await);
    let mut writer = Writer::open(dir.path()).unwrap();
    assert_eq!(writer.last_step(&facts(), "sync"), None);
    let names_change = both(&writer, 3, "newer").pop().unwrap();
    writer.commit(vec![names_change]).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);

    // Other readers see the same: the Delta log names the snapshot's files again.
    let entry = Mirror::open(dir.path(), AsOf::Newest).unwrap().snapshot().tables[0].clone();
    let log = delta::load(dir.path(), "LcsCDR/dbo/Facts").await.unwrap().unwrap();
    assert_eq!(log, entry);
}

#[tokio::test]
async fn a_first_load_that_was_interrupted_carries_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let staged = both(&writer, 1, "first").remove(0);
    writer.stage(staged).await.unwrap();
    drop(writer);
    let refusal = Mirror::open(dir.path(), AsOf::Newest).unwrap_err();
    assert!(refusal.message.contains("no snapshot yet"), "{}", refusal.message);

    let mut writer = Writer::resume(dir.path()).await.unwrap();
    writer.publish(None).await.unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);
}

#[tokio::test]
async fn rubbish_of_a_killed_process_is_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    drop(interrupted(dir.path()).await);
    // What a kill can leave half-written: a snapshot, a Delta commit, a data file.
    let table = dir.path().join("LcsCDR/dbo/Facts");
    std::fs::write(dir.path().join("_cdrql/snapshots/00000002.tmp"), "{\"form").unwrap();
    std::fs::write(table.join("_delta_log/00000000000000000002.json#1"), "{\"comm").unwrap();
    std::fs::write(table.join(HALF), "PAR1").unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);

    let mut writer = Writer::resume(dir.path()).await.unwrap();
    let next = both(&writer, 3, "newer");
    assert_eq!(writer.commit(next).await.unwrap(), 2);
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 3)]);
    std::fs::write(table.join("not-ours.parquet"), "PAR1").unwrap();
    writer.retain(Retention::Newest(1)).unwrap();
    assert!(!table.join(HALF).exists());
    assert!(table.join("not-ours.parquet").exists());
}

#[tokio::test]
async fn a_mirror_copied_without_its_logs_can_be_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    drop(mirror_of(dir.path(), &[(0, 1, 1)]).await);
    std::fs::remove_dir_all(dir.path().join("LcsCDR/dbo/Facts/_delta_log")).unwrap();
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1)]);
    let mut writer = Writer::open(dir.path()).unwrap();
    let file = write(&writer, &facts(), Period::All, &fact_batch(&[(1, 1, 2)])).unwrap();
    writer.commit(vec![change(facts(), Change::Append(vec![file]))]).await.unwrap();
    let log = delta::load(dir.path(), "LcsCDR/dbo/Facts").await.unwrap().unwrap();
    assert_eq!(log.files.len(), 2);
    assert_eq!(facts_of(dir.path(), AsOf::Newest).await, [(0, 1, 1), (1, 1, 2)]);
}
