//! Somebody who starts to talk to recruiters in the fifth week.

use chrono_tz::America::New_York;

use super::cast::{CARLA, RECRUITER_NUMBER, RECRUITERS};
use crate::Result;
use crate::sample::script::{Script, wall};

/// The Monday of the fifth week.
const FIRST: u32 = 28;

pub fn plant(script: &mut Script) -> Result<()> {
    let carla = script.person(CARLA)?;
    let [lakeside, summit] = [script.person(RECRUITERS[0])?, script.person(RECRUITERS[1])?];
    let telephone = script.telephone(RECRUITER_NUMBER)?;
    for (day, minute, seconds) in [(1, 5, 420), (3, 12, 300), (10, 8, 660), (17, 2, 540)] {
        script.chat(lakeside, carla, wall(script.day(FIRST + day), New_York, 12, minute), seconds);
    }
    for (day, minute, seconds) in [(4, 20, 780), (15, 31, 1260)] {
        script.call(carla, summit, wall(script.day(FIRST + day), New_York, 17, minute), seconds);
    }
    for (day, minute, seconds) in [(7, 15, 610), (16, 40, 1525), (23, 25, 940)] {
        script.call(carla, telephone, wall(script.day(FIRST + day), New_York, 18, minute), seconds);
    }
    Ok(())
}
