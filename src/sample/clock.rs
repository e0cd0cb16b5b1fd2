//! Time as SQL Server's `datetime` keeps it: whole ticks of 1/300 s, UTC.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Timelike, Utc};
use chrono_tz::Tz;

/// Ticks since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(pub i64);

/// Ticks in a second, a minute, an hour, a day.
pub const SECOND: i64 = 300;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Tick {
    pub fn midnight(date: NaiveDate) -> Self {
        Self(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() * SECOND)
    }

    /// Microseconds since 1970 as SQL Server prints them: milliseconds end in 0, 3 or 7.
    pub fn micros(self) -> i64 {
        const PRINTED: [i64; 3] = [0, 3_000, 7_000];
        self.0.div_euclid(3) * 10_000 + PRINTED[self.0.rem_euclid(3) as usize]
    }

    pub fn plus(self, ticks: i64) -> Self {
        Self(self.0 + ticks)
    }

    /// When the monitoring service, which writes once a minute, has noted this moment.
    pub fn written(self) -> Self {
        Self((self.0.div_euclid(MINUTE) + 1) * MINUTE)
    }

    pub fn date(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// Whole UTC days since 1970.
    pub fn day_number(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Hour of the UTC day.
    pub fn hour(self) -> usize {
        (self.0.rem_euclid(DAY) / HOUR) as usize
    }

    fn utc(self) -> DateTime<Utc> {
        // Every tick of the years that a sample may cover is a valid time.
        DateTime::from_timestamp(self.0.div_euclid(SECOND), 0).unwrap_or_default()
    }

    /// What a clock on the wall of `zone` shows.
    pub fn local(self, zone: Tz) -> NaiveDateTime {
        self.utc().with_timezone(&zone).naive_local()
    }

    /// Working hours: Monday to Friday, 8 to 18 on the wall.
    pub fn is_office_time(self, zone: Tz) -> bool {
        let local = self.local(zone);
        local.weekday().num_days_from_monday() < 5 && (8..18).contains(&local.hour())
    }
}

/// The `n`-th day after `start`.
pub fn day_after(start: NaiveDate, n: u32) -> NaiveDate {
    start + Days::new(u64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_print_as_sql_server_does() {
        // 1/300 s = 3.33 ms and 2/300 s = 6.67 ms are printed .003 and .007.
        let midnight = Tick::midnight(NaiveDate::from_ymd_opt(2014, 2, 3).unwrap());
        let tail = |n: i64| midnight.plus(n).micros() - midnight.micros();
        assert_eq!([tail(1), tail(2), tail(3), tail(300)], [3_000, 7_000, 10_000, 1_000_000]);
    }

    #[test]
    fn the_wall_clock_knows_summer_time() {
        let noon =
            |m, d| Tick::midnight(NaiveDate::from_ymd_opt(2014, m, d).unwrap()).plus(12 * HOUR);
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(noon(3, 28).local(berlin).hour(), 13);
        assert_eq!(noon(3, 31).local(berlin).hour(), 14);
    }
}
