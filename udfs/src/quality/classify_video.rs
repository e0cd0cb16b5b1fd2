//! Microsoft's rules for video streams.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Judgement, above, below, reasons, verdicts};
use crate::parameter::{Parameter, choice, number};
use crate::scalar::ScalarFunction;

const PARAMETERS: &[Parameter] = &[
    number("post_fec_loss_ratio"),
    number("local_frame_loss_pct"),
    number("recv_fps"),
    number("low_fps_call_pct"),
    number("loss_ratio"),
    number("in_fps"),
    number("out_fps"),
    number("dynamic_capability_pct"),
    number("packets"),
    choice("rule_set", RULE_SETS),
];

const RULE_SETS: &[&str] = &["lync2013", "cqd2019", "cqd2024"];

/// Metrics in the order of the parameters; unknown ones are NaN.
type Metrics = [f64; 9];

/// ClassifiedPoorCall of the server: every metric.
#[inline(always)]
fn server(metrics: Metrics) -> Judgement {
    let above = |position, limit| above(&metrics, position, limit);
    let below = |position, limit| below(&metrics, position, limit);
    Judgement::any([
        above(0, 0.1),
        above(1, 10.0),
        below(2, 7.0),
        above(3, 10.0),
        above(4, 0.1),
        below(5, 7.0),
        below(6, 7.0),
        above(7, 10.0),
    ])
}

/// The dashboard's until 2020: frame loss decides; where it is unknown, frame rate; where that is
/// unknown, packet loss.
#[inline(always)]
fn dashboard(metrics: Metrics) -> Judgement {
    Judgement::first([above(&metrics, 1, 50.0), below(&metrics, 2, 7.0), above(&metrics, 0, 0.15)])
}

/// The dashboard's of 2024: only with enough packets.
#[inline(always)]
fn dashboard_of_2024(metrics: Metrics) -> Judgement {
    dashboard(metrics).if_enough(metrics[8])
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Whether a video stream is 'poor', 'good' or 'unclassified' by Microsoft's rule: \
'lync2013' (ClassifiedPoorCall of Lync Server 2013 and Skype for Business) when any limit is \
crossed: loss ratios > 0.1, frame rates < 7, percentages > 10; 'cqd2019' (Call Quality Dashboard \
until 2020) by the first known of local frame loss > 50 %, received frame rate < 7, loss after \
correction > 0.15; 'cqd2024' the same with more than 500 packets. Unknown metrics (NULL, NaN, \
negative) do not count. Sources: J. T. Rasmussen, What is the basis for classifying a call as poor \
in Lync 2013 QoE; Microsoft, Stream classification in Call Quality Dashboard (2024-10-22).",
    syntax_example = "classify_video_stream(post_fec_loss_ratio, local_frame_loss_pct, recv_fps, low_fps_call_pct, loss_ratio, in_fps, out_fps, dynamic_capability_pct, packets, rule_set)",
    argument(name = "post_fec_loss_ratio", description = "VideoPostFECPLR, 0 to 1; may be NULL."),
    argument(
        name = "local_frame_loss_pct",
        description = "VideoLocalFrameLossPercentageAvg; may be NULL."
    ),
    argument(
        name = "recv_fps",
        description = "RecvFrameRateAverage, frames per second; may be NULL."
    ),
    argument(name = "low_fps_call_pct", description = "LowFrameRateCallPercent; may be NULL."),
    argument(name = "loss_ratio", description = "VideoPacketLossRate, 0 to 1; may be NULL."),
    argument(name = "in_fps", description = "InboundVideoFrameRateAvg; may be NULL."),
    argument(name = "out_fps", description = "OutboundVideoFrameRateAvg; may be NULL."),
    argument(
        name = "dynamic_capability_pct",
        description = "DynamicCapabilityPercent; may be NULL."
    ),
    argument(
        name = "packets",
        description = "Packets of the stream; may be NULL, which 'cqd2024' takes as too few."
    ),
    argument(name = "rule_set", description = "A constant: 'lync2013', 'cqd2019' or 'cqd2024'."),
    sql_example = "```sql\nSELECT classify_video_stream(0.01, 2, 6.9, 0, 0.01, 15, 15, 0, 3000, 'cqd2019'), classify_video_stream(0.01, 2, 6.9, 0, 0.01, 15, 15, 0, 3000, 'lync2013');\n-- good | poor\n```"
)]
struct ClassifyVideoStream;

/// `classify_video_stream(...)`
pub fn classify_video_stream() -> ScalarUDF {
    ScalarFunction {
        name: "classify_video_stream",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| match RULE_SETS[arguments.choice(9)?] {
            "lync2013" => verdicts(arguments, server),
            "cqd2019" => verdicts(arguments, dashboard),
            _ => verdicts(arguments, dashboard_of_2024),
        },
        documentation: ClassifyVideoStream.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Why `classify_video_stream` calls a stream poor, as a UInt16 bit mask: 1 loss \
after correction, 2 local frame loss, 4 received frame rate, 8 share of the call at a low frame \
rate, 16 loss, 32 inbound and 64 outbound frame rate, 128 dynamic capability; 0 for a good stream, \
NULL for an unclassified one.",
    syntax_example = "poor_video_reasons(post_fec_loss_ratio, local_frame_loss_pct, recv_fps, low_fps_call_pct, loss_ratio, in_fps, out_fps, dynamic_capability_pct, packets, rule_set)",
    argument(name = "post_fec_loss_ratio", description = "VideoPostFECPLR, 0 to 1; may be NULL."),
    argument(
        name = "local_frame_loss_pct",
        description = "VideoLocalFrameLossPercentageAvg; may be NULL."
    ),
    argument(
        name = "recv_fps",
        description = "RecvFrameRateAverage, frames per second; may be NULL."
    ),
    argument(name = "low_fps_call_pct", description = "LowFrameRateCallPercent; may be NULL."),
    argument(name = "loss_ratio", description = "VideoPacketLossRate, 0 to 1; may be NULL."),
    argument(name = "in_fps", description = "InboundVideoFrameRateAvg; may be NULL."),
    argument(name = "out_fps", description = "OutboundVideoFrameRateAvg; may be NULL."),
    argument(
        name = "dynamic_capability_pct",
        description = "DynamicCapabilityPercent; may be NULL."
    ),
    argument(
        name = "packets",
        description = "Packets of the stream; may be NULL, which 'cqd2024' takes as too few."
    ),
    argument(name = "rule_set", description = "A constant: 'lync2013', 'cqd2019' or 'cqd2024'."),
    sql_example = "```sql\nSELECT poor_video_reasons(0.01, 11, 6.9, 0, 0.01, 15, 15, 0, 3000, 'lync2013');\n-- 6\n```"
)]
struct PoorVideoReasons;

/// `poor_video_reasons(...)`
pub fn poor_video_reasons() -> ScalarUDF {
    ScalarFunction {
        name: "poor_video_reasons",
        parameters: PARAMETERS,
        returns: |_| DataType::UInt16,
        evaluate: |arguments| match RULE_SETS[arguments.choice(9)?] {
            "lync2013" => reasons(arguments, server),
            "cqd2019" => reasons(arguments, dashboard),
            _ => reasons(arguments, dashboard_of_2024),
        },
        documentation: PoorVideoReasons.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::{NULL, grid, poor_above, poor_below, verdict};
    use super::*;

    #[test]
    fn by_the_server() {
        let limits = [0.1, 10.0, 7.0, 10.0, 0.1, 7.0, 7.0, 10.0];
        for (s, m) in grid(limits) {
            let judged = [
                poor_above(s[0]),
                poor_above(s[1]),
                poor_below(s[2]),
                poor_above(s[3]),
                poor_above(s[4]),
                poor_below(s[5]),
                poor_below(s[6]),
                poor_above(s[7]),
            ];
            let known: Vec<_> = judged.into_iter().flatten().collect();
            let expected = (!known.is_empty()).then(|| known.contains(&true));
            let metrics = [m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], NULL];
            assert_eq!(server(metrics).verdict(), verdict(expected), "{metrics:?}");
            let bits = (0..8).filter(|&k| judged[k] == Some(true)).map(|k| 1 << k);
            assert_eq!(server(metrics).reasons, bits.sum::<i64>(), "{metrics:?}");
        }
    }

    #[test]
    fn by_the_dashboard() {
        for (s, m) in grid([0.15, 50.0, 7.0, 500.0]) {
            let (by_loss, by_rate, by_packets) =
                (poor_above(s[1]), poor_below(s[2]), poor_above(s[0]));
            let first = by_loss.or(by_rate).or(by_packets);
            let metrics = [m[0], m[1], m[2], NULL, NULL, NULL, NULL, NULL, m[3]];
            assert_eq!(dashboard(metrics).verdict(), verdict(first));
            let bit = match (first, by_loss, by_rate) {
                (Some(true), Some(_), _) => 2,
                (Some(true), None, Some(_)) => 4,
                (Some(true), None, None) => 1,
                _ => 0,
            };
            assert_eq!(dashboard(metrics).reasons, bit);
            let enough = if s[3] == 2 { first } else { None };
            assert_eq!(dashboard_of_2024(metrics).verdict(), verdict(enough));
        }
    }
}
