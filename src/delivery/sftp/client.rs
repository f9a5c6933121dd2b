//! One SFTP conversation on a channel: numbered requests out, answers sorted to who waits.
//!
//! The answers are read by a task of their own. A task that writes and does not read would lock
//! up: the server stops taking what we send until we take what it sends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::oneshot;

use super::connect::Server;
use super::host_key::{Doorkeeper, Learnt};
use super::packet::{self, Answer, Request, kind};
use crate::delivery::error::{DeliveryError, printable};

/// An SFTP conversation.
pub(super) struct Client {
    out: ChannelWriteHalf<Msg>,
    desk: Desk,
    next: u32,
    host: String,
    /// What the server offers beyond the protocol.
    pub(super) extensions: Vec<String>,
}

/// Who waits for which answer.
#[derive(Clone)]
struct Desk {
    slots: Arc<Mutex<Slots>>,
    learnt: Learnt,
}

#[derive(Default)]
struct Slots {
    waiting: HashMap<u32, oneshot::Sender<Answer>>,
    opening: Option<oneshot::Sender<Vec<u8>>>,
    ended: Option<End>,
}

/// How a conversation ended.
#[derive(Clone, Copy)]
enum End {
    Closed,
    Fault(&'static str),
}

impl Desk {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the conversation: everybody who waits is told by the loss of their slot.
    fn end(&self, end: End) {
        let mut slots = self.slots();
        slots.ended = Some(end);
        slots.waiting.clear();
        slots.opening = None;
    }

    /// Why there will be no answer.
    fn error(&self, host: &str, doing: &'static str) -> DeliveryError {
        let host = host.to_owned();
        let ended = self.slots().ended;
        if let Some(End::Fault(fault)) = ended {
            return DeliveryError::Protocol { host, fault: format!("{doing}: {fault}") };
        }
        let cause = self.learnt.end().unwrap_or_else(|| "connection closed".to_owned());
        DeliveryError::Lost { host, doing, cause }
    }

    /// Hands a packet to who waits for it; an error is what is wrong with it.
    fn deliver(&self, bytes: &[u8]) -> Result<(), &'static str> {
        let mut slots = self.slots();
        if let Some(opening) = slots.opening.take() {
            let _ = opening.send(bytes.to_vec());
            return Ok(());
        }
        let (id, answer) = packet::answer(bytes).ok_or("a malformed answer")?;
        let slot = slots.waiting.remove(&id).ok_or("an answer to nothing that was asked")?;
        // Whoever asked may have given up waiting.
        let _ = slot.send(answer);
        Ok(())
    }
}

/// A request under way.
pub(super) struct Pending {
    slot: oneshot::Receiver<Answer>,
    desk: Desk,
    host: String,
    doing: &'static str,
}

impl Pending {
    /// Waits for the answer.
    pub(super) async fn answer(self) -> Result<Answer, DeliveryError> {
        self.slot.await.map_err(|_| self.desk.error(&self.host, self.doing))
    }
}

impl Client {
    /// Starts SFTP on a logged-in connection.
    pub(super) async fn start(
        server: &Server<'_>,
        handle: &Handle<Doorkeeper>,
        learnt: Learnt,
    ) -> Result<Client, DeliveryError> {
        let lost = |e: russh::Error| server.unreachable("start of SFTP", e.to_string());
        let opened = server.within("start of SFTP", handle.channel_open_session()).await?;
        let mut channel = opened.map_err(lost)?;
        let early = server.within("start of SFTP", subsystem(server, &mut channel)).await??;
        let (incoming, out) = channel.split();
        let (opening, first) = oneshot::channel();
        let slots = Slots { opening: Some(opening), ..Slots::default() };
        let desk = Desk { slots: Arc::new(Mutex::new(slots)), learnt };
        tokio::spawn(read(incoming, desk.clone(), early));
        let host = server.host.to_owned();
        let mut client = Client { out, desk, next: 0, host, extensions: Vec::new() };
        let hello = async {
            client.out.data_bytes(Request::init().bytes()).await.map_err(lost)?;
            first.await.map_err(|_| client.desk.error(server.host, "start of SFTP"))
        };
        let bytes = server.within("start of SFTP", hello).await??;
        let (version, extensions) =
            packet::version(&bytes).ok_or_else(|| client.fault("the first answer is not SFTP"))?;
        if version < 3 {
            return Err(client.fault(&format!("SFTP version {version}; 3 is needed")));
        }
        client.extensions = extensions;
        Ok(client)
    }

    /// Whether the server offers an extension.
    pub(super) fn offers(&self, extension: &str) -> bool {
        self.extensions.iter().any(|e| e == extension)
    }

    /// Something that the server should not have said.
    pub(super) fn fault(&self, fault: &str) -> DeliveryError {
        DeliveryError::Protocol { host: self.host.clone(), fault: fault.to_owned() }
    }

    /// Begins a request.
    pub(super) fn request(&mut self, kind: u8) -> Request {
        self.next = self.next.wrapping_add(1);
        Request::new(kind, self.next)
    }

    /// Begins a request of an extension.
    pub(super) fn extended(&mut self, name: &str) -> Request {
        self.request(kind::EXTENDED).text(name.as_bytes())
    }

    /// Sends the request begun last. It is on its way when this returns; the answer comes later.
    pub(super) async fn send(
        &self,
        doing: &'static str,
        request: Request,
    ) -> Result<Pending, DeliveryError> {
        let (slot, answer) = oneshot::channel();
        let pending =
            Pending { slot: answer, desk: self.desk.clone(), host: self.host.clone(), doing };
        {
            let mut slots = self.desk.slots();
            // After the end nobody would ever fill the slot.
            if slots.ended.is_none() {
                slots.waiting.insert(self.next, slot);
            }
        }
        match self.out.data_bytes(request.bytes()).await {
            Ok(()) => Ok(pending),
            Err(_) => Err(self.desk.error(&self.host, doing)),
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn ask(
        &self,
        doing: &'static str,
        request: Request,
    ) -> Result<Answer, DeliveryError> {
        self.send(doing, request).await?.answer().await
    }
}

/// Asks for SFTP and reads the reply itself: russh says Ok before the server has answered.
/// Returns what the server sent ahead of time.
async fn subsystem(
    server: &Server<'_>,
    channel: &mut Channel<Msg>,
) -> Result<Vec<u8>, DeliveryError> {
    let asked = channel.request_subsystem(true, "sftp").await;
    asked.map_err(|e| server.unreachable("start of SFTP", e.to_string()))?;
    let mut early = Vec::new();
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => return Ok(early),
            Some(ChannelMsg::Failure) => {
                let fault = "the server does not offer SFTP to this user".to_owned();
                return Err(DeliveryError::Protocol { host: server.host.to_owned(), fault });
            }
            Some(ChannelMsg::Data { data }) if early.len() < packet::LARGEST => early.extend(&data),
            Some(ChannelMsg::Close) | None => {
                let cause = format!("closed at once {}", printable(&early));
                return Err(server.unreachable("start of SFTP", cause.trim_end().to_owned()));
            }
            Some(_) => {}
        }
    }
}

/// Reads until the end, whole packets at a time.
async fn read(mut incoming: ChannelReadHalf, desk: Desk, mut buffer: Vec<u8>) {
    let end = loop {
        if let Err(fault) = drain(&mut buffer, &desk) {
            break End::Fault(fault);
        }
        match incoming.wait().await {
            Some(ChannelMsg::Data { data }) => buffer.extend_from_slice(&data),
            Some(ChannelMsg::Eof | ChannelMsg::Close) | None => break End::Closed,
            Some(_) => {}
        }
    };
    desk.end(end);
}

fn drain(buffer: &mut Vec<u8>, desk: &Desk) -> Result<(), &'static str> {
    let mut done = 0;
    while let Some(length) = buffer[done..].first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        if length > packet::LARGEST {
            return Err("an answer longer than any we ask for");
        }
        let Some(bytes) = buffer.get(done + 4..done + 4 + length) else { break };
        desk.deliver(bytes)?;
        done += 4 + length;
    }
    buffer.drain(..done);
    Ok(())
}
