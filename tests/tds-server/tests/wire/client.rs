//! tiberius as a client of the server: what it logs in with, reads and stops.

use crate::support::{connect, one};
use tds_server::{Encryption, Server};
use tiberius::EncryptionLevel;

#[tokio::test]
async fn the_sample_is_served_with_its_catalogue() {
    let server = Server::builder().sample().unwrap().start().unwrap();
    let mut client = connect(&server, "LcsCDR", EncryptionLevel::NotSupported).await.unwrap();
    let row =
        one(&mut client, "SELECT COUNT(*) AS n, DB_NAME() AS db FROM dbo.SessionDetails").await;
    assert!(row.get::<i32, _>("n").unwrap() > 1_000);
    assert_eq!(row.get::<&str, _>("db"), Some("LcsCDR"));
    let row = one(
        &mut client,
        "SELECT t.name, c.name, c.max_length, ty.name FROM sys.tables AS t \
         JOIN sys.columns c ON c.object_id = t.object_id \
         JOIN sys.types ty ON ty.user_type_id = c.user_type_id \
         WHERE t.name = N'Users' AND c.name = 'UserUri' OPTION (MAXDOP 1)",
    )
    .await;
    assert_eq!(row.get::<&str, _>(0), Some("Users"));
    assert_eq!(row.get::<i16, _>(2), Some(900));
    assert_eq!(row.get::<&str, _>(3), Some("nvarchar"));
}

#[tokio::test]
async fn a_wrong_password_is_error_18456() {
    let server = Server::builder().login("reader", "other").start().unwrap();
    let refused = connect(&server, "master", EncryptionLevel::NotSupported).await.unwrap_err();
    assert_eq!(refused.code(), Some(18_456));
}

#[tokio::test]
async fn every_degree_of_encryption_is_settled() {
    use EncryptionLevel::{NotSupported, Off, On, Required, Strict};
    for (server, client, works) in [
        (Encryption::NotSupported, NotSupported, true),
        // MS-TDS lets them meet in the clear; tiberius wants TLS for the login all the same.
        (Encryption::NotSupported, Off, false),
        (Encryption::NotSupported, Required, false),
        (Encryption::Offered, NotSupported, true),
        (Encryption::Offered, Off, true),
        (Encryption::Offered, On, true),
        (Encryption::Offered, Required, true),
        (Encryption::Offered, Strict, true),
        (Encryption::Required, NotSupported, false),
        (Encryption::Required, Off, true),
        (Encryption::Required, Required, true),
        (Encryption::Strict, Strict, true),
        (Encryption::Strict, Required, false),
    ] {
        let running = Server::builder().encryption(server).start().unwrap();
        match connect(&running, "master", client).await {
            Ok(mut connected) => {
                assert!(works, "{server:?} {client:?}");
                let row = one(&mut connected, "SELECT 42").await;
                assert_eq!(row.get::<i32, _>(0), Some(42), "{server:?} {client:?}");
            }
            Err(error) => assert!(!works, "{server:?} {client:?}: {error}"),
        }
    }
}
