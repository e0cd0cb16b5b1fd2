//! The quality queries over the sample: they find what was planted there, and report nothing else.
//! The rows are what other tools answer from the raw tables: `tests/tooling/quality_oracle.py`.

use std::fs;
use std::path::Path;

use cdrql::Engine;
use cdrql::arrow::util::display::array_value_to_string;
use cdrql::tsql::{Params, Value};

use crate::queries::proposed;

/// The leading columns of every row of an answer, with the parameters that the file proposes.
const ANSWERS: [(&str, &[&str]); 10] = [
    ("worst_subnets", &["10.16.3.0|Munich building 2 Wi-Fi|jitter_ms|38|25.66|17.16|8.9"]),
    ("deteriorating_links", &["10.16.3.0|Munich building 2 Wi-Fi|jitter_ms|44|328|2.5|7.73"]),
    ("full_links", &["Bristol - Munich|Monday|297|288|34|4.45|0.12|56.0"]),
    (
        "devices",
        &[
            "Adatum Clarity H120 Headset|313|28|2.87|false|4.64|false",
            "Built-in Audio (High Definition Audio Device)|556|39|3.77|true|0.34|true",
            "Proseware Conference Speaker S5|388|36|3.86|true|0.15|true",
            "Mobile Phone Audio|243|93|3.90|true|0.1|true",
            "Trey Wireless 7 Headset|324|22|4.01|true|0.11|true",
            "Desk Phone CX600 Handset|497|39|4.05|true|0.0|true",
            "Northwind UC-40 Headset|962|80|4.07|true|0.05|true",
            "Litware Voice 320 Headset|1253|95|4.12|true|0.05|true",
        ],
    ),
    (
        "summary",
        &[
            "telephone|4078|0.22|354|8|170|64.2|0.019|0.074|2.58|0.52|0.54|0.02",
            "peer to peer|3482|3.65|1678|50|1088|60.4|0.177|0.721|7.45|0.78|0.90|0.21",
            "meeting|1426|0.91|576|34|292|60.7|0.058|0.218|4.56|0.58|0.64|0.07",
            "service|202|1.49|56|0|42|102.8|0.049|0.168|4.86|0.53|0.66|0.07",
        ],
    ),
    // The sample's server judges by the rule set lync2013.
    (
        "verdicts",
        &[
            "audio|lync2013|4594|124|0|0|4470|0",
            "audio|cqd2024|4594|49|75|0|4470|137",
            "audio|cqd2019|4594|124|0|0|4470|0",
            "sharing|lync2013|629|6|0|0|623|0",
            "sharing|cqd2024|629|6|0|0|623|0",
            "sharing|cqd2019|629|6|0|0|623|0",
            "video|lync2013|644|74|0|0|570|0",
            "video|cqd2024|644|0|74|0|570|0",
            "video|cqd2019|644|0|74|0|570|0",
        ],
    ),
    (
        "wifi_and_wired",
        &[
            "inside|1098|2810|3.2|3.2|-0.08|10.6|4.7|0.41|0.60|58.9|53.2",
            "outside|404|224|4.5|2.7|1.11|10.5|10.0|0.72|0.59|92.0|98.6",
        ],
    ),
    (
        "poor_calls_of",
        &[
            "2014-02-04T13:06:57.547|3126|aiko.chen@contoso.com|victor.vogel@litwareinc.com|degradation, jitter|1",
            "2014-03-10T07:15:33.910|29|uma.turner@contoso.com|aiko.chen@contoso.com|degradation|1",
            "2014-03-17T09:15:13.650|2865|mara.olsen@contoso.com|aiko.chen@contoso.com|degradation|2",
            "2014-03-24T12:09:25.793|344|aiko.costa@wingtiptoys.com|aiko.chen@contoso.com|degradation|1",
            "2014-04-02T12:55:51.330|882|kira.lopez@contoso.com|aiko.chen@contoso.com|degradation, jitter|1",
        ],
    ),
    (
        "trunks",
        &[
            "gw-bos01.litwareinc.com|396|3368.2|3|2014-02-05T10:00:00|1.51|6|13.54",
            "gw-muc01.contoso.com|655|4716.5|5|2014-03-10T12:00:00|2.11|7|4.33",
        ],
    ),
    (
        "bandwidth_forecast",
        &[
            "Bristol to Munich|8|2395.8|6.21|0.7105|",
            "Munich to Bristol|8|2395.8|15.4|0.5362|",
            "Munich to Sydney|8|2256.4|-60.15|0.3865|",
            "Sydney to Munich|8|2256.4|-60.15|0.3865|",
            "Boston to Munich|8|961.9|2.48|1.0|",
            "Munich to Boston|8|961.9|2.48|1.0|",
            "Boston to Sydney|8|364.1|-8.15|0.3865|",
            "Sydney to Boston|8|364.1|-8.15|0.3865|",
            "Boston to Bristol|6|9.6|-1.37|0.0603|",
            "Bristol to Boston|6|9.6|-1.37|0.0603|",
        ],
    ),
];

fn engine() -> Engine {
    Engine::builder().sample().allow_all().build().unwrap()
}

fn query(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/queries/quality");
    fs::read_to_string(folder.join(name).with_extension("sql")).unwrap()
}

/// The rows of an answer, their columns divided by bars.
async fn rows(engine: &Engine, text: &str, params: &Params) -> Vec<String> {
    let statements = engine.statements(text).unwrap();
    let answer = engine.run(&statements[0], params).await.unwrap();
    let mut rows = Vec::new();
    for batch in answer.collect().await.unwrap() {
        rows.extend((0..batch.num_rows()).map(|row| {
            let cells = batch.columns().iter().map(|c| array_value_to_string(c, row).unwrap());
            cells.collect::<Vec<_>>().join("|")
        }));
    }
    rows
}

#[tokio::test]
async fn answers_are_those_of_other_tools() {
    let engine = engine();
    for (name, expected) in ANSWERS {
        let text = query(name);
        let found = rows(&engine, &text, &proposed(&text)).await;
        assert_eq!(found.len(), expected.len(), "{name}: {found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{name}: {found} is not {expected}");
        }
    }
}

#[tokio::test]
async fn the_scorecard_faults_what_was_planted() {
    let text = query("cqm_scorecard");
    let found = rows(&engine(), &text, &proposed(&text)).await;
    let expected = [
        "devices|Adatum Clarity H120 Headset|microphone glitches in 5 minutes|313|4.64|<= 1|false",
        "devices|Adatum Clarity H120 Headset|sent listening MOS|313|2.87|> 3.6|false",
        "transport|TCP|streams, %|9188|1.70|0|false",
        "transport|VPN|streams, %|9188|1.00|0|false",
    ];
    assert_eq!(found[..4], expected);
    assert_eq!(found.len(), 23);
    assert!(found[4..].iter().all(|row| row.ends_with("|true")), "{found:#?}");
}

/// In every week from the fourth on it is the same subnet, however little is asked for.
#[tokio::test]
async fn no_other_subnet_is_ever_reported() {
    let engine = engine();
    let text = query("worst_subnets");
    for week in ["2014-02-24", "2014-03-03", "2014-03-10", "2014-03-17", "2014-03-24"] {
        let mut params = proposed(&text);
        params.set("week", Value::text(week));
        params.set("since", Value::text("2014-02-03"));
        let found = rows(&engine, &text, &params).await;
        assert_eq!(found.len(), 1, "{week}: {found:#?}");
        assert!(found[0].starts_with("10.16.3.0|Munich building 2 Wi-Fi|jitter_ms"), "{found:#?}");
    }
}

/// 1,000 kbit/s and 500 more every week reach 10,000 after 18 weeks.
#[tokio::test]
async fn a_link_that_grows_is_full_on_the_day_that_the_line_says() {
    let engine = engine();
    let growing = "CREATE VIEW growing AS
        SELECT hour, 'Oslo' AS from_site, 'Bergen' AS to_site,
               500.0 + 500 * row_number() OVER (ORDER BY hour) AS kbps
        FROM (SELECT unnest(range(TIMESTAMP '2014-02-03 09:00:00', TIMESTAMP '2014-03-31 00:00:00',
                                  INTERVAL '7 days')) AS hour) weeks";
    engine.sql(growing).await.unwrap().collect().await.unwrap();
    let text = query("bandwidth_forecast").replace("cdr.network_load", "growing");
    let found = rows(&engine, &text, &proposed(&text)).await;
    assert_eq!(found, ["Oslo to Bergen|8|4500.0|500.0|0.0008|2014-06-09"]);
}
