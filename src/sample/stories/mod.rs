//! What is planted in the sample, a file to each story. `sample-data/README.md` tells them with
//! the queries that find them.

pub mod cast;
mod chain;
mod competitor;
mod couple;
mod donor;
mod job_hunt;
mod response_group;
pub mod subnet;
mod tariff;
pub mod wan_link;

use super::script::{Script, Scripted};
use crate::Result;

/// All sessions of all stories, in order of time. The bad headset is no session but a device
/// (`equipment::DEVICES`); the worsening subnet and the full link also act on quality.
pub fn plant(mut script: Script) -> Result<Vec<Scripted>> {
    couple::plant(&mut script)?;
    job_hunt::plant(&mut script)?;
    competitor::plant(&mut script)?;
    donor::plant(&mut script)?;
    chain::plant(&mut script)?;
    wan_link::plant(&mut script);
    response_group::plant(&mut script)?;
    tariff::plant(&mut script)?;
    Ok(script.finish())
}
