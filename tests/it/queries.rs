//! The query files of `docs/queries` over the sample, each with the parameters that its
//! heading proposes: they run, and find first what was planted.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use cdrql::Engine;
use cdrql::arrow::array::{Array, RecordBatch};
use cdrql::arrow::csv::ReaderBuilder;
use cdrql::arrow::csv::reader::Format;
use cdrql::arrow::util::display::array_value_to_string;
use cdrql::tsql::{Params, Value};

/// How the first rows of a file begin, counted by hand in the sample's stories. All others find
/// something.
const FIRST: [(&str, &[&str]); 20] = [
    (
        "contacts/agent_load.sql",
        &[
            "lars.helm@contoso.com 108 45.0",
            "mina.park@contoso.com 60 25.0",
            "nico.rossi@contoso.com 36 15.0",
            "oona.salo@contoso.com 24 10.0",
            "pia.trent@contoso.com 12 5.0",
            "",
        ],
    ),
    // Calls of 400 + 13n, 350 + 17n, 500 + 11n and, from the fifth on, 620 + 29n seconds.
    (
        "contacts/calls_to.sql",
        &[
            "otto.weiss@contoso.com 9 4068 1",
            "petra.zimmer@contoso.com 6 2355 1",
            "rafael.stein@contoso.com 4 2066 1",
            "silke.horn@contoso.com 3 2382 1",
            "",
        ],
    ),
    // 0.10 + 0.21 + 0.024 + 0.06 + 0.90 + 0.05 + 0 + 2.40 + 0.06 before she changed departments,
    // and 0.30 + 0.004 + 0.18 after.
    ("contacts/cross_charge.sql", &["S100 3.804000 EUR 9 4606 0", "P100 0.484000 EUR 3 486 0", ""]),
    // Neither through the mailbox nor through the help desk.
    ("contacts/contact_chain.sql", &["hana.bloom@contoso.com 1 1"]),
    ("contacts/contact_hubs.sql", &["voicemail@contoso.com"]),
    // Six calls of 260 + n seconds, five of 320 + n, four of 410 + n.
    (
        "contacts/evidence_path.sql",
        &[
            "1 gil.archer@contoso.com hana.bloom@contoso.com 6 1575",
            "2 hana.bloom@contoso.com igor.castle@contoso.com 5 1610",
            "3 igor.castle@contoso.com jana.dell@contoso.com 4 1646",
            "",
        ],
    ),
    ("contacts/failure_summary.sql", &["all 6000"]),
    // 27 evenings, by turns, of 900 + 37n seconds; 16 days of 1200 + 53n; nine chats.
    ("contacts/pair_profile.sql", &["audio 43 14 29 43 62847", "im 9 9 0 9", ""]),
    // Calls of 180 + 60n seconds.
    (
        "contacts/reached_by.sql",
        &[
            "helen.ward@contoso.com 5 1500",
            "imre.toth@contoso.com 4 1080",
            "julia.brooks@contoso.com 3 720",
            "karl.seidel@contoso.com 2 420",
            "",
        ],
    ),
    // Otto's first call to the competitor, on a Tuesday at 10:40.
    ("contacts/session_detail.sql", &["2014-02-04T09:40:00.000/1 2014-02-04"]),
    // 43 calls and nine chats.
    ("contacts/strongest_ties.sql", &["anna.lindqvist@contoso.com bruno.keller@contoso.com"]),
    // Sixteen calls on each of nine Mondays, with sound and video.
    ("contacts/usage_admission_control.sql", &["Bristol Munich 288 144"]),
    // Every eleventh of 264 gives up.
    ("contacts/usage_response_groups.sql", &["helpdesk@contoso.com 264 264 240 240 9.1"]),
    ("contacts/user_activity.sql", &["2014-02-03"]),
    ("quality/comparison.sql", &["2014-02-03 Wi-Fi 326"]),
    ("quality/devices.sql", &["Adatum Clarity H120 Headset"]),
    ("quality/sharing_summary.sql", &["meeting   404"]),
    ("quality/speakers.sql", &["Adatum Clarity H120 Headset"]),
    ("quality/video_summary.sql", &["meeting   264"]),
    ("quality/worst_subnets.sql", &["10.16.3.0 Munich building 2 Wi-Fi"]),
];

/// Reads lines such as `-- $name: what it is, such as VALUE`.
pub(crate) fn proposed(text: &str) -> Params {
    let mut params = Params::new();
    for line in text.lines().filter_map(|l| l.strip_prefix("-- $")) {
        let (name, rest) = line.split_once(':').unwrap();
        let (_, value) = rest.split_once("such as ").unwrap();
        params.set(name, Value::text(value));
    }
    params
}

/// A table of the sample that is no part of the databases.
fn csv(name: &str) -> Vec<RecordBatch> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name);
    let format = Format::default().with_header(true);
    let (schema, _) = format.infer_schema(File::open(&path).unwrap(), None).unwrap();
    let reader = ReaderBuilder::new(Arc::new(schema)).with_header(true);
    let reader = reader.build(File::open(&path).unwrap()).unwrap();
    reader.collect::<Result<_, _>>().unwrap()
}

/// The rows of an answer as text.
async fn rows(engine: &Engine, text: &str, null: &str, between: &str) -> Vec<String> {
    let statements = engine.statements(text).unwrap();
    let answer = engine.run(&statements[0], &proposed(text)).await.unwrap();
    let batches = answer.collect().await.unwrap();
    let cell = |column: &dyn Array, row| match column.is_null(row) {
        true => null.to_owned(),
        false => array_value_to_string(column, row).unwrap(),
    };
    let row = |batch: &RecordBatch, row| {
        batch.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join(between)
    };
    batches.iter().flat_map(|b| (0..b.num_rows()).map(move |r| row(b, r))).collect()
}

/// Whether rows begin like this, an empty text being the end.
fn begin(rows: &[String], starts: &[&str]) -> bool {
    starts.iter().enumerate().all(|(at, start)| match rows.get(at) {
        Some(row) => !start.is_empty() && row.starts_with(start),
        None => start.is_empty(),
    })
}

#[tokio::test]
async fn query_files_run_and_find_what_was_planted() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("sample");
    tokio::task::spawn_blocking({
        let mirror = mirror.clone();
        move || cdrql::sample::Sample::new().write_to(&mirror).unwrap()
    })
    .await
    .unwrap();
    // What a user brings along: a tariff and a directory.
    let engine = Engine::builder()
        .mirror(&mirror)
        .table("cdrql", "tariff", csv("tariff.csv"))
        .table("cdrql", "directory", csv("directory.csv"))
        .build()
        .unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries");
    for folder in fs::read_dir(&root).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let rows = rows(&engine, &fs::read_to_string(&path).unwrap(), "", " ").await;
            assert!(!rows.is_empty(), "{} finds nothing", path.display());
            let expected = FIRST.iter().find(|(name, _)| path.ends_with(name));
            let starts = expected.map_or(&[][..], |(_, starts)| starts);
            assert!(begin(&rows, starts), "{}: {rows:#?}", path.display());
        }
    }
}

/// The examples of the manual, which plain DataFusion runs too, say the same here: brackets quote
/// names in this dialect and lists are made with `make_array`.
#[tokio::test]
async fn examples_of_functions_run_in_this_dialect() {
    let engine = Engine::builder().build().unwrap();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md"));
    let page = page.unwrap();
    let mut different = vec![];
    for example in page.split("```sql\n").skip(1) {
        let (example, _) = example.split_once("\n```").unwrap();
        let (sql, said) = example.split_once(";\n").unwrap();
        let said: Vec<_> = said.lines().map(|line| line.trim_start_matches("-- ")).collect();
        let told = rows(&engine, sql, "NULL", " | ").await;
        if told != said {
            different.push(format!("{sql}\n  {told:?}\n  instead of {said:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
