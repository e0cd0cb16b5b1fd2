//! Every format against texts written by hand, and read back by Arrow's own readers.

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::*;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

/// A sink whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk with no room.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

fn bytes(format: Format, schema: SchemaRef, batches: &[RecordBatch], style: &Style) -> Vec<u8> {
    let memory = Memory::default();
    let mut rows = writer(format, schema, Box::new(memory.clone()), style).unwrap();
    for batch in batches {
        rows.write(batch).unwrap();
    }
    rows.finish().unwrap();
    drop(rows);
    Arc::try_unwrap(memory.0).unwrap().into_inner().unwrap()
}

fn styled(format: Format, batch: &RecordBatch, style: &Style) -> String {
    String::from_utf8(bytes(format, batch.schema(), std::slice::from_ref(batch), style)).unwrap()
}

fn text(format: Format, batch: &RecordBatch) -> String {
    styled(format, batch, &Style::default())
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// Two calls: a plain one, and one whose texts are full of traps.
fn calls() -> RecordBatch {
    batch([
        (
            "user",
            Arc::new(StringViewArray::from(vec![
                Some("kim@contoso.com"),
                Some("a,\"b\"|\\\n\x1b[2J"),
            ])) as _,
        ),
        (
            "started",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_391_414_400_003_000), None])) as _,
        ),
        ("seconds", Arc::new(Int32Array::from(vec![Some(312), None])) as _),
        ("hash", Arc::new(BinaryArray::from(vec![Some(&b"\x01\xff"[..]), None])) as _),
        ("note", Arc::new(StringArray::from(vec![Some(""), None])) as _),
    ])
}

fn numbers(rows: std::ops::Range<i32>) -> RecordBatch {
    batch([("n", Arc::new(Int32Array::from_iter_values(rows)) as _)])
}

fn empty() -> RecordBatch {
    calls().slice(0, 0)
}

#[test]
fn a_table_is_boxed_with_numbers_to_the_right() {
    assert_eq!(
        text(Format::Table, &calls()),
        "\
┌──────────────────┬─────────────────────────┬─────────┬────────┬──────┐
│ user             │ started                 │ seconds │ hash   │ note │
├──────────────────┼─────────────────────────┼─────────┼────────┼──────┤
│ kim@contoso.com  │ 2014-02-03 08:00:00.003 │     312 │ 0x01FF │      │
│ a,\"b\"|\\\\n\\x1b[2J │ NULL                    │    NULL │ NULL   │ NULL │
└──────────────────┴─────────────────────────┴─────────┴────────┴──────┘
"
    );
}

#[test]
fn a_table_is_cut_to_the_terminal_widest_column_first() {
    let style = Style { width: Some(30), ..Style::default() };
    let words = batch([
        ("id", Arc::new(Int32Array::from(vec![7, 42])) as ArrayRef),
        (
            "subject",
            Arc::new(StringArray::from(vec!["short", "quarterly review of the north"])) as _,
        ),
    ]);
    assert_eq!(
        styled(Format::Table, &words, &style),
        "\
┌────┬───────────────────────┐
│ id │ subject               │
├────┼───────────────────────┤
│  7 │ short                 │
│ 42 │ quarterly review of … │
└────┴───────────────────────┘
"
    );
}

#[test]
fn a_long_table_shows_head_and_tail() {
    let style = Style { max_rows: Some(3), ..Style::default() };
    assert_eq!(
        styled(Format::Table, &numbers(1..1235), &style),
        "\
┌──────┐
│    n │
├──────┤
│    1 │
│    2 │
│    · │
│ 1234 │
└──────┘
 1,234 rows (3 shown)
"
    );
    assert!(!styled(Format::Table, &numbers(1..4), &style).contains("rows"));
}

#[test]
fn a_table_of_many_columns_leaves_out_the_middle() {
    let columns = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)];
    let wide = batch(
        columns.map(|(name, value)| (name, Arc::new(Int32Array::from(vec![value])) as ArrayRef)),
    );
    let style = Style { width: Some(18), ..Style::default() };
    assert_eq!(
        styled(Format::Table, &wide, &style),
        "\
┌───┬───┬───┬───┐
│ a │ b │ … │ f │
├───┼───┼───┼───┤
│ 1 │ 2 │ … │ 6 │
└───┴───┴───┴───┘
 6 columns (3 shown)
"
    );
}

#[test]
fn a_table_longer_than_its_window_loses_nothing() {
    let rows: Vec<RecordBatch> = [0..900, 900..1800, 1800..100_001].map(numbers).to_vec();
    let table = String::from_utf8(bytes(Format::Table, rows[0].schema(), &rows, &Style::default()))
        .unwrap();
    let shown: Vec<i32> =
        table.lines().filter_map(|line| line.trim_matches(['│', ' ']).parse().ok()).collect();
    assert_eq!(shown, (0..100_001).collect::<Vec<_>>());
}

#[test]
fn a_table_in_color_dims_null() {
    let style = Style { color: true, null: "∅".to_string(), ..Style::default() };
    let table = styled(
        Format::Table,
        &batch([("n", Arc::new(Int32Array::from(vec![None, Some(1)])) as _)]),
        &style,
    );
    assert!(table.contains("│ \x1b[1mn\x1b[0m │"), "{table:?}");
    assert!(table.contains("│ \x1b[2m∅\x1b[0m │\n│ 1 │"), "{table:?}");
}

#[test]
fn a_vertical_listing_has_a_line_for_each_value() {
    let expected = "\
─[ 1 ]──────────────────────────────────
user    │ kim@contoso.com
started │ 2014-02-03 08:00:00.003
seconds │ 312
hash    │ 0x01FF
note    │ 
─[ 2 ]──────────────────────────────────
user    │ a,\"b\"|\\\\n\\x1b[2J
started │ NULL
seconds │ NULL
hash    │ NULL
note    │ NULL
";
    assert_eq!(text(Format::Vertical, &calls()), expected);
    let style = Style { max_rows: Some(2), ..Style::default() };
    let long = styled(Format::Vertical, &numbers(1..11), &style);
    assert!(long.contains("n │ 1\n· 8 records not shown\n─[ 10 ]"), "{long}");
}

#[test]
fn csv_quotes_what_must_be_quoted() {
    assert_eq!(
        text(Format::Csv, &calls()),
        "user,started,seconds,hash,note\n\
         kim@contoso.com,2014-02-03 08:00:00.003,312,0x01FF,\"\"\n\
         \"a,\"\"b\"\"|\\\n\x1b[2J\",,,,\n"
    );
    assert_eq!(text(Format::Csv, &empty()), "user,started,seconds,hash,note\n");
    let single = batch([("a b,c", Arc::new(StringArray::from(vec![None, Some("x")])) as _)]);
    assert_eq!(text(Format::Csv, &single), "\"a b,c\"\n\"\"\nx\n");
}

#[test]
fn tsv_quotes_tabs_and_leaves_commas() {
    let fields = batch([
        ("a", Arc::new(StringArray::from(vec!["x,y", "t\tb"])) as _),
        ("b", Arc::new(Float64Array::from(vec![0.5, 1e21])) as _),
    ]);
    assert_eq!(text(Format::Tsv, &fields), "a\tb\nx,y\t0.5\n\"t\tb\"\t1e21\n");
}

#[test]
fn markdown_escapes_pipes() {
    assert_eq!(
        text(Format::Markdown, &calls()),
        "| user | started | seconds | hash | note |\n\
         | --- | --- | --: | --- | --- |\n\
         | kim@contoso.com | 2014-02-03 08:00:00.003 | 312 | 0x01FF |  |\n\
         | a,\"b\"\\|\\\\<br>\\\\x1b[2J | NULL | NULL | NULL | NULL |\n"
    );
}

#[test]
fn json_has_a_row_on_each_line_and_explicit_nulls() {
    let plain = "{\"user\":\"kim@contoso.com\",\"started\":\"2014-02-03T08:00:00.003\",\"seconds\":312,\"hash\":\"0x01FF\",\"note\":\"\"}";
    let traps = "{\"user\":\"a,\\\"b\\\"|\\\\\\n\\u001b[2J\",\"started\":null,\"seconds\":null,\"hash\":null,\"note\":null}";
    assert_eq!(text(Format::Json, &calls()), format!("[\n{plain},\n{traps}\n]\n"));
    assert_eq!(text(Format::Ndjson, &calls()), format!("{plain}\n{traps}\n"));
    assert_eq!(text(Format::Json, &empty()), "[]\n");
    assert_eq!(text(Format::Ndjson, &empty()), "");
}

#[test]
fn json_keeps_decimals_zones_and_repeated_titles() {
    let money = Decimal128Array::from(vec![12_345_678_901_234_567_890_i128])
        .with_precision_and_scale(38, 4)
        .unwrap();
    let zoned = TimestampMillisecondArray::from(vec![0]).with_timezone("+02:00");
    let row = batch([
        ("x", Arc::new(money) as ArrayRef),
        ("x", Arc::new(zoned) as _),
        ("wait", Arc::new(DurationMillisecondArray::from(vec![61_000])) as _),
        ("nan", Arc::new(Float64Array::from(vec![f64::NAN])) as _),
    ]);
    assert_eq!(
        text(Format::Ndjson, &row),
        "{\"x\":1234567890123456.7890,\"x_2\":\"1970-01-01T00:00:00.000Z\",\"wait\":\"00:01:01.000\",\"nan\":null}\n"
    );
}

fn read_parquet(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    reader.with_batch_size(100_000).build().unwrap().map(Result::unwrap).collect()
}

fn read_ipc(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let reader = arrow::ipc::reader::FileReader::try_new(Cursor::new(bytes), None).unwrap();
    reader.map(Result::unwrap).collect()
}

#[test]
fn parquet_and_arrow_files_read_back() {
    let style = Style::default();
    let written = |format| bytes(format, calls().schema(), &[calls()], &style);
    assert_eq!(read_parquet(written(Format::Parquet)), [calls()]);
    assert_eq!(read_ipc(written(Format::Arrow)), [calls()]);
}

#[test]
fn empty_files_have_the_schema() {
    let written = |format| bytes(format, calls().schema(), &[], &Style::default());
    let parquet = bytes::Bytes::from(written(Format::Parquet));
    let schema = ParquetRecordBatchReaderBuilder::try_new(parquet).unwrap().schema().clone();
    assert_eq!(schema.fields(), calls().schema().fields());
    let ipc =
        arrow::ipc::reader::FileReader::try_new(Cursor::new(written(Format::Arrow)), None).unwrap();
    assert_eq!(ipc.schema(), calls().schema());
}

#[test]
fn a_type_that_a_format_lacks_is_named() {
    let wait: ArrayRef = Arc::new(IntervalMonthDayNanoArray::from(vec![None]));
    let waits = batch([("wait", wait)]);
    let error =
        writer(Format::Parquet, waits.schema(), Box::new(Memory::default()), &Style::default())
            .and_then(|mut rows| rows.write(&waits))
            .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage);
    assert!(error.message.contains("MonthDayNano"), "{error}");
}

#[test]
fn a_full_disk_is_an_error_of_every_format() {
    for (format, name) in Format::ALL {
        let written = writer(format, calls().schema(), Box::new(Full), &Style::default())
            .and_then(|mut rows| rows.write(&calls()).and_then(|()| rows.finish()));
        let error = written.expect_err(name);
        assert_eq!(error.kind, ErrorKind::Source, "{name}: {error}");
        assert!(error.message.contains("no storage space"), "{name}: {error}");
    }
}

/// Rows of the types that CSV and JSON carry without loss, and a schema for readers.
fn rows() -> impl Strategy<Value = RecordBatch> {
    // A CSV reader takes the empty string for NULL, so texts are not empty.
    let texts = "[ -~\n\r\té日\u{1f600}]{1,8}";
    let row = (
        prop::option::of(texts),
        prop::option::of(any::<i64>()),
        prop::option::of(-1e15..1e15f64),
        prop::option::of(-99_999_999_999i128..99_999_999_999),
        prop::option::of(0i64..4_000_000_000_000_000),
        prop::option::of(any::<bool>()),
    );
    prop::collection::vec(row, 0..20).prop_map(|rows| {
        let column = |at: usize| -> ArrayRef {
            let rows = rows.iter();
            match at {
                0 => Arc::new(rows.map(|row| row.0.clone()).collect::<StringArray>()),
                1 => Arc::new(rows.map(|row| row.1).collect::<Int64Array>()),
                2 => Arc::new(rows.map(|row| row.2).collect::<Float64Array>()),
                3 => Arc::new(
                    rows.map(|row| row.3)
                        .collect::<Decimal128Array>()
                        .with_precision_and_scale(19, 4)
                        .unwrap(),
                ),
                4 => Arc::new(rows.map(|row| row.4).collect::<TimestampMicrosecondArray>()),
                _ => Arc::new(rows.map(|row| row.5).collect::<BooleanArray>()),
            }
        };
        let names = ["text", "int", "float", "money", "moment", "flag"];
        let fields: Vec<Field> = names
            .iter()
            .enumerate()
            .map(|(at, name)| Field::new(*name, column(at).data_type().clone(), true))
            .collect();
        let columns = (0..names.len()).map(column).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    })
}

fn one_batch(schema: SchemaRef, batches: impl Iterator<Item = RecordBatch>) -> RecordBatch {
    let batches: Vec<RecordBatch> = batches.collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

proptest! {
    #[test]
    fn csv_reads_back(batch in rows()) {
        let csv = text(Format::Csv, &batch);
        let reader = arrow::csv::ReaderBuilder::new(batch.schema()).with_header(true).build(csv.as_bytes()).unwrap();
        prop_assert_eq!(one_batch(batch.schema(), reader.map(Result::unwrap)), batch);
    }

    #[test]
    fn json_reads_back(batch in rows()) {
        let ndjson = text(Format::Ndjson, &batch);
        let reader = arrow::json::ReaderBuilder::new(batch.schema()).build(ndjson.as_bytes()).unwrap();
        prop_assert_eq!(&one_batch(batch.schema(), reader.map(Result::unwrap)), &batch);
        let array: Vec<serde_json::Value> = serde_json::from_str(&text(Format::Json, &batch)).unwrap();
        let lines: Vec<serde_json::Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(array, lines);
    }

    #[test]
    fn how_rows_are_batched_does_not_show(batch in rows(), at in 0usize..20) {
        let at = at.min(batch.num_rows());
        let parts = [batch.slice(0, at), batch.slice(at, batch.num_rows() - at)];
        for (format, name) in Format::ALL.iter().filter(|(format, _)| !format.is_binary()) {
            let split = bytes(*format, batch.schema(), &parts, &Style::default());
            prop_assert_eq!(String::from_utf8(split).unwrap(), text(*format, &batch), "{}", name);
        }
    }
}

#[test]
fn nested_values_show_in_text_formats() {
    let mut list = ListBuilder::new(StringBuilder::new());
    list.append_value([Some("a"), None]);
    let nested = batch([("l", Arc::new(list.finish()) as _)]);
    assert_eq!(text(Format::Csv, &nested), "l\n\"[a, NULL]\"\n");
    assert_eq!(text(Format::Ndjson, &nested), "{\"l\":[\"a\",null]}\n");
    assert!(matches!(nested.schema().field(0).data_type(), DataType::List(_)));
}
