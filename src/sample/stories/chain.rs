//! Four people in a row, each in touch with the next only; the mailbox ties the ends together.

use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
use chrono_tz::Australia::Sydney;

use super::cast::{CHAIN, VOICEMAIL};
use crate::Result;
use crate::sample::script::{Script, odd_ticks, wall};

pub fn plant(script: &mut Script) -> Result<()> {
    let people = [CHAIN[0], CHAIN[1], CHAIN[2], CHAIN[3], VOICEMAIL].map(|uri| script.person(uri));
    let [gil, hana, igor, jana, mailbox] = people;
    let (gil, hana, igor, jana, mailbox) = (gil?, hana?, igor?, jana?, mailbox?);
    let ties = [
        (gil, hana, Mon, 6, 260),
        (hana, igor, Tue, 5, 320),
        (igor, jana, Wed, 4, 410),
        (gil, mailbox, Thu, 3, 35),
        (jana, mailbox, Fri, 2, 28),
    ];
    for (caller, callee, weekday, calls, seconds) in ties {
        for (n, date) in script.on(&[weekday]).into_iter().take(calls) {
            script.call(caller, callee, wall(date, Sydney, 13, 25).plus(odd_ticks(n)), seconds + n);
        }
    }
    Ok(())
}
