//! Long text through the user's pager.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// `PAGER`, else what the system has; both through the shell, as the variable may hold options.
fn command() -> Command {
    let named = std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let pager = named.unwrap_or_else(|| if cfg!(windows) { "more" } else { "less -S" }.to_owned());
    shell(&pager)
}

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

/// A running pager; what is written to it is shown. Dropping it waits until the person leaves.
pub struct Pager {
    child: Child,
}

impl Pager {
    pub fn start() -> io::Result<Self> {
        Ok(Self { child: command().stdin(Stdio::piped()).spawn()? })
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
