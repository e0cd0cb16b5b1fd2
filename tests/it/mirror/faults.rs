//! What networks and servers do at times: no run leaves anything but the old state or the new one.

use cdrql::ErrorKind;
use tds_server::Fault;

use super::*;

const NAMES: [&str; 3] = ["Ann", "Bob", "Cleo"];

/// Two tables of some thousand rows, so that an answer has many packets.
pub fn busy_server() -> Server {
    let many: Vec<Call> =
        (0..4_000).map(|n| (n / 8, (n % 8) as i32, NAMES[n as usize % 3], None)).collect();
    let known: Vec<(i32, &str)> = (0..4_000).map(|n| (n, NAMES[n as usize % 3])).collect();
    serving([calls(&many), people(&known)])
}

async fn is_whole(dir: &Path) {
    assert_eq!(mirrored_calls(dir).await.len(), 4_000);
    assert_eq!(rows(&engine(dir), "Made.dbo.People").await.len(), 4_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_are_survived_within_the_run() {
    let server = busy_server();
    for table in ["[Calls]", "[People]"] {
        for fault in [
            Fault::CutAfter { bytes: 30_000 },
            Fault::HalfPacket,
            Fault::Error { number: 1205, after_rows: 700 },
            Fault::Error { number: 1222, after_rows: 0 },
        ] {
            let dir = tempfile::tempdir().unwrap();
            server.faults().push_on(table, fault);
            let ran = sync(&server, dir.path(), made()).await;
            ran.unwrap_or_else(|error| panic!("{table} {fault:?}: {error:?}"));
            assert_eq!(server.faults().waiting(), 0, "{table} {fault:?}");
            is_whole(dir.path()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_cut_anywhere_is_read_to_the_end_by_the_next_run() {
    let server = busy_server();
    let impatient = || Settings { retry: Retry { attempts: 1, ..settings().retry }, ..made() };
    let dir = tempfile::tempdir().unwrap();
    // Bytes that no two runs share, over all that a run is sent.
    for bytes in (0..12).map(|step| step * 9_973 + 17) {
        server.faults().push_on("SELECT", Fault::CutAfter { bytes });
        if let Err(error) = sync(&server, dir.path(), impatient()).await {
            assert_eq!(error.kind, ErrorKind::Source, "{error:?}");
        }
    }
    sync(&server, dir.path(), made()).await.unwrap();
    is_whole(dir.path()).await;
}

/// The byte is changed before it is encrypted, so it may pass for another value: the mirror cannot
/// know, but must neither panic nor publish half a table.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_never_panic_or_tear() {
    let server = busy_server();
    for at_byte in (0..16).map(|step| step * step * 31) {
        let dir = tempfile::tempdir().unwrap();
        server.faults().push_on("[People]", Fault::Garble { at_byte });
        match sync(&server, dir.path(), made()).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind, ErrorKind::Source, "{at_byte}: {error:?}"),
        }
        sync(&server, dir.path(), made()).await.unwrap();
        assert_eq!(mirrored_calls(dir.path()).await.len(), 4_000, "{at_byte}");
        let people = rows(&engine(dir.path()), "Made.dbo.People").await.len();
        // A changed id stays beside the true one, as if the server had purged it since.
        assert!((4_000..=4_001).contains(&people), "{at_byte}: {people}");
    }
}

/// Rounds of `faults_at_random_moments`; the environment may ask for more.
fn rounds() -> u64 {
    let asked = std::env::var("CDRQL_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    asked.unwrap_or(25)
}

/// A fault at a moment that nobody chose.
fn random_fault(random: &mut impl FnMut(u64) -> u64) -> (&'static str, Fault) {
    let within = ["", "[Calls]", "[People]", "sys.", "SET", "MAX("][random(6) as usize];
    let number = [1205, 1222, 3960, 596, 8645][random(5) as usize];
    let fault = match random(7) {
        0 => Fault::RefuseConnection,
        1 => Fault::LoginRefused,
        2 => Fault::HalfPacket,
        3 => Fault::Error { number, after_rows: random(3_000) },
        4 => Fault::Stall { after_bytes: random(60_000), for_time: Duration::from_secs(600) },
        _ => Fault::CutAfter { bytes: random(120_000) },
    };
    (within, fault)
}

/// After each run the mirror holds what it held before or all that the source has, in both tables;
/// the next run without a fault reaches the source.
#[tokio::test(flavor = "multi_thread")]
async fn faults_at_random_moments() {
    use std::hash::{BuildHasher, RandomState};
    let (hasher, mut drawn) = (RandomState::new(), 0_u64);
    let mut random = |below: u64| {
        drawn += 1;
        hasher.hash_one(drawn) % below
    };
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    let counted = async || {
        let engine = engine(dir.path());
        let mut counts = Vec::new();
        for (table, key) in [("Calls", "At, Seq"), ("People", "Id")] {
            let all = rows(&engine, &format!("(SELECT count(*) c FROM Made.dbo.{table}) t")).await;
            let keys = format!("(SELECT DISTINCT {key} FROM Made.dbo.{table})");
            let distinct = rows(&engine, &format!("(SELECT count(*) c FROM {keys} d) t")).await;
            assert_eq!(all, distinct, "{table}");
            counts.extend(all);
        }
        counts
    };
    sync(&server, dir.path(), made()).await.unwrap();
    let mut failed = 0;
    for round in 0..rounds() {
        let before = counted().await;
        // Some behind all others, some among those of the last days.
        let hour = 499 + round as i64 / 8;
        let seq = 100 + round as i32;
        server.tables().append("Made.dbo.Calls", call_batch(&[(hour, seq, "new", None)])).unwrap();
        let person = people_batch(&[(10_000 + round as i32, "New")]);
        server.tables().append("Made.dbo.People", person).unwrap();
        let number = 4_001 + round;
        let expected = vec![format!("\"{number}\""); 2];
        let mut told = Vec::new();
        for _fault in 0..=random(3) {
            let (within, fault) = random_fault(&mut random);
            server.faults().push_on(within, fault);
            told.push((within, fault));
        }
        let mut client = client(&server);
        client.patience = Duration::from_millis(300);
        let retry = Retry { attempts: 1 + random(3) as u32, ..settings().retry };
        let ran = Sync::new(client, dir.path(), Settings { retry, ..made() });
        let ran =
            Box::pin(async { tokio::time::timeout(Duration::from_secs(60), ran.run()).await });
        let after = match ran.await.expect("it ends") {
            Ok(_) => expected.clone(),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Source, "{told:?} {error:?}");
                failed += 1;
                before
            }
        };
        assert_eq!(counted().await, after, "{told:?}");
        server.faults().clear();
        if after != expected {
            let next = sync(&server, dir.path(), made()).await;
            next.unwrap_or_else(|error| panic!("after {told:?}: {error:?}"));
            assert_eq!(counted().await, expected, "{told:?}");
        }
    }
    println!("{failed} of {} runs failed", rounds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let server = busy_server();
    let stall = Fault::Stall { after_bytes: 500, for_time: Duration::from_secs(600) };
    server.faults().push_on("[People]", stall);
    let killed = async {
        while server.faults().waiting() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill_connections();
    };
    let (ran, ()) = tokio::join!(sync(&server, dir.path(), made()), killed);
    ran.unwrap();
    is_whole(dir.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_goes_on_where_it_stopped() {
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    // Facts come after look-ups: those are done when this strikes, and stay so.
    let impatient = Settings { retry: Retry { attempts: 1, ..settings().retry }, ..made() };
    server.faults().push_on("[At] <", Fault::CutAfter { bytes: 100 });
    sync(&server, dir.path(), impatient).await.unwrap_err();
    let opened = cdrql::store::Mirror::open(dir.path(), cdrql::store::AsOf::Newest);
    assert!(opened.unwrap_err().message.contains("no snapshot yet"));
    let report = sync(&server, dir.path(), made()).await.unwrap();
    let people = report.tables.iter().find(|table| table.table.ends_with("People")).unwrap();
    assert_eq!((people.added, people.rows), (0, 4_000));
    is_whole(dir.path()).await;
}

/// Runs in which any table fails publish nothing, maybe for days; what they read meanwhile must not
/// pass for complete.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_run_read_is_read_again_once_it_has_aged() {
    let day = 24;
    let others =
        || table("Others", call_columns(), &["At", "Seq"], call_batch(&[(0, 1, "o", None)]));
    for published in [true, false] {
        let server = serving([calls(&[(0, 1, "old", None), (day, 1, "kept", None)]), others()]);
        let dir = tempfile::tempdir().unwrap();
        if published {
            sync(&server, dir.path(), made()).await.unwrap();
        }
        let then = [(0, 1, "old", None), (day, 1, "kept", None), (10 * day, 1, "open", None)];
        server.tables().replace("Made.dbo.Calls", vec![call_batch(&then)]).unwrap();
        // One table after the other: the calls are read when the others fail.
        let one = Settings { connections: std::num::NonZeroUsize::MIN, ..made() };
        server.faults().push_on("[Others]", Fault::Error { number: 229, after_rows: 0 });
        sync(&server, dir.path(), one).await.unwrap_err();
        assert_eq!(server.faults().waiting(), 0);

        let now = [
            (0, 1, "old", None),
            (day, 1, "changed", Some(12 * day)),
            (10 * day, 1, "complete", None),
            (10 * day + 1, 2, "that day", None),
            (20 * day, 1, "new", None),
        ];
        server.tables().replace("Made.dbo.Calls", vec![call_batch(&now)]).unwrap();
        sync(&server, dir.path(), made()).await.unwrap();
        let expected = ["0/1 old", "24/1 changed", "240/1 complete", "241/2 that day", "480/1 new"];
        assert_eq!(mirrored_calls(dir.path()).await, expected, "published: {published}");
    }
}

/// New rows tell of later changes than those that an interrupted run had still to look for.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_goes_on_to_look_for_all_late_changes() {
    let day = 24;
    let server = serving([calls(&[(0, 1, "old", None), (6 * day, 1, "kept", None)])]);
    let dir = tempfile::tempdir().unwrap();
    sync(&server, dir.path(), made()).await.unwrap();
    let now = [
        (0, 1, "changed", Some(7 * day)),
        (6 * day, 1, "kept", None),
        (20 * day, 1, "new", Some(20 * day)),
    ];
    server.tables().replace("Made.dbo.Calls", vec![call_batch(&now)]).unwrap();
    server.faults().push_on("[LastModifiedTime] >=", Fault::Error { number: 229, after_rows: 0 });
    sync(&server, dir.path(), made()).await.unwrap_err();
    sync(&server, dir.path(), made()).await.unwrap();
    assert_eq!(mirrored_calls(dir.path()).await, ["0/1 changed", "144/1 kept", "480/1 new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_not_waited_for_for_ever() {
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    let stall = Fault::Stall { after_bytes: 500, for_time: Duration::from_secs(600) };
    server.faults().push_on("[People]", stall);
    let mut client = client(&server);
    client.patience = Duration::from_millis(300);
    Sync::new(client, dir.path(), made()).run().await.unwrap();
    is_whole(dir.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_never_shown() {
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    let mut client = client(&server);
    client.login = Login::Sql { user: USER.into(), password: Password::new("wr0ng") };
    let error = Sync::new(client, dir.path(), made()).run().await.unwrap_err();
    assert!(error.message.contains("login refused"), "{error:?}");
    assert_eq!(error.kind, ErrorKind::Source);
    assert!(!format!("{error:?}").contains("wr0ng"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_certificate_is_refused() {
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    let mut strict = client(&server);
    strict.encryption = Encryption::Required(Trust::System);
    let error = Sync::new(strict, dir.path(), made()).run().await.unwrap_err();
    assert!(error.message.contains("no trusted TLS connection"), "{error:?}");
    assert!(error.hints[0].contains("--ca-file"), "{error:?}");
    assert_eq!(server.logins().len(), 0);

    let mut trusting = client(&server);
    trusting.encryption = Encryption::Required(Trust::Anything);
    Sync::new(trusting, dir.path(), made()).run().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_kept_out() {
    let server = busy_server();
    let dir = tempfile::tempdir().unwrap();
    let _first = cdrql::store::Writer::open(dir.path()).unwrap();
    let error = sync(&server, dir.path(), made()).await.unwrap_err();
    assert!(error.message.contains("another process is writing"), "{error:?}");
    assert_eq!(server.logins().len(), 0);
}
