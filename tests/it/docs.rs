//! What the pages show is so: their SQL runs over the sample, their sessions come out as printed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cdrql::output::{Format, Style, writer};
use cdrql::report::{SourceText, render};
use cdrql::tsql::Params;
use cdrql::{Answer, Engine};

/// A fenced block of a page.
struct Block {
    language: String,
    text: String,
}

/// Every page for people but those that are generated or have a test of their own.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_dir(root.join("docs/guide")).unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "CONTRIBUTING.md", "docs/mirror.md", "docs/views.md"];
    let pages: Vec<PathBuf> = others.iter().map(|page| root.join(page)).chain(guide).collect();
    assert!(pages.len() > others.len());
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap();
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body = lines.by_ref().take_while(|line| *line != "```");
            let text = body.map(|line| format!("{line}\n")).collect();
            found.push(Block { language: language.to_owned(), text });
        }
    }
    found
}

/// The bytes that a writer was given.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the shell shows for a text, times and counts left out.
async fn shown(engine: &Engine, text: &str) -> String {
    let out = Shared::default();
    let ran = async {
        for statement in engine.statements(text)? {
            let Answer::Rows(rows) = engine.run(&statement, &Params::new()).await? else {
                continue;
            };
            let sink = Box::new(out.clone());
            let mut table = writer(Format::Table, rows.schema(), sink, &Style::default())?;
            for batch in rows.collect().await? {
                table.write(&batch)?;
            }
            table.finish()?;
        }
        Ok(())
    };
    let failed = ran.await.err();
    let mut shown = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    shown.extend(failed.map(|error| render(&error, &SourceText { name: None, text }, false)));
    shown
}

#[tokio::test]
async fn sql_on_pages_runs() {
    let engine = Engine::builder().sample().allow_all().build().unwrap();
    let mut ran = 0;
    for page in pages() {
        for block in blocks(&page).into_iter().filter(|block| block.language == "sql") {
            let answer = shown(&engine, &block.text).await;
            assert!(!answer.contains("error:"), "{}: {}\n{answer}", page.display(), block.text);
            ran += 1;
        }
    }
    assert!(ran > 2, "the pages have SQL");
}

const PROMPT: &str = "cdrql> ";
const CONTINUED: &str = "  ...> ";

#[tokio::test]
async fn sessions_on_pages_come_out_as_printed() {
    let engine = Engine::builder().sample().allow_all().build().unwrap();
    let mut ran = 0;
    for page in pages() {
        for block in blocks(&page).iter().filter(|block| block.text.starts_with(PROMPT)) {
            for step in block.text.split(PROMPT).skip(1) {
                let end = step.find(";\n").expect("a statement ends in ;") + 2;
                let (typed, printed) = step.split_at(end);
                let typed = typed.replace(CONTINUED, "");
                let answer = shown(&engine, &typed).await;
                assert_eq!(answer, printed, "{}: {typed}", page.display());
                ran += 1;
            }
        }
    }
    assert!(ran > 2, "the pages have sessions");
}

/// Commands after `$ `, and what they write, all of a page in one directory.
#[cfg(all(unix, feature = "cli"))]
#[test]
fn commands_on_pages_come_out_as_printed() {
    let program = Path::new(env!("CARGO_BIN_EXE_cdrql")).parent().unwrap().display();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    let mut ran = 0;
    for page in pages() {
        let directory = tempfile::tempdir().unwrap();
        for block in blocks(&page).iter().filter(|block| block.language == "console") {
            let steps: Vec<(String, String)> = steps(&block.text);
            // `$?` is the code of the command before.
            let script = |(command, _): &(String, String)| {
                format!("{command} 2>&1; code=$?; printf '\\1'; (exit $code)\n")
            };
            let output = std::process::Command::new("sh")
                .arg("-c")
                .arg(steps.iter().map(script).collect::<String>())
                .current_dir(directory.path())
                .env("PATH", &path)
                .env_remove("CDRQL_MIRROR")
                .output()
                .unwrap();
            let output = String::from_utf8(output.stdout).unwrap();
            for ((command, printed), answer) in steps.iter().zip(output.split('\u{1}')) {
                assert_eq!(answer, printed, "{}: {command}", page.display());
                ran += 1;
            }
        }
    }
    assert!(ran > 2, "the pages have commands");
}

/// Each command, whose quotes may hold line breaks, with the lines below it.
#[cfg(all(unix, feature = "cli"))]
fn steps(text: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), String::new())),
            (None, Some((command, _))) if command.matches('"').count() % 2 == 1 => {
                command.push_str(&format!("\n{line}"));
            }
            (None, Some((_, printed))) => printed.push_str(&format!("{line}\n")),
            (None, None) => panic!("a console begins with $: {text}"),
        }
    }
    steps
}
