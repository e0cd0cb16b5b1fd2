//! Keys of QoEMetrics' look-ups: positions in the world's lists, counted from one.

use crate::sample::session::Seat;
use crate::sample::world::World;
use crate::sample::world::equipment::{DEVICES, DRIVERS, MOBILE_AUDIO, WIFI_DRIVERS};
use crate::sample::world::network::Place;
use crate::sample::world::parties::Kind;
use crate::sample::world::servers::{MACHINES, POOLS};

/// People have other keys here than in LcsCDR.
const FIRST_USER: usize = 1001;

pub fn user(party: usize) -> i32 {
    (FIRST_USER + party) as i32
}

/// `Endpoint.EndpointKey`: machines of employees, then servers; outsiders' are not known.
pub fn endpoint(world: &World, seat: Seat) -> Option<i32> {
    let party = &world.parties[seat.party];
    match seat.place {
        Place::ServerRoom(machine) => {
            let slot = MACHINES.iter().position(|&m| m == machine)?;
            Some((world.employees + party.pool() * MACHINES.len() + slot) as i32 + 1)
        }
        _ => (party.kind == Kind::Employee).then_some(seat.party as i32 + 1),
    }
}

pub fn user_agent(world: &World, seat: Seat) -> i32 {
    seat.client(world) as i32 + 1
}

pub fn pool(world: &World, seat: Seat) -> i32 {
    world.parties[seat.party].pool() as i32 + 1
}

/// The audio device in use; server machines have none.
pub fn device(world: &World, seat: Seat) -> Option<usize> {
    match seat.place {
        Place::ServerRoom(_) => None,
        _ if seat.on_mobile(world) => Some(MOBILE_AUDIO),
        _ => Some(world.parties[seat.party].device),
    }
}

/// `Device.DeviceKey` of a device as microphone and as loudspeaker.
pub fn capture_device(device: usize) -> i32 {
    2 * device as i32 + 1
}

pub fn render_device(device: usize) -> i32 {
    2 * device as i32 + 2
}

/// `Device.DeviceKey` of the one camera.
pub const CAMERA: i32 = 2 * DEVICES.len() as i32 + 1;

pub fn driver(device: usize) -> i32 {
    (device % DRIVERS.len()) as i32 + 1
}

pub fn wifi_driver(party: usize) -> i32 {
    (DRIVERS.len() + party % WIFI_DRIVERS.len()) as i32 + 1
}

/// Server machines of all pools, as endpoints: pool and slot.
pub fn server_endpoints() -> impl Iterator<Item = (usize, usize)> {
    (0..POOLS.len()).flat_map(|pool| (0..MACHINES.len()).map(move |slot| (pool, slot)))
}

/// Codecs as `PayloadDescription` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    RtAudio,
    Pcmu,
    Pcma,
    Siren,
    RtVideo,
    H264,
    Data,
}

pub const PAYLOADS: [(Payload, &str); 7] = [
    (Payload::RtAudio, "x-msrta"),
    (Payload::Pcmu, "PCMU"),
    (Payload::Pcma, "PCMA"),
    (Payload::Siren, "SIREN"),
    (Payload::RtVideo, "x-rtvc1"),
    (Payload::H264, "X-H264UC"),
    (Payload::Data, "x-data"),
];

impl Payload {
    pub fn key(self) -> i32 {
        self as i32 + 1
    }
}

/// Sets of video codecs in `CodecDescription`.
pub const VIDEO_CODECS: [&str; 2] = ["x-rtvc1", "X-H264UC;x-rtvc1"];

/// Who may impose a limit on bandwidth, in `AppliedBandwidthSource`.
pub const BANDWIDTH_SOURCES: [&str; 3] = ["Policy Server", "TURN Server", "Modality"];
