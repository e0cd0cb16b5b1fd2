//! A help desk whose five agents take very unequal shares of its calls.

use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
use chrono_tz::Europe::Berlin;

use super::cast::{AGENTS, HELPDESK};
use crate::Result;
use crate::sample::clock::SECOND;
use crate::sample::media::AUDIO;
use crate::sample::script::{Script, Scripted, odd_ticks, wall};

/// Of twenty answered calls: nine, five, three, two and one.
const TURNS: [usize; 20] = [0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 2, 0, 1, 0, 4, 0, 2, 1, 3, 0];
const CALLS_A_DAY: i64 = 6;
/// Every eleventh caller gives up before an agent answers.
const GIVES_UP: i64 = 11;

pub fn plant(script: &mut Script) -> Result<()> {
    let helpdesk = script.person(HELPDESK)?;
    let agents = AGENTS.iter().map(|uri| script.person(uri)).collect::<Result<Vec<usize>>>()?;
    let customers: Vec<usize> = customers(script).collect();
    let mut answered = 0;
    for (day, date) in script.on(&[Mon, Tue, Wed, Thu, Fri]) {
        for n in 0..CALLS_A_DAY {
            let call = day * CALLS_A_DAY + n;
            let start = wall(date, Berlin, 9 + n as u32, 17).plus(odd_ticks(call));
            let customer = customers[call as usize * 5 % customers.len()];
            let agent = (call % GIVES_UP != GIVES_UP - 1).then(|| {
                answered += 1;
                agents[TURNS[(answered - 1) % TURNS.len()]]
            });
            plant_call(script, helpdesk, customer, agent, start, call);
        }
    }
    Ok(())
}

fn customers<'a>(script: &Script<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let parties = script.world.parties.iter().enumerate();
    parties.filter(|(_, p)| p.is_telephone() && p.ordinary).map(|(n, _)| n)
}

/// The caller's leg to the help desk, and the one that it turns over to an agent.
fn plant_call(
    script: &mut Script,
    helpdesk: usize,
    customer: usize,
    agent: Option<usize>,
    start: crate::sample::clock::Tick,
    call: i64,
) {
    let talk = 150 + call * 31 % 600;
    let waits = 12 + call % 25;
    let group = Some(call as u64);
    let total = if agent.is_some() { waits + talk } else { waits };
    script
        .plant(Scripted { call: group, ..Scripted::new(customer, helpdesk, AUDIO, start, total) });
    if let Some(agent) = agent {
        let leg = Scripted::new(customer, agent, AUDIO, start.plus(waits * SECOND), talk);
        script.plant(Scripted {
            dialled: Some(helpdesk),
            referred_by: Some(helpdesk),
            call: group,
            ..leg
        });
    }
}
