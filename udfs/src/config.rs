//! What functions read of a session's settings: `SET cdrql.time_zone = 'Europe/Berlin'`.

use std::fmt;
use std::str::FromStr;

use datafusion::common::error::DataFusionError;
use datafusion::common::{Result, config_field, extensions_options};
use datafusion::config::{ConfigExtension, ConfigOptions};

use crate::local_time::Zone;

extensions_options! {
    /// Settings of a session that functions of this crate read.
    pub struct CdrqlOptions {
        /// The time zone of functions whose argument `tz` is left out
        pub time_zone: Zone, default = Zone::default()
    }
}

impl ConfigExtension for CdrqlOptions {
    const PREFIX: &'static str = "cdrql";
}

config_field!(Zone, value => value.parse()?);

impl FromStr for Zone {
    type Err = DataFusionError;

    fn from_str(name: &str) -> Result<Self> {
        Zone::named(name).ok_or_else(|| {
            DataFusionError::Configuration(format!(
                "cdrql.time_zone: no time zone '{name}'; write it as in 'Europe/Berlin' or 'UTC'"
            ))
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Gives a session these settings, unless it has them.
pub(crate) fn add_to(options: &mut ConfigOptions) {
    if options.extensions.get::<CdrqlOptions>().is_none() {
        options.extensions.insert(CdrqlOptions::default());
    }
}

/// The session's time zone; UTC in one that never heard of this crate.
pub(crate) fn time_zone(options: &ConfigOptions) -> Zone {
    options.extensions.get::<CdrqlOptions>().map(|options| options.time_zone).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_set_by_name() {
        let mut options = ConfigOptions::default();
        assert_eq!(time_zone(&options), Zone::default());
        add_to(&mut options);
        options.set("cdrql.time_zone", "Europe/Berlin").unwrap();
        add_to(&mut options);
        assert_eq!(time_zone(&options).name(), "Europe/Berlin");

        let error = options.set("cdrql.time_zone", "Berlin").unwrap_err().to_string();
        assert!(error.contains("no time zone 'Berlin'"), "{error}");
        assert_eq!(time_zone(&options).name(), "Europe/Berlin");
    }
}
