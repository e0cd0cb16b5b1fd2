//! Imports point down only: `cli > repl > host > output, engine, sample > views, tsql > store > schema >
//! error`. What a room may use is said once, here.

use std::fs;
use std::path::Path;

/// A room, and the rooms of this crate that it may name. `report` stands beside `error`.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("report", &["error"]),
    ("schema", &["error"]),
    ("store", &["error", "schema"]),
    ("tsql", &["error"]),
    ("views", &["error"]),
    ("output", &["error"]),
    ("sample", &["error", "schema", "store"]),
    ("mirror", &["error", "schema", "store"]),
    ("engine", &["error", "schema", "store", "tsql", "views", "sample_data"]),
    ("host", &["error"]),
    ("repl", &["error", "report", "host", "tsql", "output", "engine", "store", "views", "schema"]),
];

#[test]
fn imports_point_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, allowed) in ROOMS {
        for (file, text) in sources(&src, room) {
            for used in used_rooms(&text) {
                let fine = used == *room || allowed.contains(&used.as_str());
                assert!(fine, "{file}: {room} must not use {used}");
            }
        }
    }
}

/// The room's files, tests left out: they may look around.
fn sources(src: &Path, room: &str) -> Vec<(String, String)> {
    let mut waiting = vec![src.join(room), src.join(format!("{room}.rs"))];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        let name = path.display().to_string();
        if path.is_dir() && !path.ends_with("tests") {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() && name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_string();
            found.push((name, code));
        }
    }
    found
}

/// Rooms named after `crate::`, in `use` lines and elsewhere; names in capitals are `error`'s own.
fn used_rooms(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1).map(String::from).collect::<Vec<_>>())
        .map(|rest| {
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
        })
        .filter(|name| name.starts_with(char::is_lowercase))
        .collect()
}
