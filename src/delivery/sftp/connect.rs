//! From a host name to a connection whose other end has proved an agreed key.
//!
//! Every step is under a hard time limit of its own: russh has none, and a server that accepts
//! and stays silent would hold us for ever.

use std::borrow::Cow;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle};
use russh::keys::Algorithm;
use russh::{AlgorithmKind, Preferred, cipher, compression, kex, mac};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::host_key::{Doorkeeper, Learnt, algorithms, others};
use crate::delivery::error::{DeliveryError, ShownKey};
use crate::delivery::settings::Fingerprint;

/// A server to connect to, and how long each step may take.
pub(super) struct Server<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) patience: Duration,
    /// The end of all time for this receiver.
    pub(super) deadline: Instant,
}

impl Server<'_> {
    /// Waits for one step, but not for ever.
    pub(super) async fn within<T>(
        &self,
        doing: &'static str,
        step: impl Future<Output = T>,
    ) -> Result<T, DeliveryError> {
        let until = (Instant::now() + self.patience).min(self.deadline);
        timeout_at(until, step).await.map_err(|_| {
            let cause = format!("no answer within {} s", self.patience.as_secs());
            self.unreachable(doing, cause)
        })
    }

    pub(super) fn unreachable(&self, doing: &'static str, cause: String) -> DeliveryError {
        DeliveryError::Unreachable { host: self.host.to_owned(), port: self.port, doing, cause }
    }

    /// Connects, and tries the other kinds of host keys before it says that none is agreed: the
    /// kind that is agreed need not be the one that is negotiated first.
    pub(super) async fn open(
        &self,
        pins: &[Fingerprint],
    ) -> Result<(Handle<Doorkeeper>, Learnt), DeliveryError> {
        if pins.is_empty() {
            return Err(DeliveryError::NoPin { host: self.host.to_owned(), port: self.port });
        }
        let mut shown = Vec::new();
        match self.ask(pins, &mut shown).await? {
            Some(opened) => Ok(opened),
            None => Err(DeliveryError::HostKey {
                host: self.host.to_owned(),
                port: self.port,
                pinned: pins.to_vec(),
                shown,
            }),
        }
    }

    /// All the keys that the server shows, without logging in.
    pub(super) async fn keys(&self) -> Result<Vec<ShownKey>, DeliveryError> {
        let mut shown = Vec::new();
        self.ask(&[], &mut shown).await?;
        Ok(shown)
    }

    /// One connection for each kind of key, until one is agreed or there are no more.
    async fn ask(
        &self,
        pins: &[Fingerprint],
        shown: &mut Vec<ShownKey>,
    ) -> Result<Option<(Handle<Doorkeeper>, Learnt)>, DeliveryError> {
        let mut left = algorithms();
        while !left.is_empty() {
            let learnt = Learnt::default();
            match self.handshake(pins, &left, &learnt).await? {
                Ok(handle) => return Ok(Some((handle, learnt))),
                Err(russh::Error::UnknownKey) => {}
                Err(russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, .. })
                    if !shown.is_empty() =>
                {
                    return Ok(None);
                }
                Err(error @ russh::Error::NoCommonAlgo { .. }) => {
                    let fault = format!("key exchange: {error}");
                    return Err(DeliveryError::Protocol { host: self.host.to_owned(), fault });
                }
                Err(error) => return Err(self.unreachable("key exchange", error.to_string())),
            }
            let Some(key) = learnt.key() else {
                let cause = "the server showed a certificate or no key at all".to_owned();
                return Err(self.unreachable("key exchange", cause));
            };
            left = others(&left, &key);
            shown.push(key);
        }
        Ok(None)
    }

    async fn handshake(
        &self,
        pins: &[Fingerprint],
        keys: &[Algorithm],
        learnt: &Learnt,
    ) -> Result<Result<Handle<Doorkeeper>, russh::Error>, DeliveryError> {
        let socket = self.dial().await?;
        let doorkeeper = Doorkeeper { pins: pins.to_vec(), learnt: learnt.clone() };
        let talk = client::connect_stream(Arc::new(config(keys)), socket, doorkeeper);
        self.within("key exchange", talk).await
    }

    async fn dial(&self) -> Result<TcpStream, DeliveryError> {
        let lookup = tokio::net::lookup_host((self.host, self.port));
        let found = self.within("name look-up", lookup).await?;
        let addresses: Vec<SocketAddr> =
            found.map_err(|e| self.unreachable("name look-up", e.to_string()))?.collect();
        let mut last = self.unreachable("name look-up", "no address".to_owned());
        for address in addresses {
            match self.within("connect", TcpStream::connect(address)).await {
                Ok(Ok(socket)) => {
                    // Only speed hangs on it.
                    let _ = socket.set_nodelay(true);
                    return Ok(socket);
                }
                Ok(Err(error)) => last = self.unreachable("connect", error.to_string()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// AES-GCM first: the fastest here. Nothing with SHA-1 or CBC.
fn config(keys: &[Algorithm]) -> client::Config {
    client::Config {
        preferred: Preferred {
            kex: Cow::Borrowed(KEX),
            key: Cow::Owned(keys.to_vec()),
            host_key_certificates: Cow::Borrowed(&[]),
            cipher: Cow::Borrowed(CIPHERS),
            mac: Cow::Borrowed(MACS),
            compression: Cow::Borrowed(&[compression::NONE]),
        },
        // Room is granted anew when half is used: half must hold all that we ask for at once, or
        // reading back from afar waits for it.
        window_size: 4 << 20,
        // Notices of the window share this buffer with the data: too small a one locks up.
        channel_buffer_size: 1000,
        keepalive_interval: Some(Duration::from_secs(15)),
        keepalive_max: 3,
        nodelay: true,
        ..client::Config::default()
    }
}

const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G18_SHA512,
    kex::DH_G17_SHA512,
    kex::DH_G16_SHA512,
    kex::DH_G15_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

const CIPHERS: &[cipher::Name] = &[
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

const MACS: &[mac::Name] =
    &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM, mac::HMAC_SHA256, mac::HMAC_SHA512];
