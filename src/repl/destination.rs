//! Where results go: the screen, a file for all of them, a file for the next one.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::host::atomic_file::AtomicFile;
use crate::host::progress::Eraser;
use crate::host::terminal::Terminal;
use crate::output::{Format, Sink, Style};

/// Rows of a table that the screen shows.
pub const SCREEN_ROWS: usize = 40;

/// Set by `.output` and `.once`; the screen by default.
#[derive(Debug, Default)]
pub struct Destination {
    file: Option<Standing>,
    once: Option<PathBuf>,
    /// Results that went to standard output.
    screened: usize,
}

/// A file that every result goes to.
#[derive(Debug)]
struct Standing {
    path: PathBuf,
    file: File,
    format: Option<Format>,
    results: usize,
}

/// A place for one result.
pub struct Opened {
    pub sink: Sink,
    pub format: Format,
    pub style: Style,
    closed: Arc<AtomicBool>,
    path: Option<PathBuf>,
    replacement: Option<AtomicFile>,
}

impl Destination {
    /// Sends every result from now on to a file, which begins empty; None is the screen.
    pub fn set(&mut self, path: Option<&Path>) -> Result<()> {
        self.file = path.map(Standing::create).transpose()?;
        Ok(())
    }

    /// Sends the next result to a file.
    pub fn set_once(&mut self, path: &Path) {
        self.once = Some(path.to_owned());
    }

    /// True where the next result goes to standard output.
    pub fn is_screen(&self) -> bool {
        self.file.is_none() && self.once.is_none()
    }

    /// Opens the place for the next result. A file's extension decides its format, where it names
    /// one; `format` is the session's.
    pub fn open(&mut self, format: Format, terminal: Terminal, eraser: Eraser) -> Result<Opened> {
        if let Some(path) = self.once.take() {
            return Opened::replacing(path, format);
        }
        match &mut self.file {
            Some(standing) => standing.open(format),
            None => {
                let separator = match (self.screened, terminal.is_interactive()) {
                    // A prompt stands between them, or nothing before the first.
                    (_, true) | (0, _) => "",
                    _ => format.separator(),
                };
                self.screened += 1;
                Opened::screen(format, terminal, eraser, separator)
            }
        }
    }
}

impl Standing {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|cause| Error::file(path, cause))?;
        Ok(Self { path: path.to_owned(), file, format: Format::from_extension(path), results: 0 })
    }

    fn open(&mut self, format: Format) -> Result<Opened> {
        let format = self.format.unwrap_or(format);
        if self.results > 0 && format.holds_one_result() {
            let message = format!("{}: a {format} file holds one result", self.path.display());
            return Err(Error::usage(message).hinted("use .once FILE for each result"));
        }
        let unwritable = |cause| Error::file(&self.path, cause);
        if self.results > 0 {
            self.file.write_all(format.separator().as_bytes()).map_err(unwritable)?;
        }
        self.results += 1;
        let file = self.file.try_clone().map_err(unwritable)?;
        Ok(Opened::file(Box::new(BufWriter::new(file)), format, &self.path, None))
    }
}

impl Opened {
    /// A place that keeps nothing.
    pub fn nowhere(format: Format) -> Self {
        Self::file(Box::new(io::sink()), format, Path::new(""), None)
    }

    fn screen(format: Format, terminal: Terminal, eraser: Eraser, separator: &str) -> Result<Self> {
        if format.is_binary() && terminal.stdout {
            let message = format!("{format} is not text, a terminal cannot show it");
            return Err(Error::usage(message).hinted("send it to a file: .once FILE"));
        }
        let closed = Arc::new(AtomicBool::new(false));
        let screen = Screen { eraser, closed: Arc::clone(&closed) };
        let style = Style {
            width: terminal.width(),
            max_rows: terminal.stdout.then_some(SCREEN_ROWS),
            color: terminal.color_on_stdout(),
            ..Style::default()
        };
        let mut sink = BufWriter::new(screen);
        let unwritable = |cause| Error::source(format!("standard output: {cause}"));
        sink.write_all(separator.as_bytes()).map_err(unwritable)?;
        Ok(Self { sink: Box::new(sink), format, style, closed, path: None, replacement: None })
    }

    /// Writes beside the file and takes its place at the end, so that a failure leaves it alone.
    fn replacing(path: PathBuf, format: Format) -> Result<Self> {
        let format = Format::from_extension(&path).unwrap_or(format);
        let unwritable = |cause| Error::file(&path, cause);
        if path.exists() && !path.is_file() {
            // A device or a pipe cannot be replaced.
            let file = File::create(&path).map_err(unwritable)?;
            return Ok(Self::file(Box::new(BufWriter::new(file)), format, &path, None));
        }
        let replacement = AtomicFile::create(&path).map_err(unwritable)?;
        let file = replacement.handle().map_err(unwritable)?;
        Ok(Self::file(Box::new(BufWriter::new(file)), format, &path, Some(replacement)))
    }

    fn file(sink: Sink, format: Format, path: &Path, replacement: Option<AtomicFile>) -> Self {
        Self {
            sink,
            format,
            style: Style::default(),
            closed: Arc::default(),
            path: Some(path.to_owned()),
            replacement,
        }
    }

    /// Splits off the sink, for the writer, from what remains to be done after it.
    pub fn into_parts(self) -> (Sink, Closing) {
        let Self { sink, closed, path, replacement, .. } = self;
        (sink, Closing { closed, path, replacement })
    }
}

/// What remains to be done when a result is written.
pub struct Closing {
    closed: Arc<AtomicBool>,
    path: Option<PathBuf>,
    replacement: Option<AtomicFile>,
}

impl Closing {
    /// True when the reader of standard output has gone.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Names the file in a failure to write it.
    pub fn name(&self, mut error: Error) -> Error {
        if let Some(path) = &self.path {
            error.message = format!("{}: {}", path.display(), error.message);
        }
        error
    }

    /// Puts the finished file in its place.
    pub fn finish(self) -> Result<()> {
        let (Some(path), Some(replacement)) = (self.path, self.replacement) else {
            return Ok(());
        };
        replacement.commit().map_err(|cause| Error::file(&path, cause))
    }
}

/// Standard output; a progress bar goes before the first byte comes.
struct Screen {
    eraser: Eraser,
    closed: Arc<AtomicBool>,
}

impl Screen {
    fn noting<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        if matches!(&outcome, Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe) {
            self.closed.store(true, Ordering::Relaxed);
        }
        outcome
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.eraser.erase();
        let outcome = io::stdout().write(bytes);
        self.noting(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = io::stdout().flush();
        self.noting(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(opened: Opened, text: &str) -> Closing {
        let (mut sink, closing) = opened.into_parts();
        sink.write_all(text.as_bytes()).unwrap();
        sink.flush().unwrap();
        closing
    }

    fn open(destination: &mut Destination) -> Result<Opened> {
        let terminal = Terminal { stdin: true, stdout: true, stderr: true, color: false };
        destination.open(Format::Csv, terminal, Eraser::none())
    }

    #[test]
    fn results_follow_each_other_in_one_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("all.csv");
        let mut destination = Destination::default();
        destination.set(Some(&path)).unwrap();
        for text in ["a\n1\n", "b\n2\n"] {
            write(open(&mut destination).unwrap(), text).finish().unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\n1\n\nb\n2\n");
    }

    #[test]
    fn a_format_with_an_end_takes_one_result() {
        let home = tempfile::tempdir().unwrap();
        let mut destination = Destination::default();
        destination.set(Some(&home.path().join("one.json"))).unwrap();
        assert_eq!(open(&mut destination).unwrap().format, Format::Json);
        assert!(open(&mut destination).is_err());
    }

    #[test]
    fn once_replaces_the_file_only_when_finished() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("result.csv");
        std::fs::write(&path, "old").unwrap();
        let mut destination = Destination::default();
        destination.set_once(&path);
        let closing = write(open(&mut destination).unwrap(), "half");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        drop(closing);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left behind");

        destination.set_once(&path);
        write(open(&mut destination).unwrap(), "new").finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert!(open(&mut destination).unwrap().path.is_none(), "the result after it is shown");
    }

    #[test]
    fn bytes_do_not_go_to_a_terminal() {
        let terminal = Terminal { stdin: true, stdout: true, stderr: true, color: false };
        let opened = Destination::default().open(Format::Parquet, terminal, Eraser::none());
        assert!(opened.err().unwrap().hints[0].contains(".once"));
    }
}
