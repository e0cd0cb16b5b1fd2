//! Calls of one person to telephones abroad, of lengths that try a tariff's increments.

use chrono_tz::Europe::Berlin;

use super::cast::{PRIYA, TARIFF_NUMBERS};
use crate::Result;
use crate::sample::media::AUDIO;
use crate::sample::script::{Script, Scripted, wall};

/// Day, position in `TARIFF_NUMBERS`, seconds; 0 seconds: not answered, nothing to charge.
const CALLS: [(u32, usize, i64); 12] = [
    (2, 0, 83),
    (4, 1, 61),
    (9, 2, 31),
    (11, 3, 60),
    (16, 4, 599),
    (18, 0, 10),
    (23, 1, 0),
    (25, 2, 3599),
    (30, 3, 1),
    (37, 4, 120),
    (44, 0, 301),
    (51, 2, 6),
];

pub fn plant(script: &mut Script) -> Result<()> {
    let priya = script.person(PRIYA)?;
    for (n, (day, destination, seconds)) in (0..).zip(CALLS) {
        let telephone = script.telephone(TARIFF_NUMBERS[destination])?;
        let start = wall(script.day(day), Berlin, 10, 4 * n);
        script.plant(Scripted::new(priya, telephone, AUDIO, start, seconds));
    }
    Ok(())
}
