//! A sales team that talks to a competitor, by address and by telephone.

use chrono::Weekday::{Fri, Thu, Tue};
use chrono_tz::Europe::Berlin;

use super::cast::{COMPETITOR, COMPETITOR_NUMBER, SELLERS};
use crate::Result;
use crate::sample::script::{Script, odd_ticks, wall};

pub fn plant(script: &mut Script) -> Result<()> {
    let [otto, petra, rafael, silke] = [0, 1, 2, 3].map(|n| script.person(SELLERS[n]));
    let (sales, office) = (script.person(COMPETITOR[0])?, script.person(COMPETITOR[1])?);
    let telephone = script.telephone(COMPETITOR_NUMBER)?;
    let (otto, petra, rafael, silke) = (otto?, petra?, rafael?, silke?);
    for (n, date) in script.on(&[Tue]) {
        script.call(otto, sales, wall(date, Berlin, 10, 40).plus(odd_ticks(n)), 400 + 13 * n);
    }
    for (n, date) in script.on(&[Thu]).into_iter().take(6) {
        script.call(petra, office, wall(date, Berlin, 14, 5).plus(odd_ticks(n)), 350 + 17 * n);
    }
    for (n, date) in script.on(&[Fri]).into_iter().take(4) {
        script.call(rafael, sales, wall(date, Berlin, 9, 30).plus(odd_ticks(n)), 500 + 11 * n);
    }
    for (n, date) in script.on(&[Fri]).into_iter().skip(5) {
        script.call(silke, telephone, wall(date, Berlin, 15, 50).plus(odd_ticks(n)), 620 + 29 * n);
    }
    Ok(())
}
