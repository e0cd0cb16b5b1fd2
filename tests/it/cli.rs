//! The command line as a process: what goes to which stream, what is left on disk, how it exits.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use tempfile::TempDir;

/// Runs for hours if nobody stops it.
const ENDLESS: &str = "select sum(a.value * b.value) as s from generate_series(1, 1000000) a \
                       cross join generate_series(1, 1000000) b";

/// Fails only after many rows have been read.
const FAILS_LATE: &str = "select 1 / (value - 60000) as x from generate_series(1, 70000)";

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn cdrql(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdrql"));
    command.current_dir(dir).env_remove("CDRQL_MIRROR").timeout(Duration::from_secs(60));
    command
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("the process ended by itself");
    Ran { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// `cdrql run` in an empty directory of its own, with files laid out in it.
fn run_with(files: &[(&str, &str)], args: &[&str]) -> (Ran, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    (ran(cdrql(dir.path()).arg("run").args(args)), dir)
}

fn run(args: &[&str]) -> Ran {
    run_with(&[], args).0
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn results_go_to_stdout_as_tables() {
    let ran = run(&["-c", "select 1 as one"]);
    assert_eq!(ran.stdout, "┌─────┐\n│ one │\n├─────┤\n│   1 │\n└─────┘\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn files_and_sql_run_in_the_order_given() {
    let files = [("a.sql", "select 2 as n;\nselect 3 as n;"), ("b.sql", "select 5 as n")];
    let (ran, _dir) = run_with(
        &files,
        &["--format", "csv", "-c", "select 1 as n", "a.sql", "-c", "select 4 as n", "b.sql"],
    );
    assert_eq!(ran.stdout, "n\n1\n\nn\n2\n\nn\n3\n\nn\n4\n\nn\n5\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_script_comes_from_stdin() {
    let dir = tempfile::tempdir().unwrap();
    let script = "select 1 as n;\nselect 2 as n";
    let piped = ran(cdrql(dir.path()).args(["run", "--format", "csv", "-"]).write_stdin(script));
    assert_eq!((piped.code, piped.stdout.as_str()), (0, "n\n1\n\nn\n2\n"));
}

#[test]
fn without_a_subcommand_stdin_is_a_script() {
    let dir = tempfile::tempdir().unwrap();
    let script = "select 1 as one;\nselect x from nowhere;\nselect 2 as two;";
    let piped = ran(cdrql(dir.path()).write_stdin(script));
    assert_eq!(piped.code, 1, "{}", piped.stderr);
    assert!(piped.stdout.contains("one") && !piped.stdout.contains("two"), "{}", piped.stdout);
    assert!(piped.stderr.contains(":2:15: "), "{}", piped.stderr);
}

#[test]
fn options_of_the_session_belong_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let misplaced = ran(cdrql(dir.path()).args(["--no-history", "run", "-c", "select 1"]));
    assert_eq!((misplaced.code, misplaced.stdout.as_str()), (2, ""));
}

#[test]
fn a_file_saved_by_management_studio_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> =
        "\u{feff}select 'ü' as t".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(dir.path().join("s.sql"), utf16).unwrap();
    let ran = ran(cdrql(dir.path()).args(["run", "s.sql", "--format", "csv"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "t\nü\n"), "{}", ran.stderr);
}

#[test]
fn a_failed_statement_is_shown_in_its_place_and_ends_the_run() {
    let script = "select 1 as n;\nselect x from nowhere;\nselect 2 as n;";
    let (ran, _dir) = run_with(&[("m.sql", script)], &["m.sql", "--format", "csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "n\n1\n"));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("m.sql:2:15: "), "{}", ran.stderr);
    assert!(lines[0].contains("nowhere"), "{}", ran.stderr);
    assert!(lines[1].ends_with("select x from nowhere;"), "{}", ran.stderr);
    assert_eq!(lines[2].find('^').map(|at| at - lines[2].find('|').unwrap()), Some(16));
    assert!(!ran.stderr.contains('\x1b'), "colour without a terminal");
}

#[test]
fn keep_going_runs_the_rest_and_still_fails() {
    let script = "select 1 as n;\nselect x from nowhere;\nselect 2 as n;";
    let (ran, _dir) = run_with(&[("m.sql", script)], &["m.sql", "--format", "csv", "--keep-going"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "n\n1\n\nn\n2\n"));
}

#[test]
fn wrong_usage_exits_with_2_before_anything_runs() {
    let missing = run(&["-c", "select 1 as n", "missing.sql"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(missing.stderr.starts_with("error: missing.sql: "), "{}", missing.stderr);

    let format = run(&["-c", "select 1", "--format", "xml"]);
    assert_eq!(format.code, 2);
    assert!(format.stderr.contains("ndjson"), "{}", format.stderr);

    let parameter = run(&["-c", "select 1", "--param", "month"]);
    assert_eq!(parameter.code, 2);
    assert!(parameter.stderr.contains("month"), "{}", parameter.stderr);

    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["-c", "select 1", "--timeout", "soon"]).code, 2);
    assert_eq!(run(&["-c", "select 1", "--as-of", "1"]).code, 2);
    assert_eq!(run(&["-c", "select 1", "-o", "."]).code, 2);
}

#[test]
fn binary_garbage_is_one_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.sql"), b"select 1;\n\x89PNG\r\n\x1a\n\xff\xd8").unwrap();
    let ran = ran(cdrql(dir.path()).args(["run", "x.sql"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("x.sql:2:1: "), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}

#[test]
fn a_parameter_is_bound_by_value() {
    let ran = run(&["-c", "select @name as n", "--param", "name=o'neil; --", "--format", "csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "n\no'neil; --\n"), "{}", ran.stderr);
    let unbound = run(&["-c", "select $name as n"]);
    assert_eq!(unbound.code, 1);
    assert!(unbound.stderr.starts_with("-c:1:8: parameter $name"), "{}", unbound.stderr);
}

#[test]
fn a_missing_mirror_exits_with_3() {
    let ran = run(&["-c", "select 1", "--mirror", "nowhere"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.starts_with("error: nowhere: "), "{}", ran.stderr);
}

#[test]
fn what_needs_a_mirror_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for command in ["status", "verify"] {
        let without = ran(cdrql(dir.path()).arg(command));
        assert_eq!((without.code, without.stdout.as_str()), (2, ""));
        assert!(without.stderr.contains("CDRQL_MIRROR"), "{}", without.stderr);
        let missing = ran(cdrql(dir.path()).arg(command).env("CDRQL_MIRROR", "nowhere"));
        assert_eq!((missing.code, missing.stdout.as_str()), (3, ""));
        assert!(missing.stderr.starts_with("error: nowhere: "), "{}", missing.stderr);
    }
}

#[test]
fn limits_stand_before_or_after_the_subcommand() {
    let dir = tempfile::tempdir().unwrap();
    let sql = "select value from generate_series(1, 100000)";
    for args in [["--max-rows=2", "run", "-c", sql], ["run", "-c", sql, "--max-rows=2"]] {
        let ran = ran(cdrql(dir.path()).args(args).args(["--format", "tsv"]));
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "value\n1\n2\n"), "{}", ran.stderr);
    }
}

#[test]
fn a_statement_over_its_time_is_cancelled() {
    let script = format!("select 1 as n;\n{ENDLESS}");
    let started = Instant::now();
    let (ran, _dir) = run_with(&[("long.sql", &script)], &["long.sql", "--timeout", "300ms"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("long.sql:2:1: cancelled after 300ms"), "{}", ran.stderr);
    assert!(started.elapsed() < Duration::from_secs(5), "the statement went on");
}

#[test]
fn the_extension_of_the_file_chooses_the_format() {
    let (ran, dir) = run_with(&[], &["-c", "select 1 as n", "-o", "out.csv"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert_eq!(fs::read_to_string(dir.path().join("out.csv")).unwrap(), "n\n1\n");
    let (ran, dir) = run_with(&[], &["-c", "select 1 as n", "-o", "out.parquet"]);
    assert_eq!(ran.code, 0);
    assert!(fs::read(dir.path().join("out.parquet")).unwrap().starts_with(b"PAR1"));
}

#[test]
fn a_failed_run_leaves_the_older_file_and_nothing_else() {
    for statement in ["select x from nowhere", FAILS_LATE] {
        let script = format!("select 1 as n;\n{statement}");
        let files = [("out.csv", "older\n"), ("m.sql", &script)];
        let (ran, dir) = run_with(&files, &["m.sql", "-o", "out.csv"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert_eq!(fs::read_to_string(dir.path().join("out.csv")).unwrap(), "older\n");
        assert_eq!(names(dir.path()), ["m.sql", "out.csv"]);
    }
}

#[test]
fn with_keep_going_a_file_holds_the_whole_results_only() {
    let script = format!("select 1 as n;\n{FAILS_LATE};\nselect 2 as n;");
    let (ran, dir) =
        run_with(&[("m.sql", &script)], &["m.sql", "-o", "out.ndjson", "--keep-going"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("m.sql:2:"), "{}", ran.stderr);
    assert_eq!(
        fs::read_to_string(dir.path().join("out.ndjson")).unwrap(),
        "{\"n\":1}\n{\"n\":2}\n"
    );
}

#[test]
fn a_format_of_one_result_refuses_a_second() {
    let two = ["-c", "select 1 as n", "-c", "select 2 as n", "-o", "out.json"];
    let (ran, dir) = run_with(&[], &two);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("json holds one result"), "{}", ran.stderr);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn statements_without_rows_write_no_file() {
    let (ran, dir) = run_with(&[], &["-c", "create view v as select 1 as n", "-o", "out.csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("no file was written"), "{}", ran.stderr);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn an_unwritable_directory_exits_with_3() {
    let (ran, _dir) = run_with(&[], &["-c", "select 1 as n", "-o", "nowhere/out.csv"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("out.csv: cannot write: "), "{}", ran.stderr);
}

#[test]
fn every_command_helps_with_an_example() {
    let dir = tempfile::tempdir().unwrap();
    for command in
        [&[][..], &["repl"], &["run"], &["sample"], &["status"], &["verify"], &["completions"]]
    {
        let help = ran(cdrql(dir.path()).args(command).arg("--help"));
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        assert!(help.stdout.contains("Example"), "{}", help.stdout);
    }
    assert!(ran(cdrql(dir.path()).args(["completions", "bash"])).stdout.contains("--keep-going"));
}

#[cfg(unix)]
mod unix {
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
        let args =
            ["run", "-c", "create view ready as select 1 as n", "-c", ENDLESS, "-o", "x.csv"];
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
}

/// A mirror of made-up data, in a directory that is dropped with it.
#[cfg(feature = "sample")]
fn mirror() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let args = ["sample", "--into", "m", "--sessions", "300", "--users", "60", "--days", "7"];
    let made = ran(cdrql(dir.path()).args(args));
    assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{}", made.stderr);
    dir
}

#[cfg(feature = "sample")]
mod mirrors {
    use std::path::PathBuf;

    use super::*;

    const COUNT: &str = "select count(*) as n from LcsCDR.dbo.SessionDetails";

    fn in_mirror(dir: &Path, args: &[&str]) -> Ran {
        ran(cdrql(dir).args(["--mirror", "m"]).args(args))
    }

    /// A Parquet file of the sessions; the sample is small enough to have one.
    fn file_of_sessions(dir: &Path) -> PathBuf {
        let table = dir.join("m/LcsCDR/dbo/SessionDetails");
        let mut files = fs::read_dir(table).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|e| e == "parquet")).unwrap()
    }

    #[test]
    fn a_sample_is_counted_described_and_whole() {
        let dir = mirror();
        let counted = in_mirror(dir.path(), &["run", "-c", COUNT, "--format", "csv"]);
        assert_eq!((counted.code, counted.stdout.as_str()), (0, "n\n300\n"), "{}", counted.stderr);

        let status = in_mirror(dir.path(), &["status"]);
        assert_eq!((status.code, status.stderr.as_str()), (0, ""));
        let line = status.stdout.lines().find(|line| line.contains(" LcsCDR.dbo.SessionDetails "));
        assert!(line.is_some_and(|line| line.contains(" 300 ")), "{}", status.stdout);

        for args in [&["verify"][..], &["verify", "--quick"]] {
            let verified = in_mirror(dir.path(), args);
            assert_eq!((verified.code, verified.stderr.as_str()), (0, ""));
            assert!(verified.stdout.contains("files are whole"), "{}", verified.stdout);
        }
    }

    #[test]
    fn a_damaged_file_is_found_and_exits_with_3() {
        let dir = mirror();
        let path = file_of_sessions(dir.path());
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[4..middle].fill(0x5a);
        fs::write(&path, &bytes).unwrap();

        let verified = in_mirror(dir.path(), &["verify"]);
        assert_eq!(verified.code, 3);
        assert!(verified.stdout.starts_with("LcsCDR.dbo.SessionDetails: "), "{}", verified.stdout);
        assert!(verified.stderr.contains("1 of "), "{}", verified.stderr);

        let read = ["run", "-c", "select * from LcsCDR.dbo.SessionDetails", "-o", "out.csv"];
        let queried = in_mirror(dir.path(), &read);
        assert_eq!(queried.code, 3, "{}", queried.stderr);
        assert!(!queried.stderr.is_empty());
        assert!(!dir.path().join("out.csv").exists());
    }

    #[test]
    fn a_missing_file_is_found() {
        let dir = mirror();
        fs::remove_file(file_of_sessions(dir.path())).unwrap();
        assert_eq!(in_mirror(dir.path(), &["verify", "--quick"]).code, 3);
    }

    #[test]
    fn an_older_snapshot_can_be_named() {
        let dir = mirror();
        let first = in_mirror(dir.path(), &["--as-of", "1", "run", "-c", COUNT, "--format", "csv"]);
        assert_eq!(first.stdout, "n\n300\n", "{}", first.stderr);
        assert_eq!(in_mirror(dir.path(), &["--as-of", "99", "run", "-c", COUNT]).code, 2);
        assert_eq!(in_mirror(dir.path(), &["--as-of", "2001-01-01", "run", "-c", COUNT]).code, 2);
        assert_eq!(in_mirror(dir.path(), &["--as-of", "soon", "run", "-c", COUNT]).code, 2);
    }
}
