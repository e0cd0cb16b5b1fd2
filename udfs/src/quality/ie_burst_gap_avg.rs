//! Impairment averaged over bursts and gaps as listeners feel it: VQmon, ETSI TS 102 024-5
//! Annex E.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

/// How fast listeners notice that it gets worse, in seconds.
const WORSENING_S: f64 = 5.0;

/// How fast they forget when it gets better, in seconds.
const RECOVERY_S: f64 = 15.0;

/// What is felt at the end of a burst (I1) and of a gap (I2), with the decays that lead there.
fn felt_at_ends(ie_burst: f64, ie_gap: f64, burst_decay: f64, gap_decay: f64) -> (f64, f64) {
    let after_gap = (ie_gap * (1.0 - gap_decay) + ie_burst * (1.0 - burst_decay) * gap_decay)
        / (1.0 - burst_decay * gap_decay);
    (ie_burst - (ie_burst - after_gap) * burst_decay, after_gap)
}

fn average(ie_burst: f64, ie_gap: f64, burst_s: f64, gap_s: f64) -> f64 {
    let burst_decay = (-burst_s / WORSENING_S).exp();
    let gap_decay = (-gap_s / RECOVERY_S).exp();
    let (after_burst, after_gap) = felt_at_ends(ie_burst, ie_gap, burst_decay, gap_decay);
    let felt = burst_s * ie_burst + gap_s * ie_gap
        - WORSENING_S * (ie_burst - after_gap) * (1.0 - burst_decay)
        + RECOVERY_S * (after_burst - ie_gap) * (1.0 - gap_decay);
    let impairments = (ie_burst >= 0.0) & (ie_gap >= 0.0);
    let durations = (burst_s >= 0.0) & (gap_s >= 0.0) & (burst_s + gap_s > 0.0);
    value_if(impairments & durations, felt / (burst_s + gap_s))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Average impairment between `ie_gap` and `ie_burst`, in points of the rating R, \
for a call that alternates between bursts of loss and gaps, as listeners feel it: with 5 s to \
notice and 15 s to forget. Source: VQmon, ETSI TS 102 024-5 Annex E.",
    syntax_example = "ie_burst_gap_avg(ie_burst, ie_gap, burst_s, gap_s)",
    argument(name = "ie_burst", description = "Ie,eff during bursts, 0 or more; see `ie_eff`."),
    argument(name = "ie_gap", description = "Ie,eff during gaps, 0 or more."),
    argument(name = "burst_s", description = "Mean length of bursts in seconds, 0 or more."),
    argument(name = "gap_s", description = "Mean length of gaps in seconds, 0 or more."),
    sql_example = "```sql\nSELECT CAST(ie_burst_gap_avg(51.7241, 1.8555, 0.5, 10) AS DECIMAL(9,4));\n-- 8.3374\n```"
)]
struct IeBurstGapAvg;

/// `ie_burst_gap_avg(ie_burst, ie_gap, burst_s, gap_s)`
pub fn ie_burst_gap_avg() -> ScalarUDF {
    ScalarFunction {
        name: "ie_burst_gap_avg",
        parameters: const { &[
            number("ie_burst"),
            number("ie_gap"),
            number("burst_s"),
            number("gap_s"),
        ] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            arguments.floats(|[ie_burst, ie_gap, burst, gap]| average(ie_burst, ie_gap, burst, gap))
        },
        documentation: IeBurstGapAvg.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn golden() {
        assert_close(average(51.7241, 1.8555, 0.5, 10.0), 8.3374, 1e-4);
        assert_close(average(58.7273, 11.0, 2.0, 30.0), 18.6588, 1e-4);
        let ends = |ie_burst, ie_gap, b: f64, g: f64| {
            felt_at_ends(ie_burst, ie_gap, (-b / 5.0).exp(), (-g / 15.0).exp())
        };
        for ((after_burst, after_gap), expected_burst, expected_gap) in [
            (ends(51.7241, 1.8555, 0.5, 10.0), 10.7185, 6.4059),
            (ends(58.7273, 11.0, 2.0, 30.0), 28.3046, 13.3419),
        ] {
            assert_close(after_burst, expected_burst, 1e-4);
            assert_close(after_gap, expected_gap, 1e-4);
        }
    }

    #[test]
    fn refuses_calls_without_duration() {
        assert!(average(50.0, 1.0, 0.0, 0.0).is_nan());
        assert!(average(50.0, 1.0, -1.0, 5.0).is_nan());
        assert_close(average(50.0, 1.0, 0.0, 5.0), 1.0, 1e-12);
    }

    proptest! {
        #[test]
        fn lies_between_gap_and_burst(
            gap_ie in 0.0..40.0, more in 0.0..50.0, burst in 0.01..60.0, gap in 0.01..600.0,
        ) {
            let felt = average(gap_ie + more, gap_ie, burst, gap);
            prop_assert!((gap_ie - 1e-9..=gap_ie + more + 1e-9).contains(&felt));
            prop_assert!((average(gap_ie, gap_ie, burst, gap) - gap_ie).abs() < 1e-9);
        }
    }
}
