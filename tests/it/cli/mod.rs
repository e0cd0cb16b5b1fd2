//! The command line as a process: what goes to which stream, what is left on disk, how it exits.

#[cfg(feature = "sample")]
mod mirrors;
#[cfg(unix)]
mod unix;

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
fn an_expression_is_as_deep_as_it_may_be_or_refused() {
    let any = vec!["MediaId = 5"; 1_000].join(" or ");
    let script = format!("select count(*) as n from MediaList where {any}");
    let (ran, _dir) = run_with(&[("s.sql", &script)], &["s.sql", "--format", "csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "n\n1\n"), "{}", ran.stderr);
    let script = format!("select 1 as n;\nselect {}1 as n", "1 + ".repeat(200_000));
    let (ran, _dir) = run_with(&[("s.sql", &script)], &["s.sql"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("s.sql:2:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("operators in a row"), "{}", ran.stderr);
}

#[test]
fn sql_on_the_command_line_may_begin_with_a_comment() {
    let ran = run(&["-c", "-- a note\nselect 1 as n", "--format", "csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "n\n1\n"), "{}", ran.stderr);
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let script = format!("select length('{}') as n", "x".repeat(10_000_000));
    let (ran, _dir) = run_with(&[("s.sql", &script)], &["s.sql", "--format", "csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "n\n10000000\n"), "{}", ran.stderr);
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
    let commands = ["", "repl", "run", "sample", "mirror", "status", "verify", "completions"];
    for command in commands {
        let help = ran(cdrql(dir.path()).args(command.split_whitespace()).arg("--help"));
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        assert!(help.stdout.contains("Example"), "{}", help.stdout);
    }
    assert!(ran(cdrql(dir.path()).args(["completions", "bash"])).stdout.contains("--keep-going"));
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
