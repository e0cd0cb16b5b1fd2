//! What `run` executes: files, stdin and SQL of the command line, in the order they were given.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, ValueHint, value_parser};

use crate::error::Position;
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
        let (text, whole) = decode(bytes);
        let flaw = (!whole)
            .then(|| Error::statement("this is not text in UTF-8 or UTF-16").at(end_of(&text)));
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

/// UTF-8, or UTF-16 as SQL Server Management Studio saves it; marks of the encoding are dropped.
/// False with the part before the first wrong byte.
fn decode(bytes: Vec<u8>) -> (String, bool) {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => decode_utf8(rest.to_vec()),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: Vec<u8>) -> (String, bool) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned(), false)
        }
    }
}

fn decode_utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> (String, bool) {
    let (units, odd) = bytes.as_chunks();
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units.iter().map(|unit| read(*unit))) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return (text, false),
        }
    }
    (text, odd.is_empty())
}

/// The place after the last character.
fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or("");
    Position { line: 1 + text.matches('\n').count(), column: 1 + last.chars().count() }
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
    fn every_encoding_of_the_trade_is_read() {
        let utf16 =
            |read: fn(u16) -> [u8; 2]| "\u{feff}select 'ü'".encode_utf16().flat_map(read).collect();
        for bytes in [
            "select 'ü'".as_bytes().to_vec(),
            "\u{feff}select 'ü'".as_bytes().to_vec(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decode(bytes), ("select 'ü'".to_string(), true));
        }
    }

    #[test]
    fn garbage_is_refused_where_it_begins() {
        let prefix = |text: &str| (text.to_string(), false);
        assert_eq!(decode(b"select 1;\nse\xffect".to_vec()), prefix("select 1;\nse"));
        assert_eq!(decode(b"\xff\xfea\0\0\xd8".to_vec()), prefix("a"));
        assert_eq!(decode(b"\xff\xfea\0b".to_vec()), prefix("a"));
        assert_eq!(end_of("select 1;\nsé"), Position { line: 2, column: 3 });
    }

    #[test]
    fn a_missing_file_is_wrong_usage() {
        let error = Origin::File("nowhere/x.sql".into()).read().unwrap_err();
        assert_eq!(error.kind, crate::ErrorKind::Usage);
        assert!(error.message.starts_with("nowhere"), "{error}");
    }
}
