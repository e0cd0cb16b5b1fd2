//! Which server to read, as whom, and how the way there is protected.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tiberius::{AuthMethod, Config, EncryptionLevel};

use crate::{Error, Result};

const DEFAULT_PORT: u16 = 1433;

/// `HOST`, `HOST,PORT` or `HOST\INSTANCE`, as SQL Server's own tools write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    pub port: Port,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    Number(u16),
    /// Its number is the SQL Server Browser's to tell.
    Instance(String),
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::usage(format!("{text:?} is no server: HOST, HOST,PORT or HOST\\INSTANCE"));
        let text = text.strip_prefix("tcp:").unwrap_or(text);
        let (host, port) = match (text.split_once(','), text.split_once('\\')) {
            (Some((host, port)), _) => {
                (host, Port::Number(port.trim().parse().map_err(|_| wrong())?))
            }
            (None, Some((host, instance))) => (host, Port::Instance(instance.trim().into())),
            (None, None) => (text, Port::Number(DEFAULT_PORT)),
        };
        // With a port, the instance's name says nothing more.
        let host = host.split_once('\\').map_or(host, |(host, _)| host).trim();
        let host = if host == "." || host == "(local)" { "localhost" } else { host };
        if host.is_empty() || port == Port::Instance(String::new()) {
            return Err(wrong());
        }
        Ok(Self { host: host.into(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.port {
            Port::Number(DEFAULT_PORT) => f.write_str(&self.host),
            Port::Number(port) => write!(f, "{},{port}", self.host),
            Port::Instance(name) => write!(f, "{}\\{name}", self.host),
        }
    }
}

/// A password that no output ever shows.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// Who reads.
#[derive(Debug, Clone)]
pub enum Login {
    /// A login of SQL Server's own.
    Sql { user: String, password: Password },
    /// A Windows account other than the one that runs this process.
    #[cfg(windows)]
    Windows { user: String, password: Password },
    /// The Windows account that runs this process, or the one of its Kerberos ticket.
    #[cfg(any(windows, all(unix, feature = "kerberos")))]
    Integrated,
}

impl Login {
    fn method(&self) -> AuthMethod {
        match self {
            Self::Sql { user, password } => AuthMethod::sql_server(user, &password.0),
            #[cfg(windows)]
            Self::Windows { user, password } => AuthMethod::windows(user, &password.0),
            #[cfg(any(windows, all(unix, feature = "kerberos")))]
            Self::Integrated => AuthMethod::Integrated,
        }
    }
}

/// How the way to the server is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// TLS, as every server since 2005 offers it.
    Required(Trust),
    /// TLS before the first byte of TDS, which needs SQL Server 2022.
    Strict(Trust),
    /// None at all: whoever listens reads the rows, and the password is hardly disguised.
    NotSupported,
}

/// Which certificates are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those that this machine trusts.
    System,
    /// These too; PEM or DER.
    Also(Vec<u8>),
    /// Any, which is protection from nobody who sits in between.
    Anything,
}

/// A server to read from.
#[derive(Debug, Clone)]
pub struct Server {
    pub address: Address,
    pub login: Login,
    pub encryption: Encryption,
    /// The name in the server's certificate, where it is not the host's.
    pub certificate_name: Option<String>,
    /// How long a silent server is waited for, once it has a query.
    pub patience: Duration,
}

impl Server {
    pub fn new(address: Address, login: Login) -> Self {
        Self {
            address,
            login,
            encryption: Encryption::Required(Trust::System),
            certificate_name: None,
            patience: Duration::from_secs(600),
        }
    }

    /// The driver's settings for a connection into a database.
    pub(super) fn config(&self, port: u16, database: &str) -> Config {
        let mut config = Config::new();
        config.host(&self.address.host);
        config.port(port);
        config.database(database);
        config.application_name("cdrql");
        config.readonly(true);
        config.authentication(self.login.method());
        config.packet_size(16 * 1024);
        config.lossy_utf16_decoding(true);
        config.command_timeout(Some(self.patience));
        // TLS is below the driver.
        config.encryption(EncryptionLevel::NotSupported);
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_written_as_their_own_tools_write_them() {
        let number = |host: &str, port| Address { host: host.into(), port: Port::Number(port) };
        let read = |text: &str| text.parse::<Address>().unwrap();
        assert_eq!(read("sql01"), number("sql01", 1433));
        assert_eq!(read("tcp:sql01.contoso.com,1500"), number("sql01.contoso.com", 1500));
        assert_eq!(read("sql01\\RTC,1500"), number("sql01", 1500));
        assert_eq!(read("."), number("localhost", 1433));
        let named = Address { host: "sql01".into(), port: Port::Instance("RTC".into()) };
        assert_eq!(read("sql01\\RTC"), named);
        assert_eq!(named.to_string(), "sql01\\RTC");
        assert_eq!(read("::1,1433"), number("::1", 1433));
        for wrong in ["", ",1433", "sql01,", "sql01,http", "sql01,70000", "sql01\\"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_that_is_printed_shows_the_password() {
        let login = Login::Sql { user: "reader".into(), password: Password::new("s3cret") };
        let server = Server::new("sql01".parse().unwrap(), login);
        let printed = format!("{server:?} {:?}", server.config(1433, "LcsCDR"));
        assert!(!printed.contains("s3cret") && printed.contains("reader"), "{printed}");
    }
}
