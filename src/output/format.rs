//! The formats a result can be written in, and their names.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::{Error, Result};

/// A format for result rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A box drawn for people, fitted to the terminal.
    Table,
    /// One line for each value, for rows too wide for a box.
    Vertical,
    /// RFC 4180 with a header line.
    Csv,
    /// As CSV, with tabs.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object on each line.
    Ndjson,
    /// A GitHub Markdown table.
    Markdown,
    /// A Parquet file, compressed with zstd.
    Parquet,
    /// An Arrow IPC file.
    Arrow,
}

impl Format {
    /// Every format with its name, in the order of the help text.
    pub const ALL: [(Self, &str); 9] = [
        (Self::Table, "table"),
        (Self::Vertical, "vertical"),
        (Self::Csv, "csv"),
        (Self::Tsv, "tsv"),
        (Self::Json, "json"),
        (Self::Ndjson, "ndjson"),
        (Self::Markdown, "markdown"),
        (Self::Parquet, "parquet"),
        (Self::Arrow, "arrow"),
    ];

    /// The format that a file's extension asks for; None when it says nothing.
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" => Some(Self::Table),
            "tab" => Some(Self::Tsv),
            "jsonl" => Some(Self::Ndjson),
            "md" => Some(Self::Markdown),
            "feather" | "ipc" => Some(Self::Arrow),
            name => name.parse().ok(),
        }
    }

    /// Whether one file can hold only one result: its form has a beginning and an end.
    pub fn holds_one_result(self) -> bool {
        matches!(self, Self::Json | Self::Parquet | Self::Arrow)
    }

    /// Whether the bytes are not text, so that they have no place on a terminal.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// What stands between two results in one file or stream: a blank line, but nothing in
    /// ndjson, whose every line is a row.
    pub fn separator(self) -> &'static str {
        if self == Self::Ndjson { "" } else { "\n" }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(format, _)| format == self).map_or("", |(_, name)| name);
        f.pad(name)
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        known.map(|(format, _)| *format).ok_or_else(|| unknown(text))
    }
}

fn unknown(text: &str) -> Error {
    let names: Vec<&str> = Format::ALL.iter().map(|(_, name)| *name).collect();
    Error::usage(format!("there is no format `{text}`"))
        .hinted(format!("formats: {}", names.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for (format, name) in Format::ALL {
            assert_eq!(name.to_uppercase().parse::<Format>(), Ok(format));
            assert_eq!(format.to_string(), name);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.message, "there is no format `xml`");
        assert!(error.hints[0].contains("ndjson"), "{:?}", error.hints);
    }

    #[test]
    fn extensions_choose_the_format() {
        let chosen = |path: &str| Format::from_extension(Path::new(path));
        assert_eq!(chosen("a/b.CSV"), Some(Format::Csv));
        assert_eq!(chosen("b.jsonl"), Some(Format::Ndjson));
        assert_eq!(chosen("report.md"), Some(Format::Markdown));
        assert_eq!(chosen("x.parquet"), Some(Format::Parquet));
        assert_eq!(chosen("x.xlsx"), None);
        assert_eq!(chosen("csv"), None);
    }
}
