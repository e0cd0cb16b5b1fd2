//! Countries, as telephone numbers know them.

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

/// The country with these two letters; `None` for one without telephone numbers.
pub(crate) fn named(letters: &str) -> Option<Region> {
    let region = letters.parse().ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_two_letters() {
        assert_eq!(named("DE"), Some(Region::DE));
        assert_eq!(named("gb"), Some(Region::GB));
        for none in ["", "ZZ", "DEU", "Germany", "4", "é"] {
            assert_eq!(named(none), None, "{none}");
        }
    }
}
