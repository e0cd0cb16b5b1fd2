//! What functions read of a session's settings: `SET cdrql.time_zone = 'Europe/Berlin'`.

use std::any::Any;
use std::fmt;
use std::str::FromStr;

use datafusion::common::Result;
use datafusion::common::error::DataFusionError;
use datafusion::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};

use crate::local_time::Zone;

/// Settings of a session that functions of this crate read.
#[derive(Debug, Clone, Default)]
pub struct CdrqlOptions {
    /// The time zone of functions whose argument `tz` is left out.
    pub time_zone: Zone,
}

impl ConfigExtension for CdrqlOptions {
    const PREFIX: &'static str = "cdrql";
}

// By hand, for the macro's entries lack the prefix, without which SHOW does not find them.
impl ExtensionOptions for CdrqlOptions {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        match key {
            "time_zone" => self.time_zone = value.parse()?,
            _ => {
                let message = format!("there is no setting cdrql.{key}; cdrql.time_zone is one");
                return Err(DataFusionError::Configuration(message));
            }
        }
        Ok(())
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        vec![ConfigEntry {
            key: format!("{}.time_zone", Self::PREFIX),
            value: Some(self.time_zone.to_string()),
            description: "The time zone of functions whose argument `tz` is left out",
        }]
    }
}

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
        let shown = options.entries().into_iter().find(|e| e.key == "cdrql.time_zone").unwrap();
        assert_eq!(shown.value.as_deref(), Some("Europe/Berlin"));

        let error = options.set("cdrql.time_zone", "Berlin").unwrap_err().to_string();
        assert!(error.contains("no time zone 'Berlin'"), "{error}");
        assert_eq!(time_zone(&options).name(), "Europe/Berlin");
    }
}
