//! Buckets with published limits as edges, for histograms and reports. Each comes as a label to
//! show and as an ordinal to sort by, for labels sort wrongly as text.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Int8Type};
use datafusion::common::Result;
use datafusion::logical_expr::{Documentation, ScalarUDF};
use datafusion_macros::user_doc;

use crate::parameter::{Parameter, number};
use crate::rows::{Arguments, MISSING};
use crate::scalar::ScalarFunction;

/// To which bucket a value on an edge belongs: the one above, for limits that are "at least", ...
const ABOVE: bool = true;
/// ... or the one below, for limits that are "poor above".
const BELOW: bool = false;

/// Edges between buckets, and what they are called.
struct Buckets<const EDGES: usize, const SIDE: bool> {
    edges: [f64; EDGES],
    /// The values that are not rubbish.
    range: [f64; 2],
    names: &'static [&'static str],
}

impl<const EDGES: usize, const SIDE: bool> Buckets<EDGES, SIDE> {
    #[inline(always)]
    fn ordinal(&self, x: f64) -> i64 {
        let below = |edge: &f64| i64::from(if SIDE == ABOVE { *edge <= x } else { *edge < x });
        let ordinal = self.edges.iter().map(below).sum();
        // Not `&&`, which is a branch.
        let valid = (self.range[0] <= x) & (x <= self.range[1]);
        if valid { ordinal } else { MISSING }
    }

    fn names(&self, arguments: &Arguments) -> Result<ArrayRef> {
        arguments.names(self.names, |[x]| self.ordinal(x))
    }

    fn ordinals(&self, arguments: &Arguments) -> Result<ArrayRef> {
        Ok(Arc::new(arguments.strict::<Int8Type, 1>(|[x]| self.ordinal(x))?))
    }
}

const JITTER: Buckets<8, BELOW> = Buckets {
    edges: [5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0, 200.0],
    range: [0.0, f64::MAX],
    names: &["0-5", "5-10", "10-15", "15-20", "20-30", "30-50", "50-100", "100-200", ">200"],
};

const RTT: Buckets<7, BELOW> = Buckets {
    edges: [60.0, 100.0, 200.0, 300.0, 500.0, 800.0, 1000.0],
    range: [0.0, f64::MAX],
    names: &["0-60", "60-100", "100-200", "200-300", "300-500", "500-800", "800-1000", ">1000"],
};

const LOSS: Buckets<7, BELOW> = Buckets {
    edges: [0.0, 0.001, 0.01, 0.03, 0.05, 0.1, 0.2],
    range: [0.0, 1.0],
    names: &["0", "0-0.1%", "0.1-1%", "1-3%", "3-5%", "5-10%", "10-20%", ">20%"],
};

const MOS: Buckets<5, ABOVE> = Buckets {
    edges: [2.58, 3.1, 3.6, 4.03, 4.34],
    range: [1.0, 5.0],
    names: &["<2.58", "2.58-3.10", "3.10-3.60", "3.60-4.03", "4.03-4.34", ">=4.34"],
};

const DEGRADATION: Buckets<2, BELOW> =
    Buckets { edges: [0.5, 1.0], range: [0.0, 5.0], names: &["acceptable", "degraded", "poor"] };

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The bucket of interarrival jitter in ms: '0-5', '5-10', '10-15', '15-20', '20-30', '30-50', '50-100', '100-200', '>200'. A value on an edge belongs to the bucket below. Edges: 15, 30 and 50 ms are limits of Microsoft, Cisco and ITU-T Y.1541; 5, 10, 20, 100 and 200 are a choice of resolution.",
    syntax_example = "jitter_bucket(ms)",
    argument(name = "ms", description = "Interarrival jitter, 0 ms or more."),
    sql_example = "```sql\nSELECT jitter_bucket(31);\n-- 30-50\n```"
)]
struct JitterBucket;

/// `jitter_bucket(ms)`
pub fn jitter_bucket() -> ScalarUDF {
    label("jitter_bucket", const { &[number("ms")] }, |a| JITTER.names(a), JitterBucket.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The position of `jitter_bucket` among its buckets, from 0, as Int8: labels sort \
wrongly as text.",
    syntax_example = "jitter_bucket_ord(ms)",
    argument(name = "ms", description = "Interarrival jitter, 0 ms or more."),
    sql_example = "```sql\nSELECT jitter_bucket_ord(31);\n-- 5\n```"
)]
struct JitterBucketOrd;

/// `jitter_bucket_ord(ms)`
pub fn jitter_bucket_ord() -> ScalarUDF {
    ordinal(
        "jitter_bucket_ord",
        const { &[number("ms")] },
        |a| JITTER.ordinals(a),
        JitterBucketOrd.doc(),
    )
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The bucket of round-trip time in ms: '0-60', '60-100', '100-200', '200-300', '300-500', '500-800', '800-1000', '>1000'. A value on an edge belongs to the bucket below. Edges: 60, 100 and 500 ms are Microsoft's, 300 and 800 twice the one-way limits of ITU-T G.114; 200 and 1000 are a choice of resolution.",
    syntax_example = "rtt_bucket(ms)",
    argument(name = "ms", description = "Round-trip time, 0 ms or more."),
    sql_example = "```sql\nSELECT rtt_bucket(501);\n-- 500-800\n```"
)]
struct RttBucket;

/// `rtt_bucket(ms)`
pub fn rtt_bucket() -> ScalarUDF {
    label("rtt_bucket", const { &[number("ms")] }, |a| RTT.names(a), RttBucket.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The position of `rtt_bucket` among its buckets, from 0, as Int8: labels sort \
wrongly as text.",
    syntax_example = "rtt_bucket_ord(ms)",
    argument(name = "ms", description = "Round-trip time, 0 ms or more."),
    sql_example = "```sql\nSELECT rtt_bucket_ord(501);\n-- 5\n```"
)]
struct RttBucketOrd;

/// `rtt_bucket_ord(ms)`
pub fn rtt_bucket_ord() -> ScalarUDF {
    ordinal("rtt_bucket_ord", const { &[number("ms")] }, |a| RTT.ordinals(a), RttBucketOrd.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The bucket of packet loss as a ratio: '0', '0-0.1%', '0.1-1%', '1-3%', '3-5%', '5-10%', '10-20%', '>20%'. A value on an edge belongs to the bucket below. Edges: 0.001, 0.01, 0.05 and 0.1 are Microsoft's, 0.03 is ITU-T G.1010's; 0.2 is a choice of resolution.",
    syntax_example = "loss_bucket(ratio)",
    argument(name = "ratio", description = "Packet loss, 0 to 1."),
    sql_example = "```sql\nSELECT loss_bucket(0.1001);\n-- 10-20%\n```"
)]
struct LossBucket;

/// `loss_bucket(ratio)`
pub fn loss_bucket() -> ScalarUDF {
    label("loss_bucket", const { &[number("ratio")] }, |a| LOSS.names(a), LossBucket.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The position of `loss_bucket` among its buckets, from 0, as Int8: labels sort \
wrongly as text.",
    syntax_example = "loss_bucket_ord(ratio)",
    argument(name = "ratio", description = "Packet loss, 0 to 1."),
    sql_example = "```sql\nSELECT loss_bucket_ord(0.1001);\n-- 6\n```"
)]
struct LossBucketOrd;

/// `loss_bucket_ord(ratio)`
pub fn loss_bucket_ord() -> ScalarUDF {
    ordinal(
        "loss_bucket_ord",
        const { &[number("ratio")] },
        |a| LOSS.ordinals(a),
        LossBucketOrd.doc(),
    )
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The bucket of E-model mean opinion score: '<2.58', '2.58-3.10', '3.10-3.60', '3.60-4.03', '4.03-4.34', '>=4.34'. A value on an edge belongs to the bucket above. Edges: ITU-T G.107 Table B.1. Not for Microsoft's Network MOS, whose ceiling depends on the codec.",
    syntax_example = "mos_bucket(mos)",
    argument(name = "mos", description = "E-model mean opinion score, 1 to 5."),
    sql_example = "```sql\nSELECT mos_bucket(3.6);\n-- 3.60-4.03\n```"
)]
struct MosBucket;

/// `mos_bucket(mos)`
pub fn mos_bucket() -> ScalarUDF {
    label("mos_bucket", const { &[number("mos")] }, |a| MOS.names(a), MosBucket.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The position of `mos_bucket` among its buckets, from 0, as Int8: labels sort \
wrongly as text.",
    syntax_example = "mos_bucket_ord(mos)",
    argument(name = "mos", description = "E-model mean opinion score, 1 to 5."),
    sql_example = "```sql\nSELECT mos_bucket_ord(3.6);\n-- 3\n```"
)]
struct MosBucketOrd;

/// `mos_bucket_ord(mos)`
pub fn mos_bucket_ord() -> ScalarUDF {
    ordinal("mos_bucket_ord", const { &[number("mos")] }, |a| MOS.ordinals(a), MosBucketOrd.doc())
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The bucket of Network MOS degradation: 'acceptable', 'degraded', 'poor'. A value on an edge belongs to the bucket below. Edges: 0.5 and 1.0 are Microsoft's.",
    syntax_example = "degradation_bucket(degradation)",
    argument(
        name = "degradation",
        description = "Best possible minus actual Network MOS, 0 to 5."
    ),
    sql_example = "```sql\nSELECT degradation_bucket(1.01);\n-- poor\n```"
)]
struct DegradationBucket;

/// `degradation_bucket(degradation)`
pub fn degradation_bucket() -> ScalarUDF {
    label(
        "degradation_bucket",
        const { &[number("degradation")] },
        |a| DEGRADATION.names(a),
        DegradationBucket.doc(),
    )
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The position of `degradation_bucket` among its buckets, from 0, as Int8: labels sort \
wrongly as text.",
    syntax_example = "degradation_bucket_ord(degradation)",
    argument(
        name = "degradation",
        description = "Best possible minus actual Network MOS, 0 to 5."
    ),
    sql_example = "```sql\nSELECT degradation_bucket_ord(1.01);\n-- 2\n```"
)]
struct DegradationBucketOrd;

/// `degradation_bucket_ord(degradation)`
pub fn degradation_bucket_ord() -> ScalarUDF {
    ordinal(
        "degradation_bucket_ord",
        const { &[number("degradation")] },
        |a| DEGRADATION.ordinals(a),
        DegradationBucketOrd.doc(),
    )
}

fn label(
    name: &'static str,
    parameters: &'static [Parameter],
    evaluate: fn(&Arguments) -> Result<ArrayRef>,
    documentation: Option<&'static Documentation>,
) -> ScalarUDF {
    let returns = |_: &[DataType]| DataType::Utf8View;
    ScalarFunction { name, parameters, returns, evaluate, documentation }.into()
}

fn ordinal(
    name: &'static str,
    parameters: &'static [Parameter],
    evaluate: fn(&Arguments) -> Result<ArrayRef>,
    documentation: Option<&'static Documentation>,
) -> ScalarUDF {
    let returns = |_: &[DataType]| DataType::Int8;
    ScalarFunction { name, parameters, returns, evaluate, documentation }.into()
}

#[cfg(test)]
mod tests {
    use super::super::bucket_right::bucket;
    use super::*;

    fn name<const N: usize, const SIDE: bool>(
        buckets: &Buckets<N, SIDE>,
        x: f64,
    ) -> Option<&'static str> {
        let ordinal = buckets.ordinal(x);
        (ordinal != MISSING).then(|| buckets.names[usize::try_from(ordinal).unwrap()])
    }

    #[test]
    fn golden() {
        for (ms, expected) in [
            (0.0, "0-5"),
            (5.0, "0-5"),
            (5.0001, "5-10"),
            (30.0, "20-30"),
            (31.0, "30-50"),
            (200.0, "100-200"),
            (201.0, ">200"),
        ] {
            assert_eq!(name(&JITTER, ms), Some(expected), "jitter {ms}");
        }
        for (ratio, expected) in [(0.0, "0"), (0.1, "5-10%"), (0.1001, "10-20%"), (1.0, ">20%")] {
            assert_eq!(name(&LOSS, ratio), Some(expected), "loss {ratio}");
        }
        assert_eq!(name(&RTT, 500.0), Some("300-500"));
        assert_eq!(name(&RTT, 501.0), Some("500-800"));
        assert_eq!(name(&MOS, 3.6), Some("3.60-4.03"));
        assert_eq!(name(&MOS, 3.5999), Some("3.10-3.60"));
        assert_eq!(name(&DEGRADATION, 0.5), Some("acceptable"));
        assert_eq!(name(&DEGRADATION, 1.0), Some("degraded"));
        assert_eq!(name(&DEGRADATION, 1.01), Some("poor"));
    }

    #[test]
    fn rubbish_has_no_bucket() {
        assert_eq!(name(&JITTER, -1.0), None);
        assert_eq!(name(&LOSS, 1.2), None);
        assert_eq!(name(&MOS, 5.2), None);
        assert_eq!(name(&RTT, f64::NAN), None);
    }

    /// Every edge splits exactly where it says, and ordinals follow the values.
    fn check_edges<const N: usize, const SIDE: bool>(buckets: &Buckets<N, SIDE>) {
        assert_eq!(buckets.names.len(), N + 1);
        for (below, edge) in (0..).zip(buckets.edges) {
            let at = if SIDE == ABOVE { below + 1 } else { below };
            assert_eq!(buckets.ordinal(edge), at, "at {edge}");
            assert_eq!(buckets.ordinal(edge.next_up()), below + 1, "above {edge}");
            if edge > buckets.range[0] {
                assert_eq!(buckets.ordinal(edge.next_down()), below, "below {edge}");
            }
        }
    }

    /// As edges of one's own they give the same ordinals.
    #[test]
    fn bucket_right_with_the_same_edges_agrees() {
        for x in (0..24_000).map(|tenth| f64::from(tenth) / 20.0) {
            assert_eq!(bucket(x, &JITTER.edges), JITTER.ordinal(x), "jitter {x}");
            assert_eq!(bucket(x, &RTT.edges), RTT.ordinal(x), "round trip {x}");
            let ratio = x / 1200.0;
            assert_eq!(bucket(ratio, &LOSS.edges), LOSS.ordinal(ratio), "loss {ratio}");
        }
    }

    #[test]
    fn edges() {
        check_edges(&JITTER);
        check_edges(&RTT);
        check_edges(&LOSS);
        check_edges(&MOS);
        check_edges(&DEGRADATION);
    }
}
