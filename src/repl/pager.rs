//! Long text through the user's pager.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

use super::shell;

/// Pagers of the systems, by preference.
const PAGERS: [&[&str]; 2] = [&["less", "-S"], &[if cfg!(windows) { "more.com" } else { "more" }]];

/// A running pager; what is written to it is shown. Dropping it waits until the person leaves.
pub struct Pager {
    child: Child,
}

impl Pager {
    /// The pager that `PAGER` names, else the first one that the system has; None without any.
    pub fn start() -> Option<Self> {
        match std::env::var_os("PAGER").filter(|pager| !pager.to_string_lossy().trim().is_empty()) {
            Some(line) => Self::spawn(shell::command(&line, &[])),
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
