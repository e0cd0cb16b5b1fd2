//! The hours of the day in which the server may be read.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};

use crate::{Error, Result};

/// From one time of day to another, in this machine's time zone; over midnight if the end comes
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    start: NaiveTime,
    end: NaiveTime,
}

impl Hours {
    pub fn contain(self, time: NaiveTime) -> bool {
        if self.start <= self.end {
            self.start <= time && time < self.end
        } else {
            self.start <= time || time < self.end
        }
    }

    /// How long until they begin; zero within them.
    pub fn until_start(self, time: NaiveTime) -> Duration {
        if self.contain(time) {
            return Duration::ZERO;
        }
        let wait = self.start - time;
        let wait = if wait < TimeDelta::zero() { wait + TimeDelta::days(1) } else { wait };
        wait.to_std().unwrap_or_default()
    }
}

impl FromStr for Hours {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let parts = text.split_once('-').and_then(|(a, b)| Some((time(a)?, time(b)?)));
        match parts {
            Some((start, end)) if start != end => Ok(Self { start, end }),
            _ => {
                Err(Error::usage(format!("{text:?} are no hours of the day, such as 20:00-06:00")))
            }
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start.format("%H:%M"), self.end.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    #[test]
    fn a_night_crosses_midnight() {
        let night: Hours = "20:00-06:00".parse().unwrap();
        for (time, wait) in [("20:00", 0), ("23:59", 0), ("05:59", 0), ("06:00", 14), ("19:00", 1)]
        {
            assert_eq!(night.until_start(at(time)).as_secs(), wait * 3600, "{time}");
        }
        let day: Hours = "08:00-12:00".parse().unwrap();
        assert_eq!(day.until_start(at("13:00")).as_secs(), 19 * 3600);
        for wrong in ["", "20:00", "20-06", "20:00-20:00", "25:00-06:00"] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
    }
}
