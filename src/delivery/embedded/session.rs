//! One client of the embedded server: login, and then SFTP.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use russh::keys::PublicKey;
use russh::server::{self, Auth, ChannelOpenHandle, Msg, Response, VerifiedPublicKey};
use russh::{Channel, ChannelId};

use super::EmbeddedOptions;
use super::files::Files;
use super::rooted::Rooted;

/// What a session knows of the server, and its open channels.
pub(super) struct Session {
    root: Rooted,
    options: Arc<EmbeddedOptions>,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Clone for Session {
    fn clone(&self) -> Session {
        Session { root: self.root.clone(), options: self.options.clone(), channels: HashMap::new() }
    }
}

impl Session {
    pub(super) fn new(root: Rooted, options: EmbeddedOptions) -> Session {
        Session { root, options: Arc::new(options), channels: HashMap::new() }
    }

    fn judge(&self, user: &str, right: bool) -> Auth {
        if right && user == self.options.user { Auth::Accept } else { Auth::reject() }
    }

    fn is_password(&self, given: &str) -> bool {
        self.options.password.as_ref().is_some_and(|password| password.expose() == given)
    }
}

impl server::Handler for Session {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        let known = self.options.public_key.as_deref();
        let known = known.and_then(|line| PublicKey::from_openssh(line).ok());
        let right = known.is_some_and(|known| known.key_data() == key.public_key.key_data());
        Ok(self.judge(user, right))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        let right = !self.options.dialogue && self.is_password(password);
        Ok(self.judge(user, right))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        if !self.options.dialogue {
            return Ok(Auth::reject());
        }
        let Some(mut response) = response else {
            let (name, instructions) = (Cow::Borrowed(""), Cow::Borrowed(""));
            let prompts = Cow::Borrowed(&[(Cow::Borrowed("Password: "), false)][..]);
            return Ok(Auth::Partial { name, instructions, prompts });
        };
        let given = response.next().unwrap_or_default();
        let right = std::str::from_utf8(&given).is_ok_and(|given| self.is_password(given));
        Ok(self.judge(user, right))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        match self.channels.remove(&id).filter(|_| name == "sftp") {
            Some(channel) => {
                session.channel_success(id)?;
                let files = Files::new(self.root.clone(), self.options.clone());
                russh_sftp::server::run(channel.into_stream(), files).await;
                Ok(())
            }
            None => session.channel_failure(id),
        }
    }

    async fn channel_eof(
        &mut self,
        id: ChannelId,
        session: &mut server::Session,
    ) -> Result<(), russh::Error> {
        session.close(id)
    }
}
