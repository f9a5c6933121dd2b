//! A folder on an SFTP server as the place where files are put.
//!
//! russh carries the transport; SFTP version 3 on it is our own, because delivering is what this
//! program is for. Everything asynchronous ends here: outside, calls simply return.

mod client;
mod connect;
mod host_key;
mod line;
mod login;
mod packet;
mod transfer;
mod watch;

use std::future::Future;
use std::io::Read;
use std::time::{Duration, Instant};

use russh::Disconnect;
use russh::client::Handle;
use tokio::runtime::{Builder, Runtime};

use self::client::Client;
use self::connect::Server;
use self::host_key::{Doorkeeper, Learnt};
use self::line::Line;
use self::login::Identity;
use self::watch::Watch;
use super::Credentials;
use super::error::{DeliveryError, ShownKey};
use super::remote::{Create, Entry, Remote, Rename, Stat};
use super::settings::{Fingerprint, SftpSettings};

/// A logged-in SFTP server. Must not be used from inside an asynchronous task.
pub(crate) struct SftpRemote {
    /// Taken only when dropped.
    runtime: Option<Runtime>,
    handle: Handle<Doorkeeper>,
    line: Line,
    learnt: Learnt,
}

impl SftpRemote {
    /// Connects, has the server prove an agreed key, logs in and starts SFTP.
    pub(crate) fn connect(
        settings: &SftpSettings,
        pins: &[Fingerprint],
        credentials: &Credentials,
        deadline: Instant,
    ) -> Result<SftpRemote, DeliveryError> {
        // A key that cannot be used is found before the server hears of us.
        let identity = Identity::new(credentials)?;
        let runtime = runtime(settings.host.as_ref(), settings.port)?;
        let deadline = deadline.into();
        let opened = runtime.block_on(open(settings, pins, &identity, deadline));
        match opened {
            Ok((handle, line, learnt)) => {
                Ok(SftpRemote { runtime: Some(runtime), handle, line, learnt })
            }
            Err(error) => {
                // A name look-up that hangs must not hold us when the runtime ends.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// The key that the server proved.
    pub(crate) fn host_key(&self) -> Option<ShownKey> {
        self.learnt.key()
    }

    /// What the server offers beyond the protocol.
    pub(crate) fn extensions(&self) -> &[String] {
        self.line.extensions()
    }

    fn run<'a, T, F>(&'a mut self, work: impl FnOnce(&'a mut Line) -> F) -> T
    where
        F: Future<Output = T> + 'a,
    {
        let runtime = self.runtime.as_ref().expect("the runtime goes only when this is dropped");
        runtime.block_on(work(&mut self.line))
    }
}

impl Drop for SftpRemote {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "en");
        // Courtesy only, and not for long.
        let _ =
            runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), goodbye).await });
        runtime.shutdown_background();
    }
}

/// The host keys that a server shows, one of each kind. Nothing is sent but the key exchange.
pub(crate) fn shown_host_keys(
    host: &str,
    port: u16,
    timeout: Duration,
) -> Result<Vec<ShownKey>, DeliveryError> {
    let runtime = runtime(host, port)?;
    let deadline = tokio::time::Instant::now() + timeout * 6;
    let server = Server { host, port, patience: timeout, deadline };
    let keys = runtime.block_on(server.keys());
    runtime.shutdown_background();
    keys
}

fn runtime(host: &str, port: u16) -> Result<Runtime, DeliveryError> {
    Builder::new_current_thread().enable_all().build().map_err(|e| DeliveryError::Unreachable {
        host: host.to_owned(),
        port,
        doing: "start",
        cause: e.to_string(),
    })
}

async fn open(
    settings: &SftpSettings,
    pins: &[Fingerprint],
    identity: &Identity,
    deadline: tokio::time::Instant,
) -> Result<(Handle<Doorkeeper>, Line, Learnt), DeliveryError> {
    let host = settings.host.as_ref();
    let patience = settings.connect_timeout.get();
    let server = Server { host, port: settings.port, patience, deadline };
    let (mut handle, learnt) = server.open(pins).await?;
    identity.login(&server, &mut handle, &learnt, &settings.user).await?;
    let client = Client::start(&server, &handle, learnt.clone()).await?;
    let total = settings.total_timeout.get();
    let watch = Watch::new(host, settings.idle_timeout.get(), total, deadline);
    Ok((handle, Line::new(client, watch).await?, learnt))
}

impl Remote for SftpRemote {
    fn write(
        &mut self,
        path: &str,
        create: Create,
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError> {
        self.run(|line| line.write(path, create, source, size, sent))
    }

    fn stat(&mut self, path: &str) -> Result<Option<Stat>, DeliveryError> {
        self.run(|line| line.stat(path))
    }

    fn read(
        &mut self,
        path: &str,
        limit: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<u64, DeliveryError> {
        self.run(|line| line.read(path, limit, take))
    }

    fn rename(&mut self, from: &str, to: &str, rename: Rename) -> Result<(), DeliveryError> {
        self.run(|line| line.rename(from, to, rename))
    }

    fn remove(&mut self, path: &str) -> Result<bool, DeliveryError> {
        self.run(|line| line.remove(path))
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, DeliveryError> {
        self.run(|line| line.list(folder))
    }

    fn renames_over(&self) -> bool {
        self.line.renames_over()
    }
}
