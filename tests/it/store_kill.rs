//! A writer is killed at random moments; the mirror opens each time at the old or the new snapshot.
//! `tests/tooling/kill_commits.py` does the same 200 times.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[path = "../../examples/kill_writer.rs"]
#[allow(dead_code, reason = "its main is for the script")]
mod kill_writer;

const DIRECTORY: &str = "CDRQL_KILL_WRITER";

#[tokio::test]
async fn a_killed_writer_leaves_the_old_or_the_new_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let mut newest = 0;
    for round in 0..10 {
        // Uneven delays, from before the first commit to after several; twice as long each time on a
        // machine so busy that none has come yet.
        let patience = if newest == 0 { 1 << round } else { 1 };
        let delay = Duration::from_millis(40 + 97 * round % 400) * patience;
        let printed = killed_after(dir.path(), delay);
        let found = kill_writer::check(dir.path()).await.unwrap();
        let committed = printed.unwrap_or(newest);
        assert!(
            found == committed || found == committed + 1,
            "{committed} published, {found} found"
        );
        newest = found;
    }
    assert!(newest > 0, "no writer lived long enough to publish anything");
}

/// Runs [`worker`] in a process of its own, kills it, and returns the last number it printed.
fn killed_after(dir: &Path, delay: Duration) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "store_kill::worker"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    BufReader::new(stdout).lines().filter_map(|line| line.ok()?.trim().parse().ok()).last()
}

#[tokio::test]
#[ignore = "only ever run, and killed, by the test above"]
async fn worker() {
    if let Some(dir) = std::env::var_os(DIRECTORY) {
        kill_writer::work(Path::new(&dir)).await.unwrap();
    }
}
