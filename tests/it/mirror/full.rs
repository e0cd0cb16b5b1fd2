//! A whole server, copied.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_value_of_every_table_is_copied() {
    let sample = tempfile::tempdir().unwrap();
    let path = sample.path().to_owned();
    let written = tokio::task::spawn_blocking(move || {
        cdrql::sample::Sample::new().sessions(1_500).write_to(&path)
    });
    written.await.unwrap().unwrap();
    let builder = Server::builder().login(USER, PASSWORD);
    let server = builder.mirror(sample.path()).unwrap().start().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let report = sync(&server, dir.path(), settings()).await.unwrap();
    assert_eq!(report.differences, []);

    let (copy, original) = (engine(dir.path()), engine(sample.path()));
    let mut tables = 0;
    for table in cdrql::schema::base_tables() {
        let name = format!("{}.dbo.[{}]", table.database, table.name);
        let expected = rows(&original, &name).await;
        assert!(rows(&copy, &name).await == expected, "{name}");
        tables += 1;
    }
    assert_eq!(tables, 83);

    // Nothing has changed, so nothing is written, but the new snapshot says that it was looked.
    let again = sync(&server, dir.path(), settings()).await.unwrap();
    assert_eq!(again.snapshot, report.snapshot + 1);
    for (table, before) in again.tables.iter().zip(&report.tables) {
        assert_eq!(
            (table.added, table.changed, table.rows),
            (0, 0, before.rows),
            "{}",
            table.table
        );
    }
    let files = |id| {
        let mirror = cdrql::store::Mirror::open(dir.path(), cdrql::store::AsOf::Snapshot(id));
        mirror.unwrap().snapshot().tables.iter().map(|t| t.files.clone()).collect::<Vec<_>>()
    };
    assert!(files(report.snapshot) == files(again.snapshot));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_asked_gently() {
    let server = serving([calls(&[(1, 1, "a", None)]), people(&[(1, "Ann")])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let requests = server.requests();
    for setting in ["SET LOCK_TIMEOUT", "SET DEADLOCK_PRIORITY LOW", "READ COMMITTED"] {
        assert!(requests.iter().any(|request| request.contains(setting)), "{setting}");
    }
    let reads = requests.iter().filter(|request| request.contains("FROM [dbo]"));
    assert!(reads.clone().count() > 2);
    for read in reads {
        assert!(!read.contains("ORDER BY") && !read.contains("NOLOCK"), "{read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_not_read() {
    let server = serving([calls(&[(1, 1, "a", None)]), people(&[(1, "Ann")])]);
    let dir = tempfile::tempdir().unwrap();
    let exclusions = cdrql::mirror::Exclusions::new(&["Calls.Text".into(), "People".into()], &[]);
    let settings = Settings { exclusions: exclusions.unwrap(), ..made() };
    sync(&server, dir.path(), settings).await.unwrap();
    let requests = server.requests();
    assert!(
        !requests.iter().any(|request| request.contains("[Text]") || request.contains("People"))
    );
    assert_eq!(rows(&engine(dir.path()), "Made.dbo.Calls").await.len(), 1);
}
