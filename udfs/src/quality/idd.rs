//! Impairment by absolute delay, ITU-T G.107.

use std::f64::consts::{LN_2, SQRT_2};

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::value_if;
use crate::parameter::{choice, number};
use crate::scalar::ScalarFunction;

/// How much users mind delay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sensitivity {
    /// sT of the Recommendation.
    slope: f64,
    /// mT: the delay in ms that nobody notices.
    tolerated_ms: f64,
}

pub(super) const CLASS_NAMES: &[&str] = &["default", "low", "very_low"];

/// The classes in the order of [`CLASS_NAMES`].
pub(super) const CLASSES: [Sensitivity; 3] = [
    Sensitivity { slope: 1.0, tolerated_ms: 100.0 },
    Sensitivity { slope: 0.55, tolerated_ms: 120.0 },
    Sensitivity { slope: 0.4, tolerated_ms: 150.0 },
];

/// Idd for the default class. Logarithm and roots are written out in plain arithmetic, which the
/// compiler turns into vector instructions, where calls of `ln` and `exp` are made row by row.
#[inline(always)]
pub(super) fn delay_impairment(one_way_ms: f64) -> f64 {
    let noticed = if one_way_ms > 100.0 { one_way_ms } else { 100.0 };
    let x = log2(noticed * 0.01);
    let impairment = 25.0 * (root_of_sixth(x) - 3.0 * root_of_sixth(x / 3.0) + 2.0);
    value_if(one_way_ms >= 0.0, impairment)
}

/// The binary logarithm of a normal number above 0, within 1e-14.
#[inline(always)]
fn log2(x: f64) -> f64 {
    const FRACTION: u64 = (1 << 52) - 1;
    /// 2^52: whole numbers below are the digits of its fraction.
    const SHIFT: f64 = (1_u64 << 52) as f64;
    let exponent = f64::from_bits((x.to_bits() >> 52) | SHIFT.to_bits()) - (SHIFT + 1023.0);
    // From 1 to 2, and around 1 as a quotient whose series converges fast: ln m = 2 artanh s.
    let fraction = f64::from_bits((x.to_bits() & FRACTION) | 1_f64.to_bits());
    let s = (fraction - SQRT_2) / (fraction + SQRT_2);
    let square = s * s;
    let series = (0..11).rev().fold(0.0, |sum, n| sum * square + 1.0 / f64::from(2 * n + 1));
    exponent + 0.5 + 2.0 / LN_2 * s * series
}

/// (1 + x^6)^(1/6) for x of 0 or more.
#[inline(always)]
fn root_of_sixth(x: f64) -> f64 {
    let (small, large) = if x < 1.0 { (x, 1.0) } else { (1.0, x) };
    let sixth = |x: f64| (x * x * x) * (x * x * x);
    // The root of large^6 (1 + u) with u up to 1. Newton's method for the inverse root takes no
    // division, and doubles the four digits of the polynomial twice.
    let u = sixth(small / large);
    let guess = 1.0 + u * (-0.16657 + u * (0.09404 + u * (-0.05205 + u * 0.01553)));
    let newton = |y: f64| y * (7.0 / 6.0 - (1.0 + u) / 6.0 * sixth(y));
    let inverse = newton(newton(guess));
    let square = inverse * inverse;
    large * (1.0 + u) * (square * square * inverse)
}

/// Idd for any class.
pub(super) fn delay_impairment_of(one_way_ms: f64, class: Sensitivity) -> f64 {
    if one_way_ms <= class.tolerated_ms {
        return value_if(one_way_ms >= 0.0, 0.0);
    }
    let exponent = 6.0 * class.slope;
    let term = |x: f64| (1.0 + x.powf(exponent)).powf(1.0 / exponent);
    let x = (one_way_ms / class.tolerated_ms).log2();
    25.0 * (term(x) - 3.0 * term(x / 3.0) + 2.0)
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Delay impairment Idd, 0 or more, in points of the rating R: what the one-way \
delay alone costs, with perfect echo control. 0 up to 100 ms (class `low` 120 ms, `very_low` \
150 ms). The source's range ends at 500 ms; beyond, the formula is applied all the same. Source: \
ITU-T G.107.",
    syntax_example = "idd(one_way_ms [, class])",
    argument(
        name = "one_way_ms",
        description = "Absolute one-way delay, mouth to ear, 0 or more."
    ),
    argument(
        name = "class",
        description = "Delay sensitivity, a constant: 'default', 'low' or 'very_low'."
    ),
    sql_example = "```sql\nSELECT CAST(idd(250) AS DECIMAL(9,4));\n-- 8.9167\n```"
)]
struct Idd;

/// `idd(one_way_ms [, class])`
pub fn idd() -> ScalarUDF {
    ScalarFunction {
        name: "idd",
        parameters: const { &[number("one_way_ms"), choice("class", CLASS_NAMES).or_text("default")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| match arguments.choice(1)? {
            0 => arguments.floats(|[ms]| delay_impairment(ms)),
            class => arguments.floats(|[ms]| delay_impairment_of(ms, CLASSES[class])),
        },
        documentation: Idd.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// Delay in ms, then Idd by class.
    const TABLE: [(f64, [f64; 3]); 13] = [
        (100.0, [0.0, 0.0, 0.0]),
        (120.0, [0.0014, 0.0, 0.0]),
        (150.0, [0.1635, 0.1641, 0.0]),
        (177.3, [1.1721, 0.9930, 0.2663]),
        (200.0, [3.0444, 2.2530, 0.9498]),
        (250.0, [8.9167, 6.0582, 3.3771]),
        (300.0, [14.7607, 10.0942, 6.1786]),
        (350.0, [19.8113, 13.7445, 8.8329]),
        (400.0, [24.0701, 16.8945, 11.1972]),
        (500.0, [30.6359, 21.8751, 15.0670]),
        (600.0, [35.2468, 25.5426, 18.0311]),
        (800.0, [40.8325, 30.4757, 22.2207]),
        (1000.0, [43.7896, 33.5979, 25.0402]),
    ];

    #[test]
    fn golden() {
        for (ms, expected) in TABLE {
            assert_close(delay_impairment(ms), expected[0], 1e-4);
            for (class, expected) in CLASSES.into_iter().zip(expected) {
                assert_close(delay_impairment_of(ms, class), expected, 1e-4);
            }
        }
    }

    /// By the formula as printed, over everything from no delay to no connection.
    #[test]
    fn plain_arithmetic_gives_the_same() {
        let delays = (0..200_000).map(|i| 90.0 * 1.000_15_f64.powi(i));
        for ms in delays.chain([0.0, 100.0, 200.0, 800.0, f64::MAX]) {
            let printed = delay_impairment_of(ms, CLASSES[0]);
            let expected = if printed.is_finite() { printed } else { 50.0 };
            assert_close(delay_impairment(ms), expected, 1e-9);
        }
        assert_eq!([0.0, 50.0, 100.0].map(delay_impairment), [0.0; 3]);
    }

    #[test]
    fn never_falls_and_has_no_step() {
        for class in CLASSES {
            let at = |tenth: i32| delay_impairment_of(f64::from(tenth) / 10.0, class);
            for tenth in 0..20_000 {
                let rise = at(tenth + 1) - at(tenth);
                assert!((-1e-9..0.02).contains(&rise), "{rise} at {tenth}/10 ms of {class:?}");
            }
        }
        assert!(delay_impairment(-1.0).is_nan());
    }
}
