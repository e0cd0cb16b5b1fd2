//! Dialog and Session: the call as a whole.

use super::{Context, keys};
use crate::Result;
use crate::sample::dialog::DialogId;
use crate::sample::facts::Facts;

pub fn write(facts: &mut Facts, context: &Context) -> Result<()> {
    let Context { world, call, key, .. } = *context;
    let id = DialogId::of(call.salt);
    facts
        .qoe_dialogs
        .put("ConferenceDateTime", key.at)
        .put("SessionSeq", key.seq)
        .put("DialogID", id.as_str())
        .put("DialogIDChecksum", id.checksum())
        .end()?;
    let (caller, callee) = (call.caller, call.callee);
    facts
        .qoe_sessions
        .put("ConferenceDateTime", key.at)
        .put("SessionSeq", key.seq)
        .put("ConferenceKey", call.conference_key)
        .put("CorrelationKey", call.correlation.map(|c| c.key))
        .put("DialogCategory", call.gateway_leg)
        .put("MediationServerBypassFlag", call.bypass)
        .put("MediaBypassWarningFlag", call.bypass.map(|_| 0))
        .put("StartTime", call.start)
        .put("EndTime", call.end)
        .put("CallerPool", keys::pool(world, caller))
        .put("CalleePool", keys::pool(world, callee))
        .put("CalleePAI", keys::user(callee.party))
        .put("CallerURI", keys::user(caller.party))
        .put("CallerEndpoint", keys::endpoint(world, caller))
        .put("CallerUserAgent", keys::user_agent(world, caller))
        .put("CallPriority", call.priority)
        .put("CallerPAI", keys::user(caller.party))
        .put("CalleeEndpoint", keys::endpoint(world, callee))
        .put("CalleeUserAgent", keys::user_agent(world, callee))
        .put("CalleeUri", keys::user(callee.party))
        .end()
}
