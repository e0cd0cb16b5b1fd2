//! A Wi-Fi subnet whose jitter grows from week to week.

use crate::sample::world::network::Access;
use crate::sample::world::sites::MUNICH;

/// The second building of Munich.
const BUILDING: usize = 1;

/// Milliseconds of jitter that each week adds.
const PER_WEEK: f64 = 2.5;

/// Most people there work over Wi-Fi, in percent of their sessions.
pub const WIRELESS_PERCENT: u64 = 60;

pub fn is_building(site: usize, building: usize) -> bool {
    (site, building) == (MUNICH, BUILDING)
}

/// Jitter of the subnet on top of what Wi-Fi has anyway, by whole weeks since the first day.
pub fn added_jitter(access: Access, week: i64) -> f64 {
    let here = access.wireless && is_building(access.site, access.building);
    if here { PER_WEEK * week as f64 } else { 0.0 }
}
