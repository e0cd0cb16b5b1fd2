//! The mirror's log: a few files of bounded size, for their owner only.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::store::private_file;
use crate::{Error, Result};

/// Bytes after which a new file is begun.
const LARGEST: u64 = 8 << 20;
/// Files before the present one: `mirror.log.1` is the youngest.
const KEPT: u32 = 4;

/// Begins to log. A dry run leaves nothing behind, unless a file is named.
pub fn start(named: Option<&Path>, mirror: &Path, dry_run: bool) -> Result<()> {
    let path = match named {
        Some(path) => path.to_owned(),
        None if dry_run => return Ok(()),
        None => mirror.join("mirror.log"),
    };
    let file = LogFile::open(path)?;
    // Only what this crate says: nobody else's words are known to be free of secrets.
    let filter = Targets::new().with_target("cdrql", LevelFilter::INFO);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    // An embedding program may have a log of its own; it then gets these lines.
    let _ = tracing_subscriber::registry().with(filter).with(layer).try_init();
    Ok(())
}

struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl LogFile {
    fn open(path: PathBuf) -> Result<Self> {
        let file = private_file(&path)?;
        let size = file.metadata().map_err(|cause| Error::file(&path, cause))?.len();
        Ok(Self { path, file, size })
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    /// Makes room for a new file. Whatever cannot be renamed is written on.
    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..KEPT).rev() {
            let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        fs::rename(&self.path, self.numbered(1))?;
        self.file = private_file(&self.path).map_err(io::Error::other)?;
        self.size = 0;
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size > LARGEST {
            // A log that cannot be rotated is better than none.
            let _ = self.rotate();
        }
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_put_aside_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = LogFile::open(dir.path().join("mirror.log")).unwrap();
        for round in 0..=KEPT + 1 {
            writeln!(log, "round {round}").unwrap();
            log.size = LARGEST + 1;
        }
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("mirror.log"), "round 5\n");
        assert_eq!(read("mirror.log.1"), "round 4\n");
        assert_eq!(read("mirror.log.4"), "round 1\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5);
    }

    #[cfg(unix)]
    #[test]
    fn a_log_is_its_owners_and_goes_on_where_it_ended() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror.log");
        for line in ["one", "two"] {
            writeln!(LogFile::open(path.clone()).unwrap(), "{line}").unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
