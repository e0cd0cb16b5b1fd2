//! Dates and times, from their bytes (MS-TDS 2.2.5.5.1.8).

use super::wire::WireType;

/// Days from SQL Server's first days to 1970-01-01.
const DAYS_FROM_1900: i64 = 25_567;
const DAYS_FROM_1: i32 = 719_162;
/// Microseconds.
const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

/// A point in time, in microseconds since 1970; None for what is none.
pub fn timestamp(wire_type: WireType, bytes: &[u8]) -> Option<i64> {
    match (wire_type, bytes) {
        (WireType::DateTime, &[a, b, c, d, e, f, g, h]) => {
            Some(datetime(i32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
        }
        (WireType::DateTime, &[a, b, c, d]) => {
            Some(smalldatetime(u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])))
        }
        (WireType::DateTime2 { scale }, [time @ .., a, b, c]) => {
            datetime2(units(time)?, scale, days(&[*a, *b, *c])?)
        }
        // UTC stands beside the offset, which is not kept.
        (WireType::DateTimeOffset { scale }, [time @ .., a, b, c, _, _]) => {
            datetime2(units(time)?, scale, days(&[*a, *b, *c])?)
        }
        _ => None,
    }
}

/// Days and ticks of 1/300 s, to the millisecond that SQL Server prints: .000, .003, .007.
pub fn datetime(days: i32, ticks: u32) -> i64 {
    (i64::from(days) - DAYS_FROM_1900) * DAY + (i64::from(ticks) * 10 + 1) / 3 * 1_000
}

pub fn smalldatetime(days: u16, minutes: u16) -> i64 {
    (i64::from(days) - DAYS_FROM_1900) * DAY + i64::from(minutes) * MINUTE
}

/// To the microsecond; a tenth of one is cut off.
pub fn datetime2(units: u64, scale: u8, days: i32) -> Option<i64> {
    Some(i64::from(days) * DAY + in_nanoseconds(units, scale)? / 1_000)
}

/// Since 1970-01-01.
pub fn days(bytes: &[u8]) -> Option<i32> {
    let [a, b, c] = *bytes else { return None };
    Some(i32::from_le_bytes([a, b, c, 0]) - DAYS_FROM_1)
}

/// Since midnight.
pub fn nanoseconds(bytes: &[u8], scale: u8) -> Option<i64> {
    in_nanoseconds(units(bytes)?, scale)
}

/// Units of the last digit.
fn units(bytes: &[u8]) -> Option<u64> {
    match *bytes {
        [a, b, c] => Some(u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0])),
        [a, b, c, d] => Some(u64::from_le_bytes([a, b, c, d, 0, 0, 0, 0])),
        [a, b, c, d, e] => Some(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])),
        _ => None,
    }
}

fn in_nanoseconds(units: u64, scale: u8) -> Option<i64> {
    let unit = 10_i64.checked_pow(9_u32.checked_sub(scale.into())?)?;
    i64::try_from(units).ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1900-01-01 00:00:00.0033333` and what SQL Server prints of the ticks that follow.
    #[test]
    fn ticks_are_the_milliseconds_that_sql_server_prints() {
        let printed: Vec<i64> = (0..7).map(|ticks| datetime(25_567, ticks) / 1_000).collect();
        assert_eq!(printed, [0, 3, 7, 10, 13, 17, 20]);
        assert_eq!(datetime(0, 0), -2_208_988_800_000_000);
    }

    #[test]
    fn lengths_that_no_time_has_are_none() {
        for wrong in [&[][..], &[1, 2], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(timestamp(WireType::DateTime, wrong), None);
            assert_eq!(timestamp(WireType::DateTime2 { scale: 7 }, wrong), None);
            assert_eq!(nanoseconds(wrong, 7), None);
            assert_eq!(days(wrong), None);
        }
        assert_eq!(nanoseconds(&[0, 0, 1], 12), None);
    }
}
