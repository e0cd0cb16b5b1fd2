//! Every type's extremes and NULL, as tiberius reads them off the wire.

use std::borrow::Cow;
use std::sync::Arc;

use crate::support::{config, connect, connect_with, one};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
    Float64Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampNanosecondArray, UInt8Array,
};
use arrow::compute::concat;
use tds_server::{Column, Rows, Server, SqlType, TableSpec};
use tiberius::numeric::Numeric;
use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, SmallDateTime, Time};
use tiberius::{ColumnData, EncryptionLevel, Uuid};

struct Case {
    sql_type: &'static str,
    utf8: bool,
    values: ArrayRef,
    expected: Vec<ColumnData<'static>>,
}

fn case(
    sql_type: &'static str,
    values: impl Array + 'static,
    expected: Vec<ColumnData<'static>>,
) -> Case {
    Case { sql_type, utf8: false, values: Arc::new(values), expected }
}

fn text(text: impl Into<Cow<'static, str>>) -> ColumnData<'static> {
    ColumnData::String(Some(text.into()))
}

fn bytes(bytes: impl Into<Cow<'static, [u8]>>) -> ColumnData<'static> {
    ColumnData::Binary(Some(bytes.into()))
}

fn number(value: i128, scale: u8) -> ColumnData<'static> {
    ColumnData::Numeric(Some(Numeric::new_with_scale(value, scale)))
}

fn decimals(precision: u8, scale: i8, values: Vec<i128>) -> Decimal128Array {
    Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap()
}

/// Days from 0001-01-01 to 9999-12-31, by .NET's DateTime.MaxValue.
const LAST_DAY: u32 = 3_652_058;
/// Hundreds of nanoseconds in a day, less one.
const LAST_TICK: u64 = 863_999_999_999;

fn datetime2(days: u32, increments: u64, scale: u8) -> DateTime2 {
    DateTime2::new(Date::new(days), Time::new(increments, scale))
}

fn numbers() -> Vec<Case> {
    let most = 10_i128.pow(38) - 1;
    vec![
        case(
            "bit",
            BooleanArray::from(vec![true, false]),
            vec![ColumnData::Bit(Some(true)), ColumnData::Bit(Some(false))],
        ),
        case(
            "tinyint",
            UInt8Array::from(vec![0, 255]),
            vec![ColumnData::U8(Some(0)), ColumnData::U8(Some(255))],
        ),
        // As a mirror holds it.
        case("tinyint", Int16Array::from(vec![255]), vec![ColumnData::U8(Some(255))]),
        case(
            "smallint",
            Int16Array::from(vec![i16::MIN, i16::MAX]),
            vec![ColumnData::I16(Some(i16::MIN)), ColumnData::I16(Some(i16::MAX))],
        ),
        case(
            "int",
            Int32Array::from(vec![i32::MIN, i32::MAX]),
            vec![ColumnData::I32(Some(i32::MIN)), ColumnData::I32(Some(i32::MAX))],
        ),
        case(
            "bigint",
            Int64Array::from(vec![i64::MIN, i64::MAX]),
            vec![ColumnData::I64(Some(i64::MIN)), ColumnData::I64(Some(i64::MAX))],
        ),
        case(
            "real",
            Float32Array::from(vec![f32::MIN, f32::MIN_POSITIVE]),
            vec![ColumnData::F32(Some(f32::MIN)), ColumnData::F32(Some(f32::MIN_POSITIVE))],
        ),
        case(
            "float",
            Float64Array::from(vec![f64::MAX, -0.0]),
            vec![ColumnData::F64(Some(f64::MAX)), ColumnData::F64(Some(-0.0))],
        ),
        case("decimal(9,2)", decimals(9, 2, vec![-999_999_999]), vec![number(-999_999_999, 2)]),
        case(
            "decimal(19,0)",
            decimals(19, 0, vec![9_999_999_999_999_999_999]),
            vec![number(9_999_999_999_999_999_999, 0)],
        ),
        case("decimal(28,28)", decimals(28, 28, vec![1, -1]), vec![number(1, 28), number(-1, 28)]),
        case(
            "numeric(38,38)",
            decimals(38, 38, vec![most, -most, 0]),
            vec![number(most, 38), number(-most, 38), number(0, 38)],
        ),
        case(
            "money",
            decimals(19, 4, vec![i64::MIN.into(), 12_345]),
            vec![ColumnData::F64(Some(i64::MIN as f64 / 1e4)), ColumnData::F64(Some(1.2345))],
        ),
        case(
            "smallmoney",
            decimals(10, 4, vec![i32::MIN.into(), -1]),
            vec![ColumnData::F64(Some(f64::from(i32::MIN) / 1e4)), ColumnData::F64(Some(-0.0001))],
        ),
    ]
}

fn times() -> Vec<Case> {
    let offset = |days, increments, scale, minutes| {
        let time = datetime2(days, increments, scale);
        ColumnData::DateTimeOffset(Some(DateTimeOffset::new(time, minutes)))
    };
    vec![
        // Days from 1970 of 0001-01-01 and 9999-12-31.
        case(
            "date",
            Date32Array::from(vec![-719_162, 2_932_896]),
            vec![ColumnData::Date(Some(Date::new(0))), ColumnData::Date(Some(Date::new(LAST_DAY)))],
        ),
        case(
            "time(7)",
            Time64NanosecondArray::from(vec![0, 86_399_999_999_900]),
            vec![
                ColumnData::Time(Some(Time::new(0, 7))),
                ColumnData::Time(Some(Time::new(LAST_TICK, 7))),
            ],
        ),
        case(
            "time(3)",
            Int64Array::from(vec![1_500_000]),
            vec![ColumnData::Time(Some(Time::new(2, 3)))],
        ),
        case(
            "time(0)",
            Int64Array::from(vec![3_000_000_000]),
            vec![ColumnData::Time(Some(Time::new(3, 0)))],
        ),
        // 1753-01-01, 1900-01-01 00:00:00.003, 9999-12-31 23:59:59.997.
        case(
            "datetime",
            TimestampMicrosecondArray::from(vec![
                -6_847_804_800_000_000,
                -2_208_988_799_997_000,
                253_402_300_799_997_000,
            ]),
            vec![
                ColumnData::DateTime(Some(DateTime::new(-53_690, 0))),
                ColumnData::DateTime(Some(DateTime::new(0, 1))),
                ColumnData::DateTime(Some(DateTime::new(2_958_463, 25_919_999))),
            ],
        ),
        // 1900-01-01 and 2079-06-06 23:59.
        case(
            "smalldatetime",
            TimestampMicrosecondArray::from(vec![-2_208_988_800_000_000, 3_453_321_540_000_000]),
            vec![
                ColumnData::SmallDateTime(Some(SmallDateTime::new(0, 0))),
                ColumnData::SmallDateTime(Some(SmallDateTime::new(65_535, 1_439))),
            ],
        ),
        case(
            "datetime2(7)",
            StringArray::from(vec!["0001-01-01 00:00:00", "9999-12-31 23:59:59.9999999"]),
            vec![
                ColumnData::DateTime2(Some(datetime2(0, 0, 7))),
                ColumnData::DateTime2(Some(datetime2(LAST_DAY, LAST_TICK, 7))),
            ],
        ),
        case(
            "datetime2(7)",
            TimestampNanosecondArray::from(vec![100]),
            vec![ColumnData::DateTime2(Some(datetime2(719_162, 1, 7)))],
        ),
        case(
            "datetime2(0)",
            TimestampMicrosecondArray::from(vec![-500_001, 500_000]),
            vec![
                ColumnData::DateTime2(Some(datetime2(719_161, 86_399, 0))),
                ColumnData::DateTime2(Some(datetime2(719_162, 1, 0))),
            ],
        ),
        case(
            "datetimeoffset(7)",
            StringArray::from(vec![
                "1970-01-01 14:00:00 +14:00",
                "1969-12-31 10:00:00.0000001 -14:00",
                "9999-12-31 23:59:59.9999999 +00:00",
            ]),
            vec![
                offset(719_162, 0, 7, 840),
                offset(719_162, 1, 7, -840),
                offset(LAST_DAY, LAST_TICK, 7, 0),
            ],
        ),
        case(
            "datetimeoffset(2)",
            StringArray::from(vec!["1970-01-01 00:00:00.555 +01:00"]),
            vec![offset(719_161, 8_280_056, 2, 60)],
        ),
    ]
}

fn texts() -> Vec<Case> {
    let long = "\u{1F600}é".repeat(1_333);
    let clob = "grüße ".repeat(20_000);
    vec![
        case("char(5)", StringArray::from(vec!["a€", ""]), vec![text("a€   "), text("     ")]),
        case(
            "varchar(8000)",
            StringArray::from(vec!["", "ÿ\u{81}", "x\u{1F600}"]),
            vec![text(""), text("ÿ\u{81}"), text("x??")],
        ),
        case(
            "varchar(max)",
            StringArray::from(vec!["", &clob]),
            vec![text(""), text(clob.clone())],
        ),
        case("nchar(3)", StringArray::from(vec!["\u{1F600}"]), vec![text("\u{1F600} ")]),
        case(
            "nvarchar(4000)",
            StringArray::from(vec!["", &long]),
            vec![text(""), text(long.clone())],
        ),
        case(
            "nvarchar(max)",
            StringArray::from(vec!["", &clob]),
            vec![text(""), text(clob.clone())],
        ),
        case("text", StringArray::from(vec!["", "naïve"]), vec![text(""), text("naïve")]),
        case("ntext", StringArray::from(vec!["", "\u{1F600}"]), vec![text(""), text("\u{1F600}")]),
        case(
            "uniqueidentifier",
            StringArray::from(vec!["00112233-4455-6677-8899-AABBCCDDEEFF"]),
            vec![ColumnData::Guid(Some(Uuid::from_u128(
                0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF,
            )))],
        ),
    ]
}

fn binaries() -> Vec<Case> {
    let large: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
    let of = |values: Vec<&[u8]>| BinaryArray::from_vec(values);
    vec![
        case(
            "binary(4)",
            of(vec![&[1, 2, 3, 4], &[9]]),
            vec![bytes(vec![1, 2, 3, 4]), bytes(vec![9, 0, 0, 0])],
        ),
        case(
            "varbinary(8000)",
            of(vec![&[], &[0xFF; 8_000]]),
            vec![bytes(vec![]), bytes(vec![0xFF; 8_000])],
        ),
        case("varbinary(max)", of(vec![&[], &large]), vec![bytes(vec![]), bytes(large.clone())]),
        case("image", of(vec![&[], &[0, 1]]), vec![bytes(vec![]), bytes(vec![0, 1])]),
        case(
            "timestamp",
            of(vec![&[0, 0, 0, 0, 0, 0, 7, 0xD1]]),
            vec![bytes(vec![0, 0, 0, 0, 0, 0, 7, 0xD1])],
        ),
    ]
}

/// A table with the values twice, once in a column that takes NULL, and at the end one NULL.
fn table(name: &str, case: &Case) -> TableSpec {
    let sql_type: SqlType = case.sql_type.parse().unwrap();
    let of = |name: &str| {
        let column = Column::new(name, sql_type);
        if case.utf8 { column.utf8() } else { column }
    };
    let rows = case.values.len() as i32 + 1;
    let null = arrow::array::new_null_array(case.values.data_type(), 1);
    let nullable = concat(&[&case.values, &null]).unwrap();
    let filled = concat(&[&case.values, &case.values.slice(0, 1)]).unwrap();
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..rows));
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("a", ids, false),
        ("b", nullable, true),
        ("c", filled, false),
    ]);
    TableSpec {
        database: "Types".into(),
        schema: "dbo".into(),
        name: name.into(),
        columns: vec![
            Column::new("Id", SqlType::Int).not_null(),
            of("Nullable"),
            of("Filled").not_null(),
        ],
        primary_key: vec!["Id".into()],
        rows: Rows::Batches(vec![batch.unwrap()]),
    }
}

async fn check(cases: Vec<Case>, packet_size: u32) {
    let mut builder = Server::builder();
    for (i, case) in cases.iter().enumerate() {
        builder = builder.table(table(&format!("T{i}"), case)).unwrap();
    }
    let server = builder.start().unwrap();
    let mut config = config(&server, "Types", EncryptionLevel::NotSupported);
    config.packet_size(packet_size);
    let mut client = connect_with(config).await.unwrap();
    for (i, case) in cases.iter().enumerate() {
        let text = format!("SELECT Id, Nullable, Filled FROM dbo.T{i}");
        let rows = client.simple_query(text).await.unwrap().into_first_result().await.unwrap();
        assert_eq!(rows.len(), case.expected.len() + 1, "{}", case.sql_type);
        for (n, row) in rows.iter().enumerate() {
            let cells: Vec<&ColumnData<'_>> = row.cells().map(|(_, cell)| cell).collect();
            assert_eq!(cells[0], &ColumnData::I32(Some(n as i32)), "{}", case.sql_type);
            match case.expected.get(n) {
                Some(expected) => {
                    assert_eq!(cells[1], expected, "{} row {n}", case.sql_type);
                    assert_eq!(cells[2], expected, "{} row {n}", case.sql_type);
                }
                None => {
                    let null = format!("{:?}", cells[1]);
                    assert!(null.ends_with("(None)"), "{}: {null}", case.sql_type);
                    assert_eq!(cells[2], &case.expected[0], "{}", case.sql_type);
                }
            }
        }
    }
}

#[tokio::test]
async fn numbers_arrive() {
    check(numbers(), 4_096).await;
}

#[tokio::test]
async fn times_arrive() {
    check(times(), 4_096).await;
}

#[tokio::test]
async fn texts_arrive_at_every_packet_size() {
    for packet_size in [512, 4_096, 16_384, 32_767] {
        check(texts(), packet_size).await;
    }
}

#[tokio::test]
async fn binaries_arrive_at_every_packet_size() {
    for packet_size in [512, 4_096, 16_384, 32_767] {
        check(binaries(), packet_size).await;
    }
}

#[tokio::test]
async fn xml_and_lone_surrogates_arrive() {
    let utf16 = |units: &[u16]| units.iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<u8>>();
    let lone = utf16(&[0x61, 0xD83D, 0x62]);
    let xml = case("xml", StringArray::from(vec!["<a>\u{1F600}</a>"]), vec![text("")]);
    let surrogates = case("nvarchar(10)", BinaryArray::from_vec(vec![&lone]), vec![text("")]);
    let server = Server::builder()
        .table(table("X", &xml))
        .and_then(|b| b.table(table("S", &surrogates)))
        .unwrap()
        .start()
        .unwrap();
    let mut lossy = config(&server, "Types", EncryptionLevel::NotSupported);
    lossy.lossy_utf16_decoding(true);
    let mut client = connect_with(lossy).await.unwrap();
    let row = one(&mut client, "SELECT TOP 1 Filled, Nullable FROM dbo.X").await;
    assert_eq!(row.get::<&tiberius::xml::XmlData, _>(0).unwrap().as_ref(), "<a>\u{1F600}</a>");
    let row = one(&mut client, "SELECT TOP (1) Filled FROM dbo.S").await;
    assert_eq!(row.get::<&str, _>(0), Some("a\u{FFFD}b"));
    let mut strict = connect(&server, "Types", EncryptionLevel::NotSupported).await.unwrap();
    assert!(
        strict.simple_query("SELECT Filled FROM dbo.S").await.unwrap().into_row().await.is_err()
    );
}

/// Nine columns, every second of them NULL, so that the server leaves them out of the row.
#[tokio::test]
async fn rows_of_many_nulls_arrive() {
    let columns = (0..9).map(|i| Column::new(format!("C{i}"), SqlType::Int)).collect();
    let values = |i: i32| (i % 2 == 0).then_some(i);
    let array = |i| Arc::new(Int32Array::from(vec![values(i), None, Some(i)])) as ArrayRef;
    let batch = RecordBatch::try_from_iter((0..9).map(|i| (format!("c{i}"), array(i)))).unwrap();
    let spec = TableSpec {
        database: "Types".into(),
        schema: "dbo".into(),
        name: "Wide".into(),
        columns,
        primary_key: vec![],
        rows: Rows::Batches(vec![batch]),
    };
    let server = Server::builder().table(spec).unwrap().start().unwrap();
    let mut client = connect(&server, "Types", EncryptionLevel::NotSupported).await.unwrap();
    let rows = client.simple_query("SELECT * FROM dbo.wide").await.unwrap();
    let rows = rows.into_first_result().await.unwrap();
    let read = |row: usize| (0..9_usize).map(|i| rows[row].get::<i32, _>(i)).collect::<Vec<_>>();
    assert_eq!(read(0), (0..9).map(values).collect::<Vec<_>>());
    assert_eq!(read(1), [None; 9]);
    assert_eq!(read(2), (0..9).map(Some).collect::<Vec<_>>());
    assert_eq!(rows[0].columns()[8].name(), "C8");
}

/// What does not fit its column never reaches the wire.
#[test]
fn values_that_do_not_fit_are_refused() {
    for wrong in [
        case("tinyint", Int16Array::from(vec![256]), vec![]),
        case("varchar(2)", StringArray::from(vec!["abc"]), vec![]),
        case("nvarchar(1)", StringArray::from(vec!["\u{1F600}"]), vec![]),
        case("binary(1)", BinaryArray::from_vec(vec![&[1, 2]]), vec![]),
    ] {
        assert!(Server::builder().table(table("T", &wrong)).is_err(), "{}", wrong.sql_type);
    }
}

/// A client that reads the collation sees UTF-8; tiberius takes it for code page 1252.
#[tokio::test]
async fn utf8_text_is_announced_as_such() {
    let utf8 = Case { utf8: true, ..case("varchar(10)", StringArray::from(vec!["é"]), vec![]) };
    let server = Server::builder().table(table("U", &utf8)).unwrap().start().unwrap();
    let mut client = connect(&server, "Types", EncryptionLevel::NotSupported).await.unwrap();
    let row = one(&mut client, "SELECT TOP 1 Filled FROM dbo.U").await;
    assert_eq!(row.get::<&str, _>(0), Some("Ã©"));
    let row = one(&mut client, "SELECT collation_name FROM sys.columns WHERE name = 'Filled'");
    assert_eq!(row.await.get::<&str, _>(0), Some("Latin1_General_100_CI_AS_SC_UTF8"));
    let row = one(&mut client, "SELECT TOP 1 CONVERT(nvarchar(10), Filled) FROM dbo.U");
    assert_eq!(row.await.get::<&str, _>(0), Some("é"));
}
