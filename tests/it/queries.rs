//! The query files of `docs/queries` over the sample, each with the parameters that its
//! heading proposes: they run, and find first what was planted.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use cdrql::Engine;
use cdrql::arrow::array::RecordBatch;
use cdrql::arrow::csv::ReaderBuilder;
use cdrql::arrow::csv::reader::Format;
use cdrql::arrow::util::display::array_value_to_string;
use cdrql::tsql::{Params, Value};

/// The first row of each file: its leading columns, counted by hand in the sample's stories.
const FIRST: [(&str, &str); 19] = [
    ("contacts/agent_load.sql", "lars.helm@contoso.com 108 45.0"),
    // Nine calls of 400 + 13n seconds.
    ("contacts/calls_to.sql", "otto.weiss@contoso.com 9 4068 1"),
    // 0.10 + 0.21 + 0.024 + 0.06 + 0.90 + 0.05 + 0 + 2.40 + 0.06, before she changed departments.
    ("contacts/cross_charge.sql", "S100 3.804000 EUR 9 4606 0"),
    // Neither through the mailbox nor through the help desk.
    ("contacts/contact_chain.sql", "hana.bloom@contoso.com 1 1"),
    ("contacts/contact_hubs.sql", "voicemail@contoso.com"),
    ("contacts/evidence_path.sql", "1 gil.archer@contoso.com hana.bloom@contoso.com"),
    ("contacts/failure_summary.sql", "all 6000"),
    ("contacts/pair_profile.sql", "audio 43"),
    ("contacts/reached_by.sql", "helen.ward@contoso.com 5 1500"),
    // 43 calls and nine chats.
    ("contacts/strongest_ties.sql", "anna.lindqvist@contoso.com bruno.keller@contoso.com"),
    // Sixteen calls on each of nine Mondays, with sound and video.
    ("contacts/usage_admission_control.sql", "Bristol Munich 288 144"),
    // Every eleventh of 264 gives up.
    ("contacts/usage_response_groups.sql", "helpdesk@contoso.com 264 264 240 240 9.1"),
    ("contacts/user_activity.sql", "2014-02-03"),
    ("quality/comparison.sql", "2014-02-03 Wi-Fi 326"),
    ("quality/devices.sql", "Adatum Clarity H120 Headset"),
    ("quality/sharing_summary.sql", "meeting   404"),
    ("quality/speakers.sql", "Adatum Clarity H120 Headset"),
    ("quality/video_summary.sql", "meeting   264"),
    ("quality/worst_subnets.sql", "10.16.3.0 Munich building 2 Wi-Fi"),
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

async fn first_row(engine: &Engine, text: &str) -> String {
    let statements = engine.statements(text).unwrap();
    let answer = engine.run(&statements[0], &proposed(text)).await.unwrap();
    let batches = answer.collect().await.unwrap();
    let Some(batch) = batches.iter().find(|b| b.num_rows() > 0) else { return String::new() };
    let cells = batch.columns().iter().map(|c| array_value_to_string(c, 0).unwrap());
    cells.collect::<Vec<_>>().join(" ")
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
            let row = first_row(&engine, &fs::read_to_string(&path).unwrap()).await;
            let expected = FIRST.iter().find(|(name, _)| path.ends_with(name));
            let expected = expected.map_or("", |(_, start)| start);
            assert!(row.starts_with(expected), "{}: {row}", path.display());
        }
    }
}
