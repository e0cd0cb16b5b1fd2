//! Voice quality: the E-model, Microsoft's classification, buckets, jitter, trend.

mod buckets;
mod e_model_r;
mod idd;
mod ie_eff;
mod mos_to_r;
mod r_to_mos;

use crate::Functions;

/// Every function of this family.
pub fn functions() -> Functions {
    Functions {
        scalar: vec![
            e_model_r::e_model_r(),
            r_to_mos::r_to_mos(),
            mos_to_r::mos_to_r(),
            idd::idd(),
            ie_eff::ie_eff(),
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
        ],
        ..Functions::default()
    }
}

/// The value where `valid` holds, elsewhere the mark of NULL. Without a branch.
fn value_if(valid: bool, value: f64) -> f64 {
    if valid { value } else { f64::NAN }
}
