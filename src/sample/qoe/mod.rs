//! Rows of QoEMetrics.

pub mod audio;
pub mod call;
pub mod feedback;
pub mod keys;
pub mod lookups;
pub mod media_line;
pub mod path;
pub mod session;
pub mod sharing;
pub mod signal;
pub mod trace_route;
pub mod video;

use self::call::MediaCall;
use self::path::Path;
use super::facts::Facts;
use super::media::{self, AUDIO, SHARING, VIDEO};
use super::session::Key;
use super::world::World;
use crate::Result;

/// What the writers of a call's tables need: the call, its network path, its key.
pub struct Context<'a> {
    pub world: &'a World,
    pub call: &'a MediaCall,
    pub path: &'a Path,
    /// `ConferenceDateTime` and `SessionSeq`.
    pub key: Key,
}

/// Writes the reports of one call; returns whether any of its media lines was poor.
pub fn write(
    facts: &mut Facts,
    world: &World,
    call: &MediaCall,
    path: &Path,
    seq: i32,
) -> Result<bool> {
    let key = Key { at: call.arrived, seq };
    let context = Context { world, call, path, key };
    session::write(facts, &context)?;
    let mut poor = false;
    if media::has(call.media, AUDIO) {
        let heard = audio::write(facts, &context)?;
        signal::write(facts, &context)?;
        media_line::write(facts, &context, media_line::AUDIO_LINE, heard.line())?;
        trace_route::write(facts, &context)?;
        feedback::write(facts, &context, heard.poor)?;
        poor |= heard.poor;
    }
    if media::has(call.media, VIDEO) {
        let seen = video::write(facts, &context)?;
        media_line::write(facts, &context, media_line::VIDEO_LINE, seen)?;
        poor |= seen.poor;
    }
    if media::has(call.media, SHARING) {
        let shown = sharing::write(facts, &context)?;
        media_line::write(facts, &context, media_line::SHARING_LINE, shown)?;
        poor |= shown.poor;
    }
    Ok(poor)
}
