//! The shell fed by a script on standard input.

use std::fs;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn cdrql(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdrql"));
    command
        .current_dir(home)
        .env("HOME", home)
        .env_remove("CDRQL_MIRROR")
        .timeout(Duration::from_secs(60));
    command
}

/// A script on standard input: what it writes and how it ends.
fn script(home: &Path, text: &str) -> (i32, String, String) {
    let output = cdrql(home).write_stdin(text).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_script_writes_data_and_nothing_else_to_standard_output() {
    let home = home();
    let (code, out, err) = script(
        home.path(),
        ".mode csv\nselect 1 as a;\nselect a + 1 as b from _\nGO\n.quit\nselect 9;",
    );
    assert_eq!((code, out.as_str(), err.as_str()), (0, "a\n1\n\nb\n2\n", ""));
}

#[test]
fn a_script_stops_at_its_first_failure_and_tells_its_kind() {
    let home = home();
    let (code, out, err) =
        script(home.path(), ".mode csv\nselect 1 as a;\n\nselect\n nonsense;\nselect 2 as b;\n");
    assert_eq!((code, out.as_str()), (1, "a\n1\n"));
    assert!(err.starts_with("<stdin>:5:2: "), "{err}");
    assert!(err.contains("5 |  nonsense;\n"), "{err}");

    let (code, _, err) = script(home.path(), ".mode\n.mdoe csv\n");
    assert_eq!(code, 2);
    assert!(err.contains("<stdin>:2:1: there is no command .mdoe"), "{err}");

    let (code, _, err) = script(home.path(), ".read nowhere.sql\n");
    assert_eq!(code, 2);
    assert!(err.contains("nowhere.sql"), "{err}");
}

#[test]
fn a_file_that_is_read_names_itself_in_its_errors() {
    let home = home();
    fs::write(
        home.path().join("good.sql"),
        "\u{feff}select 1 as a;\n:r 'bad one.sql'\nselect 2 as b;\n",
    )
    .unwrap();
    fs::write(home.path().join("bad one.sql"), "\nselect 1 / 0 as x, nonsense;\n").unwrap();
    let (code, out, err) = script(home.path(), ".mode csv\n\\i good.sql\nselect 3 as c;");
    assert_eq!((code, out.as_str()), (1, "a\n1\n"));
    assert!(err.starts_with("bad one.sql:2:"), "{err}");
    assert_eq!(err.matches("nonsense").count(), 2, "reported once: {err}");

    fs::write(home.path().join("loop.sql"), ".read loop.sql\n").unwrap();
    let (code, _, err) = script(home.path(), ".read loop.sql");
    assert_eq!(code, 2);
    assert!(err.contains("levels deep"), "{err}");
}

#[test]
fn parameters_are_bound_by_value() {
    let home = home();
    let text = ".mode csv\n.param month=2014-02\n.param n:int=5\nselect $month as m, @n + 1 as n;\n.param clear n\n.param\n";
    let (code, out, _) = script(home.path(), text);
    assert_eq!(
        (code, out.as_str()),
        (0, "m,n\n2014-02,6\n\nname,type,value\nmonth,text,2014-02\n")
    );
}

#[test]
fn a_plan_is_drawn() {
    let home = home();
    let (code, out, _) = script(home.path(), ".explain select 1 as a");
    assert_eq!(code, 0);
    assert!(out.contains("ProjectionExec"), "{out}");
    let (code, _, err) = script(home.path(), ".explain select nonsense");
    assert_eq!(code, 1);
    assert!(err.contains("nonsense"), "{err}");
}

#[test]
fn a_manual_page_and_a_description_are_shown() {
    let home = home();
    let text = ".mode csv\ncreate table Weather as select 1 as Temperature;\n\\d weather\n.manual date_trunc\n";
    let (code, out, err) = script(home.path(), text);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("Temperature,bigint,"), "{out}");
    assert!(out.contains("date_trunc(precision, expression)"), "{out}");
}

#[test]
fn table_functions_have_manuals_and_help_finds_them() {
    let home = home();
    let (code, out, err) =
        script(home.path(), ".manual contact_hubs\n\\h r_to_mos\n.help tables\n");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("(table function)") && out.contains("(scalar function)"), "{out}");
    assert!(out.contains(".tables [PATTERN]") && !out.contains("```"), "{out}");
}

#[test]
fn listings_are_whole() {
    let home = home();
    let (code, out, err) =
        script(home.path(), ".mode csv\n.describe cdr.calls\n.functions contact_\n");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.lines().filter(|line| line.contains(",nvarchar,")).count() > 20, "{out}");
    assert!(out.contains("contact_hubs,table,"), "{out}");
}

#[test]
fn the_previous_result_is_found_after_use() {
    let home = home();
    let text = ".mode csv\nuse LcsCDR;\nselect 41 as n;\nselect n + 1 as m from _;\n";
    let (code, out, err) = script(home.path(), text);
    assert_eq!((code, out.as_str()), (0, "n\n41\n\nm\n42\n"), "{err}");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let home = home();
    let output = cdrql(home.path()).write_stdin(&b"select 1;\n\xff\xff\xff"[..]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}
