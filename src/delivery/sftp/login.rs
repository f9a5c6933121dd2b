//! Logging in: once, with the key or the password.

use std::sync::Arc;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse as Dialogue};
use russh::keys::ssh_encoding::Error as EncodingError;
use russh::keys::ssh_key::Error as SshKeyError;
use russh::keys::{self, HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{MethodKind, MethodSet};

use super::connect::Server;
use super::host_key::{Doorkeeper, Learnt};
use crate::delivery::Credentials;
use crate::delivery::error::{DeliveryError, KeyFault};
use crate::delivery::settings::Fingerprint;
use crate::secrets::Secret;

/// What we log in with, ready for use before any connection is made.
pub(super) struct Identity {
    key: Option<Arc<PrivateKey>>,
    password: Option<Secret>,
}

impl Identity {
    /// Reads the private key.
    pub(super) fn new(credentials: &Credentials) -> Result<Identity, DeliveryError> {
        let passphrase = credentials.passphrase.as_ref().map(Secret::expose);
        let key = match &credentials.key {
            Some(text) => Some(Arc::new(private_key(text.expose(), passphrase)?)),
            None => None,
        };
        if key.is_none() && credentials.password.is_none() {
            let fault = "a key or a password is needed".to_owned();
            return Err(DeliveryError::Settings { fault });
        }
        Ok(Identity { key, password: credentials.password.clone() })
    }

    /// Logs in. A server may want the password after the key; nothing is ever tried twice.
    pub(super) async fn login(
        &self,
        server: &Server<'_>,
        handle: &mut Handle<Doorkeeper>,
        learnt: &Learnt,
        user: &str,
    ) -> Result<(), DeliveryError> {
        if let Some(key) = &self.key {
            let answer = server.within("login", offer(handle, user, key)).await?;
            if self.admitted(answer, server, handle, learnt, user)? {
                return Ok(());
            }
        }
        let password = self.password.as_ref().ok_or_else(|| self.refused(server, user, "key"))?;
        match server.within("login", by_password(handle, user, password)).await? {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(self.refused(server, user, "password")),
        }
    }

    /// Whether the key let us in, or (`false`) was right and the password is wanted as well.
    fn admitted(
        &self,
        answer: Result<AuthResult, russh::Error>,
        server: &Server<'_>,
        handle: &Handle<Doorkeeper>,
        learnt: &Learnt,
        user: &str,
    ) -> Result<bool, DeliveryError> {
        let cut = match answer {
            Ok(AuthResult::Success) => return Ok(true),
            Ok(AuthResult::Failure { partial_success: true, .. }) => return Ok(false),
            Ok(AuthResult::Failure { remaining_methods, .. }) => {
                remaining_methods.is_empty() && handle.is_closed()
            }
            Err(_) => true,
        };
        // A line that was cut is no refusal, and a key that is offered again locks no account.
        if cut && !learnt.dismissed() {
            let cause = learnt.end().unwrap_or_else(|| "connection closed".to_owned());
            return Err(server.unreachable("login", cause));
        }
        Err(self.refused(server, user, "key"))
    }

    fn refused(&self, server: &Server<'_>, user: &str, method: &'static str) -> DeliveryError {
        let key = self.key.as_ref().filter(|_| method == "key");
        DeliveryError::Login {
            host: server.host.to_owned(),
            user: user.to_owned(),
            method,
            key: key.map(|key| Fingerprint::of(key.public_key().key_data())),
        }
    }
}

fn private_key(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, DeliveryError> {
    let locked = passphrase.is_none() && text.contains("BEGIN ENCRYPTED PRIVATE KEY");
    let fault = match keys::decode_secret_key(text, passphrase) {
        Ok(key) if matches!(key.algorithm(), keys::Algorithm::Dsa) => KeyFault::Dsa,
        Ok(key) => return Ok(key),
        Err(keys::Error::KeyIsEncrypted) => KeyFault::Locked,
        Err(_) if locked => KeyFault::Locked,
        Err(keys::Error::SshKey(SshKeyError::Encoding(EncodingError::Length))) => KeyFault::Lengths,
        Err(_) if passphrase.is_some() => KeyFault::NotOpened,
        Err(_) => KeyFault::NoKey,
    };
    Err(DeliveryError::Key { fault })
}

/// RSA signs with the best hash that the server knows, and never with SHA-1.
async fn offer(
    handle: &mut Handle<Doorkeeper>,
    user: &str,
    key: &Arc<PrivateKey>,
) -> Result<AuthResult, russh::Error> {
    let hash = match key.algorithm() {
        keys::Algorithm::Rsa { .. } => {
            Some(handle.best_supported_rsa_hash().await?.flatten().unwrap_or(HashAlg::Sha256))
        }
        _ => None,
    };
    handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key.clone(), hash)).await
}

/// By `password`, or by a dialogue that asks for it where the server knows only that.
async fn by_password(
    handle: &mut Handle<Doorkeeper>,
    user: &str,
    password: &Secret,
) -> Result<bool, russh::Error> {
    let left = match handle.authenticate_password(user, password.expose()).await? {
        AuthResult::Success => return Ok(true),
        AuthResult::Failure { remaining_methods, .. } => remaining_methods,
    };
    if asks_only_in_dialogue(&left) { dialogue(handle, user, password).await } else { Ok(false) }
}

/// Where `password` is still on offer it was refused for its content, and one try is all.
fn asks_only_in_dialogue(left: &MethodSet) -> bool {
    left.contains(&MethodKind::KeyboardInteractive) && !left.contains(&MethodKind::Password)
}

async fn dialogue(
    handle: &mut Handle<Doorkeeper>,
    user: &str,
    password: &Secret,
) -> Result<bool, russh::Error> {
    let mut said = handle.authenticate_keyboard_interactive_start(user, None).await?;
    let mut given = false;
    // A server may send a few empty rounds; one that goes on and on is not waited for.
    for _ in 0..5 {
        let prompts = match said {
            Dialogue::Success => return Ok(true),
            Dialogue::Failure { .. } => return Ok(false),
            Dialogue::InfoRequest { prompts, .. } => prompts,
        };
        // Only the first hidden question is answered; a one-time code is not ours to give.
        let mut answers = vec![String::new(); prompts.len()];
        if let Some(hidden) = prompts.iter().position(|p| !p.echo).filter(|_| !given) {
            password.expose().clone_into(&mut answers[hidden]);
            given = true;
        }
        said = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
    Ok(false)
}
