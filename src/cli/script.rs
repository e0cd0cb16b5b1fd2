//! What `run` executes: files, stdin and SQL of the command line, in the order they were given.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, ValueHint, value_parser};

use crate::host::script_text;
use crate::report::SourceText;
use crate::{Error, Result};

/// Where a script comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    File(PathBuf),
    Stdin,
    CommandLine(String),
}

/// The scripts of a command line, in its order.
#[derive(Debug, Clone)]
pub(super) struct Origins(pub Vec<Origin>);

/// A script's text and the name that errors give it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub name: String,
    pub text: String,
    /// Why `text` is only the beginning.
    pub flaw: Option<Error>,
}

impl Script {
    pub fn source(&self) -> SourceText<'_> {
        SourceText { name: Some(&self.name), text: &self.text }
    }
}

impl Origin {
    /// Reads the whole script. Text that is neither UTF-8 nor marked UTF-16 ends at a flaw.
    ///
    /// # Errors
    /// A file that cannot be read is wrong usage.
    pub fn read(self) -> Result<Script> {
        let (name, bytes) = match self {
            Self::CommandLine(text) => ("-c".to_string(), text.into_bytes()),
            Self::Stdin => ("stdin".to_string(), read_stdin()?),
            Self::File(path) => (path.display().to_string(), read_file(&path)?),
        };
        let (text, flaw) = script_text::decode(bytes);
        Ok(Script { name, text, flaw })
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause| Error::usage(format!("{}: {cause}", path.display())))
}

fn read_stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::source(format!("stdin: {cause}")))?;
    Ok(bytes)
}

/// Derive cannot keep the order between an option and the positional arguments.
impl clap::Args for Origins {
    fn augment_args(command: clap::Command) -> clap::Command {
        let file = Arg::new("file")
            .value_name("FILE.sql")
            .num_args(0..)
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help("Files of SQL statements to run; `-` reads stdin");
        let sql = Arg::new("command")
            .short('c')
            .long("command")
            .value_name("SQL")
            .action(ArgAction::Append)
            // A statement may begin with a comment.
            .allow_hyphen_values(true)
            .help("SQL to run; files and -c run in the order they are given");
        command.arg(file).arg(sql)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Origins {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let file = |path: &PathBuf| match path.as_os_str() {
            dash if dash == "-" => Origin::Stdin,
            _ => Origin::File(path.clone()),
        };
        let sql = |sql: &String| Origin::CommandLine(sql.clone());
        let mut origins = placed(matches, "file", file);
        origins.extend(placed(matches, "command", sql));
        origins.sort_by_key(|(index, _)| *index);
        Ok(Self(origins.into_iter().map(|(_, origin)| origin).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an argument, each with its place on the command line.
fn placed<T: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    id: &str,
    origin: impl Fn(&T) -> Origin,
) -> Vec<(usize, Origin)> {
    let indices = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten();
    indices.zip(values).map(|(index, value)| (index, origin(value))).collect()
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    #[test]
    fn scripts_keep_the_order_of_the_command_line() {
        let command = Origins::augment_args(clap::Command::new("run"));
        let line = ["run", "-c", "select 1", "a.sql", "-", "-c", "select 2", "b.sql"];
        let matches = command.try_get_matches_from(line).unwrap();
        let file = |path: &str| Origin::File(path.into());
        let sql = |sql: &str| Origin::CommandLine(sql.into());
        assert_eq!(
            Origins::from_arg_matches(&matches).unwrap().0,
            [sql("select 1"), file("a.sql"), Origin::Stdin, sql("select 2"), file("b.sql")]
        );
    }

    #[test]
    fn a_missing_file_is_wrong_usage() {
        let error = Origin::File("nowhere/x.sql".into()).read().unwrap_err();
        assert_eq!(error.kind, crate::ErrorKind::Usage);
        assert!(error.message.starts_with("nowhere"), "{error}");
    }
}
