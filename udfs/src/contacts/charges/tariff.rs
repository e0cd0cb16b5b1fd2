//! From seconds to money, in exact fractions that are rounded once, at the end.

use crate::amount::{CHARGE_SCALE, SCALE};

/// In which steps seconds are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Increments {
    /// What the first step covers.
    pub first: i64,
    /// What each further step covers, above 0.
    pub step: i64,
}

impl Increments {
    /// The seconds that are billed for so many; 0 for none.
    pub fn billed(self, seconds: i64) -> Option<i64> {
        if seconds <= 0 {
            return Some(0);
        }
        let further = (seconds - self.first).max(0);
        let steps = further / self.step + i64::from(further % self.step > 0);
        steps.checked_mul(self.step)?.checked_add(self.first)
    }
}

/// A rate that holds from so many seconds of a call on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tier {
    pub start: i64,
    /// Price of a unit, with [`SCALE`] digits after the point.
    pub rate: i128,
    /// Seconds in a unit, above 0.
    pub unit: i64,
    pub increments: Increments,
}

/// All that the charge of a call depends on but its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tariff {
    /// In the order of their starts, the first at 0.
    pub tiers: Vec<Tier>,
    /// Price of the connection, once for each call, with [`SCALE`] digits after the point.
    pub connect: i128,
    pub min_seconds: i64,
    /// With [`SCALE`] digits after the point.
    pub min_charge: i128,
    pub rounding: Rounding,
}

/// A call's bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bill {
    pub seconds: i64,
    /// With [`CHARGE_SCALE`] digits after the point.
    pub charge: i128,
}

impl Tariff {
    /// The bill for an answered call; `None` where numbers become too large.
    pub fn bill(&self, seconds: i64) -> Option<Bill> {
        if seconds <= 0 {
            return Some(Bill { seconds: 0, charge: 0 });
        }
        let seconds = seconds.max(self.min_seconds);
        let mut cost = Fraction { numerator: self.connect, denominator: 1 };
        let mut billed = 0_i64;
        for (i, tier) in self.tiers.iter().enumerate().take_while(|(_, tier)| tier.start < seconds)
        {
            let end = self.tiers.get(i + 1).map_or(seconds, |next| next.start.min(seconds));
            let part = tier.increments.billed(end - tier.start)?;
            billed = billed.checked_add(part)?;
            let price = tier.rate.checked_mul(part.into())?;
            cost = cost.plus(Fraction { numerator: price, denominator: tier.unit.into() })?;
        }
        let least = Fraction { numerator: self.min_charge, denominator: 1 };
        let cost = if cost.is_below(least)? { least } else { cost };
        Some(Bill { seconds: billed, charge: self.rounding.round(cost)? })
    }
}

/// A fraction of the last digit of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub numerator: i128,
    /// Above 0.
    pub denominator: i128,
}

impl Fraction {
    fn plus(self, other: Self) -> Option<Self> {
        let both = |a: i128, b: i128| a.checked_mul(b);
        let left = both(self.numerator, other.denominator)?;
        let numerator = left.checked_add(both(other.numerator, self.denominator)?)?;
        let denominator = both(self.denominator, other.denominator)?;
        let common = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        // A divisor of a positive i128.
        let common = common as i128;
        Some(Self { numerator: numerator / common, denominator: denominator / common })
    }

    fn is_below(self, other: Self) -> Option<bool> {
        let left = self.numerator.checked_mul(other.denominator)?;
        Some(left < other.numerator.checked_mul(self.denominator)?)
    }
}

fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Names of [`Mode`]s, in its order.
pub(super) const MODES: &[&str] = &["half_up", "half_even", "up", "down"];

/// Which way a charge is rounded; halves, and all where it says so, away from 0 or towards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    HalfUp,
    HalfEven,
    Up,
    Down,
}

impl Mode {
    pub fn named(name: &str) -> Option<Self> {
        let position = MODES.iter().position(|mode| *mode == name)?;
        Some([Self::HalfUp, Self::HalfEven, Self::Up, Self::Down][position])
    }
}

/// To how many decimals a charge is rounded, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rounding {
    /// 0 to [`CHARGE_SCALE`].
    pub decimals: u32,
    pub mode: Mode,
}

impl Rounding {
    /// The amount, with [`CHARGE_SCALE`] digits after the point.
    pub fn round(self, amount: Fraction) -> Option<i128> {
        let digit = 10_i128.pow(SCALE.unsigned_abs().into()) / 10_i128.pow(self.decimals);
        let divisor = amount.denominator.checked_mul(digit)?;
        let (whole, rest) = (amount.numerator / divisor, (amount.numerator % divisor).abs());
        let half = rest.checked_mul(2)?.cmp(&divisor);
        let away = match self.mode {
            Mode::Up => rest > 0,
            Mode::Down => false,
            Mode::HalfUp => half.is_ge(),
            Mode::HalfEven => half.is_gt() || (half.is_eq() && whole % 2 != 0),
        };
        let rounded = whole + if away { amount.numerator.signum() } else { 0 };
        rounded.checked_mul(10_i128.pow(u32::from(CHARGE_SCALE.unsigned_abs()) - self.decimals))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An amount written with up to ten decimals.
    fn amount(text: &str) -> i128 {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{decimals:0<10}").parse().unwrap()
    }

    /// A charge with six decimals.
    fn charge(text: &str) -> i128 {
        amount(text) / 10_000
    }

    fn tier(start: i64, rate: &str, first: i64, step: i64) -> Tier {
        Tier { start, rate: amount(rate), unit: 60, increments: Increments { first, step } }
    }

    fn tariff(tiers: &[Tier], connect: &str, decimals: u32, mode: Mode) -> Tariff {
        Tariff {
            tiers: tiers.to_vec(),
            connect: amount(connect),
            min_seconds: 0,
            min_charge: 0,
            rounding: Rounding { decimals, mode },
        }
    }

    /// Seconds, increments, price of a minute, decimals and mode; seconds billed and the charge.
    /// From itwissen.info, vaasconsumer.com, 46 Labs and Python's Decimal.
    #[test]
    fn worked_examples() {
        use Mode::{HalfUp, Up};
        for (seconds, (first, step), rate, decimals, mode, billed, expected) in [
            (83, (60, 10), "0.12", 4, HalfUp, 90, "0.1800"),
            (83, (60, 60), "0.12", 4, HalfUp, 120, "0.2400"),
            (83, (60, 1), "0.12", 4, HalfUp, 83, "0.1660"),
            (83, (60, 1), "0.12", 2, HalfUp, 83, "0.17"),
            (10, (30, 6), "0.12", 4, HalfUp, 30, "0.0600"),
            (31, (30, 6), "0.12", 4, HalfUp, 36, "0.0720"),
            (31, (30, 6), "0.12", 2, HalfUp, 36, "0.07"),
            (31, (30, 6), "0.12", 2, Up, 36, "0.08"),
            (12, (6, 6), "0.00095", 4, Up, 12, "0.0002"),
            (12, (6, 6), "0.00130", 4, Up, 12, "0.0003"),
            (0, (60, 60), "0.12", 4, HalfUp, 0, "0"),
            (1, (60, 60), "0.12", 4, HalfUp, 60, "0.12"),
            (60, (60, 60), "0.12", 4, HalfUp, 60, "0.12"),
            (61, (60, 60), "0.12", 4, HalfUp, 120, "0.24"),
            (3599, (1, 1), "0.01", 4, HalfUp, 3599, "0.5998"),
            (3599, (1, 1), "0.01", 4, Up, 3599, "0.5999"),
            (61, (60, 60), "0.25", 2, HalfUp, 120, "0.50"),
        ] {
            let bill = tariff(&[tier(0, rate, first, step)], "0", decimals, mode).bill(seconds);
            let expected = Bill { seconds: billed, charge: charge(expected) };
            assert_eq!(bill, Some(expected), "{seconds} s at {first}/{step}, {rate}");
        }
    }

    /// The tables of CGRateS's tutorial, rounded up to four decimals.
    #[test]
    fn tiers() {
        let rt_20 = [tier(0, "0.2", 60, 60), tier(60, "0.1", 1, 1)];
        let rt_40 = [tier(0, "0.4", 30, 30), tier(60, "0.2", 10, 10)];
        for (tiers, connect, expected) in [
            (rt_20, "0.4", [(20, "0.6000"), (60, "0.6000"), (61, "0.6017"), (85, "0.6417")]),
            (rt_40, "0.8", [(20, "1.0000"), (45, "1.2000"), (61, "1.2334"), (85, "1.3000")]),
        ] {
            for (seconds, expected) in expected {
                let bill = tariff(&tiers, connect, 4, Mode::Up).bill(seconds).unwrap();
                assert_eq!(bill.charge, charge(expected), "{seconds} s");
            }
        }
    }

    #[test]
    fn minima_hold_for_answered_calls() {
        let one = tariff(&[tier(0, "0.12", 1, 1)], "0", 2, Mode::HalfUp);
        let least = Tariff { min_seconds: 30, min_charge: amount("0.10"), ..one };
        assert_eq!(least.bill(5), Some(Bill { seconds: 30, charge: charge("0.10") }));
        assert_eq!(least.bill(600), Some(Bill { seconds: 600, charge: charge("1.20") }));
        assert_eq!(least.bill(0), Some(Bill { seconds: 0, charge: 0 }));
    }

    #[test]
    fn halves_go_where_the_mode_says() {
        let half = |digit: i128, mode| {
            let amount = Fraction { numerator: digit * amount("0.5"), denominator: 1 };
            Rounding { decimals: 0, mode }.round(amount).unwrap() / charge("1")
        };
        assert_eq!([1, 3, -1, -3].map(|d| half(d, Mode::HalfUp)), [1, 2, -1, -2]);
        assert_eq!([1, 3, -1, -3].map(|d| half(d, Mode::HalfEven)), [0, 2, 0, -2]);
        assert_eq!([1, 3, -1, -3].map(|d| half(d, Mode::Down)), [0, 1, 0, -1]);
        assert_eq!([1, 3, -1, -3].map(|d| half(d, Mode::Up)), [1, 2, -1, -2]);
    }

    #[test]
    fn what_is_too_large_has_no_bill() {
        let dear = Tier { rate: i128::MAX / 2, ..tier(0, "1", 1, 1) };
        assert_eq!(tariff(&[dear], "0", 2, Mode::Up).bill(60), None);
        assert_eq!(Increments { first: 1, step: i64::MAX }.billed(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn a_longer_call_never_costs_less(
            seconds in 0_i64..10_000, more in 0_i64..500, first in 0_i64..90, step in 1_i64..90,
            rate in 0_i64..10_000, then in 0_i64..10_000,
        ) {
            let rates = [(0, rate), (60, then)].map(|(start, rate)| Tier {
                start,
                rate: i128::from(rate) * 1_000_000,
                unit: 60,
                increments: Increments { first, step },
            });
            let tariff = tariff(&rates, "0.1", 4, Mode::HalfEven);
            let (short, long) = (tariff.bill(seconds).unwrap(), tariff.bill(seconds + more).unwrap());
            prop_assert!(short.charge <= long.charge && short.seconds <= long.seconds);
            prop_assert!(short.seconds >= seconds);
        }

        #[test]
        fn double_rates_double_what_is_not_rounded(seconds in 1_i64..10_000, rate in 0_i64..1000) {
            // Whole units of the sixth decimal: nothing is rounded.
            let at = |rate: i64| {
                let rate = i128::from(rate) * 60 * 10_000;
                let tier = Tier { rate, ..tier(0, "0", 1, 1) };
                tariff(&[tier], "0", 6, Mode::Down).bill(seconds).unwrap().charge
            };
            prop_assert_eq!(at(2 * rate), 2 * at(rate));
        }
    }
}
