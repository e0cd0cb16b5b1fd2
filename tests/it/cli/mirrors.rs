//! Commands over a mirror on disk.

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
