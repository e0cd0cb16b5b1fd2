//! Long text through the user's pager.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// Pagers of the systems, by preference.
const PAGERS: [&[&str]; 2] = [&["less", "-S"], &["more"]];

/// A running pager; what is written to it is shown. Dropping it waits until the person leaves.
pub struct Pager {
    child: Child,
}

impl Pager {
    /// The pager that `PAGER` names, else the first one that the system has; None without any.
    pub fn start() -> Option<Self> {
        match std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty()) {
            Some(line) => Self::spawn(shell(&line)),
            None => PAGERS.iter().find_map(|pager| {
                let mut command = Command::new(pager[0]);
                command.args(&pager[1..]);
                Self::spawn(command)
            }),
        }
    }

    fn spawn(mut command: Command) -> Option<Self> {
        Some(Self { child: command.stdin(Stdio::piped()).spawn().ok()? })
    }
}

/// The shell takes the line apart, for it may hold options.
#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").arg(line);
    command
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.child.stdin {
            Some(pipe) => pipe.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.child.stdin.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The pager's own exit code says nothing about ours.
        let _ = self.child.wait();
    }
}
