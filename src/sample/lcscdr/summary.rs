//! IMReportSummary: a day's instant messaging by pool and by kind of sender.

use super::pool_of;
use crate::Result;
use crate::sample::clock::Tick;
use crate::sample::facts::Facts;
use crate::sample::media::{self, IM};
use crate::sample::session::Session;
use crate::sample::world::World;
use crate::sample::world::servers::POOLS;

/// Kinds of sender are numbered as the tenants are: enterprise, federated, anonymous, public.
const KINDS: usize = 4;

/// Sessions and messages so far on one day.
#[derive(Debug, Default)]
pub struct ImTally {
    cells: [[(i64, i64); KINDS]; POOLS.len()],
}

impl ImTally {
    pub fn add(&mut self, world: &World, session: &Session) {
        if media::has(session.media, IM) {
            let pool = pool_of(world, [session.caller, session.callee]);
            let kind = world.parties[session.caller.party].tenant() as usize;
            let cell = &mut self.cells[pool][kind];
            cell.0 += 1;
            cell.1 += session.messages.iter().sum::<i64>();
        }
    }

    /// One row per pool and kind that had any; `TimePeriod` D is a day.
    pub fn write(self, facts: &mut Facts, midnight: Tick) -> Result<()> {
        for (pool, kinds) in POOLS.iter().zip(self.cells) {
            for (kind, (sessions, messages)) in (0..).zip(kinds).filter(|(_, cell)| cell.0 > 0) {
                facts
                    .im_summary
                    .put("StartTime", midnight)
                    .put("TimePeriod", "D")
                    .put("PoolFQDN", pool.fqdn)
                    .put("AuthType", kind)
                    .put("SessionCount", sessions)
                    .put("MsgCount", messages)
                    .end()?;
            }
        }
        Ok(())
    }
}
