//! `cdrql run`: statements from files and the command line, results to stdout or a file.

use std::path::PathBuf;

use clap::Args;
use tokio::runtime::Handle;

use super::batch::Batch;
use super::destination::Destination;
use super::exit::Exit;
use super::options::Options;
use super::query::Queries;
use super::script::{Origin, Origins};
use crate::host::terminal::Terminal;
use crate::output::Format;
use crate::tsql::Params;
use crate::{Error, Result};

/// Run SQL from files or the command line
///
/// Statements end at `;` or a GO line and run in order; the first that fails ends the run.
/// Results go to stdout or to -o, everything else to stderr.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Run {
    #[command(flatten)]
    origins: Origins,

    /// Bind $NAME or @NAME in the statements; TYPE is text (default), int, float, bool, date,
    /// timestamp or null
    #[arg(long = "param", value_name = "NAME[:TYPE]=VALUE")]
    params: Vec<String>,

    /// Format of the results [default: by the extension of -o, else table]
    #[arg(long, value_name = "F", value_parser = format)]
    format: Option<Format>,

    /// Write the results to a file, which appears only when all of them are whole
    #[arg(short, long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Go on after a failed statement; the exit code still tells
    #[arg(long)]
    keep_going: bool,
}

const HELP: &str = "\
Formats: table vertical csv tsv json ndjson markdown parquet arrow. Several results in one output
follow each other after a blank line (in ndjson without one); json, parquet and arrow hold one.

Exit codes: 0 done, 1 a statement failed, 2 wrong usage, 3 data could not be read or written,
4 a fault of cdrql, 130 interrupted.

Examples:
  cdrql run monthly.sql --param month=2014-02 -o out.csv
  cdrql run -c \"select count(*) from LcsCDR.dbo.SessionDetails\" --format csv
  generate-sql | cdrql run --timeout 5m -";

fn format(text: &str) -> Result<Format> {
    text.parse::<Format>().map_err(|error| Error::usage(error.hints.join("; ")))
}

impl Run {
    /// Statements from stdin, results as tables: what is left where the session is not built in.
    #[cfg(not(feature = "repl"))]
    pub fn stdin() -> Self {
        Self {
            origins: Origins(vec![Origin::Stdin]),
            params: Vec::new(),
            format: None,
            output: None,
            keep_going: false,
        }
    }

    /// Runs the scripts, computing on threads of `compute`.
    pub async fn execute(self, options: Options, compute: Handle) -> Result<Exit> {
        if self.origins.0.is_empty() {
            return Err(Error::usage("there is nothing to run")
                .hinted("name a .sql file, give SQL after -c, or `-` for stdin"));
        }
        let mut params = Params::new();
        self.params.iter().try_for_each(|binding| params.parse(binding))?;
        let origins = self.origins.0.clone();
        // Before anything runs: a misspelt file name must not leave half of the work done.
        let scripts = origins.into_iter().map(Origin::read).collect::<Result<Vec<_>>>()?;
        let (format, keep_going) = (self.format(), self.keep_going);
        let destination = self.destination()?;
        let queries = Queries { engine: options.engine()?, params, compute };
        let mut batch = Batch::new(queries, options, format, destination, keep_going);
        for script in &scripts {
            if !batch.run(script).await {
                break;
            }
        }
        batch.end()
    }

    fn format(&self) -> Format {
        let by_extension = || self.output.as_deref().and_then(Format::from_extension);
        self.format.or_else(by_extension).unwrap_or(Format::Table)
    }

    fn destination(&self) -> Result<Destination> {
        match &self.output {
            Some(path) => Destination::create(path),
            None if self.format().is_binary() && Terminal::detect().stdout => {
                let message = format!("{} is no text for a terminal", self.format());
                Err(Error::usage(message).hinted("name a file with -o, or redirect stdout"))
            }
            None => Ok(Destination::stdout()),
        }
    }
}
