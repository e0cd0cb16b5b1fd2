//! The narrow link between Bristol and Munich: a round of video calls fills it every Monday.

use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
use chrono::{Datelike, Weekday};

use crate::sample::clock::Tick;
use crate::sample::media::{AUDIO, VIDEO};
use crate::sample::script::{Script, Scripted, odd_ticks, utc_time};
use crate::sample::world::sites::{BRISTOL, MUNICH};

/// What the policy server leaves each call of the link's 10 Mbit/s while it is full, in bit/s.
pub const CAP_PER_CALL: i64 = 600_000;

/// Calls of a Monday, all at once; and of every other working day.
const MONDAY_CALLS: i64 = 16;
const OTHER_CALLS: i64 = 2;

pub fn plant(script: &mut Script) {
    for (week, date) in script.on(&[Mon]) {
        for n in 0..MONDAY_CALLS {
            let start = utc_time(date, 9, 15).plus(odd_ticks(n + week * MONDAY_CALLS));
            plant_call(script, n + week, n, start, 2_700 + 11 * n);
        }
    }
    for (day, date) in script.on(&[Tue, Wed, Thu, Fri]) {
        for n in 0..OTHER_CALLS {
            let start = utc_time(date, 10 + n as u32 * 4, 30).plus(odd_ticks(n + day));
            plant_call(script, day, n + day, start, 1_200 + 23 * n);
        }
    }
}

fn plant_call(script: &mut Script, munich: i64, bristol: i64, start: Tick, seconds: i64) {
    let person = |site: usize, n: i64| {
        let staff = &script.world.by_site[site];
        staff[n as usize % staff.len()] as usize
    };
    // The first people of Munich have stories of their own.
    let (caller, callee) = (person(BRISTOL, bristol), person(MUNICH, 20 + munich));
    script.plant(Scripted::new(caller, callee, AUDIO | VIDEO, start, seconds));
}

/// Whether a call between two sites shares the link while it is full.
pub fn is_full(sites: [usize; 2], at: Tick) -> bool {
    let link = sites == [BRISTOL, MUNICH] || sites == [MUNICH, BRISTOL];
    link && at.date().weekday() == Weekday::Mon && (9..11).contains(&at.hour())
}
