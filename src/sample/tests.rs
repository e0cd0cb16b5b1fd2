//! What holds for the whole sample: keys, references, times, verdicts, rhythm.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int16Type, Int32Type, TimestampMicrosecondType};
use arrow::row::{OwnedRow, RowConverter, SortField};

use super::Sample;
use super::clock::Tick;
use super::world::sites::{BOSTON, SITES};
use crate::schema::{self, Table};

type Tables = Vec<(&'static Table, RecordBatch)>;

static DEFAULT: LazyLock<Tables> = LazyLock::new(|| Sample::new().tables().unwrap());

fn rows_of(database: &str, name: &str) -> &'static RecordBatch {
    let found = DEFAULT.iter().find(|(t, _)| t.database == database && t.name == name);
    &found.unwrap_or_else(|| panic!("{database}.{name}")).1
}

/// The rows of some columns, comparable across batches; None where a column is NULL.
fn tuples(batch: &RecordBatch, columns: &[&str]) -> Vec<Option<OwnedRow>> {
    let arrays: Vec<_> =
        columns.iter().map(|c| widened(batch.column_by_name(c).unwrap())).collect();
    let fields = arrays.iter().map(|a| SortField::new(a.data_type().clone())).collect();
    let rows = RowConverter::new(fields).unwrap().convert_columns(&arrays).unwrap();
    let complete = |n: usize| arrays.iter().all(|a| a.is_valid(n));
    (0..batch.num_rows()).map(|n| complete(n).then(|| rows.row(n).owned())).collect()
}

/// Keys of different widths are compared as numbers.
fn widened(array: &arrow::array::ArrayRef) -> arrow::array::ArrayRef {
    use arrow::datatypes::DataType::{Int16, Int32, Int64};
    match array.data_type() {
        Int16 | Int32 => arrow::compute::cast(array, &Int64).unwrap(),
        _ => array.clone(),
    }
}

#[test]
fn every_published_table_has_rows() {
    let empty: Vec<&str> = schema::base_tables()
        .filter(|t| !DEFAULT.iter().any(|(have, b)| std::ptr::eq(*have, *t) && b.num_rows() > 0))
        .map(|t| t.name)
        .collect();
    assert_eq!(empty, Vec::<&str>::new());
}

#[test]
fn primary_keys_are_unique_and_complete() {
    for (table, batch) in DEFAULT.iter() {
        let mut key = table.primary_key();
        // What the published pages leave out of three keys (see the notes on those columns).
        match table.name {
            "ConferenceMessageCount" => key.push("UserId"),
            "TraceRoute" => key.push("Hop"),
            _ => {}
        }
        if key.is_empty() {
            continue;
        }
        let rows = tuples(batch, &key);
        assert!(rows.iter().all(Option::is_some), "{}: NULL in its key", table.name);
        let distinct: HashSet<_> = rows.iter().flatten().map(|r| r.as_ref().to_vec()).collect();
        assert_eq!(distinct.len(), rows.len(), "{}: repeated keys", table.name);
    }
}

/// Columns that refer to the same table as parts of one key: `SessionIdTime` with `SessionIdSeq`.
fn references(table: &Table) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let mut keys: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for column in &table.columns {
        let Some((target, target_column)) = column.references.and_then(|r| r.split_once('.'))
        else {
            continue;
        };
        match keys.last_mut() {
            Some((last, parts))
                if *last == target && !parts.iter().any(|p| p.1 == target_column) =>
            {
                parts.push((column.name, target_column));
            }
            _ => keys.push((target, vec![(column.name, target_column)])),
        }
    }
    keys
}

#[test]
fn every_reference_leads_to_a_row() {
    let mut known: HashMap<(String, Vec<&str>), HashSet<Vec<u8>>> = HashMap::new();
    for (table, batch) in DEFAULT.iter() {
        for (target, parts) in references(table) {
            let columns: Vec<&str> = parts.iter().map(|p| p.1).collect();
            let there = known
                .entry((format!("{}.{target}", table.database), columns.clone()))
                .or_insert_with(|| {
                    let rows = tuples(rows_of(table.database, target), &columns);
                    rows.into_iter().flatten().map(|r| r.as_ref().to_vec()).collect()
                });
            let here: Vec<&str> = parts.iter().map(|p| p.0).collect();
            let lost = tuples(batch, &here)
                .into_iter()
                .flatten()
                .filter(|r| !there.contains(r.as_ref()))
                .count();
            assert_eq!(lost, 0, "{}.{here:?} -> {target}.{columns:?}", table.name);
        }
    }
}

#[test]
fn all_times_lie_on_the_grid_of_datetime() {
    for (table, batch) in DEFAULT.iter() {
        for column in batch.columns() {
            let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() else {
                continue;
            };
            let off = times.iter().flatten().find(|t| ![0, 3_000, 7_000].contains(&(t % 10_000)));
            assert_eq!(off, None, "{}", table.name);
        }
    }
}

#[test]
fn rows_come_in_order_of_the_time_key() {
    for (table, batch) in DEFAULT.iter() {
        if let Some(key) = table.time_key() {
            let times =
                batch.column_by_name(key).unwrap().as_primitive::<TimestampMicrosecondType>();
            assert!(times.values().is_sorted(), "{}", table.name);
        }
    }
}

#[test]
fn the_number_of_sessions_is_the_one_asked_for() {
    assert_eq!(rows_of("LcsCDR", "SessionDetails").num_rows() as u64, super::SESSIONS);
}

#[test]
fn threads_and_files_do_not_change_the_rows() {
    let sample = Sample::new().sessions(2_000).days(30);
    let plan = sample.plan().unwrap();
    let generate = |by_day, threads| {
        let collected = super::sink::Collected::default();
        super::generate::run(&plan, &collected, by_day, threads, &|_, _| {}).unwrap();
        collected.into_tables().unwrap()
    };
    let at_once: Tables = generate(false, 1);
    for other in [generate(true, 1), generate(true, 3)] {
        for ((table, a), (_, b)) in at_once.iter().zip(&other) {
            assert!(a == b, "{} differs", table.name);
        }
    }
}

#[test]
fn another_seed_is_another_company() {
    let users = |seed| {
        let tables = Sample::new().sessions(1_500).days(30).seed(seed).tables().unwrap();
        tables.into_iter().find(|(t, _)| t.name == "SessionDetails").unwrap().1
    };
    assert_eq!(users(1), users(1));
    assert_ne!(users(1), users(2));
}

#[test]
fn the_mask_of_a_session_names_its_media_rows() {
    let sessions = rows_of("LcsCDR", "SessionDetails");
    let media = rows_of("LcsCDR", "Media");
    let mut masks: HashMap<OwnedRow, i32> = HashMap::new();
    let ids = media.column_by_name("MediaId").unwrap().as_primitive::<Int16Type>();
    for (key, id) in tuples(media, &["SessionIdTime", "SessionIdSeq"]).into_iter().zip(ids.values())
    {
        *masks.entry(key.unwrap()).or_default() |= 1 << (id - 1);
    }
    let stored = sessions.column_by_name("MediaTypes").unwrap().as_primitive::<Int32Type>();
    for (key, mask) in
        tuples(sessions, &["SessionIdTime", "SessionIdSeq"]).into_iter().zip(stored.values())
    {
        assert_eq!(masks.get(&key.unwrap()), Some(mask));
    }
}

#[test]
fn offices_work_in_office_hours() {
    let sessions = rows_of("LcsCDR", "SessionDetails");
    let times = sessions
        .column_by_name("SessionIdTime")
        .unwrap()
        .as_primitive::<TimestampMicrosecondType>();
    let pools = sessions.column_by_name("PoolId").unwrap().as_primitive::<Int32Type>();
    let boston = times.values().iter().zip(pools.values()).filter(|(_, pool)| **pool == 2);
    let (office, all) = boston.fold((0, 0), |(office, all), (t, _)| {
        let tick = Tick(t / 10_000 * 3);
        (office + i32::from(tick.is_office_time(SITES[BOSTON].zone)), all + 1)
    });
    assert!(all > 1_000 && office * 100 > all * 75, "{office} of {all}");
}

/// The published rule for audio, recomputed from the stored columns.
#[test]
fn the_stored_verdict_follows_the_published_rule() {
    let streams = rows_of("QoEMetrics", "AudioStream");
    let over = |column: &str, limit: f64| -> Vec<bool> {
        let values = arrow::compute::cast(
            streams.column_by_name(column).unwrap(),
            &arrow::datatypes::DataType::Float64,
        )
        .unwrap();
        let values = values.as_primitive::<arrow::datatypes::Float64Type>();
        values.iter().map(|v| v.is_some_and(|v| v > limit + 1e-9)).collect()
    };
    let conditions = [
        over("DegradationAvg", 1.0),
        over("RoundTrip", 500.0),
        over("PacketLossRate", 0.1),
        over("JitterInterArrival", 30.0),
        over("RatioConcealedSamplesAvg", 0.07),
    ];
    let mut poor: HashMap<OwnedRow, bool> = HashMap::new();
    let line = ["ConferenceDateTime", "SessionSeq", "MediaLineLabel"];
    for (n, key) in tuples(streams, &line).into_iter().enumerate() {
        *poor.entry(key.unwrap()).or_default() |= conditions.iter().any(|c| c[n]);
    }
    let lines = rows_of("QoEMetrics", "MediaLine");
    let stored = lines.column_by_name("ClassifiedPoorCall").unwrap().as_boolean();
    let mut seen = 0;
    for (n, key) in tuples(lines, &line).into_iter().enumerate() {
        if let Some(expected) = poor.get(&key.unwrap()) {
            assert_eq!(stored.value(n), *expected, "line {n}");
            seen += 1;
        }
    }
    assert!(seen > 1_000);
    let share = poor.values().filter(|p| **p).count() as f64 / poor.len() as f64;
    assert!((0.02..0.2).contains(&share), "{share} of all lines are poor");
}

#[test]
fn scores_add_up_to_the_ceiling_of_their_codec() {
    // Best Network MOS by codec and rate, as Microsoft publishes it (hundredths).
    let ceilings = HashMap::from([
        ((1, 16_000), 410),
        ((1, 8_000), 295),
        ((2, 8_000), 361),
        ((3, 8_000), 361),
        ((4, 16_000), 372),
    ]);
    let streams = rows_of("QoEMetrics", "AudioStream");
    let cents = |name: &str| {
        streams
            .column_by_name(name)
            .unwrap()
            .as_primitive::<arrow::datatypes::Decimal128Type>()
            .clone()
    };
    let ints =
        |name: &str| streams.column_by_name(name).unwrap().as_primitive::<Int32Type>().clone();
    let (score, lost) = (cents("OverallAvgNetworkMOS"), cents("DegradationAvg"));
    let (score_min, lost_max) = (cents("OverallMinNetworkMOS"), cents("DegradationMax"));
    let (payload, rate) = (ints("AudioPayloadDescription"), ints("AudioSampleRate"));
    for n in (0..streams.num_rows()).filter(|&n| score.is_valid(n)) {
        let ceiling = ceilings[&(payload.value(n), rate.value(n))];
        assert_eq!(score.value(n) + lost.value(n), ceiling);
        assert_eq!(score_min.value(n) + lost_max.value(n), ceiling);
        assert!(lost.value(n) <= lost_max.value(n) && score_min.value(n) >= 100);
    }
}

#[test]
fn too_small_a_sample_is_refused_with_advice() {
    let message = |sample: Sample| sample.tables().unwrap_err();
    assert!(message(Sample::new().sessions(10)).hints[0].contains("sessions"));
    assert!(message(Sample::new().users(5)).hints[0].contains("users"));
    assert!(message(Sample::new().days(0)).hints[0].contains("day"));
}

#[test]
fn all_batches_of_a_table_share_its_schema() {
    for (table, batch) in DEFAULT.iter() {
        assert!(concat_batches(&table.arrow_schema(), [batch]).is_ok(), "{}", table.name);
    }
}

/// Every file below a directory, with its size.
fn files(dir: &std::path::Path) -> Vec<(std::path::PathBuf, u64)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap());
    let of_entry = |e: std::fs::DirEntry| {
        let meta = e.metadata().unwrap();
        if meta.is_dir() { files(&e.path()) } else { vec![(e.path(), meta.len())] }
    };
    entries.flat_map(of_entry).collect()
}

#[test]
fn the_default_mirror_is_small_and_opens() {
    let dir = tempfile::tempdir().unwrap();
    Sample::new().write_to(dir.path()).unwrap();
    let size: u64 = files(dir.path()).iter().map(|f| f.1).sum();
    assert!(size < 3_000_000, "{size} bytes");
    assert!(crate::store::Mirror::open(dir.path(), crate::store::AsOf::Newest).is_ok());
}
