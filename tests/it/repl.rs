//! The shell as a person meets it, through a pseudo-terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect, Session};

/// Runs for hours if nobody stops it.
const ENDLESS: &str = "select sum(a.value * b.value) as s from generate_series(1, 1000000) a \
                       cross join generate_series(1, 1000000) b;";

/// The prompt of an empty line, cursor behind it.
const PROMPT: &str = "cdrql> \r\u{1b}[7C";

/// A shell on a terminal of its own, with an empty home but for what a test puts there.
struct Shell {
    session: OsSession,
}

impl Shell {
    /// Starts a shell; `change` sets what is not as usual.
    fn start(home: &Path, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cdrql"));
        command
            .current_dir(home)
            .env("HOME", home)
            .env("CDRQL_HISTORY", home.join("history"))
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("PAGER", "cat")
            .env_remove("CDRQL_MIRROR");
        change(&mut command);
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        session.get_process_mut().set_window_size(100, 40).unwrap();
        Self { session }
    }

    /// A shell that shows its first prompt.
    fn open(home: &Path) -> Self {
        let mut shell = Self::start(home, |_| {});
        shell.sees(PROMPT);
        shell
    }

    /// Types a line and Enter.
    fn types(&mut self, line: &str) {
        self.session.send(line).unwrap();
        self.session.send("\r").unwrap();
    }

    /// Types a line whose answer is not looked at, and waits for the next prompt: what is typed
    /// before it is lost.
    fn does(&mut self, line: &str) {
        self.types(line);
        self.sees(PROMPT);
    }

    /// Waits until a text is on the screen, after what was seen before; returns what came before it.
    fn sees(&mut self, text: &str) -> String {
        let found = self
            .session
            .expect(text)
            .unwrap_or_else(|cause| panic!("waiting for {text:?}: {cause}"));
        String::from_utf8_lossy(found.before()).into_owned()
    }

    /// Leaves with Ctrl-D and returns the exit code.
    fn leaves(mut self) -> i32 {
        self.session.send(ControlCode::EndOfTransmission).unwrap();
        self.session.expect(Eof).unwrap();
        match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            status => panic!("{status:?}"),
        }
    }
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_statement_of_several_lines_runs_at_its_semicolon() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("select 20");
    shell.types("  + 22 as answer");
    shell.types(";");
    shell.sees("│     42 │");
    shell.sees("(1 row, ");
    shell.sees(PROMPT);
    assert_eq!(shell.leaves(), 0);
}

#[test]
fn go_runs_what_stands_before_it_as_often_as_it_says() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.does(".mode csv");
    shell.types("select 40 + 2 as a");
    shell.types("GO 2");
    shell.sees("a\r\n42\r\n(1 row");
    shell.sees("a\r\n42\r\n(1 row");
    shell.sees(PROMPT);
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.session.send(".mode csv\rselect 1 as first;\rselect 2 as second;\r").unwrap();
    shell.sees("first\r\n1\r\n");
    shell.sees("second\r\n2\r\n");
}

#[test]
fn tab_completes_tables_and_the_columns_of_the_statements_tables() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("create table Weather as select 38 + 4 as Temperature;");
    shell.sees("CREATE TABLE");
    shell.sees(PROMPT);
    shell.session.send("select temp").unwrap();
    shell.session.send(" from weath").unwrap();
    shell.session.send("\t;").unwrap();
    shell.sees("select temp from Weather");
    // Back to the end of `temp`.
    for _ in " from Weather;".chars() {
        shell.session.send(ControlCode::Backspace).unwrap();
    }
    shell.session.send(" from Weather").unwrap();
    for _ in " from Weather".chars() {
        shell.session.send("\x1b[D").unwrap();
    }
    shell.session.send("\t").unwrap();
    shell.sees("select Temperature from Weather");
    shell.session.send("\x1b[F;\r").unwrap();
    shell.sees("42 │");
    shell.session.send(".des\t").unwrap();
    shell.sees(".describe");
}

#[test]
fn ctrl_c_cancels_the_statement_and_keeps_the_session() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("create view kept as select 40 + 2 as answer;");
    shell.sees("CREATE VIEW");
    shell.sees(PROMPT);
    shell.types(ENDLESS);
    std::thread::sleep(Duration::from_millis(1500));
    shell.session.send(ControlCode::EndOfText).unwrap();
    shell.sees("interrupted");
    shell.sees(PROMPT);
    shell.types("select * from kept;");
    shell.sees("42 │");
    shell.sees(PROMPT);
    // At the prompt it only throws the line away.
    shell.session.send("select nonsense").unwrap();
    shell.session.send(ControlCode::EndOfText).unwrap();
    shell.sees(PROMPT);
    shell.types("select 6 * 7 as again;");
    shell.sees("42 │");
    shell.sees(PROMPT);
    assert_eq!(shell.leaves(), 0);
}

#[test]
fn history_lasts_across_sessions_with_its_lines() {
    let home = home();
    let mut first = Shell::open(home.path());
    first.types("select 40");
    first.types("+ 2 as first;");
    first.sees("42 │");
    first.sees(PROMPT);
    first.types(" select 'secret' as hidden;");
    first.sees("hidden");
    first.sees("(1 row");
    first.sees(PROMPT);
    first.leaves();
    assert!(!fs::read_to_string(home.path().join("history")).unwrap().contains("secret"));

    let mut second = Shell::open(home.path());
    second.session.send("\x1b[A").unwrap();
    second.sees("select 40");
    second.sees("+ 2 as first;");
    second.types("");
    second.sees("42 │");

    let before = fs::read_to_string(home.path().join("history")).unwrap();
    let mut third = Shell::start(home.path(), |command| {
        command.args(["repl", "--no-history"]);
    });
    third.sees(PROMPT);
    third.types("select 5 as unkept;");
    third.sees("(1 row");
    third.sees(PROMPT);
    third.leaves();
    assert_eq!(fs::read_to_string(home.path().join("history")).unwrap(), before);
}

#[test]
fn an_error_shows_its_line_and_points_at_the_spot() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("create table Weather as select 1 as Temperature;");
    shell.sees("CREATE TABLE");
    shell.types("select");
    shell.types("  temprature from weather;");
    shell.sees("error: ");
    shell.sees("  2 |   temprature from weather;\r\n    |   ^\r\n");
    shell.sees("hint: did you mean Temperature?");
    shell.types(".tabels");
    shell.sees("error: there is no command .tabels");
    shell.sees("did you mean .tables?");
    shell.sees(PROMPT);
}

#[test]
fn the_previous_result_is_a_table() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("select value as n from generate_series(1, 100);");
    shell.sees("(100 rows");
    shell.types("select sum(n) as total from _;");
    shell.sees("5050 │");
    // What a command lists is no result.
    shell.types(".param");
    shell.sees(PROMPT);
    shell.types("select total + 1 as more from _;");
    shell.sees("5051 │");
}

#[test]
fn long_results_show_head_and_tail_and_last_shows_all() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types("select value + 1000 as n from generate_series(1, 500) order by 1;");
    let shown = shell.sees("(500 rows");
    assert!(shown.contains("1001") && shown.contains("1500") && !shown.contains("1250"), "{shown}");
    shell.sees(PROMPT);
    shell.types(".last");
    let all = shell.sees(PROMPT);
    assert!(all.contains("1001") && all.contains("1250") && all.contains("1500"), "{all}");
}

#[test]
fn long_listings_go_to_the_pager_whole() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types(".describe cdr.calls");
    let all = shell.sees(PROMPT);
    assert!(all.contains(" started ") && all.contains(" for_response_group "), "{all}");
    assert!(!all.contains("shown"), "{all}");
}

#[test]
fn a_bar_shows_after_a_second_and_goes() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.types(ENDLESS);
    shell.sees("1s");
    shell.session.send(ControlCode::EndOfText).unwrap();
    shell.sees("interrupted");
    shell.sees(PROMPT);
}

#[test]
fn tab_completes_table_functions_with_their_arguments() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.session.send("select * from contact_h\t").unwrap();
    shell.sees("contact_hubs(");
    shell.session.send(ControlCode::EndOfText).unwrap();
    shell.sees(PROMPT);
    shell.session.send("select r_to_\t\t").unwrap();
    shell.sees("r_to_mos(r)");
}

#[test]
fn formats_are_switched() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.does(".mode json");
    shell.types("select 40 + 2 as a;");
    shell.sees("\"a\":42");
    shell.types("\\x");
    shell.sees("mode is vertical");
    shell.types("select 43 as b;");
    let vertical = shell.sees("(1 row");
    assert!(vertical.lines().any(|line| line.contains('b') && line.contains("43")), "{vertical}");
    shell.types("\\x");
    shell.sees("mode is table");
    shell.types("\\timing");
    shell.sees("timing is off");
    shell.types("select 44 as c;");
    shell.sees("(1 row)");
}

#[test]
fn settings_of_the_user_hold_from_the_start() {
    let home = home();
    fs::write(
        home.path().join(".cdrqlrc"),
        ".mode csv\n.timing off\ncreate view answer as select 6 * 7 as n;\nselect nonsense;\n",
    )
    .unwrap();
    let mut shell = Shell::start(home.path(), |_| {});
    let greeting = shell.sees(PROMPT);
    assert!(greeting.contains(".cdrqlrc:4:"), "failures are shown: {greeting}");
    assert!(!greeting.contains("CREATE VIEW"), "the rest is quiet: {greeting}");
    shell.types("select * from answer;");
    shell.sees("n\r\n42\r\n(1 row)");
}

#[test]
fn results_go_to_files_and_back_to_the_screen() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.does(".once one.json");
    shell.does("select 1 as a;");
    shell.does("\\o all.csv");
    shell.does("select 2 as b;");
    shell.does(":out stdout");
    shell.types("select 40 + 2 as c;");
    shell.sees("42 │");
    let json = fs::read_to_string(home.path().join("one.json")).unwrap();
    assert_eq!(json.split_whitespace().collect::<String>(), "[{\"a\":1}]");
    assert_eq!(fs::read_to_string(home.path().join("all.csv")).unwrap(), "b\n2\n");
}

#[test]
fn watch_repeats_until_ctrl_c() {
    let home = home();
    let mut shell = Shell::open(home.path());
    shell.does(".mode csv");
    shell.types("\\watch 0.2 select 40 + 2 as a");
    for _ in 0..3 {
        shell.sees("a\r\n42\r\n");
    }
    shell.session.send(ControlCode::EndOfText).unwrap();
    shell.sees(PROMPT);
    shell.types("select 43 as still;");
    shell.sees("43");
}

#[test]
fn a_statement_is_changed_in_the_editor() {
    let home = home();
    let editor = home.path().join("editor");
    fs::write(&editor, "#!/bin/sh\necho 'select 41 + 2 as edited;' > \"$1\"\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).unwrap();
    let mut shell = Shell::start(home.path(), |command| {
        command.env("VISUAL", &editor);
    });
    shell.sees(PROMPT);
    shell.types("select 1 as a;");
    shell.sees("(1 row");
    shell.types("\\e");
    shell.sees("select 41 + 2 as edited;");
    shell.types("");
    shell.sees("43 │");
}
