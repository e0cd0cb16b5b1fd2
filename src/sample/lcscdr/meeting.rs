//! Meetings: the instance, its addresses, who joined what, and every dialog of it.

use super::{client_id, edge_id, pool_id, server_id, write_dialog};
use crate::Result;
use crate::sample::clock::{DAY, SECOND, Tick};
use crate::sample::dialog::checksum;
use crate::sample::facts::Facts;
use crate::sample::media::IM;
use crate::sample::meeting::{COMPONENTS, Component, Leg, Meeting, Participant};
use crate::sample::random::{Random, scatter};
use crate::sample::rows::{Guid, Rows};
use crate::sample::world::World;
use crate::sample::world::equipment;

/// The addresses of a meeting: one of its focus, one of each conference server.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// `ConferenceUris.ConferenceUriId` of the focus; the others follow.
    first_id: i32,
    organizer: usize,
    meeting: u64,
}

impl Addresses {
    /// The standing meeting that every employee has.
    pub fn standing(organizer: usize) -> Self {
        let first_id = (organizer * COMPONENTS.len()) as i32 + 1;
        Self { first_id, organizer, meeting: scatter(organizer as u64) }
    }

    pub fn of(world: &World, meeting: &Meeting) -> Self {
        if meeting.standing {
            return Self::standing(meeting.organizer);
        }
        let position = world.employees as u64 + meeting.ordinal;
        let first_id = (position * COMPONENTS.len() as u64) as i32 + 1;
        Self { first_id, organizer: meeting.organizer, meeting: meeting.salt }
    }

    pub fn id(self, component: Component) -> i32 {
        self.first_id + component as i32
    }

    pub fn text(self, world: &World, component: Component) -> String {
        let organizer = &world.parties[self.organizer].uri;
        let label = component.label();
        format!("sip:{organizer};gruu;opaque=app:{label}:id:{:08X}", self.meeting as u32)
    }

    /// Its rows of `ConferenceUris`.
    pub fn write(self, rows: &mut Rows, world: &World, seen: Tick) -> Result<()> {
        for component in COMPONENTS {
            let text = self.text(world, component);
            rows.put("NextUpdateTS", seen.plus(DAY))
                .put("ConferenceUriId", self.id(component))
                .put("ConferenceUri", text.as_str())
                .put("Checksum", checksum(text.as_bytes()))
                .put("UriTypeId", uri_type_id(component))
                .end()?;
        }
        Ok(())
    }
}

/// `UriTypes`: 0 user and 1 phone are fixed, these were assigned on first sight.
pub fn uri_type_id(component: Component) -> i32 {
    component as i32 + 2
}

/// `Mcus.McuId`: every pool has a server for each component but the focus.
pub fn mcu_id(pool: usize, component: Component) -> i32 {
    (pool * (COMPONENTS.len() - 1)) as i32 + component as i32
}

fn instance(meeting: &Meeting) -> Guid {
    Guid(Random::at(&[0x1C, meeting.salt]).wide())
}

/// What is keyed by the meeting itself.
pub fn write(facts: &mut Facts, world: &World, meeting: &Meeting) -> Result<()> {
    let addresses = Addresses::of(world, meeting);
    if !meeting.standing {
        addresses.write(&mut facts.conference_uris, world, meeting.key.at)?;
    }
    write_instance(facts, world, meeting, addresses)?;
    for leg in meeting.legs.iter().filter(|l| l.outcome.is_success()) {
        match leg.component {
            Component::Focus => write_focus_join(facts, world, meeting, leg)?,
            _ => write_mcu_join(facts, world, meeting, leg)?,
        }
    }
    meeting
        .participants
        .iter()
        .enumerate()
        .try_for_each(|(n, p)| write_messages(facts, world, meeting, n, p))
}

fn write_instance(
    facts: &mut Facts,
    world: &World,
    meeting: &Meeting,
    addresses: Addresses,
) -> Result<()> {
    let organizer = &world.parties[meeting.organizer];
    facts
        .conferences
        .put("SessionIdTime", meeting.key.at)
        .put("SessionIdSeq", meeting.key.seq)
        .put("ConferenceUriId", addresses.id(Component::Focus))
        .put("ConfInstance", instance(meeting))
        .put("ConferenceStartTime", meeting.key.at.plus(SECOND / 2))
        .put("ConferenceEndTime", meeting.end)
        .put("PoolId", pool_id(organizer.pool()))
        .put("OrganizerId", world.main_user_id(meeting.organizer))
        .put("Flag", 0)
        .put("Processed", true)
        .put("LastModifiedTime", meeting.end.written())
        .end()
}

fn write_focus_join(facts: &mut Facts, world: &World, meeting: &Meeting, leg: &Leg) -> Result<()> {
    let Participant { seat, presenter, .. } = *meeting.participant(leg);
    let party = &world.parties[seat.party];
    facts
        .focus_joins
        .put("SessionIdTime", meeting.key.at)
        .put("SessionIdSeq", meeting.key.seq)
        .put("DialogSessionIdTime", leg.key.at)
        .put("DialogSessionIdSeq", leg.key.seq)
        .put("UserId", world.main_user_id(seat.party))
        .put("FocusUserInstance", 1)
        .put("IsUserInternal", seat.is_inside())
        .put("UserRole", if presenter { 1 } else { 2 })
        .put("UserJoinTime", joined(leg))
        .put("UserLeaveTime", leg.left)
        .put("ClientVerId", client_id(world, seat))
        .put("UserEndpointId", party.is_employee().then_some(Guid(party.endpoint)))
        .put("LastModifiedTime", leg.left.written())
        .end()
}

/// When the component let the participant in.
fn joined(leg: &Leg) -> Tick {
    leg.key.at.plus(leg.setup_ms * SECOND / 1000)
}

fn write_mcu_join(facts: &mut Facts, world: &World, meeting: &Meeting, leg: &Leg) -> Result<()> {
    let participant = meeting.participant(leg);
    let pool = world.parties[meeting.organizer].pool();
    facts
        .mcu_joins
        .put("SessionIdTime", meeting.key.at)
        .put("SessionIdSeq", meeting.key.seq)
        .put("UserId", world.main_user_id(participant.seat.party))
        .put("McuUserInstance", 1)
        .put("IsFromPstn", participant.by_telephone)
        .put("McuId", mcu_id(pool, leg.component))
        .put("DialogSessionIdTime", leg.key.at)
        .put("DialogSessionIdSeq", leg.key.seq)
        .put("UserJoinTime", joined(leg))
        .put("UserLeaveTime", leg.left)
        .put("ClientVerId", client_id(world, participant.seat))
        .put("LastModifiedTime", leg.left.written())
        .end()
}

/// Only who joined the chat has written something.
fn write_messages(
    facts: &mut Facts,
    world: &World,
    meeting: &Meeting,
    n: usize,
    who: &Participant,
) -> Result<()> {
    let chats = |l: &&Leg| l.participant as usize == n && l.media == IM && l.outcome.is_success();
    if who.messages == 0 || !meeting.legs.iter().any(|l| chats(&l)) {
        return Ok(());
    }
    facts
        .conference_messages
        .put("SessionIdTime", meeting.key.at)
        .put("SessionIdSeq", meeting.key.seq)
        .put("UserId", world.main_user_id(who.seat.party))
        .put("MessageCount", who.messages)
        .end()
}

/// One dialog of a meeting.
pub fn write_leg(facts: &mut Facts, world: &World, meeting: &Meeting, leg: &Leg) -> Result<()> {
    write_dialog(facts, leg.key, leg.salt)?;
    let Participant { seat, by_telephone, .. } = *meeting.participant(leg);
    let addresses = Addresses::of(world, meeting);
    let party = &world.parties[seat.party];
    let pool = world.parties[meeting.organizer].pool();
    let gateway = by_telephone.then(|| pool_id(party.pool()));
    let is_mcu = leg.component != Component::Focus;
    let answered = leg.outcome.is_success();
    facts
        .conference_sessions
        .put("SessionIdTime", leg.key.at)
        .put("SessionIdSeq", leg.key.seq)
        .put("ConferenceUriId", addresses.id(Component::Focus))
        .put("ConfInstance", instance(meeting))
        .put("McuConferenceUriId", is_mcu.then(|| addresses.id(leg.component)))
        .put("UserId", world.main_user_id(seat.party))
        .put("UserEndpointId", party.is_employee().then_some(Guid(party.endpoint)))
        .put("UserClientVersionId", client_id(world, seat))
        .put("ConfClientVersionId", server_client(leg.component).map(|c| c as i32 + 1))
        .put("IsStartedByConfServer", by_telephone && leg.salt.is_multiple_of(3))
        .put("IsEndedByConfServer", leg.salt.is_multiple_of(7))
        .put("IsUserInternal", seat.is_inside())
        .put("ResponseCode", leg.outcome.response)
        .put("DiagnosticId", leg.outcome.diagnostic)
        .put("ServerId", server_id(pool, leg.salt))
        .put("PoolId", pool_id(pool))
        .put("MediationServerId", gateway)
        .put("GatewayId", gateway)
        .put("EdgeServerId", edge_id(world, seat))
        .put("ContentTypeId", if is_mcu { 1 } else { 3 })
        .put("InviteTime", leg.key.at.plus(1))
        .put("ResponseTime", answered.then(|| joined(leg)))
        .put("SessionEndTime", answered.then_some(leg.left))
        .put("UriTypeId", uri_type_id(leg.component))
        .put("UserFlag", 0)
        .put("CallFlag", 0)
        .put("LastModifiedTime", leg.left.written())
        .end()
}

/// The software of a conference server; the focus has none of its own.
fn server_client(component: Component) -> Option<usize> {
    match component {
        Component::Focus => None,
        Component::Chat => Some(equipment::IM_MCU),
        Component::AudioVideo => Some(equipment::AV_MCU),
        Component::Sharing => Some(equipment::SHARING_MCU),
    }
}
