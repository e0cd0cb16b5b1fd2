//! Modalities as `SessionDetails.MediaTypes` has them: bit 2^(MediaId-1).

pub const IM: u8 = 0x01;
pub const FILE: u8 = 0x02;
pub const ASSISTANCE: u8 = 0x04;
pub const SHARING: u8 = 0x08;
pub const AUDIO: u8 = 0x10;
pub const VIDEO: u8 = 0x20;
pub const APP_INVITE: u8 = 0x40;

/// `MediaId` of every modality in a mask.
pub fn ids(mask: u8) -> impl Iterator<Item = i64> {
    (1..=7).filter(move |id| mask >> (id - 1) & 1 == 1)
}

/// Whether a mask has all bits of another.
pub fn has(mask: u8, bits: u8) -> bool {
    mask & bits == bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_name_their_media_ids() {
        // MediaList: 1 IM, 5 Audio, 6 Video.
        assert_eq!(ids(IM | AUDIO | VIDEO).collect::<Vec<_>>(), [1, 5, 6]);
        assert_eq!(ids(SHARING).collect::<Vec<_>>(), [4]);
    }
}
