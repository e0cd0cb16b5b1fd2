//! Microsoft's rules for video streams and video-based screen sharing.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Verdict, above, below, verdicts};
use crate::parameter::{choice, flag, number, text};
use crate::scalar::ScalarFunction;

const VIDEO_RULE_SETS: &[&str] = &["lync2013", "cqd2019", "cqd2024"];

/// Metrics in the order of the parameters; unknown ones are NaN.
type VideoMetrics = [f64; 9];

const VIDEO_RULES: [fn(VideoMetrics) -> Verdict; 3] = [
    |[post_fec, frame_loss, recv_fps, low_fps, loss, in_fps, out_fps, dynamic, _]| {
        Verdict::any([
            above(post_fec, 0.1),
            above(frame_loss, 10.0),
            below(recv_fps, 7.0),
            above(low_fps, 10.0),
            above(loss, 0.1),
            below(in_fps, 7.0),
            below(out_fps, 7.0),
            above(dynamic, 10.0),
        ])
    },
    dashboard_video,
    |metrics| dashboard_video(metrics).if_enough(metrics[8]),
];

fn dashboard_video([post_fec, frame_loss, recv_fps, ..]: VideoMetrics) -> Verdict {
    in_three_steps(frame_loss, recv_fps, 7.0, post_fec)
}

/// Frame loss decides; where it is unknown, frame rate; where that is unknown, packet loss.
fn in_three_steps(frame_loss_pct: f64, fps: f64, min_fps: f64, post_fec_loss: f64) -> Verdict {
    let steps = [above(frame_loss_pct, 50.0), below(fps, min_fps), above(post_fec_loss, 0.15)];
    Verdict::first(steps)
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
        parameters: const {
            &[
                number("post_fec_loss_ratio"),
                number("local_frame_loss_pct"),
                number("recv_fps"),
                number("low_fps_call_pct"),
                number("loss_ratio"),
                number("in_fps"),
                number("out_fps"),
                number("dynamic_capability_pct"),
                number("packets"),
                choice("rule_set", VIDEO_RULE_SETS),
            ]
        },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| verdicts(arguments, VIDEO_RULES[arguments.choice(9)?]),
        documentation: ClassifyVideoStream.doc(),
    }
    .into()
}

const VBSS_RULE_SETS: &[&str] = &["cqd2019", "cqd2024"];

/// Frame loss, frame rate, loss after correction, inbound (1) or outbound (0), and whether the
/// codec is H264S (1) or another (0); NaN where unknown.
type VbssMetrics = [f64; 5];

const VBSS_RULES: [fn(VbssMetrics) -> Verdict; 2] = [
    |[frame_loss, fps, post_fec, ..]| in_three_steps(frame_loss, fps, 2.0, post_fec),
    |[frame_loss, fps, _, inbound, h264s]| {
        let by_rate = below(fps, 1.0);
        if h264s == 1.0 || inbound == 0.0 {
            Verdict::any([by_rate])
        } else if h264s.is_nan() || inbound.is_nan() {
            Verdict::Unclassified
        } else {
            Verdict::first([above(frame_loss, 50.0), by_rate])
        }
    },
];

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Whether a stream of video-based screen sharing is 'poor', 'good' or \
'unclassified' by the rule of Microsoft's Call Quality Dashboard: 'cqd2019' by the first known of \
local frame loss > 50 %, frame rate < 2, loss after correction > 0.15; 'cqd2024' by frame rate < 1, \
for inbound streams of other codecs than H264S by local frame loss > 50 % first. Unknown metrics \
(NULL, NaN, negative) do not count. Source: Microsoft, Stream classification in Call Quality \
Dashboard (2024-10-22).",
    syntax_example = "classify_vbss_stream(local_frame_loss_pct, fps, post_fec_loss_ratio, is_inbound, codec, rule_set)",
    argument(
        name = "local_frame_loss_pct",
        description = "Frames lost at the receiver in %; may be NULL."
    ),
    argument(name = "fps", description = "Mean frames per second; may be NULL."),
    argument(
        name = "post_fec_loss_ratio",
        description = "Packet loss after correction, 0 to 1; may be NULL."
    ),
    argument(
        name = "is_inbound",
        description = "Whether the stream was received; NULL is unclassified by 'cqd2024' unless the codec decides."
    ),
    argument(name = "codec", description = "Name of the codec; as `is_inbound`."),
    argument(name = "rule_set", description = "A constant: 'cqd2019' or 'cqd2024'."),
    sql_example = "```sql\nSELECT classify_vbss_stream(60, 5, 0.01, true, 'H264', 'cqd2024'), classify_vbss_stream(60, 5, 0.01, true, 'H264S', 'cqd2024');\n-- poor | good\n```"
)]
struct ClassifyVbssStream;

/// `classify_vbss_stream(...)`
pub fn classify_vbss_stream() -> ScalarUDF {
    ScalarFunction {
        name: "classify_vbss_stream",
        parameters: const {
            &[
                number("local_frame_loss_pct"),
                number("fps"),
                number("post_fec_loss_ratio"),
                flag("is_inbound"),
                text("codec"),
                choice("rule_set", VBSS_RULE_SETS),
            ]
        },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let rule = VBSS_RULES[arguments.choice(5)?];
            let is_h264s = |codec: &str| f64::from(u8::from(codec.eq_ignore_ascii_case("H264S")));
            verdicts(&arguments.text_as_number(4, is_h264s)?, rule)
        },
        documentation: ClassifyVbssStream.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Good, Poor, Unclassified};
    use super::*;

    const NULL: f64 = f64::NAN;

    /// Every way to be on the good side, at the limit, on the bad side or unknown.
    fn grid<const N: usize>(limits: [f64; N]) -> impl Iterator<Item = ([usize; N], [f64; N])> {
        (0..4_usize.pow(N as u32)).map(move |combination| {
            let states = std::array::from_fn(|k| combination / 4_usize.pow(k as u32) % 4);
            let metric = |k: usize| [limits[k] * 0.5, limits[k], limits[k] * 1.5, NULL][states[k]];
            (states, std::array::from_fn(metric))
        })
    }

    /// For the metric with state `s`: whether it is poor, when poor means above (or below).
    fn poor_above(s: usize) -> Option<bool> {
        [Some(false), Some(false), Some(true), None][s]
    }

    fn poor_below(s: usize) -> Option<bool> {
        [Some(true), Some(false), Some(false), None][s]
    }

    fn verdict(poor: Option<bool>) -> Verdict {
        match poor {
            Some(true) => Poor,
            Some(false) => Good,
            None => Unclassified,
        }
    }

    #[test]
    fn lync2013_video() {
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
            assert_eq!(VIDEO_RULES[0](metrics), verdict(expected), "{metrics:?}");
        }
    }

    #[test]
    fn dashboard_video_and_sharing() {
        for (s, m) in grid([0.15, 50.0, 7.0, 500.0]) {
            let first = poor_above(s[1]).or(poor_below(s[2])).or(poor_above(s[0]));
            let metrics = [m[0], m[1], m[2], NULL, NULL, NULL, NULL, NULL, m[3]];
            assert_eq!(VIDEO_RULES[1](metrics), verdict(first));
            let enough = if s[3] == 2 { first } else { None };
            assert_eq!(VIDEO_RULES[2](metrics), verdict(enough));
        }
        for (s, m) in grid([50.0, 2.0, 0.15]) {
            let first = poor_above(s[0]).or(poor_below(s[1])).or(poor_above(s[2]));
            assert_eq!(VBSS_RULES[0]([m[0], m[1], m[2], NULL, NULL]), verdict(first));
        }
    }

    #[test]
    fn sharing_by_direction_and_codec() {
        for (s, m) in grid([50.0, 1.0]) {
            let (by_loss, by_rate) = (poor_above(s[0]), poor_below(s[1]));
            let cases = [
                (1.0, 0.0, by_loss.or(by_rate)),
                (1.0, 1.0, by_rate),
                (0.0, 0.0, by_rate),
                (0.0, NULL, by_rate),
                (NULL, 1.0, by_rate),
                (1.0, NULL, None),
                (NULL, 0.0, None),
            ];
            for (inbound, h264s, expected) in cases {
                let metrics = [m[0], m[1], NULL, inbound, h264s];
                assert_eq!(VBSS_RULES[1](metrics), verdict(expected), "{metrics:?}");
            }
        }
    }
}
