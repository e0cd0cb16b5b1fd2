//! Interarrival jitter from packets, RFC 3550 section 6.4.1 and appendix A.8.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::series::numbers;
use crate::collected::CollectedFunction;
use crate::parameter::{number, setting};

/// The running estimate after the last packet, in timestamp units.
fn jitter(sent: &[f64], arrived: &[f64]) -> f64 {
    let transit = sent.iter().zip(arrived).map(|(&sent, &arrived)| (sent, arrived));
    let transit: Vec<_> = transit.collect();
    transit.windows(2).fold(0.0, |jitter, pair| {
        let [(sent, arrived), (next_sent, next_arrived)] = [pair[0], pair[1]];
        let change = step(arrived, next_arrived) - step(sent, next_sent);
        jitter + (change.abs() - jitter) / 16.0
    })
}

/// The difference of two timestamps, which count to 2^32 and start again.
fn step(from: f64, to: f64) -> f64 {
    f64::from((to - from) as i64 as i32)
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let [sent, arrived, clock] = [0, 1, 2].map(|i| numbers(&columns[i]));
    let ms = (sent.len() >= 2).then(|| jitter(sent, arrived) * 1000.0 / clock[0]);
    Ok(ms.filter(|ms| ms.is_finite() && *ms >= 0.0).into())
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "Interarrival jitter in ms, 0 or more, after the last packet of a stream: the \
running estimate with gain 1/16. Timestamps may wrap at 2^32. NULL for fewer than 2 packets. Needs \
ORDER BY inside the call, or a window with ORDER BY. Across streams use `loglinear_hist`, for \
averages of it mean little. Source: RFC 3550 section 6.4.1.",
    syntax_example = "rfc3550_jitter(rtp_ts, arrival_ts, clock_hz ORDER BY seq)",
    argument(name = "rtp_ts", description = "RTP timestamp of the packet."),
    argument(name = "arrival_ts", description = "When it arrived, in the same units."),
    argument(
        name = "clock_hz",
        description = "Units per second, above 0; the same for all packets."
    ),
    sql_example = "```sql\nSELECT CAST(rfc3550_jitter(s, r, 8000 ORDER BY s) AS DECIMAL(9,6)) FROM (VALUES (0, 1000), (160, 1165), (320, 1318), (480, 1500), (640, 1640), (800, 1812)) AS t(s, r);\n-- 0.466532\n```"
)]
struct Rfc3550Jitter;

/// `rfc3550_jitter(rtp_ts, arrival_ts, clock_hz ORDER BY seq)`
pub fn rfc3550_jitter() -> AggregateUDF {
    CollectedFunction {
        name: "rfc3550_jitter",
        parameters: const {
            &[
                number("rtp_ts"),
                number("arrival_ts"),
                setting("clock_hz", f64::MIN_POSITIVE, f64::MAX),
            ]
        },
        ordered: true,
        returns: || DataType::Float64,
        evaluate,
        documentation: Rfc3550Jitter.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    const SENT: [f64; 6] = [0.0, 160.0, 320.0, 480.0, 640.0, 800.0];
    const ARRIVED: [f64; 6] = [1000.0, 1165.0, 1318.0, 1500.0, 1640.0, 1812.0];

    #[test]
    fn golden() {
        let ticks = [0.0, 0.312_500, 0.730_469, 2.059_814, 3.181_076, 3.732_259];
        for (last, expected) in ticks.into_iter().enumerate() {
            assert_close(jitter(&SENT[..=last], &ARRIVED[..=last]), expected, 1e-6);
        }
    }

    #[test]
    fn timestamps_may_wrap() {
        let wrapped = SENT.map(|s| (s + 4_294_966_996.0) % 4_294_967_296.0);
        assert!(wrapped[2] < wrapped[1]);
        assert_eq!(jitter(&wrapped, &ARRIVED), jitter(&SENT, &ARRIVED));
    }
}
