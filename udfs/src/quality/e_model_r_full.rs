//! The full narrowband E-model, ITU-T G.107.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::idd::{CLASS_NAMES, CLASSES, Sensitivity, delay_impairment_of};
use super::ie_eff::{WORST, equipment_impairment};
use super::value_if;
use crate::parameter::{Kind, choice, parameter};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

const NAMES: &[&str] = &[
    "slr",
    "rlr",
    "stmr",
    "lstr",
    "ds",
    "dr",
    "telr",
    "wepl",
    "t_ms",
    "tr_ms",
    "ta_ms",
    "qdu",
    "ie",
    "bpl",
    "loss_pct",
    "burst_ratio",
    "nc",
    "nfor",
    "ps",
    "pr",
    "a",
];

/// The parameters of the Recommendation under their symbols, in the order of [`NAMES`].
#[derive(Debug, Clone, Copy)]
struct Line {
    slr: f64,
    rlr: f64,
    stmr: f64,
    lstr: Option<f64>,
    ds: f64,
    dr: f64,
    telr: f64,
    wepl: f64,
    t_ms: f64,
    tr_ms: f64,
    ta_ms: f64,
    qdu: f64,
    ie: f64,
    bpl: f64,
    loss_pct: f64,
    burst_ratio: f64,
    nc: f64,
    nfor: f64,
    ps: f64,
    pr: f64,
    a: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            slr: 8.0,
            rlr: 2.0,
            stmr: 15.0,
            lstr: None,
            ds: 3.0,
            dr: 3.0,
            telr: 65.0,
            wepl: 110.0,
            t_ms: 0.0,
            tr_ms: 0.0,
            ta_ms: 0.0,
            qdu: 1.0,
            ie: 0.0,
            bpl: 4.3,
            loss_pct: 0.0,
            burst_ratio: 1.0,
            nc: -70.0,
            nfor: -64.0,
            ps: 35.0,
            pr: 35.0,
            a: 0.0,
        }
    }
}

impl Line {
    /// Sets the parameter called `name`, one of [`NAMES`].
    fn set(&mut self, name: &str, value: f64) {
        match name {
            "slr" => self.slr = value,
            "rlr" => self.rlr = value,
            "stmr" => self.stmr = value,
            "lstr" => self.lstr = Some(value),
            "ds" => self.ds = value,
            "dr" => self.dr = value,
            "telr" => self.telr = value,
            "wepl" => self.wepl = value,
            "t_ms" => self.t_ms = value,
            "tr_ms" => self.tr_ms = value,
            "ta_ms" => self.ta_ms = value,
            "qdu" => self.qdu = value,
            "ie" => self.ie = value,
            "bpl" => self.bpl = value,
            "loss_pct" => self.loss_pct = value,
            "burst_ratio" => self.burst_ratio = value,
            "nc" => self.nc = value,
            "nfor" => self.nfor = value,
            "ps" => self.ps = value,
            "pr" => self.pr = value,
            _ => self.a = value,
        }
    }

    /// R = Ro - Is - Id - Ie,eff + A.
    fn rating(&self, class: Sensitivity) -> f64 {
        let [ro, is, id, equipment] = self.terms(class);
        let valid = (self.t_ms >= 0.0) & (self.tr_ms >= 0.0) & (self.qdu > 0.0);
        value_if(valid, ro - is - id - equipment + self.a)
    }

    /// Ro, Is, Id and Ie,eff.
    fn terms(&self, class: Sensitivity) -> [f64; 4] {
        let no = self.noise();
        let ro = 15.0 - 1.5 * (self.slr + no);
        let ist = self.sidetone_impairment();
        let is = self.loudness_impairment(no) + ist + self.quantising_impairment(ro);
        let id = self.talker_echo_impairment(no, ist)
            + self.listener_echo_impairment(ro)
            + delay_impairment_of(self.ta_ms, class);
        let Line { ie, bpl, loss_pct, burst_ratio, .. } = *self;
        [ro, is, id, equipment_impairment(ie, bpl, loss_pct, burst_ratio, WORST)]
    }

    /// No: all noise as one source at the 0 dBr point.
    fn noise(&self) -> f64 {
        let olr = self.slr + self.rlr;
        let send =
            self.ps - self.slr - self.ds - 100.0 + 0.004 * (self.ps - olr - self.ds - 14.0).powi(2);
        let lstr = self.lstr.unwrap_or(self.stmr + self.dr);
        let pre = self.pr + 10.0 * (1.0 + power((10.0 - lstr) / 10.0)).log10();
        let receive = self.rlr - 121.0 + pre + 0.008 * (pre - 35.0).powi(2);
        let floor = self.nfor + self.rlr;
        let sources = [self.nc, send, receive, floor];
        10.0 * sources.map(|level| power(level / 10.0)).iter().sum::<f64>().log10()
    }

    /// Iolr: a connection that is too loud.
    fn loudness_impairment(&self, no: f64) -> f64 {
        let x = (self.slr + self.rlr + 0.2 * (64.0 + no - self.rlr)) / 8.0;
        20.0 * ((1.0 + x.powi(8)).powf(1.0 / 8.0) - x)
    }

    /// Ist: sidetone that is not at its best. Not defined for STMRo under 3, where the odd
    /// powers have a negative base.
    fn sidetone_impairment(&self) -> f64 {
        let echo = (-self.t_ms / 4.0).exp() * power(-self.telr / 10.0);
        let stmro = -10.0 * (power(-self.stmr / 10.0) + echo).log10();
        let term = |offset: f64, scale: f64, exponent: i32| {
            (1.0 + ((stmro + offset) / scale).powi(exponent)).powf(1.0 / f64::from(exponent))
        };
        let ist =
            12.0 * term(-13.0, 6.0, 8) - 28.0 * term(1.0, 19.4, 35) - 13.0 * term(-3.0, 33.0, 13)
                + 29.0;
        value_if(stmro >= 3.0, ist)
    }

    /// Iq: quantising distortion.
    fn quantising_impairment(&self, ro: f64) -> f64 {
        let q = 37.0 - 15.0 * self.qdu.log10();
        let g = 1.07 + 0.258 * q + 0.0602 * q * q;
        let y = (ro - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0;
        let z = 46.0 / 30.0 - g / 40.0;
        15.0 * (1.0 + power(y) + power(z)).log10()
    }

    /// Idte: talkers who hear themselves, with sidetone taken into account.
    fn talker_echo_impairment(&self, no: f64, ist: f64) -> f64 {
        let t = self.t_ms;
        let masked = if self.stmr < 9.0 { ist / 2.0 } else { 0.0 };
        let terv = self.telr - 40.0 * ((1.0 + t / 10.0) / (1.0 + t / 150.0)).log10()
            + 6.0 * (-0.3 * t * t).exp()
            + masked;
        let re = 80.0 + 2.5 * (terv - 14.0);
        let half = (-1.5 * (no - self.rlr) - re) / 2.0;
        let echo = (half + (half * half + 100.0).sqrt() - 1.0) * (1.0 - (-t).exp());
        let idte = if t < 1.0 { 0.0 } else { echo };
        if self.stmr > 20.0 { idte.hypot(ist) } else { idte }
    }

    /// Idle: listeners who hear the talker twice.
    fn listener_echo_impairment(&self, ro: f64) -> f64 {
        let rle = 10.5 * (self.wepl + 7.0) * (self.tr_ms + 1.0).powf(-0.25);
        let half = (ro - rle) / 2.0;
        half + (half * half + 169.0).sqrt()
    }
}

fn power(x: f64) -> f64 {
    10_f64.powf(x)
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let class = CLASSES[arguments.choice(1)?];
    let lines = arguments.array(0)?;
    let lines = lines.as_struct();
    let given: Vec<(&str, &Float64Array)> = lines
        .column_names()
        .into_iter()
        .zip(lines.columns().iter().map(|column| column.as_primitive::<Float64Type>()))
        .collect();
    let ratings = (0..arguments.rows()).map(|row| {
        let mut line = Line::default();
        given.iter().for_each(|(name, column)| line.set(name, column.value(row)));
        let finite = given.iter().all(|(_, column)| column.value(row).is_finite());
        finite.then(|| line.rating(class)).filter(|r| r.is_finite())
    });
    let ratings: Float64Array = ratings.collect();
    let nulls = given.iter().map(|(_, column)| column.nulls());
    let nulls = nulls.chain([lines.nulls(), ratings.nulls()]);
    let nulls = NullBuffer::union_many(nulls);
    Ok(Arc::new(Float64Array::new(ratings.values().clone(), nulls)))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Narrowband E-model rating R with any of the model's parameters; those that are \
left out have the default of the Recommendation, which alone gives 93.206208. With the defaults \
first: `slr` 8, `rlr` 2, `telr` 65, `wepl` 110 dB, `stmr` 15 dB (3 or more after echo), `lstr` \
`stmr` + `dr`, `ds` 3, `dr` 3; `t_ms` 0 (echo path), `tr_ms` 0 (round trip), `ta_ms` 0 (mouth to \
ear); `qdu` 1; `ie` 0, `bpl` 4.3, `loss_pct` 0, `burst_ratio` 1; `nc` -70 dBm0p, `nfor` -64 dBmp, \
`ps` 35, `pr` 35 dB(A); `a` 0. Source: ITU-T G.107.",
    syntax_example = "e_model_r_full(parameters [, class])",
    argument(
        name = "parameters",
        description = "A struct of numbers with any of the names above."
    ),
    argument(
        name = "class",
        description = "Delay sensitivity, a constant: 'default', 'low' or 'very_low'."
    ),
    sql_example = "```sql\nSELECT CAST(e_model_r_full(named_struct('ta_ms', 100, 'loss_pct', 1)) AS DECIMAL(9,4));\n-- 75.2817\n```"
)]
struct EModelRFull;

/// `e_model_r_full(parameters [, class])`
pub fn e_model_r_full() -> ScalarUDF {
    ScalarFunction {
        name: "e_model_r_full",
        parameters: const {
            &[
                parameter("parameters", Kind::Record(NAMES)),
                choice("class", CLASS_NAMES).or_text("default"),
            ]
        },
        returns: |_| DataType::Float64,
        evaluate,
        documentation: EModelRFull.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{e_model_r, r_to_mos::mos};
    use super::*;
    use crate::testing::assert_close;

    fn line(changes: &[(&str, f64)]) -> Line {
        let mut line = Line::default();
        changes.iter().for_each(|(name, value)| line.set(name, *value));
        line
    }

    #[test]
    fn intermediate_values_at_the_defaults() {
        let line = Line::default();
        let no = line.noise();
        let ro = 15.0 - 1.5 * (line.slr + no);
        assert_close(no, -61.179214, 1e-6);
        assert_close(ro, 94.768822, 1e-6);
        assert_close(line.loudness_impairment(no), 0.440178, 1e-6);
        assert_close(line.sidetone_impairment(), -0.000715, 1e-6);
        assert_close(line.quantising_impairment(ro), 0.974105, 1e-6);
        assert_close(line.listener_echo_impairment(ro), 0.149046, 1e-6);
        assert_close(line.rating(CLASSES[0]), 93.206208, 1e-6);
        assert_close(mos(line.rating(CLASSES[0])), 4.409406, 1e-6);
    }

    fn codec(ie: f64, bpl: f64, loss: f64, burst: f64) -> Vec<(&'static str, f64)> {
        vec![("ie", ie), ("bpl", bpl), ("loss_pct", loss), ("burst_ratio", burst)]
    }

    fn echo(t: f64, tr: f64) -> Vec<(&'static str, f64)> {
        vec![("t_ms", t), ("ta_ms", t), ("tr_ms", tr)]
    }

    /// Ro, Is, Id and Ie,eff of the rows of [`golden`].
    const TERMS: [[f64; 4]; 54] = [
        [94.7688, 1.4136, 0.149, 0.0],
        [94.7688, 1.4136, 0.149, 0.0],
        [94.7688, 1.4136, 0.3126, 0.0],
        [94.7688, 1.4136, 1.3211, 0.0],
        [94.7688, 1.4136, 3.1935, 0.0],
        [94.7688, 1.4136, 9.0658, 0.0],
        [94.7688, 1.4136, 14.9097, 0.0],
        [94.7688, 1.4136, 24.2191, 0.0],
        [94.7688, 1.4136, 30.785, 0.0],
        [94.7688, 1.4136, 40.9815, 0.0],
        [94.7688, 1.4136, 0.149, 17.9245],
        [94.7688, 1.4136, 0.149, 39.0411],
        [94.7688, 1.4136, 0.149, 66.4336],
        [94.7688, 1.4136, 0.149, 1.8555],
        [94.7688, 1.4136, 0.149, 3.6398],
        [94.7688, 1.4136, 0.149, 7.0111],
        [94.7688, 1.4136, 0.149, 10.1423],
        [94.7688, 1.4136, 0.149, 15.7807],
        [94.7688, 1.4136, 0.149, 27.0655],
        [94.7688, 1.4136, 0.149, 42.1286],
        [94.7688, 1.4136, 0.149, 11.0],
        [94.7688, 1.4136, 0.149, 15.2],
        [94.7688, 1.4136, 0.149, 19.0],
        [94.7688, 1.4136, 0.149, 28.5],
        [94.7688, 1.4136, 0.149, 39.9655],
        [94.7688, 1.4136, 0.149, 15.0],
        [94.7688, 1.4136, 0.149, 23.8398],
        [94.7688, 1.4136, 0.149, 33.9573],
        [94.7688, 1.4136, 0.149, 5.0],
        [94.7688, 1.4136, 0.149, 20.0],
        [94.7688, 1.4136, 0.149, 35.0],
        [94.7688, 1.4136, 0.149, 7.2797],
        [94.7688, 1.4136, 0.149, 18.0266],
        [94.7688, 1.4136, 0.149, 36.0531],
        [94.7688, 1.4136, 0.149, 23.0],
        [94.7688, 1.4136, 0.149, 26.3846],
        [94.7688, 1.4136, 0.3126, 3.6398],
        [94.7688, 1.4136, 9.0658, 10.1423],
        [94.7688, 1.4136, 3.1935, 19.0],
        [94.7688, 1.4136, 24.2191, 36.5054],
        [94.7688, 1.4136, 43.9386, 83.9061],
        [94.7688, 1.4136, 0.3126, 32.5],
        [94.7688, 1.4136, 1.5991, 0.0],
        [94.7688, 1.4136, 2.6915, 0.0],
        [94.7688, 1.4136, 3.8161, 0.0],
        [94.7688, 1.4136, 23.2096, 0.0],
        [94.7688, 1.4136, 1.2336, 0.0],
        [92.2252, 1.3279, 0.1487, 0.0],
        [94.7688, 14.6849, 0.149, 0.0],
        [94.7465, 1.7312, 2.0893, 0.0],
        [94.7737, 3.8952, 3.4562, 0.0],
        [84.4563, 0.9854, 0.1477, 0.0],
        [94.7688, 1.4136, 10.2433, 0.0],
        [94.7688, 1.4136, 6.3276, 0.0],
    ];

    /// Reference rows of the full model: changes of defaults, delay class, R, MOS.
    #[test]
    fn golden() {
        let with = |mut changes: Vec<(&'static str, f64)>, more: &[(&'static str, f64)]| {
            changes.extend_from_slice(more);
            changes
        };
        let plc = |loss, burst| codec(0.0, 25.1, loss, burst);
        let g729 = |loss, burst| codec(11.0, 19.0, loss, burst);
        let g723 = |loss, burst| codec(15.0, 16.1, loss, burst);
        let efr = |loss| codec(5.0, 10.0, loss, 1.0);
        let ta = |ms| vec![("ta_ms", ms)];
        let table = [
            (vec![], 0, 93.2062, 4.4094),
            (ta(100.0), 0, 93.2062, 4.4094),
            (ta(150.0), 0, 93.0427, 4.4062),
            (ta(177.3), 0, 92.0341, 4.3856),
            (ta(200.0), 0, 90.1618, 4.3429),
            (ta(250.0), 0, 84.2895, 4.1753),
            (ta(300.0), 0, 78.4455, 3.9639),
            (ta(400.0), 0, 69.1361, 3.5562),
            (ta(500.0), 0, 62.5703, 3.2321),
            (ta(800.0), 0, 52.3737, 2.6999),
            (vec![("loss_pct", 1.0)], 0, 75.2817, 3.8339),
            (vec![("loss_pct", 3.0)], 0, 54.1651, 2.7944),
            (vec![("loss_pct", 10.0)], 0, 26.7726, 1.4810),
            (plc(0.5, 1.0), 0, 91.3507, 4.3707),
            (plc(1.0, 1.0), 0, 89.5664, 4.3282),
            (plc(2.0, 1.0), 0, 86.1951, 4.2350),
            (plc(3.0, 1.0), 0, 83.0639, 4.1344),
            (plc(5.0, 1.0), 0, 77.4255, 3.9231),
            (plc(10.0, 1.0), 0, 66.1407, 3.4112),
            (plc(20.0, 1.0), 0, 51.0776, 2.6316),
            (g729(0.0, 1.0), 0, 82.2062, 4.1046),
            (g729(1.0, 1.0), 0, 78.0062, 3.9465),
            (g729(2.0, 1.0), 0, 74.2062, 3.7876),
            (g729(5.0, 1.0), 0, 64.7062, 3.3400),
            (g729(10.0, 1.0), 0, 53.2407, 2.7456),
            (g723(0.0, 1.0), 0, 78.2062, 3.9544),
            (g723(2.0, 1.0), 0, 69.3664, 3.5671),
            (g723(5.0, 1.0), 0, 59.2489, 3.0610),
            (efr(0.0), 0, 88.2062, 4.2926),
            (efr(2.0), 0, 73.2062, 3.7435),
            (efr(5.0), 0, 58.2062, 3.0067),
            (plc(2.0, 2.0), 0, 85.9265, 4.2269),
            (plc(5.0, 4.0), 0, 75.1796, 3.8296),
            (plc(10.0, 8.0), 0, 57.1531, 2.9516),
            (g729(3.0, 1.5), 0, 70.2062, 3.6067),
            (g729(3.846154, 1.923077), 0, 66.8216, 3.4446),
            (with(plc(1.0, 1.0), &[("ta_ms", 150.0)]), 0, 89.4028, 4.3241),
            (with(plc(3.0, 1.0), &[("ta_ms", 250.0)]), 0, 74.1471, 3.7850),
            (with(g729(2.0, 1.0), &[("ta_ms", 200.0)]), 0, 71.1618, 3.6510),
            (with(g723(5.0, 2.0), &[("ta_ms", 400.0)]), 0, 32.6307, 1.7209),
            (with(g723(100.0, 1.0), &[("ta_ms", 1000.0)]), 0, -34.4895, 1.0),
            (
                with(codec(20.0, 10.0, 2.0, 1.0), &[("ta_ms", 150.0), ("a", 10.0)]),
                0,
                70.5427,
                3.6223,
            ),
            (echo(50.0, 100.0), 0, 91.7562, 4.3796),
            (echo(100.0, 200.0), 0, 90.6637, 4.3549),
            (echo(150.0, 300.0), 0, 89.5391, 4.3275),
            (with(echo(100.0, 200.0), &[("telr", 45.0)]), 0, 70.1457, 3.6038),
            (vec![("wepl", 40.0), ("tr_ms", 20.0)], 0, 92.1217, 4.3874),
            (vec![("ps", 45.0), ("pr", 45.0)], 0, 90.7485, 4.3569),
            (vec![("qdu", 8.0)], 0, 79.9349, 4.0215),
            (
                with(echo(30.0, 60.0), &[("stmr", 8.0), ("lstr", 11.0), ("telr", 55.0)]),
                0,
                90.9260,
                4.3610,
            ),
            (
                with(echo(30.0, 60.0), &[("stmr", 25.0), ("lstr", 28.0), ("telr", 55.0)]),
                0,
                87.4223,
                4.2709,
            ),
            (vec![("slr", 15.0)], 0, 83.3232, 4.1432),
            (ta(300.0), 1, 83.1120, 4.1360),
            (ta(300.0), 2, 87.0277, 4.2596),
        ];
        assert_eq!(table.len(), TERMS.len());
        for ((changes, class, r, expected_mos), terms) in table.into_iter().zip(TERMS) {
            let rating = line(&changes).rating(CLASSES[class]);
            for (term, expected) in line(&changes).terms(CLASSES[class]).into_iter().zip(terms) {
                assert_close(term, expected, 1e-4);
            }
            assert!((rating - r).abs() <= 1e-4, "{rating} is not {r}: {changes:?}");
            assert_close(mos(rating), expected_mos, 1e-4);
        }
    }

    #[test]
    fn sidetone_beyond_the_model_is_refused() {
        assert!(line(&[("stmr", 2.0)]).rating(CLASSES[0]).is_nan());
        assert!(line(&[("stmr", -30.0)]).rating(CLASSES[0]).is_nan());
    }

    proptest! {
        #[test]
        fn agrees_with_the_short_model(
            ie in 0.0..90.0, bpl in 1.0..40.0, loss in 0.0..100.0, burst in 1.0..8.0,
            delay in 0.0..900.0, advantage in 0.0..20.0,
        ) {
            let mut changes = codec(ie, bpl, loss, burst);
            changes.extend([("ta_ms", delay), ("a", advantage)]);
            let full = line(&changes).rating(CLASSES[0]);
            let short = e_model_r::rating([ie, bpl, loss, burst, delay, advantage]);
            prop_assert!((full - short - 0.006208).abs() < 1e-6);
        }
    }
}
