//! What a scan returns, and how little it reads for it.

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array, Int16Array, Int64Array,
};
use arrow::util::pretty::pretty_format_batches;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::{ExecutionPlan, displayable};

use super::*;

/// Three days of facts, a file per day, 10 rows each.
async fn three_days(dir: &Path) -> Mirror {
    let mut writer = Writer::open(dir).unwrap();
    let files = (0..3).map(|n| {
        let rows: Vec<Row> = (0..10).map(|i| (n * DAY + i64::from(i) * HOUR, 1, i)).collect();
        write(&writer, &facts(), day(n), &fact_batch(&rows)).unwrap()
    });
    let files = files.collect();
    writer.commit(vec![change(facts(), Change::Append(files))]).await.unwrap();
    Mirror::open(dir, AsOf::Newest).unwrap()
}

async fn plan(mirror: &Mirror, cores: usize, query: &str) -> Arc<dyn ExecutionPlan> {
    session(mirror, cores).sql(query).await.unwrap().create_physical_plan().await.unwrap()
}

fn text(plan: &Arc<dyn ExecutionPlan>) -> String {
    displayable(plan.as_ref()).indent(false).to_string()
}

/// Files that the plan's scans name.
fn scanned(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.downcast_ref::<DataSourceExec>().map_or(0, |scan| {
        let config = scan.data_source().downcast_ref::<FileScanConfig>().unwrap();
        config.file_groups.iter().map(|group| group.len()).sum()
    });
    own + plan.children().into_iter().map(scanned).sum::<usize>()
}

async fn shown(mirror: &Mirror, query: &str) -> String {
    let batches = session(mirror, 2).sql(query).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

#[tokio::test]
async fn every_type_and_its_null_comes_back() {
    let fields = vec![
        Field::new("T", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("Text", DataType::Utf8View, true),
        Field::new("Bytes", DataType::Binary, true),
        Field::new("Tiny", DataType::Int16, true),
        Field::new("Big", DataType::Int64, true),
        Field::new("Float", DataType::Float64, true),
        Field::new("Money", DataType::Decimal128(38, 4), true),
        Field::new("Small", DataType::Decimal128(5, 2), true),
        Field::new("Flag", DataType::Boolean, true),
    ];
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(vec![
            None,
            Some(-62_135_596_800_000_000),
            Some(1_391_425_200_003_000),
        ])),
        Arc::new(StringViewArray::from(vec![
            None,
            Some(""),
            Some("Grüße 👋 longer than twelve bytes"),
        ])),
        Arc::new(BinaryArray::from(vec![None, Some(&b""[..]), Some(&[0u8, 255][..])])),
        Arc::new(Int16Array::from(vec![None, Some(255), Some(i16::MIN)])),
        Arc::new(Int64Array::from(vec![None, Some(i64::MAX), Some(i64::MIN)])),
        Arc::new(Float64Array::from(vec![None, Some(-0.5), Some(f64::MAX)])),
        Arc::new(
            Decimal128Array::from(vec![None, Some(10i128.pow(38) - 1), Some(-1)])
                .with_precision_and_scale(38, 4)
                .unwrap(),
        ),
        Arc::new(
            Decimal128Array::from(vec![None, Some(-99_999), Some(1)])
                .with_precision_and_scale(5, 2)
                .unwrap(),
        ),
        Arc::new(BooleanArray::from(vec![None, Some(true), Some(false)])),
    ];
    let def = TableDef {
        name: "Types".into(),
        columns: Schema::new(fields).into(),
        primary_key: vec![],
        time_key: Some("T".into()),
        ..facts()
    };
    let batch = RecordBatch::try_new(Arc::clone(&def.columns), arrays).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let file = write(&writer, &def, Period::All, &batch).unwrap();
    assert_eq!(file.time.unwrap().nulls, 1);
    writer.commit(vec![change(def, Change::Whole(vec![file]))]).await.unwrap();

    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    let read = session(&mirror, 2)
        .table(TableReference::bare("Types"))
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(read, [batch]);
}

#[tokio::test]
async fn counts_and_extremes_need_no_scan() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = three_days(dir.path()).await;
    let query = r#"SELECT count(*) AS n, min("At") AS a, max("At") AS b FROM "Facts""#;
    let plan = plan(&mirror, 2, query).await;
    assert_eq!(scanned(&plan), 0, "{}", text(&plan));
    assert_eq!(
        shown(&mirror, query).await,
        "+----+---------------------+---------------------+\n\
         | n  | a                   | b                   |\n\
         +----+---------------------+---------------------+\n\
         | 30 | 1970-01-01T00:00:00 | 1970-01-03T09:00:00 |\n\
         +----+---------------------+---------------------+"
    );
}

#[tokio::test]
async fn a_filter_by_time_reads_only_its_days_and_counts_only_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = three_days(dir.path()).await;
    for (filter, files, rows) in [
        (r#""At" >= TIMESTAMP '1970-01-02 08:00:00' AND "At" < TIMESTAMP '1970-01-03'"#, 1, 2),
        (r#""At" = TIMESTAMP '1970-01-01 00:00:00' OR "At" > '1970-01-03 08:30:00'"#, 2, 2),
        (r#""At" > TIMESTAMP '1980-01-01'"#, 0, 0),
        (r#""At" IS NULL"#, 0, 0),
        (r#""Value" = 3"#, 3, 3),
    ] {
        let query = format!(r#"SELECT count(*) AS n FROM "Facts" WHERE {filter}"#);
        let plan = plan(&mirror, 1, &query).await;
        assert_eq!(scanned(&plan), files, "{filter}\n{}", text(&plan));
        let answer = shown(&mirror, &query).await;
        assert!(answer.contains(&format!("| {rows} ")), "{filter}\n{answer}");
    }
}

#[tokio::test]
async fn a_limit_reads_only_as_many_files_as_it_takes() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = three_days(dir.path()).await;
    for (limit, files) in [(1, 1), (10, 1), (11, 2), (100, 3)] {
        let plan = plan(&mirror, 1, &format!(r#"SELECT "Seq" FROM "Facts" LIMIT {limit}"#)).await;
        assert_eq!(scanned(&plan), files, "{limit}");
    }
}

#[tokio::test]
async fn files_are_known_to_be_in_time_order() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = three_days(dir.path()).await;
    for cores in [1, 2, 4] {
        let query = r#"SELECT "At", "Seq", "Value" FROM "Facts" ORDER BY "At""#;
        let plan = plan(&mirror, cores, query).await;
        assert!(!text(&plan).contains("SortExec"), "{}", text(&plan));
        let rows = session(&mirror, cores).sql(query).await.unwrap().collect().await.unwrap();
        let times: Vec<i64> = rows.iter().flat_map(rows_of).map(|row| row.0).collect();
        assert!(times.is_sorted() && times.len() == 30);
    }
}

#[tokio::test]
async fn files_that_overlap_are_sorted_and_not_trusted() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = mirror_of(dir.path(), &[(1, 1, 0), (9, 1, 0)]).await;
    let file = write(&writer, &facts(), Period::All, &fact_batch(&[(5, 1, 0)])).unwrap();
    writer.commit(vec![change(facts(), Change::Append(vec![file]))]).await.unwrap();
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    let query = r#"SELECT "At", "Seq", "Value" FROM "Facts" ORDER BY "At""#;
    let rows = session(&mirror, 1).sql(query).await.unwrap().collect().await.unwrap();
    assert_eq!(rows.iter().flat_map(rows_of).map(|r| r.0).collect::<Vec<_>>(), [1, 5, 9]);
}

/// A single large file is shared by the cores, and every row comes exactly once and in order.
#[tokio::test]
async fn a_large_file_is_split_over_the_cores() {
    let dir = tempfile::tempdir().unwrap();
    // Values that do not compress, so that the file is worth splitting.
    let rows: Vec<Row> =
        (0..600_000).map(|i| (i, 1, (i as i32).wrapping_mul(-1_640_531_527))).collect();
    drop(mirror_of(dir.path(), &rows).await);
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    let all = r#"SELECT "At", "Seq", "Value" FROM "Facts""#;
    let plan = plan(&mirror, 3, all).await;
    assert_eq!(plan.properties().output_partitioning().partition_count(), 3, "{}", text(&plan));
    let query = format!(r#"{all} ORDER BY "At""#);
    let read = session(&mirror, 3).sql(&query).await.unwrap().collect().await.unwrap();
    assert!(read.iter().flat_map(rows_of).eq(rows));
}

#[tokio::test]
async fn a_mirror_inside_the_binary_reads_like_one_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    drop(mirror_of(dir.path(), &[(1, 1, 10), (2, 1, 20)]).await);
    let on_disk = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    let named = on_disk.snapshot().tables[0].files[0].path.clone();
    let embedded = ["_cdrql/snapshots/00000001.json".to_owned(), named].map(|path| {
        let bytes: &'static [u8] = std::fs::read(dir.path().join(&path)).unwrap().leak();
        (&*path.leak(), bytes)
    });
    let mirror = Mirror::embedded(embedded).unwrap();
    assert_eq!(mirror.snapshot(), on_disk.snapshot());
    assert_eq!(mirror.verify(true).damages, []);
    let rows = session(&mirror, 2)
        .table(TableReference::bare("Facts"))
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(rows.iter().flat_map(rows_of).collect::<Vec<_>>(), [(1, 1, 10), (2, 1, 20)]);
}

#[tokio::test]
async fn a_column_that_came_later_reads_as_null_in_older_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = mirror_of(dir.path(), &[(1, 1, 10)]).await;
    let mut fields = facts().columns.fields().to_vec();
    fields.insert(1, Field::new("New", DataType::Utf8View, true).into());
    let wider = TableDef { columns: Schema::new(fields).into(), ..facts() };
    let none: Vec<TableChange> = vec![change(wider.clone(), Change::Append(vec![]))];
    writer.commit(none).await.unwrap();
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    assert_eq!(
        shown(&mirror, r#"SELECT "New", "Value" FROM "Facts" WHERE "New" IS NULL"#).await,
        "+-----+-------+\n| New | Value |\n+-----+-------+\n|     | 10    |\n+-----+-------+"
    );

    // A merge rewrites the old file with the new column.
    let batch = RecordBatch::try_new(
        Arc::clone(&wider.columns),
        vec![
            Arc::new(TimestampMicrosecondArray::from(vec![2])),
            Arc::new(StringViewArray::from(vec!["x"])),
            Arc::new(Int32Array::from(vec![1])),
            Arc::new(Int32Array::from(vec![20])),
        ],
    );
    let merged = writer.merge(&wider, Period::All, std::iter::once(batch.unwrap())).unwrap();
    writer.commit(vec![change(wider, merged)]).await.unwrap();
    let mirror = Mirror::open(dir.path(), AsOf::Newest).unwrap();
    assert_eq!(
        shown(&mirror, r#"SELECT "New", "Value" FROM "Facts" ORDER BY "At""#).await,
        "+-----+-------+\n| New | Value |\n+-----+-------+\n|     | 10    |\n| x   | 20    |\n+-----+-------+"
    );
}

#[tokio::test]
async fn verify_names_every_kind_of_damage() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = three_days(dir.path()).await;
    let good = mirror.verify(true);
    assert_eq!((good.files, good.rows, good.damages.len()), (3, 30, 0));

    let files = &mirror.snapshot().tables[0].files;
    let path = |n: usize| dir.path().join(&files[n].path);
    std::fs::remove_file(path(0)).unwrap();
    let bytes = std::fs::read(path(1)).unwrap();
    std::fs::write(path(1), &bytes[..bytes.len() - 1]).unwrap();
    // The first data page follows the magic number; its checksumless bytes only a deep check reads.
    let mut bytes = std::fs::read(path(2)).unwrap();
    bytes[4..40].fill(0xFF);
    std::fs::write(path(2), bytes).unwrap();

    let what =
        |report: VerifyReport| report.damages.into_iter().map(|d| d.what).collect::<Vec<_>>();
    let shallow = what(mirror.verify(false));
    assert_eq!(shallow.len(), 2, "{shallow:?}");
    assert!(shallow[0].contains(&files[0].path), "{shallow:?}");
    assert!(shallow[1].contains("bytes instead of"), "{shallow:?}");
    let deep = what(mirror.verify(true));
    assert_eq!(deep.len(), 3, "{deep:?}");
    assert!(deep[2].starts_with("it is not readable"), "{deep:?}");
}
