//! A session between two people: SessionDetails and all that hangs off it.

use super::{client_id, edge_id, pool_id, pool_of, server_id, write_dialog};
use crate::Result;
use crate::sample::clock::SECOND;
use crate::sample::facts::Facts;
use crate::sample::media::{self, AUDIO, FILE, IM};
use crate::sample::random::Random;
use crate::sample::rows::Guid;
use crate::sample::session::{Seat, Session};
use crate::sample::world::World;
use crate::sample::world::names::DEPARTMENTS;
use crate::sample::world::parties::Kind;
use crate::sample::world::sites::SITES;

pub fn write(facts: &mut Facts, world: &World, session: &Session) -> Result<()> {
    write_dialog(facts, session.key, session.salt)?;
    write_details(facts, world, session)?;
    write_media(facts, session)?;
    if media::has(session.media, AUDIO) {
        write_voip(facts, world, session)?;
    }
    if media::has(session.media, FILE) {
        write_file(facts, session)?;
    }
    if session.is_emergency(world) {
        write_location(facts, world, session)?;
    }
    Ok(())
}

/// The parties as User1 and User2, which the databases do not promise to be caller and callee.
struct Sides {
    seats: [Seat; 2],
    messages: [i64; 2],
}

impl Sides {
    fn of(session: &Session) -> Self {
        let mut sides =
            Self { seats: [session.caller, session.callee], messages: session.messages };
        if !session.caller_first {
            sides.seats.reverse();
            sides.messages.reverse();
        }
        sides
    }
}

fn write_details(facts: &mut Facts, world: &World, session: &Session) -> Result<()> {
    let sides = Sides::of(session);
    let pool = pool_of(world, sides.seats);
    let user = |seat: Seat| world.user_id(seat.party, session.salt);
    let endpoint = |seat: Seat| endpoint_id(world, session, seat);
    let client = |seat: Seat| client_id(world, seat).filter(|_| knows_client(session, seat));
    let chats = media::has(session.media, IM);
    let [user1, user2] = sides.seats;
    facts
        .session_details
        .put("SessionIdTime", session.key.at)
        .put("SessionIdSeq", session.key.seq)
        .put("CorrelationId", session.correlation.map(|c| c.guid()))
        .put("User1Id", user(user1))
        .put("User2Id", user(user2))
        .put("User1EndpointId", endpoint(user1))
        .put("User2EndpointId", endpoint(user2))
        .put("TargetUserId", world.user_id(session.dialled, session.salt))
        .put("SessionStartedById", user(session.caller))
        .put("OnBehalfOfId", session.on_behalf_of.map(|n| world.main_user_id(n)))
        .put("ReferredById", session.referred_by.map(|n| world.main_user_id(n)))
        .put("ServerId", server_id(pool, session.salt))
        .put("PoolId", pool_id(pool))
        .put("ContentTypeID", if session.media == IM { 2 } else { 1 })
        .put("User1ClientVerId", client(user1))
        .put("User2ClientVerId", client(user2))
        .put("User1EdgeServerid", edge_id(world, user1))
        .put("User2EdgeServerid", edge_id(world, user2))
        .put("IsUser1Internal", user1.is_inside())
        .put("IsUser2Internal", user2.is_inside())
        .put("InviteTime", session.key.at.plus(1 + (session.salt % 20) as i64))
        .put("ResponseTime", session.answered().then(|| session.responded_at()))
        .put("ResponseCode", session.outcome.response)
        .put("DiagnosticId", session.outcome.diagnostic)
        .put("CallPriority", if session.is_emergency(world) { 4 } else { 2 })
        .put("User1MessageCount", chats.then_some(sides.messages[0]))
        .put("User2MessageCount", chats.then_some(sides.messages[1]))
        .put("SessionEndTime", session.answered().then(|| session.ended_at()))
        .put("MediaTypes", i64::from(session.media))
        .put("User1Flag", desk_phone_flag(world, user1))
        .put("User2Flag", desk_phone_flag(world, user2))
        .put("CallFlag", i32::from(session.retried))
        .put("Processed", true)
        .put("LastModifiedTime", session.ended_at().written())
        .end()
}

/// Only our own people's devices have an endpoint id that the server knows.
fn endpoint_id(world: &World, session: &Session, seat: Seat) -> Option<Guid> {
    let party = &world.parties[seat.party];
    (party.is_employee() && knows_client(session, seat)).then_some(Guid(party.endpoint))
}

/// A callee who never answered has not shown a client.
fn knows_client(session: &Session, seat: Seat) -> bool {
    session.answered() || seat == session.caller
}

fn desk_phone_flag(world: &World, seat: Seat) -> i32 {
    i32::from(seat.client(world) == crate::sample::world::equipment::PHONE_EDITION)
}

/// One row per modality; what was added later was offered later.
fn write_media(facts: &mut Facts, session: &Session) -> Result<()> {
    let step = (session.talk / 12).min(90 * SECOND);
    for (n, id) in (0..).zip(media::ids(session.media)) {
        facts
            .media
            .put("SessionIdTime", session.key.at)
            .put("SessionIdSeq", session.key.seq)
            .put("MediaId", id)
            .put("StartTime", session.key.at.plus(1 + n * step))
            .put("EndTime", session.answered().then(|| session.ended_at()))
            .end()?;
    }
    Ok(())
}

fn write_voip(facts: &mut Facts, world: &World, session: &Session) -> Result<()> {
    let is_telephone = |seat: Seat| world.parties[seat.party].kind == Kind::Telephone;
    let outside_call = is_telephone(session.caller) || is_telephone(session.callee);
    let number = |seat: Seat| world.phone_id(seat.party).filter(|_| outside_call);
    let gateway =
        |seat: Seat| is_telephone(seat).then(|| pool_id(world.parties[seat.party].pool()));
    let ended_by = if session.salt % 5 < 3 { session.caller } else { session.callee };
    let by_telephone = is_telephone(ended_by);
    let party = world.main_user_id(ended_by.party);
    facts
        .voip_details
        .put("SessionIdTime", session.key.at)
        .put("SessionIdSeq", session.key.seq)
        .put("FromNumberId", number(session.caller).filter(|_| !session.withheld))
        .put("ConnectedNumberId", number(session.callee))
        .put("FromMediationServerId", gateway(session.caller))
        .put("ToMediationServerId", gateway(session.callee))
        .put("FromGatewayId", gateway(session.caller))
        .put("ToGatewayId", gateway(session.callee))
        .put("DisconnectedbyURIId", (session.answered() && !by_telephone).then_some(party))
        .put(
            "DisconnectedbyPhoneId",
            number(ended_by).filter(|_| session.answered() && by_telephone),
        )
        .put("LastModifiedTime", session.ended_at().written())
        .end()
}

fn write_file(facts: &mut Facts, session: &Session) -> Result<()> {
    const KINDS: [&str; 4] = ["report.docx", "figures.xlsx", "slides.pptx", "plan.pdf"];
    let mut random = Random::at(&[0xF1, session.salt]);
    let name = format!(
        "{}-{}",
        DEPARTMENTS[random.index(DEPARTMENTS.len())].to_lowercase(),
        random.pick(&KINDS)
    );
    let cookie = random.below(10_000_000).to_string();
    let fate = if session.answered() { random.weighted(&[80, 12, 8]) } else { 2 };
    let outcome = |n: usize| (fate == n).then_some(true);
    facts
        .file_transfers
        .put("SessionIdTime", session.key.at)
        .put("SessionIdSeq", session.key.seq)
        .put("FileName", name.as_str())
        .put("FileIdentity", Guid(random.wide()))
        .put("Cookie", cookie.as_str())
        .put("Accept", outcome(0))
        .put("Reject", outcome(1))
        .put("Cancel", outcome(2))
        .put("LastModifiedTime", session.ended_at().written())
        .end()
}

fn write_location(facts: &mut Facts, world: &World, session: &Session) -> Result<()> {
    let caller = &world.parties[session.caller.party];
    let site = SITES[caller.site].name;
    let text = format!(
        "<location><city>{site}</city><building>{}</building></location>",
        caller.building + 1
    );
    facts
        .locations
        .put("SessionIdTime", session.key.at)
        .put("SessionIdSeq", session.key.seq)
        .put("Location", text.as_str())
        .end()
}
