//! Where people work: zones, domains, numbers and the rhythm of an office.

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use crate::sample::clock::{HOUR, Tick};

/// A site of the company. Keys in the databases are the index plus one.
#[derive(Debug)]
pub struct Site {
    pub name: &'static str,
    /// How machines of the site are named.
    pub code: &'static str,
    pub region: &'static str,
    pub zone: Tz,
    pub domain: &'static str,
    /// Index of the pool that serves the site.
    pub pool: usize,
    /// The number of the switchboard; people have extensions of it (ranges for fiction: Ofcom,
    /// ACMA, NANP 555-01xx, BNetzA).
    pub trunk: &'static str,
    /// Its people, in percent of all.
    pub share: usize,
}

pub const MUNICH: usize = 0;
pub const BOSTON: usize = 1;
pub const SYDNEY: usize = 2;
pub const BRISTOL: usize = 3;

pub const SITES: [Site; 4] = [
    Site {
        name: "Munich",
        code: "MUC",
        region: "EMEA",
        zone: Tz::Europe__Berlin,
        domain: "contoso.com",
        pool: 0,
        trunk: "+498999998000",
        share: 44,
    },
    Site {
        name: "Boston",
        code: "BOS",
        region: "AMER",
        zone: Tz::America__New_York,
        domain: "litwareinc.com",
        pool: 1,
        trunk: "+16175550100",
        share: 30,
    },
    Site {
        name: "Sydney",
        code: "SYD",
        region: "APAC",
        zone: Tz::Australia__Sydney,
        domain: "contoso.com",
        pool: 0,
        trunk: "+61255500100",
        share: 20,
    },
    Site {
        name: "Bristol",
        code: "BRS",
        region: "EMEA",
        zone: Tz::Europe__London,
        domain: "contoso.com",
        pool: 0,
        trunk: "+441174960100",
        share: 6,
    },
];

pub const REGIONS: [&str; 3] = ["AMER", "APAC", "EMEA"];

/// Round trip between two sites over the company's network, in ms.
pub fn distance(a: usize, b: usize) -> f64 {
    const ROUND_TRIP: [[f64; 4]; 4] = [
        [2.0, 98.0, 285.0, 28.0],
        [98.0, 2.0, 215.0, 86.0],
        [285.0, 215.0, 2.0, 290.0],
        [28.0, 86.0, 290.0, 2.0],
    ];
    ROUND_TRIP[a][b]
}

/// How much of a working day's traffic starts in each hour on the wall, in tenths of a percent.
const WORKING_DAY: [u64; 24] =
    [1, 1, 1, 1, 1, 3, 8, 25, 80, 120, 130, 115, 68, 90, 118, 112, 88, 48, 16, 9, 8, 6, 4, 2];

/// The same on Saturdays and Sundays: about 3 percent of a working day.
const WEEKEND_DAY: [u64; 24] =
    [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 2, 2, 3, 2, 2, 2, 2, 2, 1, 1, 1, 0];

impl Site {
    /// Traffic to expect in each UTC hour of a UTC day, with the site's own wall clock.
    pub fn rhythm(&self, date: NaiveDate) -> [u64; 24] {
        let midnight = Tick::midnight(date);
        std::array::from_fn(|hour| {
            let local = midnight.plus(hour as i64 * HOUR).local(self.zone);
            let weekend = local.weekday().num_days_from_monday() >= 5;
            let day = if weekend { &WEEKEND_DAY } else { &WORKING_DAY };
            day[local.hour() as usize]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        assert_eq!(SITES.iter().map(|s| s.share).sum::<usize>(), 100);
    }

    #[test]
    fn summer_time_moves_the_office_by_an_hour_of_utc() {
        let busiest = |m, d| {
            let rhythm = SITES[BOSTON].rhythm(NaiveDate::from_ymd_opt(2014, m, d).unwrap());
            (0..24).max_by_key(|&h| rhythm[h]).unwrap()
        };
        // 10 on the wall in Boston: UTC-5 until 9 March 2014, UTC-4 after.
        assert_eq!((busiest(3, 7), busiest(3, 10)), (15, 14));
    }
}
