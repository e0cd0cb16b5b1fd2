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
    assert!(ran.stderr.contains("snapshot 1: 2 rows read"), "{}", ran.stderr);

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

/// The password in every form in which it is ever held or sent.
fn secrets() -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // As LOGIN7 disguises it (MS-TDS 2.2.6.4).
    let disguised = utf16.iter().map(|byte| byte.rotate_left(4) ^ 0xA5).collect();
    vec![PASSWORD.into(), utf16, disguised]
}

fn holds_secret(bytes: &[u8]) -> bool {
    secrets().iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret))
}

fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut waiting = vec![dir.to_path_buf()];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_password_is_in_nothing_that_is_written() {
    use tds_server::Fault;
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    let mut said = vec![mirror(&server, dir.path(), &[])];
    assert_eq!(said[0].code, 0, "{}", said[0].stderr);
    said.push(mirror(&server, dir.path(), &["--format", "json"]));
    for (fault, within, code) in [
        (Fault::LoginRefused, "", 3),
        (Fault::RefuseConnection, "", 3),
        (Fault::HalfPacket, "[Calls]", 3),
        (Fault::CutAfter { bytes: 60 }, "sys.", 3),
        (Fault::Garble { at_byte: 3 }, "[People]", 3),
        (Fault::Error { number: 229, after_rows: 0 }, "[Calls]", 3),
        (Fault::Error { number: 1205, after_rows: 0 }, "[Calls]", 3),
        (Fault::Stall { after_bytes: 9, for_time: Duration::from_secs(60) }, "[Calls]", 3),
    ] {
        server.faults().push_on(within, fault);
        let ran = mirror(&server, dir.path(), &["--attempts", "1", "--patience", "1s"]);
        assert_eq!(ran.code, code, "{fault:?} {}", ran.stderr);
        server.faults().clear();
        said.push(ran);
    }
    // No such database, no such server, an unknown certificate, a wrong authority.
    said.push(mirror(&server, dir.path(), &["--database", "Nowhere"]));
    let mut elsewhere = command(&server, dir.path());
    elsewhere.args(["--attempts", "1", "--certificate-name", "elsewhere"]);
    said.push(ran(&mut Command::from_std(elsewhere)));
    assert!(said.last().unwrap().stderr.contains("no trusted TLS connection"));
    let mut wrong = command(&server, dir.path());
    fs::write(dir.path().join("authority.pem"), PASSWORD).unwrap();
    wrong.args(["--attempts", "1"]);
    said.push(ran(&mut Command::from_std(wrong)));
    assert!(said.last().unwrap().stderr.contains("holds no certificate"));
    for ran in &said {
        let shown = [ran.stdout.as_bytes(), ran.stderr.as_bytes()].concat();
        assert!(!holds_secret(&shown), "{}", ran.stderr);
    }
    fs::remove_file(dir.path().join("authority.pem")).unwrap();
    let files = files_below(dir.path());
    for path in &files {
        assert!(!holds_secret(&fs::read(path).unwrap()), "{}", path.display());
    }
    assert!(files.len() > 5 && dir.path().join("mirror/mirror.log").exists());
}

/// Whoever lists the processes of the machine reads the arguments of each.
#[cfg(target_os = "linux")]
#[test]
fn the_password_is_in_no_argument_list() {
    let (server, dir) = (small_server(), tempfile::tempdir().unwrap());
    let file = dir.path().join("password");
    fs::write(&file, format!("\u{FEFF}{PASSWORD}\r\nnothing\n")).unwrap();
    let stall = tds_server::Fault::Stall { after_bytes: 9, for_time: Duration::from_millis(300) };
    server.faults().push_on("[Calls]", stall);
    let mut command = command(&server, dir.path());
    command.env_remove("CDRQL_PASSWORD").arg("--password-file").arg(&file);
    let running = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    while server.faults().waiting() > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    for part in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{}/{part}", running.id())).unwrap();
        assert!(!bytes.is_empty() && !holds_secret(&bytes), "{part}");
    }
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("WARNING: others can read"), "{said}");
}

/// Files may not grow beyond a limit, as on a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_leaves_the_old_state() {
    let server = faults::busy_server();
    let dir = tempfile::tempdir().unwrap();
    let limited = |blocks: usize| {
        let run = command(&server, dir.path());
        let mut shell = std::process::Command::new("sh");
        // The signal would end the process; ignored, the write fails.
        shell.args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &blocks.to_string()]);
        shell.arg(run.get_program()).args(run.get_args()).env("CDRQL_PASSWORD", PASSWORD);
        ran(&mut Command::from_std(shell))
    };
    for blocks in [0, 1, 4, 8, 16] {
        let ran = limited(blocks);
        assert_eq!(ran.code, 3, "{blocks}: {}", ran.stderr);
        assert!(ran.stderr.contains("File too large"), "{blocks}: {}", ran.stderr);
    }
    assert_eq!(mirror(&server, dir.path(), &[]).code, 0);
    let into = dir.path().join("mirror");
    let opened = cdrql::store::Mirror::open(&into, cdrql::store::AsOf::Newest).unwrap();
    assert_eq!(opened.verify(true).damages, []);
    assert!(opened.snapshot().tables.iter().all(|table| table.rows() == 4_000));
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
