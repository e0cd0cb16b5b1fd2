//! Microsoft's rules for video-based screen sharing.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Judgement, above, below, verdicts};
use crate::parameter::{choice, flag, number, text};
use crate::scalar::ScalarFunction;

const RULE_SETS: &[&str] = &["cqd2019", "cqd2024"];

/// Frame loss, frame rate, loss after correction, inbound (1) or outbound (0), and whether the
/// codec is H264S (1) or another (0); NaN where unknown.
type Metrics = [f64; 5];

/// The dashboard's until 2020, as for video but for the frame rate.
#[inline(always)]
fn in_three_steps(metrics: Metrics) -> Judgement {
    Judgement::first([above(&metrics, 0, 50.0), below(&metrics, 1, 2.0), above(&metrics, 2, 0.15)])
}

/// The dashboard's of 2024: by direction and codec.
#[inline(always)]
fn by_direction(metrics: Metrics) -> Judgement {
    let (by_loss, by_rate) = (above(&metrics, 0, 50.0), below(&metrics, 1, 1.0));
    let [.., inbound, h264s] = metrics;
    if h264s == 1.0 || inbound == 0.0 {
        by_rate
    } else if h264s.is_nan() || inbound.is_nan() {
        Judgement::UNKNOWN
    } else {
        Judgement::first([by_loss, by_rate])
    }
}

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
                choice("rule_set", RULE_SETS),
            ]
        },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let is_h264s = |codec: &str| f64::from(u8::from(codec.eq_ignore_ascii_case("H264S")));
            let metrics = arguments.text_as_number(4, is_h264s)?;
            match RULE_SETS[arguments.choice(5)?] {
                "cqd2019" => verdicts(&metrics, in_three_steps),
                _ => verdicts(&metrics, by_direction),
            }
        },
        documentation: ClassifyVbssStream.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::{NULL, grid, poor_above, poor_below, verdict};
    use super::*;

    #[test]
    fn until_2020() {
        for (s, m) in grid([50.0, 2.0, 0.15]) {
            let first = poor_above(s[0]).or(poor_below(s[1])).or(poor_above(s[2]));
            let metrics = [m[0], m[1], m[2], NULL, NULL];
            assert_eq!(in_three_steps(metrics).verdict(), verdict(first));
        }
    }

    #[test]
    fn of_2024() {
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
                assert_eq!(by_direction(metrics).verdict(), verdict(expected), "{metrics:?}");
            }
        }
    }
}
