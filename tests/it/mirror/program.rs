//! `cdrql mirror` as a process.

use std::fs;

use assert_cmd::Command;

use super::*;

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// `cdrql mirror` against the server, with the password in the environment.
fn command(server: &Server, dir: &Path) -> std::process::Command {
    let authority = dir.join("authority.pem");
    fs::write(&authority, server.authority_pem()).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cdrql"));
    command.env_remove("CDRQL_MIRROR").env("CDRQL_PASSWORD", PASSWORD);
    command.args(["mirror", "--server", &format!("127.0.0.1,{}", server.port())]);
    command.args(["--user", USER, "--database", "Made", "--ca-file"]).arg(authority);
    command.arg("--into").arg(dir.join("mirror"));
    command
}

fn mirror(server: &Server, dir: &Path, args: &[&str]) -> Ran {
    let mut command = Command::from_std(command(server, dir));
    ran(command.args(args))
}

fn ran(command: &mut Command) -> Ran {
    let output = command.timeout(Duration::from_secs(60)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("the process ended by itself");
    Ran { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn small_server() -> Server {
    serving([calls(&[(1, 1, "a", None)]), people(&[(1, "Ann")])])
}

#[test]
fn a_run_is_summed_up_and_status_tells_of_it() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    let ran = mirror(&server, dir.path(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Made.dbo.Calls"), "{}", ran.stdout);
    assert!(ran.stderr.contains("snapshot 1: 3 rows read"), "{}", ran.stderr);

    let json = mirror(&server, dir.path(), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["snapshot"], 2);
    assert_eq!(report["tables"][0]["rows"], 1);

    let mut status = Command::new(env!("CARGO_BIN_EXE_cdrql"));
    let status = status.args(["status", "--mirror"]).arg(dir.path().join("mirror"));
    let status = String::from_utf8(status.output().unwrap().stdout).unwrap();
    assert!(status.contains("2014-03-01 01:00:00"), "{status}");
    assert!(!status.contains("read_to"), "{status}");
}

#[test]
fn a_dry_run_tells_the_plan_and_writes_nothing() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    let ran = mirror(&server, dir.path(), &["--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("windows of At and new LastModifiedTime"), "{}", ran.stdout);
    assert!(!dir.path().join("mirror").exists());
}

#[test]
fn the_password_is_in_nothing_that_is_written() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    let good = mirror(&server, dir.path(), &[]);
    server.faults().push(tds_server::Fault::LoginRefused);
    let refused = mirror(&server, dir.path(), &[]);
    assert_eq!((good.code, refused.code), (0, 3));
    assert!(refused.stderr.contains("login refused"), "{}", refused.stderr);
    for ran in [good, refused] {
        assert!(!ran.stdout.contains(PASSWORD) && !ran.stderr.contains(PASSWORD));
    }
    let mut waiting = vec![dir.path().to_path_buf()];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let utf16: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for secret in [PASSWORD.as_bytes(), &utf16] {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{}", path.display());
        }
        files += 1;
    }
    assert!(files > 5 && dir.path().join("mirror/mirror.log").exists());
}

#[test]
fn wrong_usage_is_told_before_anything_is_asked() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    for wrong in [["--window", "20:00"], ["--exclude", "a..b"], ["--attempts", "0"]] {
        let ran = mirror(&server, dir.path(), &wrong);
        assert_eq!(ran.code, 2, "{wrong:?} {}", ran.stderr);
    }
    assert_eq!(server.logins().len(), 0);
}

#[test]
fn verify_compares_with_the_server_day_by_day() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    assert_eq!(mirror(&server, dir.path(), &[]).code, 0);
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cdrql"));
        command.env("CDRQL_PASSWORD", PASSWORD).arg("verify").arg("--mirror");
        command.arg(dir.path().join("mirror")).args(["--user", USER, "--database", "Made"]);
        command.args(["--against-server", &format!("127.0.0.1,{}", server.port()), "--ca-file"]);
        ran(command.arg(dir.path().join("authority.pem")))
    };
    let same = verify();
    assert_eq!(same.code, 0, "{}", same.stderr);
    assert!(
        same.stdout.contains("2 days and tables are as on the server: 2 rows"),
        "{}",
        same.stdout
    );

    server.tables().replace("Made.dbo.Calls", vec![call_batch(&[(1, 1, "b", None)])]).unwrap();
    server.tables().replace("Made.dbo.People", vec![people_batch(&[])]).unwrap();
    let other = verify();
    assert_eq!(other.code, 3, "{}", other.stdout);
    let differs =
        "Made.dbo.Calls 2014-03-01: 1 rows on the server, 1 in the mirror: the rows differ";
    assert!(other.stdout.contains(differs), "{}", other.stdout);
    assert!(other.stdout.contains("the mirror keeps what the server has no longer"));
}

/// The short form of 200 kills: at any moment the mirror opens at a whole state, and the next run
/// goes on.
#[test]
fn a_killed_run_leaves_the_old_state_or_the_new_one() {
    let server = faults::busy_server();
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("mirror");
    for kill in 0..12_u64 {
        let mut running = command(&server, dir.path()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(40 + kill * 130));
        running.kill().unwrap();
        running.wait().unwrap();
        if let Ok(opened) = cdrql::store::Mirror::open(&into, cdrql::store::AsOf::Newest) {
            assert_eq!(opened.verify(true).damages, [], "kill {kill}");
            let rows = opened.snapshot().tables.iter().map(|table| table.rows());
            assert!(rows.eq([4_000_u64, 4_000]), "kill {kill}");
        }
    }
    assert_eq!(mirror(&server, dir.path(), &[]).code, 0);
}
