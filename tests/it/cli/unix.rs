//! Signals, pipes, devices and rights, as Unix has them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command as Process};

use super::*;

fn spawn(dir: &Path, args: &[&str]) -> Child {
    Process::new(env!("CARGO_BIN_EXE_cdrql"))
        .args(args)
        .current_dir(dir)
        .env_remove("CDRQL_MIRROR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("the process ended by itself");
    Ran { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_reader_who_has_seen_enough_is_success() {
    let dir = tempfile::tempdir().unwrap();
    let sql = "select value from generate_series(1, 10000000)";
    let mut child = spawn(dir.path(), &["run", "-c", sql, "--format", "csv"]);
    let mut first = String::new();
    // The reader is dropped, and the pipe with it, after one line.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "value\n");
    let ran = ended(child);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn an_interrupt_exits_with_130_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["run", "-c", "create view ready as select 1 as n", "-c", ENDLESS, "-o", "x.csv"];
    let mut child = spawn(dir.path(), &args);
    // The first statement's answer tells that the run is under way.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    let signal = Process::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let interrupted = Instant::now();
    assert_eq!(ended(child).code, 130);
    assert!(interrupted.elapsed() < Duration::from_secs(5), "the query went on");
    let mut rest = String::new();
    stderr.read_line(&mut rest).unwrap();
    assert_eq!(rest, "interrupted\n");
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a_full_device_exits_with_3() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    for format in ["table", "csv", "parquet", "json"] {
        let ran = run(&["-c", "select 1 as n", "-o", "/dev/full", "--format", format]);
        assert_eq!(ran.code, 3, "{format}: {}", ran.stderr);
        assert!(
            ran.stderr.starts_with("error: /dev/full: cannot write: No space left"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
    assert!(Path::new("/dev/full").exists());
}

#[test]
fn a_disk_that_fills_up_leaves_the_older_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("out.csv"), "older\n").unwrap();
    // A limit on the size of files stands in for the full disk.
    let shell = "trap '' XFSZ; ulimit -f 8; exec \"$0\" run -o out.csv \
                 -c 'select value from generate_series(1, 1000000)'";
    let limited = Process::new("sh")
        .args(["-c", shell, env!("CARGO_BIN_EXE_cdrql")])
        .current_dir(dir.path())
        .env_remove("CDRQL_MIRROR")
        .output()
        .unwrap();
    assert_eq!(limited.status.code(), Some(3), "{limited:?}");
    let stderr = String::from_utf8(limited.stderr).unwrap();
    assert!(stderr.starts_with("error: out.csv: cannot write: "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(fs::read_to_string(dir.path().join("out.csv")).unwrap(), "older\n");
    assert_eq!(names(dir.path()), ["out.csv"]);
}

#[test]
fn a_new_file_has_the_rights_of_any_file() {
    use std::os::unix::fs::PermissionsExt;
    let (ran, dir) = run_with(&[("plain", "")], &["-c", "select 1 as n", "-o", "out.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mode = |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("out.csv"), mode("plain"));
}
