//! Ceilings of Microsoft's Network MOS.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::codec::{CodecTable, look_up};
use super::value_if;
use crate::parameter::{choice, number, text};
use crate::scalar::ScalarFunction;

const SCENARIOS: &[&str] = &["uc", "conference", "pstn"];

/// The best Network MOS for each of [`SCENARIOS`].
const CEILINGS: [CodecTable; 3] = [
    &[
        (&["RTAudio wideband", "x-msrta/16000"], 4.10),
        (&["RTAudio narrowband", "x-msrta/8000"], 2.95),
    ],
    &[(&["Siren"], 3.72)],
    &[(&["RTAudio narrowband", "x-msrta/8000"], 2.95), (&["G.711", "PCMU", "PCMA"], 3.61)],
];

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "The best Network MOS that a codec can have, 2.95 to 4.10; NULL for what \
Microsoft does not list (G.722 and SILK are among it). Never compare Network MOS across codecs \
without subtracting it. Source: Microsoft, Operational dependencies in Lync Server 2013.",
    syntax_example = "max_network_mos(codec, scenario)",
    argument(
        name = "codec",
        description = "'RTAudio wideband', 'RTAudio narrowband', 'Siren', 'G.711' or the payload names of call records (x-msrta/16000, x-msrta/8000, PCMU, PCMA)."
    ),
    argument(
        name = "scenario",
        description = "A constant: 'uc' (client to client), 'conference' or 'pstn'."
    ),
    sql_example = "```sql\nSELECT max_network_mos('x-msrta/16000', 'uc'), max_network_mos('SILK', 'uc');\n-- 4.1 | NULL\n```"
)]
struct MaxNetworkMos;

/// `max_network_mos(codec, scenario)`
pub fn max_network_mos() -> ScalarUDF {
    ScalarFunction {
        name: "max_network_mos",
        parameters: const { &[text("codec"), choice("scenario", SCENARIOS)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let table = CEILINGS[arguments.choice(1)?];
            arguments.text_as_number(0, |codec| look_up(table, codec))?.floats(|[mos]| mos)
        },
        documentation: MaxNetworkMos.doc(),
    }
    .into()
}

fn ceiling(avg_mos: f64, degradation: f64) -> f64 {
    value_if((1.0..=5.0).contains(&avg_mos) & (degradation >= 0.0), avg_mos + degradation)
}

#[user_doc(
    doc_section(label = "Microsoft"),
    description = "The ceiling of Network MOS that a stream's own record implies: average Network \
MOS plus average degradation. One value per codec, but for rounding by 0.01. Source: the \
definition of degradation in [MS-QOE].",
    syntax_example = "network_mos_ceiling(avg_mos, degradation)",
    argument(name = "avg_mos", description = "OverallAvgNetworkMOS, 1 to 5."),
    argument(name = "degradation", description = "DegradationAvg, 0 or more."),
    sql_example = "```sql\nSELECT CAST(network_mos_ceiling(3.45, 0.16) AS DECIMAL(9,2));\n-- 3.61\n```"
)]
struct NetworkMosCeiling;

/// `network_mos_ceiling(avg_mos, degradation)`
pub fn network_mos_ceiling() -> ScalarUDF {
    ScalarFunction {
        name: "network_mos_ceiling",
        parameters: const { &[number("avg_mos"), number("degradation")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[mos, degradation]| ceiling(mos, degradation)),
        documentation: NetworkMosCeiling.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden() {
        let [uc, conference, pstn] = CEILINGS;
        assert_eq!(look_up(uc, "RTAudio wideband"), 4.10);
        assert_eq!(look_up(uc, "X-MSRTA/8000"), 2.95);
        assert_eq!(look_up(conference, "SIREN"), 3.72);
        assert_eq!(look_up(pstn, "x-msrta/8000"), 2.95);
        assert_eq!(look_up(pstn, "PCMA"), 3.61);
        assert!(look_up(uc, "PCMA").is_nan() && look_up(conference, "G722").is_nan());
    }

    #[test]
    fn ceiling_by_hand() {
        assert_eq!(ceiling(3.5, 0.5), 4.0);
        assert!(ceiling(0.9, 0.0).is_nan() && ceiling(3.0, -0.1).is_nan());
    }
}
