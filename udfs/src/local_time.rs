//! Instants on the clock of a place.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use datafusion::arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// What stands for the session's time zone where a name is expected.
pub(crate) const SESSION_ZONE: &str = "";

/// A time zone with its history of summer times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl Zone {
    /// The zone of this name in the IANA database.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// The zone's name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The local time at an instant, in microseconds since 1970. Beyond the years that calendars
    /// know it is UTC.
    pub(crate) fn local(self, instant: i64) -> LocalTime {
        if self.0 == Tz::UTC {
            return LocalTime(instant);
        }
        let utc = DateTime::from_timestamp_micros(instant);
        let ahead = utc.map_or(0, |utc| {
            i64::from(self.0.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc())
        });
        LocalTime(instant.saturating_add(ahead * SECOND))
    }

    /// The first instant at which clocks show `local`, or the first after it where they skip it.
    pub(crate) fn instant(self, local: LocalTime) -> i64 {
        let shown = DateTime::from_timestamp_micros(local.0).map(|shown| shown.naive_utc());
        shown.and_then(|shown| self.first_instant(shown)).unwrap_or(local.0)
    }

    fn first_instant(self, shown: NaiveDateTime) -> Option<i64> {
        match self.0.from_local_datetime(&shown) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => {
                Some(instant.timestamp_micros())
            }
            // Clocks go forward here: what was in force a day before tells by how much.
            LocalResult::None => {
                let before = shown.checked_sub_signed(chrono::TimeDelta::days(1))?;
                let offset = self.0.from_local_datetime(&before).earliest()?.offset().fix();
                let instant = shown.and_utc().timestamp_micros();
                Some(instant - i64::from(offset.local_minus_utc()) * SECOND)
            }
        }
    }
}

/// A point on the clock and the calendar of a place, in microseconds since 1970 there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LocalTime(pub(crate) i64);

impl LocalTime {
    /// Days since 1970-01-01.
    pub(crate) fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Weeks, which begin on Monday, since that of 1970-01-01.
    pub(crate) fn week(self) -> i64 {
        // The first day of 1970 was a Thursday.
        (self.day() + 3).div_euclid(7)
    }

    /// 1 Monday to 7 Sunday.
    pub(crate) fn weekday(self) -> i64 {
        (self.day() + 3).rem_euclid(7) + 1
    }

    /// Microseconds since midnight.
    pub(crate) fn of_day(self) -> i64 {
        self.0.rem_euclid(DAY)
    }

    /// 0 Monday from midnight to 167 Sunday from 23 o'clock.
    pub(crate) fn hour_of_week(self) -> i64 {
        (self.weekday() - 1) * 24 + self.of_day() / HOUR
    }
}

/// Hours of a day, such as 7.5, in microseconds.
pub(crate) fn hours(number: f64) -> i64 {
    (number * HOUR as f64).round() as i64
}

/// A column of instants in microseconds; whole numbers are seconds since 1970.
pub(crate) fn instants(column: &ArrayRef) -> Result<TimestampMicrosecondArray> {
    let seconds = match column.data_type() {
        DataType::Int64 => &cast(column, &DataType::Timestamp(TimeUnit::Second, None))?,
        _ => column,
    };
    let micros = cast(seconds, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    Ok(micros.as_primitive::<TimestampMicrosecondType>().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn clocks_follow_summer_time() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (utc, shown) in [
            ("2014-02-03T18:00:00", "2014-02-03T19:00:00"),
            ("2014-03-30T00:59:59", "2014-03-30T01:59:59"),
            ("2014-03-30T01:00:00", "2014-03-30T03:00:00"),
            ("2014-10-26T00:30:00", "2014-10-26T02:30:00"),
            ("2014-10-26T01:30:00", "2014-10-26T02:30:00"),
        ] {
            assert_eq!(berlin.local(micros(utc)), LocalTime(micros(shown)), "{utc}");
        }
        assert_eq!(berlin.local(i64::MAX), LocalTime(i64::MAX));
    }

    #[test]
    fn an_instant_is_the_first_that_a_clock_shows() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let instant = |shown| berlin.instant(LocalTime(micros(shown)));
        assert_eq!(instant("2014-07-01T00:00:00"), micros("2014-06-30T22:00:00"));
        assert_eq!(instant("2014-10-26T02:30:00"), micros("2014-10-26T00:30:00"));
        // In Brazil summer began at midnight, which therefore was skipped.
        let brazil = Zone::named("America/Sao_Paulo").unwrap();
        let midnight = LocalTime(micros("2014-10-19T00:00:00"));
        assert_eq!(brazil.instant(midnight), micros("2014-10-19T03:00:00"));
        assert_eq!(brazil.local(brazil.instant(midnight)), LocalTime(midnight.0 + HOUR));
    }

    #[test]
    fn weeks_begin_on_monday() {
        let monday = LocalTime(micros("2026-03-02T09:00:00"));
        let sunday = LocalTime(micros("2026-03-01T23:59:59"));
        assert_eq!((monday.weekday(), monday.hour_of_week()), (1, 9));
        assert_eq!((sunday.weekday(), sunday.hour_of_week()), (7, 167));
        assert_eq!(monday.week(), sunday.week() + 1);
        assert_eq!(LocalTime(-1).day(), -1);
    }
}
