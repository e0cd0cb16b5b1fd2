//! What every function does with bad input: the result that its documentation names, and never a
//! panic. NULL, NaN, infinite and negative numbers, nothing at all, other types and forms, literals
//! that no row could use.

use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::documentation::run;
use super::session;

/// An argument of a call that is fine, and what a function makes of rubbish in its place.
#[derive(Debug, Clone, Copy)]
enum Argument {
    /// A number of 0 or more: rubbish gives NULL, a negative number too.
    Number(&'static str),
    /// A number for which a negative one is none the worse.
    Signed(&'static str),
    /// A number that does not count when it is rubbish.
    Metric(&'static str),
    /// Text; NULL gives NULL.
    Text(&'static str),
    /// What is never rubbish: constants, and what has tests of its own.
    Other(&'static str),
}

use Argument::{Metric, Number, Other, Signed, Text};

impl Argument {
    fn fine(self) -> &'static str {
        match self {
            Number(sql) | Signed(sql) | Metric(sql) | Text(sql) | Other(sql) => sql,
        }
    }
}

const AUDIO: &[Argument] = &[
    Metric("0.2"),
    Metric("60"),
    Metric("0.001"),
    Metric("5"),
    Metric("0.01"),
    Metric("3000"),
    Other("'lync2013'"),
];

const VIDEO: &[Argument] = &[
    Metric("0.01"),
    Metric("2"),
    Metric("15"),
    Metric("0"),
    Metric("0.01"),
    Metric("15"),
    Metric("15"),
    Metric("0"),
    Metric("3000"),
    Other("'lync2013'"),
];

const SHARING: &[Argument] = &[Metric("3"), Metric("40"), Metric("0.1")];

/// Every scalar function of quality and traffic in a call that gives a result.
const SCALARS: &[(&str, &[Argument])] = &[
    (
        "e_model_r",
        &[Number("11"), Number("19"), Number("2"), Number("1"), Number("200"), Signed("0")],
    ),
    ("e_model_r_full", &[Other("named_struct('ta_ms', 150)")]),
    ("r_to_mos", &[Signed("93.2")]),
    ("mos_to_r", &[Number("4.2")]),
    ("r_to_gob_pct", &[Signed("80")]),
    ("r_to_pow_pct", &[Signed("80")]),
    ("r_category", &[Signed("80")]),
    ("idd", &[Number("250"), Other("'low'")]),
    ("ie_eff", &[Number("11"), Number("19"), Number("2"), Number("1")]),
    ("burst_ratio", &[Number("0.02"), Number("0.5"), Number("0")]),
    ("codec_ie", &[Text("'G.729'"), Other("'narrowband'")]),
    ("codec_bpl", &[Text("'PCMU'"), Other("'plc'")]),
    ("e_model_r_wb", &[Number("20"), Number("4.3"), Number("2"), Number("200")]),
    ("r_wb_to_mos", &[Signed("109")]),
    ("e_model_r_fb", &[Number("10.2"), Number("9.6"), Number("1"), Number("1"), Number("150")]),
    ("r_fb_to_mos", &[Signed("126")]),
    ("est_one_way_ms", &[Number("100"), Number("5"), Number("2"), Number("10")]),
    ("mos_cole_rosenbluth", &[Number("150"), Number("0.02"), Other("'g729'")]),
    ("mos_pingplotter", &[Number("10"), Number("10"), Number("10"), Other("true")]),
    ("ie_burst_gap_avg", &[Number("51.7"), Number("1.8"), Number("0.5"), Number("10")]),
    ("max_network_mos", &[Text("'PCMU'"), Other("'pstn'")]),
    ("network_mos_ceiling", &[Number("3.5"), Number("0.6")]),
    ("classify_audio_stream", AUDIO),
    ("poor_audio_reasons", AUDIO),
    ("classify_video_stream", VIDEO),
    ("poor_video_reasons", VIDEO),
    ("classify_appsharing_stream", SHARING),
    ("poor_appsharing_reasons", SHARING),
    (
        "classify_vbss_stream",
        &[
            Metric("2"),
            Metric("15"),
            Metric("0.01"),
            Other("true"),
            Other("'H264'"),
            Other("'cqd2019'"),
        ],
    ),
    ("audio_bandwidth_kbps", &[Text("'PCMU'"), Other("false")]),
    ("jitter_bucket", &[Number("12")]),
    ("jitter_bucket_ord", &[Number("12")]),
    ("rtt_bucket", &[Number("120")]),
    ("rtt_bucket_ord", &[Number("120")]),
    ("loss_bucket", &[Number("0.02")]),
    ("loss_bucket_ord", &[Number("0.02")]),
    ("mos_bucket", &[Number("3.7")]),
    ("mos_bucket_ord", &[Number("3.7")]),
    ("degradation_bucket", &[Number("0.7")]),
    ("degradation_bucket_ord", &[Number("0.7")]),
    ("bucket_right", &[Signed("12"), Other("[5, 10, 15]")]),
    ("wilson_lower", &[Number("5"), Number("100"), Number("1.96")]),
    ("wilson_upper", &[Number("5"), Number("100"), Number("1.96")]),
    ("two_proportion_z", &[Number("30"), Number("300"), Number("12"), Number("300")]),
    ("robust_z", &[Signed("45"), Signed("12"), Number("1")]),
    ("ewma_upper", &[Signed("50"), Number("2"), Other("0.3"), Number("3"), Number("5")]),
    ("ewma_lower", &[Signed("50"), Number("2"), Other("0.3"), Number("3"), Number("5")]),
    ("loglinear_quantile", &[Other("[1, 0, 2]"), Other("0.5")]),
    ("erlang_b", &[Number("20"), Number("30")]),
    ("erlang_c", &[Number("20"), Number("30")]),
    ("trunks_required", &[Number("20"), Number("0.01")]),
];

/// Every aggregate of quality and traffic, over a column `x` of numbers and an order `n`.
const AGGREGATES: &[(&str, &str)] = &[
    ("rfc3550_jitter", "(x, x * 2, 8000 ORDER BY n)"),
    ("loglinear_hist", "(x)"),
    ("loglinear_merge", "(CASE WHEN x IS NULL OR isnan(x) THEN NULL ELSE [1, 2] END)"),
    (
        "poor_stream_ratio",
        "(CASE WHEN isnan(x) THEN NULL WHEN x > 1 THEN 'poor' WHEN x >= 0 THEN 'good' END)",
    ),
    ("weighted_mos", "(x, x)"),
    ("mann_kendall", "(x ORDER BY n)"),
    ("sen_slope", "(x ORDER BY n)"),
    ("theil_sen", "(x, x)"),
    ("seasonal_mann_kendall", "(x, x ORDER BY n)"),
    ("mad", "(x)"),
    ("pettitt", "(x ORDER BY n)"),
    ("concurrent_peak", "(TRY_CAST(x AS BIGINT), TRY_CAST(x AS BIGINT) + 1)"),
    ("busy_hour_erlangs", "(TRY_CAST(x AS BIGINT), TRY_CAST(x AS BIGINT) + 1)"),
];

/// Every window function.
const WINDOWS: &[(&str, &str)] = &[
    ("ipdv", "(x)"),
    ("pdv", "(x)"),
    ("ewma", "(x, 0.3)"),
    ("cusum_high", "(x, 10, 0.5)"),
    ("cusum_low", "(x, 10, 0.5)"),
];

/// Literals that no row could ever use.
const WRONG: &[&str] = &[
    "idd(1, 'high')",
    "codec_ie('PCMU', 'medium')",
    "codec_bpl('PCMU', 'none of them')",
    "max_network_mos('PCMU', 'radio')",
    "mos_cole_rosenbluth(1, 0, 'opus')",
    "classify_audio_stream(1, 1, 1, 1, 1, 1, 'lync2010')",
    "poor_audio_reasons(1, 1, 1, 1, 1, 1, NULL)",
    "classify_video_stream(1, 1, 1, 1, 1, 1, 1, 1, 1, '')",
    "poor_video_reasons(1, 1, 1, 1, 1, 1, 1, 1, 1, 'LYNC2013')",
    "classify_vbss_stream(1, 1, 1, true, 'H264', 'lync2013')",
    "bucket_right(1, [2, 1])",
    "bucket_right(1, [1, 1])",
    "ewma_upper(1, 1, 0, 1, 1)",
    "ewma_lower(1, 1, 1.5, 1, 1)",
    "loglinear_quantile([1], 1.5)",
    "e_model_r_full(named_struct('volume', 1))",
    "r_to_mos('loud')",
    "r_to_mos()",
    "codec_ie(711)",
    "ewma(x, 2) OVER (ORDER BY n)",
    "cusum_high(x, 1, -1) OVER (ORDER BY n)",
    "rfc3550_jitter(x, x, 0 ORDER BY n)",
    "mann_kendall(x)",
];

fn call(name: &str, arguments: &[Argument], replaced: usize, by: &str) -> String {
    let arguments = arguments.iter().enumerate();
    let arguments = arguments.map(|(i, a)| if i == replaced { by } else { a.fine() });
    format!("{name}({})", arguments.collect::<Vec<_>>().join(", "))
}

/// Rows of rubbish in a table `t (n, x)`, and the same number as every type.
async fn tables() -> SessionContext {
    let ctx = session();
    let rubbish = "CREATE TABLE t AS SELECT n, CAST(x AS DOUBLE) AS x FROM (VALUES
        (1, NULL), (2, 'NaN'), (3, 'Infinity'), (4, '-Infinity')) AS t(n, x)";
    let negative = "CREATE TABLE negative AS SELECT 1 AS n, CAST(-7 AS DOUBLE) AS x";
    for sql in [rubbish, negative] {
        run(&ctx, sql).await.unwrap();
    }
    ctx
}

async fn answers(ctx: &SessionContext, sql: &str) -> Vec<String> {
    run(ctx, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[test]
fn no_function_is_left_out() {
    let functions = crate::quality::functions().extend(crate::traffic::functions());
    let listed = SCALARS.iter().map(|(name, _)| *name);
    let listed = listed.chain(AGGREGATES.iter().chain(WINDOWS).map(|(name, _)| *name));
    let mut listed: Vec<_> = listed.collect();
    let relations: Vec<_> = functions.relation.iter().map(|f| f.name).collect();
    assert_eq!(relations, ["concurrency"], "with a test of its own here");
    let mut all: Vec<_> = functions.documented().map(|(name, _)| name).collect();
    all.retain(|name| !relations.contains(name));
    listed.sort_unstable();
    all.sort_unstable();
    assert_eq!(listed, all);
}

#[tokio::test]
async fn rubbish_gives_null_or_does_not_count() {
    let ctx = tables().await;
    for (name, arguments) in SCALARS {
        let fine = call(name, arguments, usize::MAX, "");
        let expected = answers(&ctx, &format!("SELECT {fine}")).await.remove(0);
        assert_ne!(expected, "NULL", "{fine}");
        for (i, argument) in arguments.iter().enumerate() {
            let with_column = call(name, arguments, i, "x");
            let (of_rubbish, of_negative) = match argument {
                Number(_) => ("NULL", "NULL"),
                Metric(_) => (expected.as_str(), expected.as_str()),
                Signed(_) => ("NULL", ""),
                Text(_) => {
                    let null = call(name, arguments, i, "NULL");
                    assert_eq!(answers(&ctx, &format!("SELECT {null}")).await, ["NULL"], "{null}");
                    continue;
                }
                Other(_) => continue,
            };
            let found = answers(&ctx, &format!("SELECT {with_column} FROM t")).await;
            assert_eq!(found, [of_rubbish; 4], "{with_column} of rubbish");
            let found = answers(&ctx, &format!("SELECT {with_column} FROM negative")).await;
            let fits =
                if of_negative.is_empty() { found[0] != "NULL" } else { found[0] == of_negative };
            assert!(fits, "{with_column} of -7 is {found:?}");
            let null = call(name, arguments, i, "NULL");
            assert_eq!(answers(&ctx, &format!("SELECT {null}")).await, [of_rubbish], "{null}");
        }
    }
}

/// A number is the same as Decimal, Float32, dictionary, slice; nothing gives nothing.
#[tokio::test]
async fn types_and_forms_do_not_matter() {
    let ctx = tables().await;
    for (name, arguments) in SCALARS {
        let fine = call(name, arguments, usize::MAX, "");
        let expected = answers(&ctx, &format!("SELECT {fine}")).await.remove(0);
        for (i, argument) in arguments.iter().enumerate() {
            let value = argument.fine();
            let forms: &[&str] = match argument {
                Number(_) | Signed(_) | Metric(_) => {
                    &["CAST({} AS DECIMAL(12, 4))", "arrow_cast({}, 'Dictionary(Int16, Float64)')"]
                }
                Text(_) => {
                    &["arrow_cast({}, 'Dictionary(Int32, Utf8)')", "arrow_cast({}, 'LargeUtf8')"]
                }
                Other(_) => &[],
            };
            for form in forms {
                let form = form.replace("{}", value);
                let call = call(name, arguments, i, "x");
                let rows = format!("FROM (SELECT n, {form} AS x FROM t) AS t");
                let found = answers(&ctx, &format!("SELECT {call} {rows}")).await;
                assert_eq!(found, [expected.as_str(); 4], "{call} of {form}");
                let slice = format!(
                    "SELECT {call} FROM (SELECT * {rows} ORDER BY n LIMIT 2 OFFSET 1) AS s"
                );
                assert_eq!(answers(&ctx, &slice).await, [expected.as_str(); 2], "{slice}");
                let nothing = format!("SELECT {call} {rows} WHERE n > 9");
                assert!(answers(&ctx, &nothing).await.is_empty(), "{nothing}");
            }
        }
    }
}

#[tokio::test]
async fn aggregates_of_rubbish_are_null() {
    let ctx = tables().await;
    for (name, arguments) in AGGREGATES {
        for rows in ["t WHERE n < 3", "t WHERE n > 9", "negative WHERE x > 0", "t"] {
            let sql = format!("SELECT {name}{arguments} FROM {rows}");
            // These two see whole lists and labels, not the numbers.
            let sees_infinity =
                rows == "t" && ["loglinear_merge", "poor_stream_ratio"].contains(name);
            if !sees_infinity {
                assert_eq!(answers(&ctx, &sql).await, ["NULL"], "{sql}");
            }
        }
    }
}

/// Groups of one, decimals, dictionaries: a row for each group, and the same one.
#[tokio::test]
async fn aggregates_take_many_groups_and_any_type() {
    const GROUPS: usize = 20_000;
    let ctx = session();
    let numbers = format!(
        "CREATE TABLE numbers AS SELECT value AS g, value AS n, CAST(value % 5 AS DOUBLE) AS x
         FROM generate_series(1, {GROUPS})"
    );
    run(&ctx, &numbers).await.unwrap();
    for (name, arguments) in AGGREGATES {
        let grouped = format!("SELECT g, {name}{arguments} AS y FROM numbers GROUP BY g");
        let counted = format!("SELECT count(*), count(DISTINCT g) FROM ({grouped}) AS r");
        assert_eq!(answers(&ctx, &counted).await, [format!("{GROUPS} | {GROUPS}")], "{name}");
        let few = |x: &str| {
            format!(
                "SELECT g, {name}{arguments} FROM (SELECT g % 3 AS g, n, {x} AS x FROM numbers
                 WHERE n < 40) AS s GROUP BY g ORDER BY g"
            )
        };
        let expected = answers(&ctx, &few("x")).await;
        assert_eq!(expected.len(), 3);
        for form in ["CAST(x AS DECIMAL(12, 4))", "arrow_cast(x, 'Dictionary(Int16, Float64)')"] {
            // isnan takes no decimals.
            if !arguments.contains("isnan") {
                assert_eq!(answers(&ctx, &few(form)).await, expected, "{name} of {form}");
            }
        }
    }
}

#[tokio::test]
async fn windows_over_rubbish_have_a_row_for_each() {
    let ctx = tables().await;
    for (name, arguments) in WINDOWS {
        let over = format!("{name}{arguments} OVER (ORDER BY n)");
        let found = answers(&ctx, &format!("SELECT {over} FROM t ORDER BY n")).await;
        assert_eq!(found, ["NULL"; 4], "{over}");
        let nothing = format!("SELECT {over} FROM t WHERE n > 9");
        assert!(answers(&ctx, &nothing).await.is_empty(), "{nothing}");
    }
}

#[tokio::test]
async fn concurrency_passes_rubbish_over() {
    let ctx = tables().await;
    let of = |bucket: &str| {
        format!(
            "SELECT * FROM concurrency((SELECT TRY_CAST(x AS BIGINT) AS s, 9 AS e FROM t), s, e,
             bucket => {bucket})"
        )
    };
    assert!(answers(&ctx, &of("60")).await.is_empty());
    for bucket in ["0", "-1", "'an hour'"] {
        let error = run(&ctx, &of(bucket)).await.unwrap_err().to_string();
        assert!(error.contains("bucket"), "{error}");
    }
}

/// Before the query runs.
#[tokio::test]
async fn literals_that_no_row_could_use_are_errors() {
    let ctx = tables().await;
    for wrong in WRONG {
        let sql = format!("SELECT {wrong} FROM t");
        let planned: Result<_> = async { ctx.sql(&sql).await?.create_physical_plan().await }.await;
        let Err(error) = planned else { panic!("{sql} was planned") };
        let name = wrong.split('(').next().unwrap();
        assert!(error.to_string().contains(name), "{sql}: {error}");
    }
}
