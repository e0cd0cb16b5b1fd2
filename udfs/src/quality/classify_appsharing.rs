//! Microsoft's rule for application sharing, the same in all editions.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Verdict, above, verdicts};
use crate::parameter::number;
use crate::scalar::ScalarFunction;

fn verdict([spoiled_tiles, latency, one_way]: [f64; 3]) -> Verdict {
    Verdict::any([above(spoiled_tiles, 36.0), above(latency, 400.0), above(one_way, 1.75)])
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
        parameters: const {
            &[number("spoiled_tile_pct"), number("tile_latency_ms"), number("relative_one_way_s")]
        },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| verdicts(arguments, verdict),
        documentation: ClassifyAppsharingStream.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
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
                    assert_eq!(verdict([tiles, latency, one_way]), expected);
                }
            }
        }
        assert_eq!(verdict([-1.0, -1.0, -1.0]), Verdict::Unclassified);
    }
}
