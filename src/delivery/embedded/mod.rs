//! A small SFTP server on the loopback address, for `demo` and for tests.
//!
//! It keeps one folder and one user, and ends when it is dropped. Not for real use: it answers
//! one request at a time and has no limits but its folder.

mod files;
mod rooted;
mod session;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use russh::keys::key::safe_rng;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use russh::{MethodKind, MethodSet, server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use self::rooted::Rooted;
use self::session::Session;
use super::settings::Fingerprint;
use crate::secrets::Secret;

/// Who may log in, and how the server behaves.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// The one user.
    pub user: String,
    /// The user's public key, as a line of OpenSSH.
    pub public_key: Option<String>,
    /// The user's password.
    pub password: Option<Secret>,
    /// Whether the password is only asked for in a dialogue (`keyboard-interactive`).
    pub dialogue: bool,
    /// Whether extensions such as `posix-rename` are offered.
    pub extensions: bool,
    /// How many bytes fit into the folder.
    pub quota: Option<u64>,
}

impl EmbeddedOptions {
    /// A server for one user, who cannot log in until a key or a password is given.
    #[must_use]
    pub fn new(user: &str) -> EmbeddedOptions {
        EmbeddedOptions {
            user: user.to_owned(),
            public_key: None,
            password: None,
            dialogue: false,
            extensions: true,
            quota: None,
        }
    }
}

/// A fresh pair of keys.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The private key in OpenSSH form.
    pub private: Secret,
    /// The public key, one line.
    pub public: String,
}

impl KeyPair {
    /// Makes an Ed25519 pair.
    ///
    /// # Errors
    /// When the key cannot be written as text.
    pub fn fresh() -> io::Result<KeyPair> {
        let key = fresh_key()?;
        Ok(KeyPair {
            private: Secret::new(
                key.to_openssh(LineEnding::LF).map_err(io::Error::other)?.to_string(),
            ),
            public: key.public_key().to_openssh().map_err(io::Error::other)?,
        })
    }
}

fn fresh_key() -> io::Result<PrivateKey> {
    PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).map_err(io::Error::other)
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct EmbeddedServer {
    port: u16,
    host_key: Fingerprint,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedServer {
    /// Serves a folder on a free port of 127.0.0.1, with a host key made for the occasion.
    ///
    /// # Errors
    /// When the folder is not there or no port is to be had.
    pub fn start(root: &Path, options: EmbeddedOptions) -> io::Result<EmbeddedServer> {
        let root = Rooted::new(root)?;
        let key = fresh_key()?;
        let host_key = Fingerprint::of(key.public_key().key_data());
        let config = Arc::new(config(key, &options));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        let (stop, stopped) = oneshot::channel();
        let serve = serve(listener, config, Session::new(root, options), stopped);
        let thread = std::thread::Builder::new().name("sftp-server".into());
        let thread = thread.spawn(move || {
            runtime.block_on(serve);
            // Open sessions end with it.
            runtime.shutdown_background();
        })?;
        Ok(EmbeddedServer { port, host_key, stop: Some(stop), thread: Some(thread) })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The fingerprint of the host key.
    #[must_use]
    pub fn host_key(&self) -> Fingerprint {
        self.host_key
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn config(key: PrivateKey, options: &EmbeddedOptions) -> server::Config {
    let password =
        if options.dialogue { MethodKind::KeyboardInteractive } else { MethodKind::Password };
    server::Config {
        methods: MethodSet::from(&[MethodKind::PublicKey, password][..]),
        auth_rejection_time: Duration::from_millis(200),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        // With the default of 100, a client that has 64 reads under way locks the server up.
        channel_buffer_size: 1000,
        nodelay: true,
        ..server::Config::default()
    }
}

async fn serve(
    listener: TcpListener,
    config: Arc<server::Config>,
    session: Session,
    mut stopped: oneshot::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        let Ok((socket, _)) = accepted else { continue };
        let (config, session) = (config.clone(), session.clone());
        tokio::spawn(async move {
            // How a session ends is its client's business.
            if let Ok(running) = server::run_stream(config, socket, session).await {
                let _ = running.await;
            }
        });
    }
}
