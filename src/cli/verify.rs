//! `cdrql verify`: every file of a mirror present and whole.

use clap::Args;

use super::destination::Destination;
use super::exit::Exit;
use super::options::Options;
use crate::host::progress::Bar;
use crate::host::terminal::Terminal;
use crate::store::{Mirror, VerifyReport};
use crate::{Error, Result};

/// Check that every file of a mirror is present and whole
///
/// Each page of each file is decoded. What is damaged is listed, and the exit code is 3.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cdrql verify --mirror /srv/calls")]
pub(super) struct Verify {
    /// Look at sizes and footers only
    #[arg(long)]
    quick: bool,

    #[cfg(feature = "mirror")]
    #[command(flatten, next_help_heading = "Source")]
    source: super::mirror::compare::Source,
}

impl Verify {
    pub fn execute(&self, options: &Options) -> Result<Exit> {
        let dir = options.directory("verify")?;
        let mirror = Mirror::open(dir, options.as_of.unwrap_or_default())?;
        let bar = Bar::start(Terminal::detect().stderr);
        let told = bar.told();
        let report = mirror.verify_watched(!self.quick, &|done, all| told.tell(done, all));
        drop(bar);
        let stdout = Destination::stdout();
        let printed = stdout.sink().write_all(text(&report).as_bytes());
        stdout.ended(printed.map_err(|cause| Error::source(cause.to_string())))?;
        match report.damages.len() {
            #[cfg(feature = "mirror")]
            0 => self.source.compare(dir),
            #[cfg(not(feature = "mirror"))]
            0 => Ok(Exit::SUCCESS),
            damaged => {
                Err(Error::file(dir, format!("{damaged} of {} files are damaged", report.files))
                    .hinted("restore them from a backup, or open an older snapshot with --as-of"))
            }
        }
    }
}

/// A line for each damaged file, or one that says that all is well.
fn text(report: &VerifyReport) -> String {
    if report.damages.is_empty() {
        let VerifyReport { files, rows, bytes, .. } = report;
        return format!("{files} files are whole: {rows} rows, {bytes} bytes\n");
    }
    let line = |damage: &crate::store::Damage| {
        format!("{}: {}: {}\n", damage.table, damage.path, damage.what)
    };
    report.damages.iter().map(line).collect()
}
