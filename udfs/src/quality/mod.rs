//! Voice quality: the E-model, Microsoft's classification, buckets, jitter, trend.

mod bucket_right;
mod buckets;
mod burst_ratio;
mod classify_appsharing;
mod classify_audio;
mod classify_video;
pub(crate) mod codec;
mod e_model_r;
mod e_model_r_full;
mod e_model_r_wb;
mod est_one_way_ms;
mod idd;
mod ie_burst_gap_avg;
mod ie_eff;
mod mos_cole_rosenbluth;
mod mos_pingplotter;
mod mos_to_r;
mod network_mos;
mod proportion;
mod r_to_mos;
mod satisfaction;
mod verdict;

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    Functions {
        scalar: vec![
            e_model_r::e_model_r(),
            e_model_r_full::e_model_r_full(),
            r_to_mos::r_to_mos(),
            mos_to_r::mos_to_r(),
            satisfaction::r_to_gob_pct(),
            satisfaction::r_to_pow_pct(),
            satisfaction::r_category(),
            idd::idd(),
            ie_eff::ie_eff(),
            burst_ratio::burst_ratio(),
            codec::codec_ie(),
            codec::codec_bpl(),
            e_model_r_wb::e_model_r_wb(),
            e_model_r_wb::r_wb_to_mos(),
            e_model_r_wb::e_model_r_fb(),
            e_model_r_wb::r_fb_to_mos(),
            est_one_way_ms::est_one_way_ms(),
            mos_cole_rosenbluth::mos_cole_rosenbluth(),
            mos_pingplotter::mos_pingplotter(),
            ie_burst_gap_avg::ie_burst_gap_avg(),
            network_mos::max_network_mos(),
            network_mos::network_mos_ceiling(),
            classify_audio::classify_audio_stream(),
            classify_audio::poor_audio_reasons(),
            classify_video::classify_video_stream(),
            classify_appsharing::classify_appsharing_stream(),
            classify_video::classify_vbss_stream(),
            buckets::jitter_bucket(),
            buckets::jitter_bucket_ord(),
            buckets::rtt_bucket(),
            buckets::rtt_bucket_ord(),
            buckets::loss_bucket(),
            buckets::loss_bucket_ord(),
            buckets::mos_bucket(),
            buckets::mos_bucket_ord(),
            buckets::degradation_bucket(),
            buckets::degradation_bucket_ord(),
            bucket_right::bucket_right(),
            proportion::wilson_lower(),
            proportion::wilson_upper(),
            proportion::two_proportion_z(),
        ],
        ..Functions::default()
    }
}

/// The value where `valid` holds, elsewhere the mark of NULL. Without a branch.
fn value_if(valid: bool, value: f64) -> f64 {
    if valid { value } else { f64::NAN }
}
