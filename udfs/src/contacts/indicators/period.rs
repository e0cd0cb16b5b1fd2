//! Weeks, days, months and years by which records are grouped.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::local_time::LocalTime;

pub(super) const PERIODS: &[&str] = &["week", "day", "month", "year", "none"];

/// The name of the period that a time is in: `2014-W06`, `2014-02-03`, `2014-02` or `2014`; none
/// where records are not grouped.
pub(super) fn period_of(groupby: &str, time: LocalTime) -> Option<String> {
    let date: NaiveDate = DateTime::from_timestamp_micros(time.0)?.date_naive();
    match groupby {
        "week" => Some(format!("{}-W{:02}", date.iso_week().year(), date.iso_week().week())),
        "day" => Some(date.to_string()),
        "month" => Some(format!("{}-{:02}", date.year(), date.month())),
        "year" => Some(date.year().to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let newyear = NaiveDate::from_ymd_opt(2016, 1, 3).unwrap().and_hms_opt(23, 0, 0).unwrap();
        let time = LocalTime(newyear.and_utc().timestamp_micros());
        let names = PERIODS.iter().map(|period| period_of(period, time));
        let expected = [Some("2015-W53"), Some("2016-01-03"), Some("2016-01"), Some("2016"), None];
        assert_eq!(names.collect::<Vec<_>>(), expected.map(|name| name.map(str::to_owned)));
    }
}
