//! Two people of different departments who talk in the evenings and on weekends.

use chrono::Weekday::{Mon, Sat, Sun, Thu, Tue, Wed};
use chrono_tz::Europe::Berlin;

use super::cast::{ANNA, BRUNO};
use crate::Result;
use crate::sample::script::{Script, odd_ticks, wall};

pub fn plant(script: &mut Script) -> Result<()> {
    let (anna, bruno) = (script.person(ANNA)?, script.person(BRUNO)?);
    for (n, date) in script.on(&[Mon, Wed, Thu]) {
        let (caller, callee) = if n % 2 == 0 { (anna, bruno) } else { (bruno, anna) };
        script.call(
            caller,
            callee,
            wall(date, Berlin, 21, 10).plus(odd_ticks(n)),
            900 + n * 37 % 1500,
        );
    }
    for (n, date) in script.on(&[Sat, Sun]) {
        script.call(
            bruno,
            anna,
            wall(date, Berlin, 11, 20).plus(odd_ticks(n)),
            1200 + n * 53 % 900,
        );
    }
    for (n, date) in script.on(&[Tue]) {
        script.chat(anna, bruno, wall(date, Berlin, 12, 15).plus(odd_ticks(n)), 240);
    }
    Ok(())
}
