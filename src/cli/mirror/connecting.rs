//! As whom to log in, and how the way to the server is protected.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::super::options::duration;
use super::super::terminal;
use crate::mirror::{Address, Encryption, Login, Password, Server, Trust};
use crate::{Error, Result};

/// The variable that may hold the password.
const PASSWORD: &str = "CDRQL_PASSWORD";

#[derive(Debug, Args)]
pub struct Connecting {
    /// Login of the server
    #[arg(long, value_name = "NAME")]
    user: Option<String>,

    /// File whose first line is the password
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    password_file: Option<PathBuf>,

    /// Log in as the Windows account that runs this, or with its Kerberos ticket
    #[cfg(any(windows, all(unix, feature = "kerberos")))]
    #[arg(long, conflicts_with_all = ["user", "password_file"])]
    integrated: bool,

    /// Log in with a Windows account: --user DOMAIN\NAME
    #[cfg(windows)]
    #[arg(long, conflicts_with = "integrated")]
    windows_login: bool,

    /// How the connection is encrypted
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    encrypt: Encrypt,

    /// Certificate of the authority that signed the server's
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,

    /// Take any certificate: whoever sits in between can read everything
    #[arg(long, conflicts_with = "ca_file")]
    trust_server_certificate: bool,

    /// The name in the server's certificate, where it is not the host's
    #[arg(long, value_name = "NAME")]
    certificate_name: Option<String>,

    /// How long to wait for a silent server
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    patience: Duration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Encrypt {
    /// TLS
    #[default]
    Required,
    /// TLS from the first byte on; SQL Server 2022
    Strict,
    /// None: the rows travel in the clear, and the password nearly so
    NotSupported,
}

impl Connecting {
    pub fn server(&self, address: &Address) -> Result<Server> {
        Ok(Server {
            encryption: self.encryption()?,
            certificate_name: self.certificate_name.clone(),
            patience: self.patience,
            ..Server::new(address.clone(), self.login()?)
        })
    }

    fn login(&self) -> Result<Login> {
        #[cfg(any(windows, all(unix, feature = "kerberos")))]
        if self.integrated {
            return Ok(Login::Integrated);
        }
        let user = self
            .user
            .clone()
            .ok_or_else(|| Error::usage("the server wants a login: --user NAME"))?;
        let password = self.password(&user)?;
        #[cfg(windows)]
        if self.windows_login {
            return Ok(Login::Windows { user, password });
        }
        Ok(Login::Sql { user, password })
    }

    fn password(&self, user: &str) -> Result<Password> {
        if let Some(path) = &self.password_file {
            return password_in(path);
        }
        if let Some(password) = std::env::var_os(PASSWORD) {
            let password = password.into_string();
            let password =
                password.map_err(|_| Error::usage(format!("{PASSWORD} is not UTF-8 text")))?;
            return Ok(Password::new(password));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Error::usage("there is no password")
                .hinted(format!("put it into {PASSWORD} or name a file with --password-file")));
        }
        rpassword::prompt_password(format!("Password of {user}: "))
            .map(Password::new)
            .map_err(|cause| Error::usage(format!("no password was read: {cause}")))
    }

    fn encryption(&self) -> Result<Encryption> {
        let trust = match &self.ca_file {
            Some(path) => Trust::Also(certificates(path)?),
            None if self.trust_server_certificate => Trust::Anything,
            None => Trust::System,
        };
        if trust == Trust::Anything && self.encrypt != Encrypt::NotSupported {
            terminal::note(
                "WARNING: the server's certificate is not checked; whoever sits in between can \
                 read and change everything.\n",
            );
        }
        Ok(match self.encrypt {
            Encrypt::Required => Encryption::Required(trust),
            Encrypt::Strict => Encryption::Strict(trust),
            Encrypt::NotSupported => {
                terminal::note(
                    "WARNING: the connection is not encrypted; whoever listens can read the rows \
                     and the password.\n",
                );
                Encryption::NotSupported
            }
        })
    }
}

/// The first line of a file; Windows' editors put a mark before the text.
fn password_in(path: &Path) -> Result<Password> {
    let text = fs::read_to_string(path).map_err(|cause| Error::file(path, cause))?;
    warn_if_others_read(path);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Password::new(line)),
        _ => Err(Error::usage(format!("{}: its first line is no password", path.display()))),
    }
}

#[cfg(unix)]
fn warn_if_others_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let others = 0o077;
    if fs::metadata(path).is_ok_and(|about| about.permissions().mode() & others != 0) {
        let path = path.display();
        terminal::note(&format!("WARNING: others can read {path}; chmod 600 {path}\n"));
    }
}

#[cfg(not(unix))]
fn warn_if_others_read(_path: &Path) {}

fn certificates(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause| Error::file(path, cause))
}
