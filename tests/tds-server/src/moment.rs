//! Points in time as SQL Server counts and prints them. A tick is 100 nanoseconds.

/// Ticks in a day.
pub const DAY: i64 = 864_000_000_000;
/// Days from 0001-01-01, where `date` counts from, to 1970-01-01.
pub const UNIX_EPOCH: i64 = 719_162;
/// Days from 1900-01-01, where `datetime` counts from, to 1970-01-01.
pub const FROM_1900: i64 = 25_567;

const SECOND: i64 = 10_000_000;

/// A time on the clock of an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Ticks of local time since 0001-01-01.
    pub ticks: i64,
    /// Minutes that local time is ahead of UTC.
    pub offset: i16,
}

impl Moment {
    /// Ticks of UTC since 0001-01-01.
    pub fn utc_ticks(self) -> i64 {
        self.ticks - i64::from(self.offset) * 60 * SECOND
    }

    /// Reads `2014-02-03`, `20140203`, `2014-02-03 08:00[:00[.fraction]]`, with a `T` in between,
    /// `08:00:00` alone, each with an offset such as `+01:00` or `Z` behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = split_date(text);
        let days = if date.is_empty() { FROM_1900_TO_YEAR_1 } else { days(date)? };
        let (time, offset) = split_offset(rest);
        let of_day = if time.is_empty() { 0 } else { time_of_day(time)? };
        Some(Self { ticks: days * DAY + of_day, offset: offset_minutes(offset)? })
    }
}

/// A time without a date is on 1900-01-01.
const FROM_1900_TO_YEAR_1: i64 = UNIX_EPOCH - FROM_1900;

/// The date in front and what follows its separator.
fn split_date(text: &str) -> (&str, &str) {
    let end = text.find([' ', 'T', 't']).unwrap_or(text.len());
    let first = &text[..end];
    if first.contains(':') {
        return ("", text);
    }
    (first, text[end..].trim_start_matches([' ', 'T', 't']))
}

fn split_offset(text: &str) -> (&str, &str) {
    let at = text.find(['+', '-', 'Z', 'z']).unwrap_or(text.len());
    (text[..at].trim_end(), &text[at..])
}

fn offset_minutes(text: &str) -> Option<i16> {
    let sign = match text.chars().next() {
        None | Some('Z' | 'z') => return Some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let minutes = hours.parse::<i16>().ok()? * 60 + minutes.parse::<i16>().ok()?;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

/// Days since 0001-01-01.
fn days(text: &str) -> Option<i64> {
    let format = if text.contains('-') { "%Y-%m-%d" } else { "%Y%m%d" };
    let date = chrono::NaiveDate::parse_from_str(text, format).ok()?;
    Some(i64::from(chrono::Datelike::num_days_from_ce(&date)) - 1)
}

fn time_of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(|p| p.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let fine = hour < 24 && minute < 60 && second < 60 && fraction.len() <= 9;
    let ticks =
        if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").parse::<i64>().ok()? / 100 };
    fine.then_some((hour * 3600 + minute * 60 + second) * SECOND + ticks)
}

/// Ticks rounded to `digits` of a second's fraction.
pub fn rounded(ticks: i64, digits: u8) -> i64 {
    let unit = unit(digits);
    (ticks + unit / 2).div_euclid(unit) * unit
}

/// Ticks of the last of so many digits.
pub fn unit(digits: u8) -> i64 {
    10_i64.pow(7 - u32::from(digits.min(7)))
}

/// Days since 1900 and three-hundredths of a second, which is all that `datetime` can say.
pub fn datetime_parts(unix_micros: i64) -> (i64, i64) {
    /// Three-hundredths in a day.
    const PARTS: i64 = 300 * 86_400;
    const MICROS: i64 = 86_400_000_000;
    let (day, micros) = (unix_micros.div_euclid(MICROS), unix_micros.rem_euclid(MICROS));
    let parts = (micros * 3 + 5_000) / 10_000;
    (day + FROM_1900 + parts / PARTS, parts % PARTS)
}

/// Microseconds since 1970 as `datetime` shows them: .000, .003 or .007.
pub fn datetime_micros(unix_micros: i64) -> i64 {
    let (days, parts) = datetime_parts(unix_micros);
    let millis = (parts * 10 + 1) / 3;
    (days - FROM_1900) * 86_400_000_000 + millis * 1_000
}

/// Days since 1900 and minutes; from 30 seconds on the next minute.
pub fn smalldatetime_parts(unix_micros: i64) -> (i64, i64) {
    let minutes = (unix_micros + 30_000_000).div_euclid(60_000_000);
    (minutes.div_euclid(1440) + FROM_1900, minutes.rem_euclid(1440))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQL Server's documentation of `datetime`: how fractions are rounded.
    #[test]
    fn datetime_rounds_as_documented() {
        let millis = |text: &str| {
            let ticks = Moment::parse(text).unwrap().ticks - UNIX_EPOCH * DAY;
            datetime_micros(ticks / 10).rem_euclid(60_000_000) / 1_000
        };
        for (second, shown) in [
            ("59.999", 0),
            ("59.995", 59_997),
            ("59.996", 59_997),
            ("59.997", 59_997),
            ("59.998", 59_997),
            ("59.992", 59_993),
            ("59.993", 59_993),
            ("59.994", 59_993),
            ("59.990", 59_990),
            ("59.991", 59_990),
        ] {
            assert_eq!(millis(&format!("1998-01-01 23:59:{second}")), shown, "{second}");
        }
    }

    #[test]
    fn the_epochs_are_where_they_should_be() {
        let ticks = |text: &str| Moment::parse(text).unwrap().ticks;
        assert_eq!(ticks("0001-01-01"), 0);
        assert_eq!(ticks("1970-01-01"), UNIX_EPOCH * DAY);
        assert_eq!(ticks("19000101"), (UNIX_EPOCH - FROM_1900) * DAY);
        assert_eq!(ticks("00:00:01"), ticks("1900-01-01T00:00:01"));
        // DateTime.MaxValue.Ticks of .NET.
        assert_eq!(ticks("9999-12-31 23:59:59.9999999"), 3_155_378_975_999_999_999);
    }

    #[test]
    fn offsets_are_taken_off() {
        let moment = Moment::parse("2014-02-03 01:00:00.5 +01:30").unwrap();
        assert_eq!(moment.offset, 90);
        assert_eq!(moment.utc_ticks(), Moment::parse("2014-02-02T23:30:00.5Z").unwrap().ticks);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["2014-13-01", "2014-02-30", "2014-02-03 24:00:00", "x", "12:00 +99:00"] {
            assert_eq!(Moment::parse(text), None, "{text:?}");
        }
    }

    /// 12:35:29.998 is 12:35, 12:35:29.999 is 12:36 in SQL Server, whose `datetime` has rounded it
    /// before; a microsecond literal rounds at half a minute.
    #[test]
    fn smalldatetime_rounds_to_the_minute() {
        assert_eq!(smalldatetime_parts(29_999_999), (FROM_1900, 0));
        assert_eq!(smalldatetime_parts(30_000_000), (FROM_1900, 1));
    }
}
