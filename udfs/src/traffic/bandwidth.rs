//! Bandwidth of audio codecs.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::{flag, text};
use crate::quality::codec::{CodecTable, position};
use crate::scalar::ScalarFunction;

/// kbit/s on the wire with IP, UDP, RTP and SRTP headers: without and with forward error
/// correction.
const KBPS: CodecTable<[f64; 2]> = &[
    (&["RTAudio wideband", "x-msrta/16000"], [57.0, 86.0]),
    (&["RTAudio narrowband", "x-msrta/8000"], [39.8, 51.6]),
    (&["G.722", "G722/8000"], [95.6, 159.6]),
    (&["G.722 stereo"], [159.6, 223.6]),
    (&["G.711", "PCMU", "PCMA"], [92.0, 156.0]),
    (&["Siren"], [47.6, 63.6]),
    (&["SILK wideband 36", "SILK wideband", "SILK/16000"], [64.0, 100.0]),
    (&["SILK wideband 26"], [54.0, 80.0]),
    (&["SILK wideband 20"], [48.0, 68.0]),
    (&["SILK narrowband 13", "SILK narrowband", "SILK/8000"], [41.0, 54.0]),
];

fn kbps(row: f64, fec: f64) -> f64 {
    // A row that NaN stands for never gets here.
    KBPS.get(row as usize).map_or(f64::NAN, |(_, kbps)| kbps[usize::from(fec == 1.0)])
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "Bandwidth of one audio stream in kbit/s while somebody speaks, with headers, at \
50 packets a second; NULL for a codec that Microsoft does not list. RTCP adds up to 5. SILK goes by \
its payload rate ('SILK wideband 36', '... 26', '... 20', 'SILK narrowband 13'); without one the \
highest is taken. Source: Microsoft, Plan network requirements for Skype for Business.",
    syntax_example = "audio_bandwidth_kbps(codec, fec)",
    argument(
        name = "codec",
        description = "'RTAudio wideband', 'RTAudio narrowband', 'G.722', 'G.722 stereo', 'G.711', 'Siren', SILK as above, or the payload names of call records."
    ),
    argument(name = "fec", description = "Whether forward error correction is on."),
    sql_example = "```sql\nSELECT audio_bandwidth_kbps('G.711', false), audio_bandwidth_kbps('PCMA', true);\n-- 92.0 | 156.0\n```"
)]
struct AudioBandwidthKbps;

/// `audio_bandwidth_kbps(codec, fec)`
pub fn audio_bandwidth_kbps() -> ScalarUDF {
    ScalarFunction {
        name: "audio_bandwidth_kbps",
        parameters: const { &[text("codec"), flag("fec")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let row = |codec: &str| position(KBPS, codec).map_or(f64::NAN, |row| row as f64);
            arguments.text_as_number(0, row)?.floats(|[row, fec]| kbps(row, fec))
        },
        documentation: AudioBandwidthKbps.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// Microsoft's table once more: payload, what headers add after IP, the two results.
    #[test]
    fn golden() {
        let table = [
            ("RTAudio wideband", 29.0, 12.0, 57.0, 86.0),
            ("RTAudio narrowband", 11.8, 12.0, 39.8, 51.6),
            ("G.722", 64.0, 15.6, 95.6, 159.6),
            ("G.711", 64.0, 12.0, 92.0, 156.0),
            ("Siren", 16.0, 15.6, 47.6, 63.6),
            ("SILK wideband 36", 36.0, 12.0, 64.0, 100.0),
            ("SILK wideband 26", 26.0, 12.0, 54.0, 80.0),
            ("SILK wideband 20", 20.0, 12.0, 48.0, 68.0),
            ("SILK narrowband 13", 13.0, 12.0, 41.0, 54.0),
        ];
        for (codec, payload, headers, plain, with_fec) in table {
            let row = position(KBPS, codec).unwrap() as f64;
            assert_eq!((kbps(row, 0.0), kbps(row, 1.0)), (plain, with_fec), "{codec}");
            assert_close(plain, payload + 16.0 + headers, 1e-9);
            assert_close(with_fec, plain + payload, 1e-9);
        }
        let stereo = position(KBPS, "G.722 stereo").unwrap() as f64;
        assert_eq!((kbps(stereo, 0.0), kbps(stereo, 1.0)), (159.6, 223.6));
        assert_eq!(position(KBPS, "opus"), None);
    }
}
