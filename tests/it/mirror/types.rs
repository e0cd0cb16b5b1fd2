//! Every type of SQL Server, at its ends: what the mirror holds, computed by hand.

use arrow::array::{
    Array, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int16Array, Int64Array, StringViewArray,
};

use super::*;

/// Mirrors one column, whose rows are numbered, and hands it back.
async fn mirrored(sql_type: SqlType, values: ArrayRef) -> ArrayRef {
    let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..values.len() as i32));
    let rows = RecordBatch::try_from_iter([("Id", ids), ("Value", values)]).unwrap();
    let columns = vec![Column::new("Id", SqlType::Int).not_null(), Column::new("Value", sql_type)];
    let server = serving([table("Values", columns, &["Id"], rows)]);
    let dir = tempfile::tempdir().unwrap();
    let done = sync(&server, dir.path(), made()).await;
    done.unwrap_or_else(|error| panic!("{sql_type}: {error:?}"));
    let sql = "SELECT Value FROM Made.dbo.[Values] ORDER BY Id";
    let batches = engine(dir.path()).sql(sql).await.unwrap().collect().await.unwrap();
    let columns: Vec<&dyn Array> = batches.iter().map(|b| b.column(0).as_ref()).collect();
    arrow::compute::concat(&columns).unwrap()
}

/// What goes in comes out, in the type that the mirror keeps it in.
async fn kept(sql_type: SqlType, values: impl Array + 'static) {
    let values: ArrayRef = Arc::new(values);
    assert_eq!(&mirrored(sql_type, Arc::clone(&values)).await, &values, "{sql_type}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers() {
    kept(SqlType::Bit, BooleanArray::from(vec![Some(true), Some(false), None])).await;
    kept(SqlType::TinyInt, Int16Array::from(vec![Some(0), Some(255), None])).await;
    kept(SqlType::SmallInt, Int16Array::from(vec![Some(i16::MIN), Some(i16::MAX), None])).await;
    kept(SqlType::Int, Int32Array::from(vec![Some(i32::MIN), Some(i32::MAX), None])).await;
    kept(SqlType::BigInt, Int64Array::from(vec![Some(i64::MIN), Some(i64::MAX), None])).await;
    kept(SqlType::Real, Float32Array::from(vec![Some(f32::MIN), Some(1.0e-38), None])).await;
    kept(SqlType::Float, Float64Array::from(vec![Some(f64::MAX), Some(-2.2e-308), None])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decimals_and_money() {
    let decimal = |precision, scale, values: Vec<Option<i128>>| {
        Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap()
    };
    let most = 10_i128.pow(38) - 1;
    for scale in [0, 19, 38] {
        let digits = Digits { precision: 38, scale };
        let values = decimal(38, scale as i8, vec![Some(most), Some(-most), Some(0), None]);
        kept(SqlType::Decimal(digits), values.clone()).await;
        kept(SqlType::Numeric(digits), values).await;
    }
    let ends = |least: i64, most: i64| vec![Some(least.into()), Some(most.into()), Some(1), None];
    kept(SqlType::Money, decimal(19, 4, ends(i64::MIN, i64::MAX))).await;
    kept(SqlType::SmallMoney, decimal(10, 4, ends(i32::MIN.into(), i32::MAX.into()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times() {
    // 1753-01-01 and 9999-12-31 23:59:59.997, and the three last digits that `datetime` has.
    let micros = |values: Vec<Option<i64>>| TimestampMicrosecondArray::from(values);
    let ends = [Some(-6_847_804_800_000_000), Some(253_402_300_799_997_000)];
    let fine = [Some(MARCH), Some(MARCH + 3_000), Some(MARCH + 7_000), None];
    kept(SqlType::DateTime, micros([&ends[..], &fine[..]].concat())).await;
    // 1900-01-01 and 2079-06-06 23:59.
    let small = vec![Some(-2_208_988_800_000_000), Some(3_453_321_540_000_000), None];
    kept(SqlType::SmallDateTime, micros(small)).await;
    // 0001-01-01 and 9999-12-31 23:59:59.999999.
    let wide = vec![Some(-62_135_596_800_000_000), Some(253_402_300_799_999_999), None];
    kept(SqlType::DateTime2(6), micros(wide)).await;
    let days = Date32Array::from(vec![Some(-719_162), Some(0), Some(2_932_896), None]);
    kept(SqlType::Date, days).await;
    // To a tenth of a microsecond.
    let nanos = Int64Array::from(vec![Some(0), Some(86_399_999_999_900), None]);
    kept(SqlType::Time(7), nanos).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts() {
    let texts = |values: &[Option<&str>]| StringViewArray::from(values.to_vec());
    let (long, emoji) = ("ä".repeat(4_000), "👩‍👩‍👧 ok 𝄞");
    let national = texts(&[Some(""), Some(&long), Some(emoji), Some(" x "), None]);
    kept(SqlType::NVarChar(Length::Limited(4_000)), national.clone()).await;
    kept(SqlType::NVarChar(Length::Max), national.clone()).await;
    kept(SqlType::NText, national.clone()).await;
    kept(SqlType::Xml, texts(&[Some("<a>ü👍</a>"), None])).await;
    let long = "é€".repeat(4_000);
    let paged = texts(&[Some(""), Some(&long), Some("Œuvre ÿ "), None]);
    kept(SqlType::VarChar(Length::Limited(8_000)), paged.clone()).await;
    kept(SqlType::VarChar(Length::Max), paged.clone()).await;
    kept(SqlType::Text, paged).await;
    let guid = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
    kept(SqlType::UniqueIdentifier, texts(&[Some(guid), None])).await;

    // Blanks that fill a column up are no part of its text.
    let padded = Arc::new(texts(&[Some("640x480"), Some(""), None]));
    kept(SqlType::Char(9), texts(&[Some("640x480"), Some(""), None])).await;
    assert_eq!(*mirrored(SqlType::NChar(9), padded.clone()).await, *padded);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_pair_of_surrogates_is_replaced_and_counted() {
    // "a", a high surrogate alone, "b", in UTF-16.
    let broken: ArrayRef = Arc::new(BinaryArray::from(vec![&b"a\0\x3D\xD8b\0"[..]]));
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let rows = RecordBatch::try_from_iter([("Id", ids), ("Value", broken)]).unwrap();
    let value = Column::new("Value", SqlType::NVarChar(Length::Limited(10)));
    let columns = vec![Column::new("Id", SqlType::Int).not_null(), value];
    let server = serving([table("Values", columns, &["Id"], rows)]);
    let dir = tempfile::tempdir().unwrap();
    let report = sync(&server, dir.path(), made()).await.unwrap();
    assert!(report.tables[0].replaced_characters >= 1);
    let found = rows_of(&dir).await;
    assert_eq!(found, ["\"1\" \"a\u{FFFD}b\""]);
}

async fn rows_of(dir: &tempfile::TempDir) -> Vec<String> {
    rows(&engine(dir.path()), "Made.dbo.[Values]").await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes() {
    let large: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
    let values = || vec![Some(&b""[..]), Some(&large), Some(&b"\0\xFF"[..]), None];
    kept(SqlType::VarBinary(Length::Max), BinaryArray::from(values())).await;
    kept(SqlType::Image, BinaryArray::from(values())).await;
    let fixed = BinaryArray::from(vec![Some(&b"\0\x01\xFF\0"[..]), None]);
    kept(SqlType::Binary(4), fixed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_without_a_faithful_one_is_named() {
    let columns =
        vec![Column::new("Id", SqlType::Int).not_null(), Column::new("Odd", SqlType::SqlVariant)];
    let server = serving([table("Values", columns, &["Id"], people_batch(&[]))]);
    let dir = tempfile::tempdir().unwrap();
    let error = sync(&server, dir.path(), made()).await.unwrap_err();
    assert!(error.message.contains("column Odd is sql_variant"), "{error:?}");
    assert_eq!(error.hints, ["leave it out: --exclude Made.dbo.Values.Odd"]);
}
