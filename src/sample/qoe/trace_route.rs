//! TraceRoute: the hops that some clients in the office find on the way to the other end.

use super::Context;
use super::media_line::AUDIO_LINE;
use crate::Result;
use crate::sample::facts::Facts;

pub fn write(facts: &mut Facts, context: &Context) -> Result<()> {
    let (world, call) = (context.world, context.call);
    let party = &world.parties[call.caller.party];
    let Some(access) =
        world.network.access(party, call.caller.place).filter(|_| is_traced(context))
    else {
        return Ok(());
    };
    let far = &world.parties[call.callee.party];
    let door = world.network.router_key(access);
    let other_door =
        world.network.access(far, call.callee.place).map(|a| world.network.router_key(a));
    let end = world.network.address_key(call.callee.party, far, call.callee.place);
    let delay = context.path.ends[0].delay;
    let far_delay = delay + context.path.between.delay;
    let hops = [
        (Some(door), delay),
        (other_door, far_delay),
        (Some(end), far_delay + context.path.ends[1].delay),
    ];
    let answered = hops.into_iter().filter_map(|(key, ms)| Some((key?, ms)));
    for (hop, (key, ms)) in (1..).zip(answered) {
        facts
            .trace_routes
            .put("ConferenceDateTime", context.key.at)
            .put("SessionSeq", context.key.seq)
            .put("MediaLineLabel", AUDIO_LINE)
            .put("FromCaller", true)
            .put("Hop", hop)
            .put("IPAddressKey", key)
            .put("RTT", ms as i64 + 1)
            .end()?;
    }
    Ok(())
}

/// One call in fifteen.
fn is_traced(context: &Context) -> bool {
    context.call.reported[0] && context.call.salt % 15 == 3
}
