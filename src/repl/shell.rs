//! A program that a variable of the user's names: `PAGER`, `EDITOR`. It may be named with options,
//! so the system's shell takes the line apart.

use std::ffi::OsStr;
use std::process::Command;

/// The line with these arguments behind it.
#[cfg(unix)]
pub fn command(line: &OsStr, arguments: &[&OsStr]) -> Command {
    let mut script = line.to_owned();
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh").args(arguments);
    command
}

/// The line with these arguments behind it. `/S` takes the outer quotes off and nothing else.
#[cfg(windows)]
pub fn command(line: &OsStr, arguments: &[&OsStr]) -> Command {
    use std::os::windows::process::CommandExt;
    let mut script = OsStr::new("\"").to_owned();
    script.push(line);
    for argument in arguments {
        script.push(" \"");
        script.push(argument);
        script.push("\"");
    }
    script.push("\"");
    let mut command = Command::new("cmd");
    command.args(["/S", "/C"]).raw_arg(script);
    command
}
