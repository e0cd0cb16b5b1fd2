//! VideoStream and VideoClientEvent.

use super::Context;
use super::keys::Payload;
use super::media_line::{Line, VIDEO_LINE};
use super::path::Flow;
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::Random;
use crate::sample::rows::Rows;

/// What a receiver saw, rounded as stored.
#[derive(Debug, Clone, Copy)]
struct Seen {
    flow: Flow,
    /// Ten-thousandths of the packets that error correction could not bring back.
    post_fec_loss: i64,
    /// Hundredths of a percent of the frames.
    frame_loss: i64,
    /// Hundredths of a frame per second.
    frame_rate: i64,
    /// Percent of the call.
    low_frame_rate: i64,
    dynamic_capability: i64,
}

impl Seen {
    fn new(flow: Flow, congested: bool, random: &mut Random) -> Self {
        let frame_rate = (2_400 + random.between(-500, 500) - flow.loss * 2).max(150);
        Self {
            flow,
            post_fec_loss: flow.loss / 4,
            frame_loss: flow.loss * 3 / 4 + random.between(0, 40),
            frame_rate,
            low_frame_rate: ((1_500 - frame_rate) / 20).max(0),
            dynamic_capability: if congested { random.between(2, 9) } else { random.between(0, 2) },
        }
    }

    /// The published rule for video, over the values as stored.
    fn is_poor(&self) -> bool {
        self.post_fec_loss > 1_000
            || self.frame_loss > 1_000
            || self.frame_rate < 700
            || self.low_frame_rate > 10
            || self.flow.loss > 1_000
            || self.dynamic_capability > 10
    }
}

pub fn write(facts: &mut Facts, context: &Context) -> Result<Line> {
    let mut random = Random::at(&[0x53, context.call.salt]);
    let mut poor = false;
    for sender in [0, 1] {
        let flow = context.path.flow(1 - sender, &mut random);
        let seen = Seen::new(flow, context.path.congested, &mut random);
        let stream = Stream { context, seen, sender };
        poor |= stream.inbound() && seen.is_poor();
        stream.write(&mut facts.video_streams, &mut random)?;
    }
    write_events(facts, context)?;
    Ok(Line { poor, conversational_mos: None })
}

struct Stream<'a> {
    context: &'a Context<'a>,
    seen: Seen,
    sender: usize,
}

impl Stream<'_> {
    fn inbound(&self) -> bool {
        self.context.call.reported[1 - self.sender]
    }

    fn outbound(&self) -> bool {
        self.context.call.reported[self.sender]
    }

    /// Only clients of 2013 speak H.264.
    fn payload(&self) -> Payload {
        let client = self.context.call.caller.client(self.context.world);
        if client < 2 { Payload::H264 } else { Payload::RtVideo }
    }

    /// bit/s that the path leaves to this stream.
    fn bit_rate(&self) -> i64 {
        (self.context.path.bandwidth / 3).clamp(90_000, 900_000)
    }

    fn write(&self, rows: &mut Rows, random: &mut Random) -> Result<()> {
        rows.put("ConferenceDateTime", self.context.key.at)
            .put("SessionSeq", self.context.key.seq)
            .put("MediaLineLabel", VIDEO_LINE)
            .put("StreamID", self.sender as i32 + 1)
            .put("VideoPayloadDescription", self.payload().key());
        if self.inbound() {
            self.write_received(rows);
        }
        self.write_direction(rows);
        if self.outbound() {
            self.write_sent(rows, random);
        }
        if self.inbound() {
            self.write_playback(rows);
        }
        rows.put("DurationSeconds", self.context.call.seconds())
            .put("IsAggregatedData", false)
            .end()
    }

    fn write_received(&self, rows: &mut Rows) {
        let Seen { flow, frame_loss, frame_rate, .. } = self.seen;
        let rate = self.bit_rate();
        rows.put("JitterInterArrival", flow.jitter)
            .put("JitterInterArrivalMax", flow.jitter_max)
            .put("RoundTrip", flow.round_trip)
            .put("RoundTripMax", flow.round_trip_max)
            .put("PacketLossRate", flow.loss as f64 / 10_000.0)
            .put("PacketLossRateMax", flow.loss_max as f64 / 10_000.0)
            .put("PacketUtilization", self.context.call.seconds() * 95)
            .put("BandwidthEst", self.context.path.bandwidth)
            .put("VideoResolution", self.resolution().1)
            .put("VideoBitRateAvg", rate)
            .put("InboundVideoFrameRateAvg", frame_rate as f64 / 100.0)
            .put("VideoBitRateMax", rate * 7 / 5)
            .put("VideoFrameLossRate", frame_loss as f64 / 10_000.0)
            .put("VideoLocalFrameLossPercentageAvg", frame_loss as f64 / 100.0);
        let large = if rate > 500_000 { 70 } else { 20 };
        rows.put("CIFQualityRatio", 100 - large).put("VGAQualityRatio", large);
    }

    /// Width and text of the picture, by bit rate.
    fn resolution(&self) -> ([i32; 2], &'static str) {
        match self.bit_rate() {
            0..=250_000 => ([320, 240], "320x240"),
            250_001..=600_000 => ([640, 360], "640x360"),
            _ => ([640, 480], "640x480"),
        }
    }

    fn write_direction(&self, rows: &mut Rows) {
        rows.put("Inbound", self.inbound())
            .put("Outbound", self.outbound())
            .put("SenderIsCallerPAI", self.sender == 0);
    }

    fn write_sent(&self, rows: &mut Rows, random: &mut Random) {
        let busy =
            if self.context.path.congested { random.between(25, 65) } else { random.between(0, 3) };
        let average = self.context.path.bandwidth;
        rows.put("LossCongestionPercent", busy)
            .put("DelayCongestionPercent", busy * 7 / 10)
            .put("ContentionDetectedPercent", busy * 4 / 10)
            .put("BandwidthEstMin", average * 6 / 10)
            .put("BandwidthEstMax", average * 13 / 10)
            .put("BandwidthEstStdDev", average / 8)
            .put("BandwidthEstAvge", average);
    }

    fn write_playback(&self, rows: &mut Rows) {
        let Seen { flow, post_fec_loss, frame_rate, low_frame_rate, dynamic_capability, .. } =
            self.seen;
        let ([width, height], _) = self.resolution();
        let rate = self.bit_rate();
        rows.put("RelativeOneWayAverage", flow.round_trip as f64 / 2000.0)
            .put("RelativeOneWayMax", flow.round_trip_max as f64 / 2000.0)
            .put("VideoPacketLossRate", flow.loss as f64 / 10_000.0)
            .put("VideoAllocateBWAvg", rate)
            .put("RecvCodecTypes", if self.payload() == Payload::H264 { 2 } else { 1 })
            .put("RecvResolutionWidth", width)
            .put("RecvResolutionHeight", height)
            .put("RecvFrameRateAverage", frame_rate as f64 / 100.0)
            .put("RecvBitRateMaximum", rate * 7 / 5)
            .put("RecvBitRateAverage", rate)
            .put("RecvVideoStreamsMax", 1)
            .put("RecvVideoStreamsMin", 1)
            .put("VideoPostFECPLR", post_fec_loss as f64 / 10_000.0)
            .put("DynamicCapabilityPercent", dynamic_capability)
            .put("ResolutionMin", "320x180")
            .put("LowFrameRateCallPercent", low_frame_rate)
            .put("LowResolutionCallPercent", if rate < 150_000 { 8 } else { 0 });
    }
}

fn write_events(facts: &mut Facts, context: &Context) -> Result<()> {
    for (side, (_, reported)) in context.call.sides().into_iter().enumerate() {
        if reported {
            let lost = context.path.ends[side].loss + context.path.between.loss;
            let narrow = if context.path.congested { 0.35 } else { 0.0 };
            facts
                .video_events
                .put("ConferenceDateTime", context.key.at)
                .put("SessionSeq", context.key.seq)
                .put("MediaLineLabel", VIDEO_LINE)
                .put("FromCaller", side == 0)
                .put("NetworkBandwidthLowEventRatio", narrow)
                .put("NetworkReceiveQualityEventRatio", (lost * 3.0).min(1.0))
                .end()?;
        }
    }
    Ok(())
}
