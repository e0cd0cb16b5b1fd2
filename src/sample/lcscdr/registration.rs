//! Sign-ins.

use super::{client_id, edge_id, pool_id, server_id, write_dialog};
use crate::Result;
use crate::sample::clock::SECOND;
use crate::sample::facts::Facts;
use crate::sample::random::Random;
use crate::sample::registration::Registration;
use crate::sample::rows::Guid;
use crate::sample::world::World;

pub fn write(facts: &mut Facts, world: &World, registration: &Registration) -> Result<()> {
    write_dialog(facts, registration.key, registration.salt)?;
    let seat = registration.seat;
    let party = &world.parties[seat.party];
    let pool = party.pool();
    let address = world.network.seen_address(seat.party, party, seat.place).to_string();
    let era = Random::at(&[0xE7, registration.salt]).wide();
    let registered = registration.outcome.is_success();
    let ended = registration.ended;
    facts
        .registrations
        .put("SessionIdTime", registration.key.at)
        .put("SessionIdSeq", registration.key.seq)
        .put("UserId", world.main_user_id(seat.party))
        .put("EndpointId", Guid(party.endpoint))
        .put("EndpointEra", Guid(era))
        .put("ClientVersionId", client_id(world, seat))
        .put("RegistrarId", server_id(pool, registration.salt))
        .put("PoolId", pool_id(pool))
        .put("EdgeServerId", edge_id(world, seat))
        .put("IsInternal", seat.is_inside())
        .put("IsUserServiceAvailable", registered)
        .put("IsPrimaryRegistrar", true)
        .put("IsPrimaryRegistrarCentral", true)
        .put("RegisterTime", registration.key.at.plus(SECOND / 3))
        .put("DeRegisterTime", ended.map(|(at, _)| at))
        .put("ResponseCode", registration.outcome.response)
        .put("DiagnosticId", registration.outcome.diagnostic)
        .put("DeviceId", registration.desk_phone.then(|| seat.party as i32 + 1))
        .put("DeRegisterTypeId", ended.map(|(_, reason)| reason))
        .put("IPAddress", address.as_str())
        .put("LastModifiedTime", ended.map_or(registration.key.at, |(at, _)| at).written())
        .end()
}
