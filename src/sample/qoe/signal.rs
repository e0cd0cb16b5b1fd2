//! AudioSignal and AudioClientEvent: what each end knew of its own microphone and loudspeaker.

use super::media_line::AUDIO_LINE;
use super::{Context, keys};
use crate::Result;
use crate::sample::facts::Facts;
use crate::sample::random::Random;
use crate::sample::rows::Rows;
use crate::sample::session::Seat;
use crate::sample::world::equipment::{DEVICES, Sound};
use crate::sample::world::network::Place;
use crate::sample::world::servers::Machine;

/// One row of each table for every end that reported.
pub fn write(facts: &mut Facts, context: &Context) -> Result<()> {
    for (n, (seat, reported)) in context.call.sides().into_iter().enumerate() {
        if reported {
            let mut random = Random::at(&[0x52, context.call.salt, n as u64]);
            let sound = keys::device(context.world, seat).map(|d| DEVICES[d].sound);
            write_signal(&mut facts.audio_signals, context, (n, seat), sound, &mut random)?;
            write_events(&mut facts.audio_events, context, n, sound, &mut random)?;
        }
    }
    Ok(())
}

fn start_row<'a>(rows: &'a mut Rows, context: &Context, side: usize) -> &'a mut Rows {
    rows.put("ConferenceDateTime", context.key.at)
        .put("SessionSeq", context.key.seq)
        .put("MediaLineLabel", AUDIO_LINE)
        .put("FromCaller", side == 0)
}

fn write_signal(
    rows: &mut Rows,
    context: &Context,
    (side, seat): (usize, Seat),
    sound: Option<Sound>,
    random: &mut Random,
) -> Result<()> {
    start_row(rows, context, side)
        .put("SendSignalLevel", random.between(-26, -18))
        .put("RecvSignalLevel", random.between(-28, -18))
        .put("SendNoiseLevel", random.between(-72, -48))
        .put("RecvNoiseLevel", random.between(-74, -50));
    if let Some(sound) = sound {
        let echo = random.long_tail(sound.echo_percent, 4.0).min(100.0);
        let glitches = random.long_tail(sound.glitches, 3.0);
        rows.put("EchoReturn", random.between(12, 34))
            .put("AudioSpeakerGlitchRate", random.long_tail(0.3, 6.0) as i64)
            .put("AudioMicGlitchRate", glitches as i64)
            .put("AudioTimestampDriftRateMic", random.between(-24, 24))
            .put("AudioTimestampDriftRateSpk", random.between(-24, 24))
            .put("VsEntryCauses", if echo > 12.0 { 2 } else { 0 })
            .put("EchoEventCauses", if echo > 12.0 { 2 } else { 0 })
            .put("EchoPercentMicIn", round2(echo))
            .put("EchoPercentSend", round2(echo / 9.0));
    }
    if seat.place == Place::ServerRoom(Machine::Mediation) {
        rows.put("RxAGCSignalLevel", random.between(-28, -19))
            .put("RxAGCNoiseLevel", random.between(-78, -56))
            .put("RxAvgAGCGain", random.between(0, 9));
    }
    rows.put("InitialSignalLevelRMS", random.between(90, 270) * 10).end()
}

fn write_events(
    rows: &mut Rows,
    context: &Context,
    side: usize,
    sound: Option<Sound>,
    random: &mut Random,
) -> Result<()> {
    let network = context.path.ends[side];
    let lost = network.loss + context.path.between.loss;
    let fraction = |value: f64| round2(value.clamp(0.0, 1.0));
    let bad_device = sound.map_or(0.0, |s| (3.6 - s.listen_mos).max(0.0));
    start_row(rows, context, side)
        .put("NetworkSendQualityEventRatio", fraction(lost * 2.0))
        .put(
            "NetworkReceiveQualityEventRatio",
            fraction(lost * 3.0 + (network.jitter - 30.0) / 200.0),
        )
        .put("NetworkDelayEventRatio", fraction((context.path.between.delay - 220.0) / 400.0))
        .put(
            "NetworkBandwidthLowEventRatio",
            if context.path.congested { fraction(random.bell(0.3, 0.2)) } else { 0.0 },
        )
        .put("CPUInsufficientEventRatio", fraction(random.long_tail(0.002, 20.0)))
        .put("DeviceHalfDuplexAECEventRatio", fraction(bad_device * random.unit() * 0.2))
        .put("DeviceCaptureNotFunctioningEventRatio", fraction(bad_device * random.unit() * 0.1))
        .put("DeviceGlitchesEventRatio", fraction(bad_device * random.unit() * 0.5))
        .put("DeviceLowSNREventRatio", fraction(random.long_tail(0.004, 12.0)))
        .put("DeviceEchoEventRatio", fraction(bad_device * random.unit() * 0.3))
        .end()
}

fn round2(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
