//! Microsoft's rule for application sharing, the same in all editions.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Judgement, above, reasons, verdicts};
use crate::parameter::{Parameter, number};
use crate::scalar::ScalarFunction;

const PARAMETERS: &[Parameter] =
    &[number("spoiled_tile_pct"), number("tile_latency_ms"), number("relative_one_way_s")];

/// Metrics in the order of the parameters; unknown ones are NaN.
fn rule(metrics: [f64; 3]) -> Judgement {
    let above = |position, limit| above(&metrics, position, limit);
    Judgement::any([above(0, 36.0), above(1, 400.0), above(2, 1.75)])
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Whether an application sharing stream (RDP) is 'poor', 'good' or \
'unclassified': poor when more than 36 % of tiles are spoiled, tile latency exceeds 400 ms (one \
schema page prints 200) or relative one-way delay 1.75 s. Unknown metrics (NULL, NaN, negative) do \
not count. Source: J. T. Rasmussen, What is the basis for classifying a call as poor in Lync 2013 \
QoE; unchanged in the Call Quality Dashboard.",
    syntax_example = "classify_appsharing_stream(spoiled_tile_pct, tile_latency_ms, relative_one_way_s)",
    argument(name = "spoiled_tile_pct", description = "SpoiledTilePercentTotal; may be NULL."),
    argument(
        name = "tile_latency_ms",
        description = "RDPTileProcessingLatencyAverage in ms; may be NULL."
    ),
    argument(
        name = "relative_one_way_s",
        description = "RelativeOneWayAverage in seconds; may be NULL."
    ),
    sql_example = "```sql\nSELECT classify_appsharing_stream(36, 400, 1.76);\n-- poor\n```"
)]
struct ClassifyAppsharingStream;

/// `classify_appsharing_stream(...)`
pub fn classify_appsharing_stream() -> ScalarUDF {
    ScalarFunction {
        name: "classify_appsharing_stream",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| verdicts(arguments, rule),
        documentation: ClassifyAppsharingStream.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Why `classify_appsharing_stream` calls a stream poor, as a UInt16 bit mask: 1 \
spoiled tiles, 2 tile latency, 4 one-way delay; 0 for a good stream, NULL for an unclassified one.",
    syntax_example = "poor_appsharing_reasons(spoiled_tile_pct, tile_latency_ms, relative_one_way_s)",
    argument(name = "spoiled_tile_pct", description = "SpoiledTilePercentTotal; may be NULL."),
    argument(
        name = "tile_latency_ms",
        description = "RDPTileProcessingLatencyAverage in ms; may be NULL."
    ),
    argument(
        name = "relative_one_way_s",
        description = "RelativeOneWayAverage in seconds; may be NULL."
    ),
    sql_example = "```sql\nSELECT poor_appsharing_reasons(37, 400, 1.76);\n-- 5\n```"
)]
struct PoorAppsharingReasons;

/// `poor_appsharing_reasons(...)`
pub fn poor_appsharing_reasons() -> ScalarUDF {
    ScalarFunction {
        name: "poor_appsharing_reasons",
        parameters: PARAMETERS,
        returns: |_| DataType::UInt16,
        evaluate: |arguments| reasons(arguments, rule),
        documentation: PoorAppsharingReasons.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict;
    use super::*;

    /// All 64 ways to be below, at or above a limit or unknown.
    #[test]
    fn every_combination() {
        let values = |limit: f64| [(limit / 2.0, 0), (limit, 0), (limit * 2.0, 1), (f64::NAN, 2)];
        for (tiles, a) in values(36.0) {
            for (latency, b) in values(400.0) {
                for (one_way, c) in values(1.75) {
                    let expected = match [a, b, c] {
                        states if states.contains(&1) => Verdict::Poor,
                        states if states.contains(&0) => Verdict::Good,
                        _ => Verdict::Unclassified,
                    };
                    let judgement = rule([tiles, latency, one_way]);
                    assert_eq!(judgement.verdict(), expected);
                    let bits =
                        [(a, 1), (b, 2), (c, 4)].into_iter().filter(|(state, _)| *state == 1);
                    assert_eq!(judgement.reasons, bits.map(|(_, bit)| bit).sum::<i64>());
                }
            }
        }
        assert_eq!(rule([-1.0, -1.0, -1.0]).verdict(), Verdict::Unclassified);
    }
}
