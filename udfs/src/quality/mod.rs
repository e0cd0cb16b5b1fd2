//! Voice quality: the E-model, Microsoft's classification, buckets, jitter, trend.

mod bucket_right;
mod buckets;
mod burst_ratio;
mod classify_appsharing;
mod classify_audio;
mod classify_vbss;
mod classify_video;
pub(crate) mod codec;
mod cusum;
mod delay_variation;
mod e_model_r;
mod e_model_r_full;
mod e_model_r_wb;
mod est_one_way_ms;
mod ewma;
mod histograms;
mod idd;
mod ie_burst_gap_avg;
mod ie_eff;
mod loglinear;
mod mad;
mod mann_kendall;
mod mos_cole_rosenbluth;
mod mos_pingplotter;
mod mos_to_r;
mod network_mos;
mod pettitt;
mod poor_stream_ratio;
mod proportion;
mod r_to_mos;
mod rfc3550_jitter;
mod satisfaction;
mod sen_slope;
mod series;
mod verdict;
mod weighted_mos;

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
            classify_video::poor_video_reasons(),
            classify_appsharing::classify_appsharing_stream(),
            classify_appsharing::poor_appsharing_reasons(),
            classify_vbss::classify_vbss_stream(),
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
            mad::robust_z(),
            ewma::ewma_upper(),
            ewma::ewma_lower(),
            loglinear::loglinear_quantile(),
        ],
        aggregate: vec![
            rfc3550_jitter::rfc3550_jitter(),
            loglinear::loglinear_hist(),
            loglinear::loglinear_merge(),
            poor_stream_ratio::poor_stream_ratio(),
            weighted_mos::weighted_mos(),
            mann_kendall::mann_kendall(),
            sen_slope::sen_slope(),
            sen_slope::theil_sen(),
            mann_kendall::seasonal_mann_kendall(),
            mad::mad(),
            pettitt::pettitt(),
        ],
        window: vec![
            delay_variation::ipdv(),
            delay_variation::pdv(),
            ewma::ewma(),
            cusum::cusum_high(),
            cusum::cusum_low(),
        ],
        ..Functions::default()
    }
}

/// The value where `valid` holds, elsewhere the mark of NULL. Without a branch.
#[inline(always)]
fn value_if(valid: bool, value: f64) -> f64 {
    if valid { value } else { f64::NAN }
}
