//! AppSharingStream: the screen of one end as the other saw it.

use super::Context;
use super::keys::Payload;
use super::media_line::{Line, SHARING_LINE};
use super::path::Flow;
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::Random;
use crate::sample::rows::Rows;

/// What the viewer got, rounded as stored.
struct Shown {
    flow: Flow,
    /// Hundredths of a percent.
    spoiled: i64,
    /// Milliseconds from encoding a tile to decoding it.
    latency: i64,
    /// Milliseconds one way.
    one_way: i64,
}

impl Shown {
    fn new(flow: Flow, random: &mut Random) -> Self {
        Self {
            flow,
            spoiled: random.long_tail(260.0, 9.0) as i64 + flow.loss * 2,
            latency: 40 + flow.round_trip / 2 + random.long_tail(35.0, 9.0) as i64,
            one_way: flow.round_trip / 2 + random.long_tail(60.0, 14.0) as i64,
        }
    }

    /// The published rule for application sharing.
    fn is_poor(&self) -> bool {
        self.spoiled > 3_600 || self.latency > 400 || self.one_way > 1_750
    }
}

/// One stream, from the end that shares (the caller) to the other.
pub fn write(facts: &mut Facts, context: &Context) -> Result<Line> {
    let mut random = Random::at(&[0x54, context.call.salt]);
    let shown = Shown::new(context.path.flow(1, &mut random), &mut random);
    let [sent, received] = context.call.reported;
    let rows = &mut facts.sharing_streams;
    rows.put("ConferenceDateTime", context.key.at)
        .put("SessionSeq", context.key.seq)
        .put("MediaLineLabel", SHARING_LINE)
        .put("StreamID", 1);
    if received {
        write_network(rows, context, &shown);
    }
    rows.put("AppSharingPayloadDescription", Payload::Data.key());
    if received {
        rows.put("RelativeOneWayAverage", shown.one_way as f64 / 1000.0)
            .put("RelativeOneWayMax", shown.one_way as f64 / 400.0);
    }
    rows.put("ApplicationSharingType", if received { "Viewer;desktop" } else { "Sharer;desktop" });
    if received {
        write_tiles(rows, &shown, &mut random);
    }
    if sent {
        let frames = random.bell(4.5, 2.5);
        rows.put("OutgoingTileRateAverage", round2(frames * 14.0))
            .put("OutgoingFrameRateAverage", round2(frames));
    }
    rows.put("AverageRectangleHeight", 260)
        .put("AverageRectangleWidth", 410)
        .put("Inbound", received)
        .put("Outbound", sent)
        .put("SenderIsCallerPAI", true)
        .end()?;
    Ok(Line { poor: received && shown.is_poor(), conversational_mos: None })
}

fn write_network(rows: &mut Rows, context: &Context, shown: &Shown) {
    let flow = shown.flow;
    rows.put("JitterInterArrival", flow.jitter)
        .put("JitterInterArrivalMax", flow.jitter_max)
        .put("RoundTrip", flow.round_trip)
        .put("RoundTripMax", flow.round_trip_max)
        .put("PacketLossRate", flow.loss as f64 / 10_000.0)
        .put("PacketLossRateMax", flow.loss_max as f64 / 10_000.0)
        .put("PacketUtilization", context.call.seconds() * 22)
        .put("BandwidthEst", context.path.bandwidth);
}

fn write_tiles(rows: &mut Rows, shown: &Shown, random: &mut Random) {
    let latency = shown.latency as f64;
    let spoiled = shown.spoiled as f64 / 100.0;
    let frames = random.bell(4.0, 2.0);
    rows.put("RDPTileProcessingLatencyAverage", latency)
        .put("RDPTileProcessingLatencyMax", latency * 2.5)
        .put("CaptureTileRateAverage", round2(frames * 15.0))
        .put("SpoiledTilePercentTotal", spoiled)
        .put("SpoiledTilePercentAverage", spoiled)
        .put("SpoiledTilePercentMax", (spoiled * 2.0).min(100.0))
        .put("ScrapingFrameRateAverage", round2(frames * 1.4))
        .put("IncomingTileRateAverage", round2(frames * 13.0))
        .put("IncomingFrameRateAverage", round2(frames));
}

fn round2(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
