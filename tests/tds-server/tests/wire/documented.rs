//! The examples of MS-TDS 4, byte for byte, over a bare connection.

use std::io::{Read, Write};
use std::net::TcpStream;

use tds_server::Server;

/// 4.2: user `sa` without a password, packets of 4,096 bytes, application OSQL-32.
const LOGIN: &str = "
    10 01 00 90 00 00 01 00 88 00 00 00 02 00 09 72 00 10 00 00 00 00 00 07 00 01 00 00 00 00 00 00
    E0 03 00 00 00 00 00 00 09 04 00 00 5E 00 08 00 6E 00 02 00 72 00 00 00 72 00 07 00 80 00 00 00
    80 00 00 00 80 00 04 00 88 00 00 00 88 00 00 00 00 50 8B E2 B7 8F 88 00 00 00 88 00 00 00 88 00
    00 00 00 00 00 00 73 00 6B 00 6F 00 73 00 74 00 6F 00 76 00 31 00 73 00 61 00 4F 00 53 00 51 00
    4C 00 2D 00 33 00 32 00 4F 00 44 00 42 00 43 00";

/// 4.6: a batch, select 'foo' as 'bar', with a line feed before it and blanks behind.
const BATCH: &str = "
    01 01 00 5C 00 00 01 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 0A 00
    73 00 65 00 6C 00 65 00 63 00 74 00 20 00 27 00 66 00 6F 00 6F 00 27 00 20 00 61 00 73 00 20 00
    27 00 62 00 61 00 72 00 27 00 0A 00 20 00 20 00 20 00 20 00 20 00 20 00 20 00 20 00";

/// 4.7: what the server answers to that, here without the header.
const BATCH_ANSWER: &str = "
    81 01 00 00 00 00 00 20 00 A7 03 00 09 04 D0 00 34 03 62 00 61 00 72 00 D1 03 00 66 6F 6F FD 10
    00 C1 00 01 00 00 00 00 00 00 00";

/// 4.8: a call of foo3 with one smallint that is NULL, here with the length of the value.
const CALL: &str = "
    03 01 00 2F 00 00 01 00 16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 01 00 00 00 00 04 00
    66 00 6F 00 6F 00 33 00 00 00 00 02 26 02 00";

/// A client that has no encryption: its version and that wish.
const PRELOGIN: &str =
    "12 01 00 1A 00 00 01 00 00 00 0B 00 06 01 00 11 00 01 FF 09 00 00 00 00 00 02";

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// Sends a message and reads the answer, which must fit one packet; returns what it carries.
fn exchange(tcp: &mut TcpStream, message: &str) -> Vec<u8> {
    tcp.write_all(&bytes(message)).unwrap();
    let mut header = [0; 8];
    tcp.read_exact(&mut header).unwrap();
    assert_eq!(header[..2], [4, 1]);
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[2], header[3]])) - 8];
    tcp.read_exact(&mut body).unwrap();
    body
}

fn log_in(server: &Server) -> (TcpStream, Vec<u8>) {
    let mut tcp = TcpStream::connect(server.address()).unwrap();
    exchange(&mut tcp, PRELOGIN);
    let answer = exchange(&mut tcp, LOGIN);
    (tcp, answer)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_batch_is_answered_as_documented() {
    let server = Server::builder().login("sa", "").start().unwrap();
    let (mut tcp, _) = log_in(&server);
    assert_eq!(exchange(&mut tcp, BATCH), bytes(BATCH_ANSWER));
}

#[test]
fn the_login_is_acknowledged_as_documented() {
    let server = Server::builder().login("sa", "").start().unwrap();
    let (_, answer) = log_in(&server);
    // ENVCHANGE of the collation, from 4.4.
    assert!(contains(&answer, &bytes("E3 08 00 07 05 09 04 D0 00 34 00")));
    // ENVCHANGE of the packet size, from 4096 to 4096, from 4.4.
    let size = "E3 13 00 04 04 34 00 30 00 39 00 36 00 04 34 00 30 00 39 00 36 00";
    assert!(contains(&answer, &bytes(size)));
    // LOGINACK from 4.4: its length, T-SQL, the client's TDS 7.2, 22 characters of name.
    assert!(contains(&answer, &bytes("AD 36 00 01 72 09 00 02 16 4D 00")), "{answer:02X?}");
    assert!(answer.ends_with(&bytes("FD 00 00 00 00 00 00 00 00 00 00 00 00")));
    assert_eq!(server.logins()[0].host, "skostov1");
    assert_eq!(server.logins()[0].application, "OSQL-32");
}

#[test]
fn a_call_of_what_is_not_there_is_error_2812() {
    let server = Server::builder().login("sa", "").start().unwrap();
    let (mut tcp, _) = log_in(&server);
    let answer = exchange(&mut tcp, CALL);
    assert_eq!(answer[0], 0xAA);
    assert_eq!(i32::from_le_bytes(answer[3..7].try_into().unwrap()), 2812);
    // DONEPROC with the error bit.
    assert_eq!(answer[answer.len() - 13..answer.len() - 10], [0xFE, 2, 0]);
}

#[test]
fn garbage_ends_the_connection_and_nothing_else() {
    let server = Server::builder().login("sa", "").start().unwrap();
    for garbage in [
        // A packet shorter than its header.
        "01 01 00 03 00 00 01 00",
        // A login before PRELOGIN.
        LOGIN,
        // PRELOGIN whose option lies beyond its end.
        "12 01 00 0E 00 00 01 00 01 00 FF 00 01 FF",
    ] {
        let mut tcp = TcpStream::connect(server.address()).unwrap();
        tcp.write_all(&bytes(garbage)).unwrap();
        let mut rest = Vec::new();
        // Closed or reset, but not left hanging.
        let _ = tcp.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let (mut tcp, _) = log_in(&server);
    // A batch whose headers are longer than itself.
    tcp.write_all(&bytes("01 01 00 0C 00 00 01 00 FF 00 00 00")).unwrap();
    let mut rest = Vec::new();
    let _ = tcp.read_to_end(&mut rest);
    assert!(rest.is_empty());
    log_in(&server);
}
