//! Asks the SQL Server Browser on which port a named instance listens (protocol MC-SQLR).

use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::{Error, Result};

const PORT: u16 = 1434;
/// CLNT_UCAST_INST: ask for one instance.
const ONE_INSTANCE: u8 = 4;
/// UDP loses packets.
const ATTEMPTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(1);

/// The port of an instance.
pub async fn port_of(host: &str, instance: &str) -> Result<u16> {
    port_from(host, PORT, instance).await
}

async fn port_from(host: &str, browser: u16, instance: &str) -> Result<u16> {
    let unreachable = |cause: String| {
        Error::source(format!("{host}\\{instance}: no answer from the SQL Server Browser: {cause}"))
            .hinted("open UDP port 1434, or name the instance's TCP port: --server HOST,PORT")
    };
    for _attempt in 0..ATTEMPTS {
        match timeout(PATIENCE, ask(host, browser, instance)).await {
            Ok(Ok(answer)) => {
                return tcp_port(&answer).ok_or_else(|| {
                    let message = format!("{host}: the instance {instance} does not listen on TCP");
                    Error::source(message).hinted("enable TCP/IP in its network configuration")
                });
            }
            Ok(Err(cause)) => return Err(unreachable(cause.to_string())),
            Err(_elapsed) => {}
        }
    }
    Err(unreachable(format!("waited {} times {} s", ATTEMPTS, PATIENCE.as_secs())))
}

async fn ask(host: &str, browser: u16, instance: &str) -> std::io::Result<Vec<u8>> {
    let address = tokio::net::lookup_host((host, browser))
        .await?
        .next()
        .ok_or_else(|| std::io::Error::other("the host has no address"))?;
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(address).await?;
    let question: Vec<u8> = [&[ONE_INSTANCE], instance.as_bytes(), &[0]].concat();
    socket.send(&question).await?;
    let mut answer = vec![0; 4096];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

/// From `\x05`, two bytes of length, and `ServerName;X;InstanceName;Y;...;tcp;1433;;`.
fn tcp_port(answer: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(answer.get(3..)?);
    let mut parts = text.split(';');
    parts.find(|part| part.eq_ignore_ascii_case("tcp"))?;
    parts.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_follows_the_word_tcp() {
        // The example of MC-SQLR 4.2, shortened.
        let answer = b"\x05\x58\x00ServerName;ILSUNG1;InstanceName;YUKONSTD;IsClustered;No;\
            Version;9.00.1399.06;tcp;57137;;";
        assert_eq!(tcp_port(answer), Some(57137));
        assert_eq!(tcp_port(b"\x05\x10\x00ServerName;A;np;\\\\A\\pipe;;"), None);
        assert_eq!(tcp_port(b"\x05"), None);
    }

    #[tokio::test]
    async fn a_named_instance_is_found() {
        let browser = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = browser.local_addr().unwrap().port();
        let serve = async {
            let mut question = [0; 64];
            let (length, from) = browser.recv_from(&mut question).await.unwrap();
            assert_eq!(&question[..length], b"\x04RTC\0");
            browser.send_to(b"\x05\x00\x00InstanceName;RTC;tcp;5000;;", from).await.unwrap();
        };
        let (found, ()) = tokio::join!(port_from("127.0.0.1", port, "RTC"), serve);
        assert_eq!(found, Ok(5000));
    }
}
