//! `cdrql verify --against-server`: the mirror against its source.

use std::path::Path;

use clap::Args;
use tokio::runtime::Handle;

use super::super::destination::Destination;
use super::super::exit::Exit;
use super::connecting::Connecting;
use crate::mirror::{Address, Comparison, Exclusions, Settings, Sync, Verdict};
use crate::{Error, Result};

#[derive(Debug, Args)]
pub struct Source {
    /// Compare counts and checksums per day with this server too: HOST, HOST,PORT or HOST\INSTANCE
    #[arg(long, value_name = "SERVER")]
    against_server: Option<Address>,

    /// Database to compare, may be repeated [default: LcsCDR and QoEMetrics]
    #[arg(long = "database", value_name = "NAME")]
    databases: Vec<String>,

    /// Table or Table.Column that was left out, may be repeated
    #[arg(long, value_name = "NAME")]
    exclude: Vec<String>,

    /// Table that was copied alone, may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    #[command(flatten)]
    connecting: Connecting,
}

impl Source {
    /// Reads every mirrored table of the server once more. What differs is listed.
    pub fn compare(&self, dir: &Path) -> Result<Exit> {
        let Some(address) = &self.against_server else { return Ok(Exit::SUCCESS) };
        let defaults = Settings::default();
        let settings = Settings {
            databases: match self.databases.as_slice() {
                [] => defaults.databases,
                given => given.to_vec(),
            },
            exclusions: Exclusions::new(&self.exclude, &self.only)?,
            ..defaults
        };
        let sync = Sync::new(self.connecting.server(address)?, dir, settings);
        let compared = Handle::current().block_on(Box::pin(sync.compare()))?;
        let stdout = Destination::stdout();
        let printed = stdout.sink().write_all(text(&compared).as_bytes());
        stdout.ended(printed.map_err(|cause| Error::source(cause.to_string())))?;
        match compared.iter().filter(|c| is_wrong(c)).count() {
            0 => Ok(Exit::SUCCESS),
            wrong => Err(Error::source(format!(
                "{}: {wrong} days or tables are not as on the server",
                dir.display()
            ))
            .hinted("bring the mirror up to date with `cdrql mirror` and compare again")),
        }
    }
}

fn is_wrong(comparison: &Comparison) -> bool {
    matches!(comparison.verdict(), Verdict::Missing | Verdict::Differs)
}

/// A line for each day that is not the same, and one that sums up.
fn text(compared: &[Comparison]) -> String {
    let line = |c: &Comparison| {
        let day = c.day.map(|day| format!(" {day}")).unwrap_or_default();
        let (server, mirror) = (c.server.rows, c.mirror.rows);
        let what = match c.verdict() {
            Verdict::Same => return String::new(),
            Verdict::Missing => "the mirror lacks rows",
            Verdict::Differs => "the rows differ",
            Verdict::Kept => "the mirror keeps what the server has no longer",
        };
        format!("{}{day}: {server} rows on the server, {mirror} in the mirror: {what}\n", c.table)
    };
    let lines: String = compared.iter().map(line).collect();
    let same = compared.iter().filter(|c| c.verdict() == Verdict::Same);
    let (count, rows) = same.fold((0_u64, 0), |(count, rows), c| (count + 1, rows + c.server.rows));
    format!("{lines}{count} days and tables are as on the server: {rows} rows\n")
}
