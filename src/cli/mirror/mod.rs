//! `cdrql mirror`: copy databases of a SQL Server, and keep the copy current.

pub(super) mod compare;
mod connecting;
mod log_file;
mod progress;
mod report;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tracing::{error, info};

use super::exit::Exit;
use super::options::duration;
use super::terminal;
use crate::mirror::{Address, Exclusions, Hours, Rebuilt, Retry, Settings, Sync};
use crate::{Error, ErrorKind, Result};
use connecting::Connecting;

/// Copy databases of a SQL Server, and keep the copy current
///
/// The password comes from CDRQL_PASSWORD, from --password-file or from a prompt. A run that was
/// interrupted goes on where it stopped; readers see the new state at once, when every table has
/// reached it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cdrql mirror --server sql01 --user cdr_reader --into /srv/calls
  cdrql mirror --server sql01\\RTC --user cdr_reader --into /srv/calls --watch 15m --max-rows-per-second 20000")]
pub(super) struct Mirror {
    /// HOST, HOST,PORT or HOST\INSTANCE
    #[arg(long)]
    server: Address,

    #[command(flatten, next_help_heading = "Server")]
    connecting: Connecting,

    /// Directory of the mirror; it is created if need be
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    into: PathBuf,

    /// Database to copy, may be repeated [default: LcsCDR and QoEMetrics]
    #[arg(long = "database", value_name = "NAME")]
    databases: Vec<String>,

    /// Table or Table.Column to leave out, may be repeated
    #[arg(long, value_name = "NAME")]
    exclude: Vec<String>,

    /// Table to copy, and no other; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Show what would be read, and read nothing
    #[arg(long)]
    dry_run: bool,

    /// Days that are read again each time, since calls are completed after they begin
    #[arg(long, value_name = "N", default_value_t = 3)]
    overlap_days: u16,

    /// Look for late changes also where that reads a large table from end to end
    #[arg(long)]
    search_all_changes: bool,

    /// Tables or ranges read at once
    #[arg(long, value_name = "N", default_value = "2")]
    connections: NonZeroUsize,

    /// Read no faster than this
    #[arg(long, value_name = "N")]
    max_rows_per_second: Option<NonZeroU32>,

    /// Read only in these hours of the day, in local time, such as 20:00-06:00
    #[arg(long, value_name = "HH:MM-HH:MM")]
    window: Option<Hours>,

    /// Do it again so long after each end, such as 15m; until Ctrl-C
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "dry_run")]
    watch: Option<Duration>,

    /// Do not wait for other transactions. Rows may be missed, doubled or never have been
    #[arg(long)]
    dirty_reads: bool,

    /// What to do with a source whose ids have begun anew
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    if_rebuilt: IfRebuilt,

    /// Attempts before a lost connection or a busy server ends the run
    #[arg(long, value_name = "N", default_value_t = Retry::default().attempts)]
    attempts: u32,

    /// Snapshots to keep for --as-of
    #[arg(long, value_name = "N", default_value = "168")]
    keep_snapshots: NonZeroUsize,

    /// How the summary on stdout is written
    #[arg(long, value_enum, default_value_t)]
    format: report::Format,

    /// The log [default: mirror.log in the mirror's directory]
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    log_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum IfRebuilt {
    /// Stop before anything is changed
    #[default]
    Refuse,
    /// It is the same source: the server's rows win
    Merge,
    /// Begin anew; what was mirrored stays in older snapshots
    Replace,
}

impl Mirror {
    pub async fn execute(self) -> Result<Exit> {
        let sync = Sync::new(self.connecting.server(&self.server)?, &self.into, self.settings()?);
        log_file::start(self.log_file.as_deref(), &self.into, self.dry_run)?;
        if self.dry_run {
            return report::plan(&sync.plan().await?, self.format);
        }
        let Some(interval) = self.watch else { return self.pass(&sync).await };
        // What fails at the very first would fail again; later the server may be back next time.
        self.pass(&sync).await?;
        loop {
            tokio::time::sleep(interval).await;
            match self.pass(&sync).await {
                Ok(_) => {}
                Err(error) if error.kind == ErrorKind::Source => {
                    terminal::note(&format!("{error}; trying again later\n"));
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn pass(&self, sync: &Sync) -> Result<Exit> {
        let bars = progress::Bars::start(sync.progress());
        // Too large for a thread's stack where nothing is optimised.
        let outcome = Box::pin(sync.run()).await;
        drop(bars);
        match outcome {
            Ok(done) => {
                info!(snapshot = done.snapshot, rows = done.read(), "done");
                report::done(&done, self.format)
            }
            Err(cause) => {
                error!(%cause, "not done");
                Err(cause)
            }
        }
    }

    fn settings(&self) -> Result<Settings> {
        if self.attempts == 0 {
            return Err(Error::usage("--attempts needs a number above 0"));
        }
        let defaults = Settings::default();
        Ok(Settings {
            databases: match self.databases.as_slice() {
                [] => defaults.databases,
                given => given.to_vec(),
            },
            exclusions: Exclusions::new(&self.exclude, &self.only)?,
            overlap: Duration::from_secs(u64::from(self.overlap_days) * 24 * 3600),
            connections: self.connections,
            max_rows_per_second: self.max_rows_per_second,
            hours: self.window,
            dirty_reads: self.dirty_reads,
            search_all_changes: self.search_all_changes,
            rebuilt: match self.if_rebuilt {
                IfRebuilt::Refuse => Rebuilt::Refuse,
                IfRebuilt::Merge => Rebuilt::Merge,
                IfRebuilt::Replace => Rebuilt::Replace,
            },
            retry: Retry { attempts: self.attempts, ..defaults.retry },
            keep_snapshots: self.keep_snapshots,
        })
    }
}
