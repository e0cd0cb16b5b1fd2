//! Microsoft's rules for audio streams.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::verdict::{Judgement, above, reasons, verdicts};
use crate::parameter::{Parameter, choice, number};
use crate::scalar::ScalarFunction;

const PARAMETERS: &[Parameter] = &[
    number("degradation_avg"),
    number("round_trip_ms"),
    number("loss_ratio"),
    number("jitter_ms"),
    number("concealed_ratio"),
    number("packets"),
    choice("rule_set", RULE_SETS),
];

const RULE_SETS: &[&str] = &["lync2013", "cqd2019", "cqd2024"];

/// Metrics in the order of the parameters; unknown ones are NaN.
type Metrics = [f64; 6];

/// ClassifiedPoorCall of the server, and the dashboard's until 2020: all five metrics.
#[inline(always)]
fn five(metrics: Metrics) -> Judgement {
    let above = |position, limit| above(&metrics, position, limit);
    Judgement::any([above(0, 1.0), above(1, 500.0), above(2, 0.1), above(3, 30.0), above(4, 0.07)])
}

/// The dashboard's of 2024: network metrics only, and only with enough packets.
#[inline(always)]
fn network(metrics: Metrics) -> Judgement {
    let above = |position, limit| above(&metrics, position, limit);
    Judgement::any([above(1, 500.0), above(2, 0.1), above(3, 30.0)]).if_enough(metrics[5])
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Whether an audio stream is 'poor', 'good' or 'unclassified' by Microsoft's rule: \
'lync2013' (ClassifiedPoorCall of Lync Server 2013 and Skype for Business; the server's bit is 0 \
where this says 'unclassified') and 'cqd2019' (Call Quality Dashboard until 2020) when \
degradation > 1.0, round trip > 500 ms, loss > 0.1, jitter > 30 ms or concealed ratio > 0.07; \
'cqd2024' when more than 500 packets were sent and round trip, loss or jitter exceed the same \
limits. Unknown metrics (NULL, NaN, negative) do not count; good needs at least one known metric; \
that 500 packets or fewer mean 'unclassified' is a reading of the page, which does not say. \
Sources: J. T. Rasmussen, What is the basis for classifying a call as poor in Lync 2013 QoE; \
Microsoft, Stream classification in Call Quality Dashboard (2024-10-22).",
    syntax_example = "classify_audio_stream(degradation_avg, round_trip_ms, loss_ratio, jitter_ms, concealed_ratio, packets, rule_set)",
    argument(name = "degradation_avg", description = "DegradationAvg, in MOS; may be NULL."),
    argument(name = "round_trip_ms", description = "RoundTrip in ms; may be NULL."),
    argument(
        name = "loss_ratio",
        description = "PacketLossRate, 0 to 1; may be NULL. A Float32 0.1 is above 0.1: cast to DECIMAL(5,4) first."
    ),
    argument(name = "jitter_ms", description = "JitterInterArrival in ms; may be NULL."),
    argument(
        name = "concealed_ratio",
        description = "RatioConcealedSamplesAvg, 0 to 1; may be NULL."
    ),
    argument(
        name = "packets",
        description = "PacketUtilization; may be NULL, which 'cqd2024' takes as too few."
    ),
    argument(name = "rule_set", description = "A constant: 'lync2013', 'cqd2019' or 'cqd2024'."),
    sql_example = "```sql\nSELECT classify_audio_stream(0.2, 60, 0.001, 31, 0.01, 3000, 'lync2013');\n-- poor\n```"
)]
struct ClassifyAudioStream;

/// `classify_audio_stream(...)`
pub fn classify_audio_stream() -> ScalarUDF {
    ScalarFunction {
        name: "classify_audio_stream",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| match RULE_SETS[arguments.choice(6)?] {
            "cqd2024" => verdicts(arguments, network),
            _ => verdicts(arguments, five),
        },
        documentation: ClassifyAudioStream.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "Why `classify_audio_stream` calls a stream poor, as a UInt16 bit mask: 1 \
degradation, 2 round trip, 4 loss, 8 jitter, 16 concealed samples; 0 for a good stream, NULL for \
an unclassified one.",
    syntax_example = "poor_audio_reasons(degradation_avg, round_trip_ms, loss_ratio, jitter_ms, concealed_ratio, packets, rule_set)",
    argument(name = "degradation_avg", description = "DegradationAvg, in MOS; may be NULL."),
    argument(name = "round_trip_ms", description = "RoundTrip in ms; may be NULL."),
    argument(name = "loss_ratio", description = "PacketLossRate, 0 to 1; may be NULL."),
    argument(name = "jitter_ms", description = "JitterInterArrival in ms; may be NULL."),
    argument(
        name = "concealed_ratio",
        description = "RatioConcealedSamplesAvg, 0 to 1; may be NULL."
    ),
    argument(name = "packets", description = "PacketUtilization; may be NULL."),
    argument(name = "rule_set", description = "A constant: 'lync2013', 'cqd2019' or 'cqd2024'."),
    sql_example = "```sql\nSELECT poor_audio_reasons(0.2, 501, 0.001, 31, 0.01, 3000, 'lync2013');\n-- 10\n```"
)]
struct PoorAudioReasons;

/// `poor_audio_reasons(...)`
pub fn poor_audio_reasons() -> ScalarUDF {
    ScalarFunction {
        name: "poor_audio_reasons",
        parameters: PARAMETERS,
        returns: |_| DataType::UInt16,
        evaluate: |arguments| match RULE_SETS[arguments.choice(6)?] {
            "cqd2024" => reasons(arguments, network),
            _ => reasons(arguments, five),
        },
        documentation: PoorAudioReasons.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict::{self, Good, Poor, Unclassified};
    use super::*;

    const NULL: f64 = f64::NAN;

    /// In the order of [`RULE_SETS`].
    fn verdicts_of(metrics: Metrics) -> [Verdict; 3] {
        [five(metrics), five(metrics), network(metrics)].map(Judgement::verdict)
    }

    /// Truth table: metrics, then verdicts by lync2013, cqd2019, cqd2024.
    #[test]
    fn golden() {
        let table = [
            ([0.2, 60.0, 0.001, 5.0, 0.01, 3000.0], [Good, Good, Good]),
            ([1.0, 500.0, 0.1, 30.0, 0.07, 3000.0], [Good, Good, Good]),
            ([1.01, 60.0, 0.001, 5.0, 0.01, 3000.0], [Poor, Poor, Good]),
            ([0.2, 501.0, 0.001, 5.0, 0.01, 3000.0], [Poor, Poor, Poor]),
            ([0.2, 60.0, 0.1001, 5.0, 0.01, 3000.0], [Poor, Poor, Poor]),
            ([0.2, 60.0, 0.001, 31.0, 0.01, 3000.0], [Poor, Poor, Poor]),
            ([0.2, 60.0, 0.001, 5.0, 0.08, 3000.0], [Poor, Poor, Good]),
            ([0.2, 60.0, 0.001, 31.0, 0.01, 500.0], [Poor, Poor, Unclassified]),
            ([NULL, NULL, NULL, NULL, NULL, 3000.0], [Unclassified, Unclassified, Unclassified]),
            ([NULL, NULL, NULL, 31.0, NULL, 3000.0], [Poor, Poor, Poor]),
            ([NULL, 60.0, NULL, NULL, NULL, NULL], [Good, Good, Unclassified]),
        ];
        for (metrics, expected) in table {
            assert_eq!(verdicts_of(metrics), expected, "{metrics:?}");
        }
    }

    /// All 4096 ways to be below, at or above a limit or unknown, against the rules in prose.
    #[test]
    fn every_combination() {
        let limits = [1.0, 500.0, 0.1, 30.0, 0.07, 500.0];
        for combination in 0..4_usize.pow(6) {
            let state = |k: usize| combination / 4_usize.pow(u32::try_from(k).unwrap()) % 4;
            let metrics: Metrics = std::array::from_fn(|k| {
                [limits[k] * 0.5, limits[k], limits[k] * 1.5, NULL][state(k)]
            });
            let (poor, known) = (|k: &usize| state(*k) == 2, |k: &usize| state(*k) != 3);
            let judge = |by: &[usize]| match (by.iter().any(poor), by.iter().any(known)) {
                (true, _) => Poor,
                (_, true) => Good,
                _ => Unclassified,
            };
            let expected = judge(&[0, 1, 2, 3, 4]);
            let by_network = if state(5) == 2 { judge(&[1, 2, 3]) } else { Unclassified };
            assert_eq!(verdicts_of(metrics), [expected, expected, by_network], "{metrics:?}");

            let bits = |counted: std::ops::Range<usize>| counted.filter(poor).map(|k| 1 << k).sum();
            assert_eq!(five(metrics).reasons, bits(0..5));
            let enough = if by_network == Unclassified { 0 } else { bits(1..4) };
            assert_eq!(network(metrics).reasons, enough);
        }
    }

    #[test]
    fn negative_metrics_are_unknown() {
        assert_eq!(five([-1.0; 6]).verdict(), Unclassified);
        assert_eq!(five([-1.0, 60.0, -1.0, -1.0, -1.0, -1.0]).verdict(), Good);
    }

    /// Every DECIMAL(5,4) is on the right side of the limit as Float64, too.
    #[test]
    fn decimals_compare_as_decimals() {
        for units in 0..=10_000_u32 {
            let ratio = f64::from(units) / 1e4;
            let metrics = [NULL, NULL, ratio, NULL, NULL, NULL];
            assert_eq!(five(metrics).verdict() == Poor, units > 1000, "{ratio}");
        }
    }
}
