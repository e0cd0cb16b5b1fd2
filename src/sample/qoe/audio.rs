//! AudioStream: two directions, each as its receiver heard it and its sender sent it.

use super::Context;
use super::call::MediaCall;
use super::keys::{self, Payload};
use super::media_line::{AUDIO_LINE, Line};
use super::path::Flow;
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::Random;
use crate::sample::rows::Rows;
use crate::sample::session::Seat;
use crate::sample::world::equipment::DEVICES;
use crate::sample::world::sites::BOSTON;

/// A codec with the best Network MOS that it can reach, in hundredths (Microsoft's table
/// "Operational dependencies in Lync Server 2013").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codec {
    pub payload: Payload,
    pub sample_rate: i64,
    pub ceiling: i64,
}

const fn codec(payload: Payload, sample_rate: i64, ceiling: i64) -> Codec {
    Codec { payload, sample_rate, ceiling }
}

pub const RT_AUDIO_WIDE: Codec = codec(Payload::RtAudio, 16_000, 410);
pub const RT_AUDIO_NARROW: Codec = codec(Payload::RtAudio, 8_000, 295);
pub const SIREN: Codec = codec(Payload::Siren, 16_000, 372);
pub const PCMU: Codec = codec(Payload::Pcmu, 8_000, 361);
pub const PCMA: Codec = codec(Payload::Pcma, 8_000, 361);

/// G.711 towards the telephone network, Siren in meetings, RTAudio between people.
fn choose_codec(context: &Context) -> Codec {
    let MediaCall { caller, in_meeting, .. } = *context.call;
    let mobile = context.call.sides().iter().any(|(seat, _)| seat.on_mobile(context.world));
    match context.world.parties[caller.party].site {
        BOSTON if context.call.is_telephony() => PCMU,
        _ if context.call.is_telephony() => PCMA,
        _ if in_meeting => SIREN,
        _ if mobile || context.path.congested => RT_AUDIO_NARROW,
        _ => RT_AUDIO_WIDE,
    }
}

/// What a receiver makes of a flow. MOS values in hundredths, as they are stored.
#[derive(Debug, Clone, Copy)]
struct Heard {
    flow: Flow,
    degradation: i64,
    degradation_max: i64,
    /// The part of the degradation that jitter caused, in hundredths of it.
    jitter_share: i64,
    /// Hundredths of all samples.
    concealed: i64,
    listening: i64,
}

/// MOS lost to jitter and to packet loss, in hundredths: jitter costs from 8 ms on, loss most at
/// first. The published figures fix the scale only; the formula itself was never published.
fn degradation(jitter: i64, loss: i64) -> (i64, i64) {
    let by_jitter = (jitter - 8).max(0) * 2;
    let by_loss = 26 * loss / (100 + loss * 9 / 100);
    (by_jitter, by_loss)
}

impl Heard {
    fn new(flow: Flow, codec: Codec, sent: i64, random: &mut Random) -> Self {
        // No score falls below 1.
        let most = codec.ceiling - 100;
        let (by_jitter, by_loss) = degradation(flow.jitter, flow.loss);
        let total = (by_jitter + by_loss).min(most);
        let (jitter_max, loss_max) = degradation(flow.jitter_max, flow.loss_max);
        let concealed = flow.loss / 170 + (flow.jitter - 22).max(0) / 6 + random.between(0, 1);
        Self {
            flow,
            degradation: total,
            degradation_max: (jitter_max + loss_max).clamp(total, most),
            jitter_share: (100 * by_jitter + (by_jitter + by_loss) / 2)
                / (by_jitter + by_loss).max(1),
            concealed: concealed.min(100),
            listening: (sent.min(codec.ceiling) - total).max(100),
        }
    }

    /// The published rule, over the values as stored.
    fn is_poor(&self) -> bool {
        self.degradation > 100
            || self.flow.round_trip > 500
            || self.flow.loss > 1_000
            || self.flow.jitter > 30
            || self.concealed > 7
    }
}

/// What the two streams of a call sounded like.
pub struct Sound {
    pub poor: bool,
    conversational: Option<i64>,
}

impl Sound {
    pub fn line(&self) -> Line {
        Line { poor: self.poor, conversational_mos: self.conversational.map(hundredths) }
    }
}

fn hundredths(value: i64) -> f64 {
    value as f64 / 100.0
}

fn ten_thousandths(value: i64) -> f64 {
    value as f64 / 10_000.0
}

/// Writes the stream from the caller, then the one from the callee.
pub fn write(facts: &mut Facts, context: &Context) -> Result<Sound> {
    let codec = choose_codec(context);
    let mut random = Random::at(&[0x51, context.call.salt]);
    let mut sound = Sound { poor: false, conversational: None };
    for sender in [0, 1] {
        let sides = context.call.sides();
        let sent = listening_mos(context, sides[sender].0, &mut random);
        let flow = context.path.flow(1 - sender, &mut random);
        let heard = Heard::new(flow, codec, sent, &mut random);
        let rows = &mut facts.audio_streams;
        rows.put("ConferenceDateTime", context.key.at)
            .put("SessionSeq", context.key.seq)
            .put("MediaLineLabel", AUDIO_LINE)
            .put("StreamID", sender as i32 + 1);
        let stream = Stream { context, codec, heard, sent, sender };
        stream.write(rows, &mut random)?;
        if stream.inbound() {
            sound.poor |= heard.is_poor();
            let worst = sound.conversational.unwrap_or(500).min(heard.listening);
            sound.conversational = Some((worst - heard.flow.round_trip / 25).max(100));
        }
    }
    Ok(sound)
}

/// How the sent audio sounds before the network, in hundredths: the device's doing.
fn listening_mos(context: &Context, seat: Seat, random: &mut Random) -> i64 {
    let mos = keys::device(context.world, seat).map_or(3.9, |d| DEVICES[d].sound.listen_mos);
    (random.bell(mos, 0.35) * 100.0) as i64
}

struct Stream<'a> {
    context: &'a Context<'a>,
    codec: Codec,
    heard: Heard,
    sent: i64,
    /// 0 caller, 1 callee.
    sender: usize,
}

impl Stream<'_> {
    /// Whether the receiver reported.
    fn inbound(&self) -> bool {
        self.context.call.reported[1 - self.sender]
    }

    /// Whether the sender reported.
    fn outbound(&self) -> bool {
        self.context.call.reported[self.sender]
    }

    fn write(&self, rows: &mut Rows, random: &mut Random) -> Result<()> {
        if self.inbound() {
            self.write_network(rows, random);
        }
        self.write_codec(rows, random);
        self.write_scores(rows, random);
        if self.inbound() {
            self.write_healing(rows, random);
        }
        if self.outbound() {
            self.write_congestion(rows, random);
        }
        if self.inbound() {
            self.write_delay(rows);
        }
        rows.end()
    }

    fn write_network(&self, rows: &mut Rows, random: &mut Random) {
        let Heard { flow, degradation, degradation_max, jitter_share, .. } = self.heard;
        let lossy = flow.loss > 20;
        let packets = self.context.call.seconds() * 50 * random.between(45, 75) / 100;
        // Where nothing was lost, there is nothing to share out.
        let shares = (degradation > 0).then_some((jitter_share, 100 - jitter_share));
        rows.put("JitterInterArrival", flow.jitter)
            .put("JitterInterArrivalMax", flow.jitter_max)
            .put("PacketLossRate", ten_thousandths(flow.loss))
            .put("PacketLossRateMax", ten_thousandths(flow.loss_max))
            .put("BurstDensity", lossy.then(|| ten_thousandths((flow.loss * 5).min(9_000))))
            .put("BurstDuration", lossy.then(|| 40 + flow.loss / 4))
            .put("BurstGapDensity", lossy.then(|| ten_thousandths(flow.loss / 8)))
            .put("BurstGapDuration", lossy.then(|| 4_000_000 / (flow.loss + 10)))
            .put("PacketUtilization", packets)
            .put("BandwidthEst", self.context.path.bandwidth)
            .put("DegradationAvg", hundredths(degradation))
            .put("DegradationMax", hundredths(degradation_max))
            .put("DegradationJitterAvg", shares.map_or(0.0, |(jitter, _)| hundredths(jitter)))
            .put("DegradationPacketLossAvg", shares.map_or(0.0, |(_, loss)| hundredths(loss)));
    }

    fn write_codec(&self, rows: &mut Rows, _random: &mut Random) {
        let Flow { round_trip, round_trip_max, .. } = self.heard.flow;
        rows.put("AudioPayloadDescription", self.codec.payload.key())
            .put("AudioSampleRate", self.codec.sample_rate)
            .put("RoundTrip", round_trip)
            .put("RoundTripMax", round_trip_max);
    }

    fn write_scores(&self, rows: &mut Rows, random: &mut Random) {
        let Heard { degradation, degradation_max, listening, .. } = self.heard;
        let score = |lost: i64| self.inbound().then(|| hundredths(self.codec.ceiling - lost));
        let sent_min = (self.sent - random.between(10, 60)).max(100);
        let heard_min = (listening - random.between(10, 60)).max(100);
        rows.put("OverallAvgNetworkMOS", score(degradation))
            .put("OverallMinNetworkMOS", score(degradation_max))
            .put("SendListenMOS", self.outbound().then(|| hundredths(self.sent)))
            .put("SendListenMOSMin", self.outbound().then(|| hundredths(sent_min)))
            .put("RecvListenMOS", self.inbound().then(|| hundredths(listening)))
            .put("RecvListenMOSMin", self.inbound().then(|| hundredths(heard_min)));
    }

    fn write_healing(&self, rows: &mut Rows, random: &mut Random) {
        let Heard { flow, concealed, .. } = self.heard;
        let fec = self.uses_fec();
        rows.put("AudioFECUsed", fec)
            .put("RatioConcealedSamplesAvg", hundredths(concealed))
            .put(
                "RatioStretchedSamplesAvg",
                hundredths((flow.jitter / 9 + random.between(0, 1)).min(100)),
            )
            .put("RatioCompressedSamplesAvg", hundredths((flow.jitter / 12).min(100)));
        self.write_direction(rows);
        rows.put("JitterInterArrivalSD", flow.jitter as f64 / 4.0)
            .put("ConcealRatioMax", hundredths((concealed * 3).min(100)))
            .put("ConcealRatioSD", hundredths(concealed / 2))
            .put("HealerPacketDropRatio", hundredths((flow.jitter / 20).min(100)))
            .put(
                "HealerFECPacketUsedRatio",
                if fec { ten_thousandths(flow.loss / 2) } else { 0.0 },
            );
    }

    fn write_direction(&self, rows: &mut Rows) {
        rows.put("Inbound", self.inbound())
            .put("Outbound", self.outbound())
            .put("SenderIsCallerPAI", self.sender == 0);
    }

    fn write_congestion(&self, rows: &mut Rows, random: &mut Random) {
        if !self.inbound() {
            rows.put("AudioFECUsed", self.uses_fec());
            self.write_direction(rows);
        }
        let busy = if self.context.path.congested {
            random.bell(45.0, 20.0)
        } else {
            random.long_tail(0.3, 8.0)
        };
        let average = self.context.path.bandwidth;
        rows.put("LossCongestionPercent", round2(busy))
            .put("DelayCongestionPercent", round2(busy * 0.7))
            .put("ContentionDetectedPercent", round2(busy * 0.4))
            .put("BandwidthEstMin", average * 6 / 10)
            .put("BandwidthEstMax", average * 13 / 10)
            .put("BandwidthEstStdDev", average / 8)
            .put("BandwidthEstAvge", average);
    }

    fn write_delay(&self, rows: &mut Rows) {
        let Flow { round_trip, round_trip_max, loss, .. } = self.heard.flow;
        let left = if self.uses_fec() { loss * 3 / 10 } else { loss };
        rows.put("RelativeOneWayAverage", round_trip as f64 / 2000.0)
            .put("RelativeOneWayMax", round_trip_max as f64 / 2000.0)
            .put("AudioPostFECPLR", ten_thousandths(left));
    }

    /// RTAudio and Siren protect themselves where packets get lost.
    fn uses_fec(&self) -> bool {
        self.heard.flow.loss > 100 && self.codec.ceiling != PCMU.ceiling
    }
}

fn round2(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(jitter: i64, loss: i64, round_trip: i64) -> Heard {
        let flow = Flow {
            jitter,
            jitter_max: jitter,
            loss,
            loss_max: loss,
            round_trip,
            round_trip_max: round_trip,
        };
        Heard::new(flow, RT_AUDIO_WIDE, 410, &mut Random::at(&[1]))
    }

    #[test]
    fn the_published_limits_are_strict() {
        // Microsoft's rule for audio: degradation > 1.0, round trip > 500, loss > 0.1, jitter > 30,
        // concealed > 0.07.
        let mut quiet = heard(0, 0, 20);
        quiet.degradation = 100;
        quiet.flow = Flow { jitter: 30, loss: 1_000, round_trip: 500, ..quiet.flow };
        quiet.concealed = 7;
        assert!(!quiet.is_poor());
        let worse: [fn(&mut Heard); 5] = [
            |h| h.degradation = 101,
            |h| h.flow.round_trip = 501,
            |h| h.flow.loss = 1_001,
            |h| h.flow.jitter = 31,
            |h| h.concealed = 8,
        ];
        assert!(worse.iter().all(|spoil| {
            let mut h = quiet;
            spoil(&mut h);
            h.is_poor()
        }));
    }

    #[test]
    fn a_clean_path_costs_nothing_and_no_score_falls_below_one() {
        assert_eq!(heard(3, 0, 20).degradation, 0);
        assert_eq!(heard(90, 6_000, 20).degradation, 310);
    }
}
