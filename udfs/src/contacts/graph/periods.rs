//! Calls of each person by local days.

use super::events::Event;
use super::keys::Node;
use crate::local_time::Zone;

/// A call as one of its two sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Contact {
    pub(super) node: Node,
    pub(super) counterpart: Node,
    /// In microseconds since 1970.
    pub(super) start: i64,
    /// The local day of its start.
    pub(super) day: i64,
    /// The place of the call.
    pub(super) event: u32,
}

/// Every call as each of its two sees it.
pub(super) fn contacts(events: &[Event], zone: Zone) -> Vec<Contact> {
    let both = (0..).zip(events).flat_map(|(event, call)| {
        let day = zone.local(call.start).day();
        [(call.a, call.b), (call.b, call.a)].map(|(node, counterpart)| Contact {
            node,
            counterpart,
            start: call.start,
            day,
            event,
        })
    });
    both.collect()
}
