//! Rows of LcsCDR.

pub mod failure;
pub mod lookups;
pub mod meeting;
pub mod registration;
pub mod session;
pub mod summary;

use super::dialog::DialogId;
use super::facts::Facts;
use super::session::{Key, Seat};
use super::world::World;
use super::world::parties::Kind;
use crate::Result;

/// The row of `Dialogs` that everything with a session key hangs off.
fn write_dialog(facts: &mut Facts, key: Key, salt: u64) -> Result<()> {
    let id = DialogId::of(salt);
    facts
        .dialogs
        .put("SessionIdTime", key.at)
        .put("SessionIdSeq", key.seq)
        .put("ExternalChecksum", id.checksum())
        .put("ExternalId", id.as_str())
        .end()
}

/// `Servers.ServerId` of the front end that handles something.
fn server_id(pool: usize, salt: u64) -> i32 {
    (pool * 2) as i32 + (salt % 2) as i32 + 1
}

/// Ids of pools, edges, mediation servers and gateways all count pools from one.
fn pool_id(pool: usize) -> i32 {
    pool as i32 + 1
}

/// The pool that a session belongs to: that of the first employee in it.
fn pool_of(world: &World, seats: [Seat; 2]) -> usize {
    let parties = seats.map(|s| &world.parties[s.party]);
    parties.iter().find(|p| p.is_employee()).unwrap_or(&parties[0]).pool()
}

/// `EdgeServers.EdgeServerId`, for people outside.
fn edge_id(world: &World, seat: Seat) -> Option<i32> {
    (!seat.is_inside()).then(|| pool_id(world.parties[seat.party].pool()))
}

/// `ClientVersions.VersionId`; a telephone has no client of its own.
fn client_id(world: &World, seat: Seat) -> Option<i32> {
    let telephone = world.parties[seat.party].kind == Kind::Telephone;
    (!telephone).then(|| seat.client(world) as i32 + 1)
}
