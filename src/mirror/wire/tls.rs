//! Which certificates a server may show.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};

use super::super::server::{Encryption, Server, Trust};
use crate::{Error, Result};

/// The name by which a server of TDS 8 knows what is spoken within TLS.
const TDS_8: &[u8] = b"tds/8.0";

/// How to speak TLS with a server: made once, used for every connection.
#[derive(Clone)]
pub struct Tls {
    pub config: Arc<ClientConfig>,
    pub name: ServerName<'static>,
    /// TLS comes before the first byte of TDS.
    pub first: bool,
}

impl Tls {
    /// None if the user does without.
    pub fn new(server: &Server) -> Result<Option<Self>> {
        let (trust, first) = match &server.encryption {
            Encryption::NotSupported => return Ok(None),
            Encryption::Required(trust) => (trust, false),
            Encryption::Strict(trust) => (trust, true),
        };
        let host = server.certificate_name.as_ref().unwrap_or(&server.address.host);
        let name = match (ServerName::try_from(host.clone()), trust) {
            (Ok(name), _) => name,
            // Windows allows names that no certificate can have; here nobody looks at it.
            (Err(_), Trust::Anything) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            (Err(_), _) => {
                let message = format!("{host:?} is no name that a certificate can have");
                return Err(Error::usage(message).hinted("give one with --certificate-name"));
            }
        };
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
        let verifier = verifier(trust, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::internal(format!("TLS: {e}")))?;
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        // A handshake that resumes a session ends with our flight: the login could reach the server
        // while it still expects TLS in packets.
        config.resumption = Resumption::disabled();
        if first {
            config.alpn_protocols.push(TDS_8.into());
        }
        Ok(Some(Self { config: config.into(), name, first }))
    }
}

fn verifier(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
    let roots = match trust {
        Trust::Anything => return Ok(Arc::new(Unverified(Arc::clone(provider)))),
        Trust::System => system_roots(),
        Trust::Also(given) => {
            let mut roots = system_roots();
            for certificate in certificates(given)? {
                roots.add(certificate).map_err(|e| no_certificate(&e.to_string()))?;
            }
            roots
        }
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
    verifier.build().map(|verifier| verifier as _).map_err(|e| {
        Error::source(format!("this machine trusts no certificates at all: {e}"))
            .hinted("give the authority that signed the server's certificate with --ca-file")
    })
}

/// What this machine trusts; what of it cannot be read is not trusted.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// One or more in PEM, or one in DER. Windows' editors put a mark before the text.
fn certificates(given: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let given = given.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(given);
    if !given.windows(10).any(|part| part == b"-----BEGIN") {
        return Ok(vec![CertificateDer::from(given.to_vec())]);
    }
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(given).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(no_certificate("it holds something else")),
        Err(e) => Err(no_certificate(&e.to_string())),
    }
}

fn no_certificate(cause: &str) -> Error {
    Error::usage(format!("the file of the authority holds no certificate: {cause}"))
        .hinted("--ca-file takes PEM or DER")
}

/// Takes any certificate, also those of old servers that are too odd to be read.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_without_a_certificate_is_refused() {
        for text in
            [&b"-----BEGIN NOTHING-----\n"[..], b"\xEF\xBB\xBF-----BEGIN CERTIFICATE-----\nAAAA"]
        {
            assert!(certificates(text).is_err());
        }
        let mut roots = RootCertStore::empty();
        let der = certificates(b"no certificate").unwrap();
        assert!(roots.add(der[0].clone()).is_err());
    }
}
