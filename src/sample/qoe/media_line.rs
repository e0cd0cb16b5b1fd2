//! MediaLine: both ends' network and devices, and the stored verdict.

use super::{Context, keys};
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::scatter;
use crate::sample::rows::Rows;
use crate::sample::session::Seat;
use crate::sample::stories::wan_link;
use crate::sample::world::network::Place;

/// `MediaLineLabel`.
pub const AUDIO_LINE: i32 = 0;
pub const VIDEO_LINE: i32 = 1;
pub const SHARING_LINE: i32 = 3;

/// What the streams of a line say about it.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Any stream met any condition of the classifier.
    pub poor: bool,
    pub conversational_mos: Option<f64>,
}

/// The column names of one side.
struct Side {
    address: [&'static str; 5],
    relay: [&'static str; 2],
    devices: [&'static str; 4],
    network: [&'static str; 4],
    wifi: [&'static str; 3],
}

const CALLER: Side = Side {
    address: ["CallerIPAddr", "CallerPort", "CallerSubnet", "CallerInside", "CallerMacAddress"],
    relay: ["CallerRelayIPAddr", "CallerRelayPort"],
    devices: [
        "CallerCaptureDev",
        "CallerRenderDev",
        "CallerCaptureDevDriver",
        "CallerRenderDevDriver",
    ],
    network: ["CallerNetworkConnectionType", "CallerBssid", "CallerVPN", "CallerLinkSpeed"],
    wifi: ["CallerReflexiveLocalIPAddr", "CallerWiFiDriverDevicesDesc", "CallerWiFiDriverVersion"],
};

const CALLEE: Side = Side {
    address: ["CalleeIPAddr", "CalleePort", "CalleeSubnet", "CalleeInside", "CalleeMacAddress"],
    relay: ["CalleeRelayIPAddr", "CalleeRelayPort"],
    devices: [
        "CalleeCaptureDev",
        "CalleeRenderDev",
        "CalleeCaptureDevDriver",
        "CalleeRenderDevDriver",
    ],
    network: ["CalleeNetworkConnectionType", "CalleeBssid", "CalleeVPN", "CalleeLinkSpeed"],
    wifi: ["CalleReflexiveLocalIPAddr", "CalleeWiFiDriverDevicesDesc", "CalleeWiFiDriverVersion"],
};

pub fn write(facts: &mut Facts, context: &Context, label: i32, line: Line) -> Result<()> {
    let call = context.call;
    let capped = context.path.congested;
    let rows = &mut facts.media_lines;
    rows.put("ConferenceDateTime", context.key.at)
        .put("SessionSeq", context.key.seq)
        .put("MediaLineLabel", label)
        .put("CallerIceWarningFlags", call.reported[0].then_some(0))
        .put("CalleeIceWarningFlags", call.reported[1].then_some(0))
        .put("Security", 1)
        .put("Transport", i32::from(over_tcp(context)));
    write_side(rows, context, &CALLER, (call.caller, call.reported[0]), label);
    write_side(rows, context, &CALLEE, (call.callee, call.reported[1]), label);
    rows.put("ConversationalMOS", line.conversational_mos)
        .put("AppliedBandwidthLimit", capped.then_some(wan_link::CAP_PER_CALL))
        .put("AppliedBandwidthSourceKey", capped.then_some(1))
        .put("Caller", call.reported[0].then_some(true))
        .put("Callee", call.reported[1].then_some(true))
        .put("MidCallReport", false)
        .put("ClassifiedPoorCall", line.poor);
    write_wifi(rows, context, &CALLER, (call.caller, call.reported[0]));
    write_wifi(rows, context, &CALLEE, (call.callee, call.reported[1]));
    rows.end()
}

/// A tenth of the calls with somebody outside fall back to TCP.
fn over_tcp(context: &Context) -> bool {
    let outside = !context.call.caller.is_inside() || !context.call.callee.is_inside();
    outside && context.call.salt.is_multiple_of(10)
}

fn write_side(
    rows: &mut Rows,
    context: &Context,
    side: &Side,
    (seat, reported): (Seat, bool),
    label: i32,
) {
    let world = context.world;
    let party = &world.parties[seat.party];
    let outside = seat.place == Place::Outside;
    let port = 50_000 + (scatter(seat.party as u64) % 9_000) as i32;
    rows.put(side.address[0], world.network.address_key(seat.party, party, seat.place))
        .put(side.address[1], port)
        .put(side.address[2], world.network.subnet_key(seat.party, party, seat.place))
        .put(side.address[3], seat.is_inside())
        .put(side.address[4], adapter(context, seat).filter(|_| reported))
        .put(side.relay[0], outside.then(|| world.network.edge_key(party.pool())))
        .put(side.relay[1], outside.then_some(port + 3));
    write_devices(rows, context, side, (seat, reported), label);
    let wireless = seat.place == Place::Wireless || (outside && seat.party % 3 > 0);
    rows.put(side.network[0], reported.then_some(i32::from(wireless)))
        .put(
            side.network[1],
            world.network.access_point_key(party, seat.place).filter(|_| reported),
        )
        .put(side.network[2], reported.then_some(is_vpn(seat)))
        .put(
            side.network[3],
            reported.then_some(if wireless { 144_000_000 } else { 1_000_000_000 }),
        );
}

/// Adapters are known of our own people only.
fn adapter(context: &Context, seat: Seat) -> Option<i32> {
    let own = context.world.parties[seat.party].is_employee();
    context.world.network.adapter_key(seat.party, seat.place).filter(|_| own)
}

/// Some people outside come in by VPN.
fn is_vpn(seat: Seat) -> bool {
    seat.place == Place::Outside && seat.party % 11 == 4
}

/// Only an end's own report names its devices.
fn write_devices(
    rows: &mut Rows,
    context: &Context,
    side: &Side,
    (seat, reported): (Seat, bool),
    label: i32,
) {
    let Some(device) = keys::device(context.world, seat).filter(|_| reported) else {
        return;
    };
    match label {
        AUDIO_LINE => {
            rows.put(side.devices[0], keys::capture_device(device))
                .put(side.devices[1], keys::render_device(device))
                .put(side.devices[2], keys::driver(device))
                .put(side.devices[3], keys::driver(device));
        }
        VIDEO_LINE => {
            rows.put(side.devices[0], keys::CAMERA);
        }
        _ => {}
    }
}

fn write_wifi(rows: &mut Rows, context: &Context, side: &Side, (seat, reported): (Seat, bool)) {
    let public =
        (seat.place == Place::Outside).then(|| context.world.network.public_key(seat.party));
    let driver = (reported && seat.place == Place::Wireless).then(|| keys::wifi_driver(seat.party));
    rows.put(side.wifi[0], public).put(side.wifi[1], driver).put(side.wifi[2], driver);
}
