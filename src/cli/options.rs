//! The options of every subcommand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::engine::Engine;
use crate::store::AsOf;
use crate::{Error, Result};

/// Options that stand before or after the subcommand.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data and limits")]
pub(super) struct Options {
    /// Directory of the mirror; without it the built-in sample is read
    #[arg(long, global = true, value_name = "DIR", env = "CDRQL_MIRROR", value_hint = clap::ValueHint::DirPath)]
    pub mirror: Option<PathBuf>,

    /// Read the mirror as of a snapshot's number or of a time in UTC, such as 2014-02-03T08:00
    #[arg(long, global = true, value_name = "TIME|N")]
    pub as_of: Option<AsOf>,

    /// Cancel a statement that runs longer, such as 30s, 5m or 1h
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Memory for queries, such as 512MiB or 4GiB; what needs more spills to disk
    #[arg(long, global = true, value_name = "SIZE", value_parser = size)]
    pub memory_limit: Option<usize>,

    /// Read no more than so many rows of each result
    #[arg(long, global = true, value_name = "N")]
    pub max_rows: Option<usize>,
}

impl Options {
    /// An engine that may do everything, on the mirror or on the built-in sample.
    pub fn engine(&self) -> Result<Engine> {
        let builder = match &self.mirror {
            Some(dir) => Engine::builder().mirror(dir).as_of(self.as_of.unwrap_or_default()),
            None if self.as_of.is_some() => return Err(no_mirror("--as-of")),
            None => Engine::builder().sample(),
        };
        let builder = match self.memory_limit {
            Some(bytes) => builder.memory_limit(bytes),
            None => builder,
        };
        builder.allow_all().build()
    }

    /// The mirror's directory, for a command that has no use for the sample.
    pub fn directory(&self, command: &str) -> Result<&Path> {
        self.mirror.as_deref().ok_or_else(|| no_mirror(command))
    }
}

fn no_mirror(what: &str) -> Error {
    Error::usage(format!("{what} needs a mirror"))
        .hinted("name its directory with --mirror DIR, or in CDRQL_MIRROR")
}

/// Reads a number and its unit: ms, s (also without a unit), m or h.
pub(super) fn duration(text: &str) -> Result<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let total = number.parse::<u64>().ok().and_then(|number| number.checked_mul(milliseconds));
    match total {
        Some(total) if total > 0 => Ok(Duration::from_millis(total)),
        _ => Err(Error::usage("expected a number above 0 and its unit: ms, s, m or h")),
    }
}

/// Reads a number of bytes and its unit: KiB, MiB, GiB, or KB, MB, GB in thousands.
fn size(text: &str) -> Result<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let bytes = match unit.trim().to_ascii_lowercase().as_str() {
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => 0,
    };
    let total = number.parse::<usize>().ok().and_then(|number| number.checked_mul(bytes));
    total
        .filter(|total| *total > 0)
        .ok_or_else(|| Error::usage("expected a number above 0 and its unit: MiB, GiB, MB or GB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("4 GiB"), Ok(4 << 30));
        assert_eq!(size("4g"), Ok(4 << 30));
        assert_eq!(size("3GB"), Ok(3_000_000_000));
        for wrong in ["", "4", "0GiB", "GiB", "1.5GiB", "-1GiB", "4TiB", "99999999999999999999GiB"]
        {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        for wrong in
            ["", "0s", "s", "-1s", "1.5s", "3d", "99999999999999999999h", "9999999999999999999h"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
