//! The stretch of time that one data file covers.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::{Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// All time, a month or a day (UTC). Its text (`all`, `2014-02`, `2014-02-03`) starts the names of
/// data files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Period {
    All,
    Month { year: i32, month: u32 },
    Day(NaiveDate),
}

impl Period {
    /// The month of a day.
    pub fn month_of(day: NaiveDate) -> Self {
        use chrono::Datelike;
        Self::Month { year: day.year(), month: day.month() }
    }

    /// The covered time, in microseconds since 1970; None means all of it.
    pub fn bounds(self) -> Option<Range<i64>> {
        let (first, next) = match self {
            Self::All => return None,
            // A month that no calendar has covers nothing; FromStr never makes one.
            Self::Month { year, month } => {
                let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
                (first, first.checked_add_months(Months::new(1)).unwrap_or(first))
            }
            Self::Day(day) => (day, day.succ_opt().unwrap_or(day)),
        };
        Some(midnight(first)..midnight(next))
    }

    /// Whether every moment of `other` is also one of this period.
    pub fn contains(self, other: Self) -> bool {
        match (self.bounds(), other.bounds()) {
            (None, _) => true,
            (_, None) => false,
            (Some(own), Some(other)) => own.start <= other.start && other.end <= own.end,
        }
    }

    /// Whether the two share a moment. Of two periods that do, one contains the other.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

fn midnight(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let first_of_month = || format!("{text}-01").parse().ok();
        // Chrono would also take signs and blanks.
        let shaped = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        match text {
            "all" => Some(Self::All),
            _ if !text.bytes().enumerate().all(shaped) => None,
            _ if text.len() == 7 => first_of_month().map(Self::month_of),
            _ if text.len() == 10 => text.parse().ok().map(Self::Day),
            _ => None,
        }
        .ok_or_else(|| Error::usage(format!("{text:?} is no period: all, 2014-02 or 2014-02-03")))
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl TryFrom<String> for Period {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn periods() -> impl Strategy<Value = Period> {
        let day = || (0..20_000i32).prop_map(|n| NaiveDate::from_epoch_days(n).unwrap());
        prop_oneof![
            Just(Period::All),
            day().prop_map(Period::month_of),
            day().prop_map(Period::Day),
        ]
    }

    proptest! {
        #[test]
        fn text_goes_round(period in periods()) {
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        }

        #[test]
        fn overlapping_is_sharing_a_moment(a in periods(), b in periods()) {
            let shared = match (a.bounds(), b.bounds()) {
                (Some(a), Some(b)) => a.start.max(b.start) < a.end.min(b.end),
                _ => true,
            };
            prop_assert_eq!(a.overlaps(b), shared);
        }
    }

    #[test]
    fn bounds_are_half_open_utc() {
        // 2014-02-01T00:00Z and 2014-03-01T00:00Z by `date -u +%s`.
        let february: Period = "2014-02".parse().unwrap();
        assert_eq!(february.bounds(), Some(1_391_212_800_000_000..1_393_632_000_000_000));
        assert!(february.contains("2014-02-28".parse().unwrap()));
        assert!(!february.contains("2014-03-01".parse().unwrap()));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "2014", "2014-13", "2014-02-30", "2014-2", "+014-02", "al", "14-02-2014"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
