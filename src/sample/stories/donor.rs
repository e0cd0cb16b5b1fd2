//! A donor outside the company who reaches everybody of the Foundation, and nobody else.

use chrono::Weekday::Wed;
use chrono_tz::Europe::Berlin;

use super::cast::{CHARITY, DONOR};
use crate::Result;
use crate::sample::script::{Script, odd_ticks, wall};

/// How many of the Wednesdays each of the four is called on.
const CALLS: [usize; 4] = [5, 4, 3, 2];

pub fn plant(script: &mut Script) -> Result<()> {
    let donor = script.person(DONOR)?;
    for (member, calls) in CHARITY.into_iter().zip(CALLS) {
        let member = script.person(member)?;
        for (n, date) in script.on(&[Wed]).into_iter().take(calls) {
            let start = wall(date, Berlin, 11, 10 + calls as u32 * 7).plus(odd_ticks(n));
            script.call(donor, member, start, 180 + 60 * n);
        }
    }
    Ok(())
}
