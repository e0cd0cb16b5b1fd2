//! tiberius, set up for a server.

use tds_server::Server;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, Row};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

pub type Connected = Client<Compat<TcpStream>>;

/// Settings for the server's default login.
pub fn config(server: &Server, database: &str, encryption: EncryptionLevel) -> Config {
    let mut config = Config::new();
    config.host("localhost");
    config.port(server.port());
    config.database(database);
    config.authentication(AuthMethod::sql_server("sa", "Passw0rd!"));
    config.encryption(encryption);
    config.application_name("tds-server tests");
    config.trust_cert_ca_bundle(server.authority_pem());
    config
}

pub async fn connect_with(config: Config) -> tiberius::Result<Connected> {
    let tcp = TcpStream::connect(config.get_addr()).await?;
    Client::connect(config, tcp.compat_write()).await
}

pub async fn connect(
    server: &Server,
    database: &str,
    encryption: EncryptionLevel,
) -> tiberius::Result<Connected> {
    connect_with(config(server, database, encryption)).await
}

/// The one row of a statement.
pub async fn one(client: &mut Connected, text: &str) -> Row {
    client.simple_query(text).await.unwrap().into_row().await.unwrap().unwrap()
}
