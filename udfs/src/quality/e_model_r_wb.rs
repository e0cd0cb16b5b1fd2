//! The E-model for wideband (ITU-T G.107.1) and fullband (G.107.2) codecs, without echo.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::idd::delay_impairment;
use super::ie_eff::{WORST, equipment_impairment};
use super::r_to_mos::mos;
use crate::parameter::number;
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;
use std::sync::Arc;

/// A scale on which ratings are given.
struct Scale {
    /// The best rating.
    best: f64,
    /// The scale's length against narrowband, where 100 is the end.
    stretch: f64,
    /// The impairment of total loss.
    worst: f64,
}

const WIDEBAND: Scale = Scale { best: 129.0, stretch: 1.29, worst: WORST };
const FULLBAND: Scale = Scale { best: 148.0, stretch: 1.48, worst: 132.0 };

impl Scale {
    /// R from a NaN-marked row: robustness may be missing where there is no loss to resist.
    fn rating(&self, ie: f64, bpl: f64, loss_pct: f64, burst_ratio: f64, one_way_ms: f64) -> f64 {
        let bpl = if bpl.is_nan() && loss_pct == 0.0 { 1.0 } else { bpl };
        let equipment = equipment_impairment(ie, bpl, loss_pct, burst_ratio, self.worst);
        self.best - self.stretch * delay_impairment(one_way_ms) - equipment
    }

    fn mos(&self, r: f64) -> f64 {
        mos(r / self.stretch)
    }
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Wideband E-model rating, at most 129, for a codec's impairment, loss and delay. \
Echo is taken as perfectly controlled: the wideband echo terms are not offered, for their \
corrected form could not be verified. `bpl_wb` may be NULL where loss is 0. Source: ITU-T G.107.1.",
    syntax_example = "e_model_r_wb(ie_wb, bpl_wb, loss_pct, one_way_ms)",
    argument(
        name = "ie_wb",
        description = "Impairment of the codec on the wideband scale, 0 to 95."
    ),
    argument(name = "bpl_wb", description = "Robustness of the codec to loss, above 0."),
    argument(name = "loss_pct", description = "Packets lost or discarded, 0 to 100 %."),
    argument(name = "one_way_ms", description = "One-way delay, mouth to ear, 0 or more."),
    sql_example = "```sql\nSELECT CAST(e_model_r_wb(20, 4.3, 2, 200) AS DECIMAL(9,4));\n-- 81.2632\n```"
)]
struct EModelRWb;

/// `e_model_r_wb(ie_wb, bpl_wb, loss_pct, one_way_ms)`
pub fn e_model_r_wb() -> ScalarUDF {
    ScalarFunction {
        name: "e_model_r_wb",
        parameters: const {
            &[number("ie_wb"), number("bpl_wb"), number("loss_pct"), number("one_way_ms")]
        },
        returns: |_| DataType::Float64,
        evaluate: wideband,
        documentation: EModelRWb.doc(),
    }
    .into()
}

fn wideband(arguments: &Arguments) -> Result<ArrayRef> {
    let ratings = arguments.lenient::<Float64Type, 4>(|[ie, bpl, loss_pct, one_way_ms]| {
        WIDEBAND.rating(ie, bpl, loss_pct, 1.0, one_way_ms)
    });
    Ok(Arc::new(ratings?))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Fullband E-model rating, at most 148, for a codec's impairment, loss and delay. \
The noise terms of the 2023 edition are not offered, for they could not be verified. `bpl` may be \
NULL where loss is 0. Source: ITU-T G.107.2.",
    syntax_example = "e_model_r_fb(ie_fb, bpl, loss_pct [, burst_ratio], one_way_ms)",
    argument(
        name = "ie_fb",
        description = "Impairment of the codec on the fullband scale, 0 to 132."
    ),
    argument(name = "bpl", description = "Robustness of the codec to loss, above 0."),
    argument(name = "loss_pct", description = "Packets lost or discarded, 0 to 100 %."),
    argument(
        name = "burst_ratio",
        description = "Length of bursts against random loss, 1 or more; 1 when left out."
    ),
    argument(name = "one_way_ms", description = "One-way delay, mouth to ear, 0 or more."),
    sql_example = "```sql\nSELECT CAST(e_model_r_fb(10.2, 4.3, 1, 250) AS DECIMAL(9,4));\n-- 101.6221\n```"
)]
struct EModelRFb;

/// `e_model_r_fb(ie_fb, bpl, loss_pct [, burst_ratio], one_way_ms)`
pub fn e_model_r_fb() -> ScalarUDF {
    ScalarFunction {
        name: "e_model_r_fb",
        parameters: const {
            &[
                number("ie_fb"),
                number("bpl"),
                number("loss_pct"),
                number("burst_ratio").or(1.0),
                number("one_way_ms"),
            ]
        },
        returns: |_| DataType::Float64,
        evaluate: fullband,
        documentation: EModelRFb.doc(),
    }
    .into()
}

fn fullband(arguments: &Arguments) -> Result<ArrayRef> {
    let ratings = arguments.lenient::<Float64Type, 5>(|[ie, bpl, loss_pct, burst, one_way_ms]| {
        FULLBAND.rating(ie, bpl, loss_pct, burst, one_way_ms)
    });
    Ok(Arc::new(ratings?))
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Mean opinion score, 1 to 4.5, for a wideband rating of 0 to 129. Source: ITU-T \
G.107.1.",
    syntax_example = "r_wb_to_mos(r)",
    argument(name = "r", description = "Wideband rating, usually 0 to 129."),
    sql_example = "```sql\nSELECT CAST(r_wb_to_mos(116) AS DECIMAL(9,4));\n-- 4.3371\n```"
)]
struct RWbToMos;

/// `r_wb_to_mos(r)`
pub fn r_wb_to_mos() -> ScalarUDF {
    ScalarFunction {
        name: "r_wb_to_mos",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[r]| WIDEBAND.mos(r)),
        documentation: RWbToMos.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Mean opinion score, 1 to 4.5, for a fullband rating of 0 to 148. Source: ITU-T \
G.107.2.",
    syntax_example = "r_fb_to_mos(r)",
    argument(name = "r", description = "Fullband rating, usually 0 to 148."),
    sql_example = "```sql\nSELECT CAST(r_fb_to_mos(137.8) AS DECIMAL(9,4));\n-- 4.4075\n```"
)]
struct RFbToMos;

/// `r_fb_to_mos(r)`
pub fn r_fb_to_mos() -> ScalarUDF {
    ScalarFunction {
        name: "r_fb_to_mos",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[r]| FULLBAND.mos(r)),
        documentation: RFbToMos.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    const NONE: f64 = f64::NAN;

    /// Ie,WB, Bpl, loss %, delay ms, R, MOS.
    #[test]
    fn golden_wideband() {
        let table = [
            (0.0, NONE, 0.0, 0.0, 129.0, 4.5),
            (1.0, NONE, 0.0, 0.0, 128.0, 4.4940),
            (8.0, NONE, 0.0, 0.0, 121.0, 4.4206),
            (10.0, NONE, 0.0, 0.0, 119.0, 4.3901),
            (13.0, NONE, 0.0, 0.0, 116.0, 4.3371),
            (20.0, NONE, 0.0, 0.0, 109.0, 4.1820),
            (26.0, NONE, 0.0, 0.0, 103.0, 4.0181),
            (41.0, NONE, 0.0, 0.0, 88.0, 3.5123),
            (56.0, NONE, 0.0, 0.0, 73.0, 2.9220),
            (73.0, NONE, 0.0, 0.0, 56.0, 2.2341),
            (20.0, 4.3, 2.0, 0.0, 85.1905, 3.4062),
            (20.0, 4.3, 1.0, 0.0, 94.8491, 3.7577),
            (8.0, 4.6, 2.0, 0.0, 94.6364, 3.7504),
            (10.0, 4.9, 5.0, 0.0, 76.0707, 3.0465),
            (13.0, NONE, 0.0, 150.0, 115.7890, 4.3330),
            (13.0, NONE, 0.0, 300.0, 96.9587, 3.8288),
            (20.0, 4.3, 2.0, 200.0, 81.2632, 3.2537),
        ];
        for (ie, bpl, loss, ms, r, expected_mos) in table {
            let rating = WIDEBAND.rating(ie, bpl, loss, 1.0, ms);
            assert_close(rating, r, 1e-4);
            assert_close(WIDEBAND.mos(rating), expected_mos, 1e-4);
        }
    }

    /// Ie,FB, Bpl, loss %, delay ms, R, MOS.
    #[test]
    fn golden_fullband() {
        let table = [
            (0.0, NONE, 0.0, 0.0, 148.0, 4.5),
            (10.2, NONE, 0.0, 0.0, 137.8, 4.4075),
            (7.2, NONE, 0.0, 0.0, 140.8, 4.4436),
            (10.2, 4.3, 1.0, 0.0, 114.8189, 3.9294),
            (10.2, 4.3, 1.0, 150.0, 114.5768, 3.9227),
            (10.2, 4.3, 1.0, 250.0, 101.6221, 3.5337),
            (10.2, 9.6, 1.0, 0.0, 126.3094, 4.2089),
            (7.2, 11.4, 2.0, 0.0, 122.1731, 4.1166),
            (8.7, 9.3, 3.0, 200.0, 104.7211, 3.6323),
            (22.7, 13.0, 5.0, 0.0, 94.9389, 3.3120),
            (17.1, NONE, 0.0, 400.0, 95.2763, 3.3234),
        ];
        for (ie, bpl, loss, ms, r, expected_mos) in table {
            let rating = FULLBAND.rating(ie, bpl, loss, 1.0, ms);
            assert_close(rating, r, 1e-4);
            assert_close(FULLBAND.mos(rating), expected_mos, 1e-4);
        }
    }

    #[test]
    fn loss_without_robustness_is_unknown() {
        assert!(WIDEBAND.rating(20.0, NONE, 1.0, 1.0, 0.0).is_nan());
        assert!(FULLBAND.rating(20.0, NONE, 1.0, 1.0, 0.0).is_nan());
        assert!(WIDEBAND.rating(20.0, 0.0, 0.0, 1.0, 0.0).is_nan());
    }

    #[test]
    fn scores_are_those_of_narrowband_after_scaling() {
        for r in -20..150 {
            let r = f64::from(r);
            assert_eq!(WIDEBAND.mos(r), mos(r / 1.29));
            assert_eq!(FULLBAND.mos(r), mos(r / 1.48));
        }
    }
}
