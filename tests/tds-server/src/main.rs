//! Serves a mirror, or the sample, until it is stopped.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tds_server::{Encryption, Server};

/// Speaks TDS on the loopback interface; for trials and benchmarks.
#[derive(Debug, Parser)]
struct Arguments {
    /// The mirror to serve; the sample if not given
    mirror: Option<PathBuf>,
    /// Holds the mirror's rows in memory, so that reading them is not what takes the time
    #[arg(long, requires = "mirror")]
    hold: bool,
    /// A free one if not given
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long, default_value = "sa")]
    user: String,
    /// Not a secret: the server is for trials
    #[arg(long, default_value = "Passw0rd!")]
    password: String,
    #[arg(long, value_enum, default_value_t = Tls::Offered)]
    encryption: Tls,
    /// Writes the certificate to trust into this file
    #[arg(long)]
    authority: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tls {
    None,
    Offered,
    Required,
    Strict,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let builder = Server::builder()
        .login(&arguments.user, &arguments.password)
        .port(arguments.port)
        .encryption(match arguments.encryption {
            Tls::None => Encryption::NotSupported,
            Tls::Offered => Encryption::Offered,
            Tls::Required => Encryption::Required,
            Tls::Strict => Encryption::Strict,
        });
    let builder = match &arguments.mirror {
        Some(dir) if arguments.hold => builder.hold(dir)?,
        Some(dir) => builder.mirror(dir)?,
        None => builder.sample()?,
    };
    let server = builder.start()?;
    if let Some(path) = &arguments.authority {
        std::fs::write(path, server.authority_pem())?;
    }
    println!("listening on {}", server.address());
    loop {
        std::thread::park();
    }
}
