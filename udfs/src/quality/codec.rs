//! What codecs cost: impairment and robustness to loss, ITU-T G.113 Appendices I, IV and V.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::{choice, text};
use crate::scalar::ScalarFunction;

/// What is known of each codec, with the names under which records know it.
pub(crate) type CodecTable<T = f64> = &'static [(&'static [&'static str], T)];

/// Where a table lists a codec. Only letters and digits of a name count, and not their case.
pub(crate) fn position<T>(table: CodecTable<T>, codec: &str) -> Option<usize> {
    let listed = |names: &[&str]| names.iter().any(|name| significant(name).eq(significant(codec)));
    table.iter().position(|(names, _)| listed(names))
}

/// The value of a codec, NaN for one that the table does not list.
pub(super) fn look_up(table: CodecTable, codec: &str) -> f64 {
    position(table, codec).map_or(f64::NAN, |row| table[row].1)
}

fn significant(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

/// Ie without loss, Appendix I. The AMR rows are derived from delay bounds that Telektronikk
/// published, not from G.113.
const NARROWBAND: CodecTable = &[
    (&["G.711", "PCMU", "PCMA"], 0.0),
    (&["G.726-40", "G.727-40"], 2.0),
    (&["G.726-32", "G.727-32", "AAL2-G726-32"], 7.0),
    (&["G.726-24", "G.727-24"], 25.0),
    (&["G.726-16", "G.727-16"], 50.0),
    (&["G.728", "G.728-16"], 7.0),
    (&["G.728-12.8"], 20.0),
    (&["G.729"], 10.0),
    (&["G.729A+VAD", "G.729AB"], 11.0),
    (&["G.723.1-5.3"], 19.0),
    (&["G.723.1-6.3", "G.723.1+VAD"], 15.0),
    (&["IS-54"], 20.0),
    (&["IS-641"], 10.0),
    (&["IS-96a"], 21.0),
    (&["IS-127"], 6.0),
    (&["PDC"], 24.0),
    (&["GSM-FR", "GSM"], 20.0),
    (&["GSM-HR"], 23.0),
    (&["GSM-EFR"], 5.0),
    (&["AMR-4.75"], 21.3),
    (&["AMR-5.15"], 19.5),
    (&["AMR-5.9"], 16.5),
    (&["AMR-6.7"], 13.7),
    (&["AMR-7.4"], 11.6),
    (&["AMR-7.95"], 10.1),
    (&["AMR-10.2"], 6.0),
    (&["AMR-12.2"], 5.0),
];

/// Ie,WB heard with both ears, Table IV.3: it goes with Bpl,WB.
const WIDEBAND: CodecTable = &[
    (&["AMR-WB-6.6"], 56.0),
    (&["AMR-WB-8.85"], 41.0),
    (&["AMR-WB-12.65"], 20.0),
    (&["AMR-WB-15.85"], 17.0),
    (&["AMR-WB-23.05"], 8.0),
    (&["AMR-WB-23.85"], 10.0),
];

/// Ie,WB heard with one ear, Table IV.1: not to be combined with loss.
const WIDEBAND_MONOTIC: CodecTable = &[
    (&["AMR-WB-6.6"], 41.0),
    (&["AMR-WB-8.85"], 26.0),
    (&["AMR-WB-12.65"], 13.0),
    (&["AMR-WB-14.25"], 10.0),
    (&["AMR-WB-15.85"], 7.0),
    (&["AMR-WB-18.25"], 5.0),
    (&["AMR-WB-19.85"], 3.0),
    (&["AMR-WB-23.05"], 1.0),
    (&["AMR-WB-23.85"], 8.0),
];

/// Ie,FB, Appendix V with Erratum 1 (01/2026).
const FULLBAND: CodecTable = &[
    (&["EVS-48"], 10.2),
    (&["EVS-32"], 8.7),
    (&["EVS-24.4"], 7.2),
    (&["EVS-16.4"], 10.8),
    (&["EVS-13.2"], 17.1),
    (&["EVS-9.6"], 22.7),
];

/// Bpl with concealment: Appendix I, Tables IV.4 and V.
const CONCEALED_BPL: CodecTable = &[
    (&["G.711", "PCMU", "PCMA"], 25.1),
    (&["G.729A+VAD", "G.729AB"], 19.0),
    (&["G.723.1-6.3", "G.723.1+VAD"], 16.1),
    (&["GSM-EFR"], 10.0),
    (&["AMR-WB-12.65"], 4.3),
    (&["AMR-WB-23.05"], 4.6),
    (&["AMR-WB-23.85"], 4.9),
    (&["EVS-48"], 9.6),
    (&["EVS-32"], 9.3),
    (&["EVS-24.4"], 11.4),
    (&["EVS-16.4"], 10.3),
    (&["EVS-13.2"], 11.7),
    (&["EVS-9.6"], 13.0),
];

const PLAIN_BPL: CodecTable = &[(&["G.711", "PCMU", "PCMA"], 4.3)];

/// What a narrowband codec costs on the wideband scale beyond its own impairment: 129 - 93.2.
const NARROWBAND_ON_WIDEBAND: f64 = 35.8;

const BANDS: &[&str] = &["narrowband", "wideband", "wideband_monotic", "fullband"];

/// The impairment of a codec on the scale of one of [`BANDS`].
fn impairment(codec: &str, band: usize) -> f64 {
    let narrowband = look_up(NARROWBAND, codec);
    let wideband = |table| match look_up(table, codec) {
        unlisted if unlisted.is_nan() => narrowband + NARROWBAND_ON_WIDEBAND,
        listed => listed,
    };
    match BANDS[band] {
        "wideband" => wideband(WIDEBAND),
        "wideband_monotic" => wideband(WIDEBAND_MONOTIC),
        "fullband" => look_up(FULLBAND, codec),
        _ => narrowband,
    }
}

#[user_doc(
    doc_section(label = "Codecs"),
    description = "Equipment impairment of a codec without loss, in points of the rating R on the \
scale of `band`; NULL for a codec that ITU-T G.113 does not list (RTAudio, SILK, Opus, Siren, \
Speex, iLBC have none; G.722 and G.722.1 could not be verified). Listed narrowband: G.711 (PCMU, \
PCMA), G.726-40/-32/-24/-16, G.728, G.728-12.8, G.729, G.729A+VAD, G.723.1-5.3/-6.3, IS-54, \
IS-641, IS-96a, IS-127, PDC, GSM-FR/-HR/-EFR; AMR-4.75 to -12.2 are derived from published delay \
bounds. Wideband: AMR-WB-6.6 to -23.85, and narrowband codecs at 35.8 more. Fullband: EVS-9.6 to \
-48. Letter case and punctuation do not matter. Source: ITU-T G.113 Appendices I, IV (2024), V.",
    syntax_example = "codec_ie(codec [, band])",
    argument(
        name = "codec",
        description = "Name of the codec, where needed with its rate in kbit/s."
    ),
    argument(
        name = "band",
        description = "A constant: 'narrowband' (when left out), 'wideband' (heard with both ears), 'wideband_monotic' (with one; not to be combined with loss) or 'fullband'."
    ),
    sql_example = "```sql\nSELECT codec_ie('G.729'), codec_ie('AMR-WB-12.65', 'wideband'), codec_ie('SILK');\n-- 10.0 | 20.0 | NULL\n```"
)]
struct CodecIe;

/// `codec_ie(codec [, band])`
pub fn codec_ie() -> ScalarUDF {
    ScalarFunction {
        name: "codec_ie",
        parameters: const { &[text("codec"), choice("band", BANDS).or_text("narrowband")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let band = arguments.choice(1)?;
            arguments.text_as_number(0, |codec| impairment(codec, band))?.floats(|[ie]| ie)
        },
        documentation: CodecIe.doc(),
    }
    .into()
}

const CONCEALMENTS: &[&str] = &["none", "plc"];

#[user_doc(
    doc_section(label = "Codecs"),
    description = "Robustness of a codec to packet loss (Bpl), as `e_model_r` and `ie_eff` take it; \
NULL for a codec or concealment that ITU-T G.113 does not list. Listed with 'plc': G.711 \
(concealment of its Appendix I), G.729A+VAD, G.723.1-6.3, GSM-EFR, AMR-WB-12.65/-23.05/-23.85 \
(for `e_model_r_wb`), EVS-9.6 to -48 (for `e_model_r_fb`); with 'none': G.711. Source: ITU-T G.113 \
Appendices I, IV (2024), V.",
    syntax_example = "codec_bpl(codec, concealment)",
    argument(
        name = "codec",
        description = "Name of the codec, where needed with its rate in kbit/s."
    ),
    argument(
        name = "concealment",
        description = "A constant: 'plc' (packet loss concealment, the codec's own or G.711 Appendix I) or 'none'."
    ),
    sql_example = "```sql\nSELECT codec_bpl('PCMU', 'plc'), codec_bpl('PCMU', 'none');\n-- 25.1 | 4.3\n```"
)]
struct CodecBpl;

/// `codec_bpl(codec, concealment)`
pub fn codec_bpl() -> ScalarUDF {
    ScalarFunction {
        name: "codec_bpl",
        parameters: const { &[text("codec"), choice("concealment", CONCEALMENTS)] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| {
            let table = [PLAIN_BPL, CONCEALED_BPL][arguments.choice(1)?];
            arguments.text_as_number(0, |codec| look_up(table, codec))?.floats(|[bpl]| bpl)
        },
        documentation: CodecBpl.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NB: usize = 0;
    const WB: usize = 1;
    const MONOTIC: usize = 2;
    const FB: usize = 3;

    /// The tables of G.113 once more, by rate.
    #[test]
    fn golden() {
        let narrowband = [
            ("G.711", 0.0),
            ("G726-40", 2.0),
            ("G727-40", 2.0),
            ("G726-32", 7.0),
            ("G726-24", 25.0),
            ("G726-16", 50.0),
            ("G.728", 7.0),
            ("G.728-12.8", 20.0),
            ("G.729", 10.0),
            ("G.729A+VAD", 11.0),
            ("G.723.1-5.3", 19.0),
            ("G.723.1-6.3", 15.0),
            ("IS-54", 20.0),
            ("IS-641", 10.0),
            ("IS-96a", 21.0),
            ("IS-127", 6.0),
            ("PDC", 24.0),
            ("GSM-FR", 20.0),
            ("GSM-HR", 23.0),
            ("GSM-EFR", 5.0),
            ("AMR-4.75", 21.3),
            ("AMR-5.15", 19.5),
            ("AMR-5.9", 16.5),
            ("AMR-6.7", 13.7),
            ("AMR-7.4", 11.6),
            ("AMR-7.95", 10.1),
            ("AMR-10.2", 6.0),
            ("AMR-12.2", 5.0),
        ];
        for (codec, ie) in narrowband {
            assert_eq!(impairment(codec, NB), ie, "{codec}");
            assert_eq!(impairment(codec, WB), ie + 35.8, "{codec}");
        }
        let amr_wb = [
            ("6.6", 41.0, 56.0),
            ("8.85", 26.0, 41.0),
            ("12.65", 13.0, 20.0),
            ("14.25", 10.0, f64::NAN),
            ("15.85", 7.0, 17.0),
            ("18.25", 5.0, f64::NAN),
            ("19.85", 3.0, f64::NAN),
            ("23.05", 1.0, 8.0),
            ("23.85", 8.0, 10.0),
        ];
        for (rate, monotic, diotic) in amr_wb {
            let codec = format!("AMR-WB-{rate}");
            assert_eq!(impairment(&codec, MONOTIC), monotic, "{codec}");
            assert_eq!(impairment(&codec, WB).total_cmp(&diotic), std::cmp::Ordering::Equal);
            assert!(impairment(&codec, NB).is_nan());
        }
        let evs = [
            ("48", 10.2, 9.6),
            ("32", 8.7, 9.3),
            ("24.4", 7.2, 11.4),
            ("16.4", 10.8, 10.3),
            ("13.2", 17.1, 11.7),
            ("9.6", 22.7, 13.0),
        ];
        for (rate, ie, bpl) in evs {
            let codec = format!("EVS-{rate}");
            assert_eq!((impairment(&codec, FB), look_up(CONCEALED_BPL, &codec)), (ie, bpl));
        }
        let bpl = [
            ("G.711", 25.1),
            ("G.729A+VAD", 19.0),
            ("G.723.1+VAD", 16.1),
            ("GSM-EFR", 10.0),
            ("AMR-WB-12.65", 4.3),
            ("AMR-WB-23.05", 4.6),
            ("AMR-WB-23.85", 4.9),
        ];
        for (codec, bpl) in bpl {
            assert_eq!(look_up(CONCEALED_BPL, codec), bpl, "{codec}");
        }
        assert_eq!(look_up(PLAIN_BPL, "G.711"), 4.3);
    }

    #[test]
    fn spelling_does_not_matter_and_the_unlisted_is_unknown() {
        for name in ["PCMU", "pcma", "g711", "G 711"] {
            assert_eq!(impairment(name, NB), 0.0, "{name}");
        }
        for name in ["SILK", "x-msrta/16000", "SIREN", "G722", "opus", "", "G.72", "G.729.1"] {
            assert!(impairment(name, NB).is_nan(), "{name}");
        }
    }
}
