//! Rate My Call: stars, and what was wrong with the call.

use super::{Context, keys};
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::Random;

/// Of the published codes: distorted speech, echo, background noise, dropped audio.
const TROUBLES: [i64; 4] = [107, 103, 104, 106];

/// Every tenth caller is asked, and answers as the call was.
pub fn write(facts: &mut Facts, context: &Context, poor: bool) -> Result<()> {
    let call = context.call;
    let asked = call.reported[0]
        && context.world.parties[call.caller.party].is_employee()
        && call.salt % 10 == 6;
    if !asked {
        return Ok(());
    }
    let mut random = Random::at(&[0x55, call.salt]);
    let stars = if poor { [38, 34, 20, 6, 2] } else { [1, 3, 10, 36, 50] };
    let rating = random.weighted(&stars) as i64 + 1;
    facts
        .feedback
        .put("ConferenceDateTime", context.key.at)
        .put("SessionSeq", context.key.seq)
        .put("FromURI", keys::user(call.caller.party))
        .put("Rating", rating)
        .end()?;
    if rating > 3 {
        return Ok(());
    }
    facts
        .feedback_tokens
        .put("ConferenceDateTime", context.key.at)
        .put("SessionSeq", context.key.seq)
        .put("FromURI", keys::user(call.caller.party))
        .put("TokenId", *random.pick(&TROUBLES))
        .put("TokenValue", 1)
        .end()
}
