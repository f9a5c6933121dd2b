//! Mails on their way out of the logbook: at the end of a run, and, after a night's run is over,
//! again for a server that may take them later.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Context, Event};
use crate::notify::address::MailAddress;
use crate::notify::message::Mail;
use crate::notify::send::send;
use crate::notify::settings::{MailSettings, Transport};
use crate::roster::code::Code;
use crate::secrets::{Secret, SecretError};
use crate::state::{Mail as Queued, StateDir, StateError, Turn};

/// RG610: no answer, or a server that may take the mail later.
const LATER: Code = Code(610);

/// Hands over every mail that is due. What fails stays in the outbox.
pub(super) fn flush(context: &Context<'_>, state: &StateDir, settings: &MailSettings) {
    // Whoever has the turn sends what waits; what is too late for it goes with the next hour.
    let Ok(Some(_turn)) = turn(state) else { return };
    let now = context.now.timestamp();
    let due = state.due(now).unwrap_or_default();
    hand_over_all(context, state, settings, &due, now);
}

/// Tries again, after the configured waits, what a mail server did not take but may take later: one
/// that is down for a moment, or greylists. For a night's run, when it is over: nothing waits for
/// it, and the logbook is free for others.
pub fn again(context: &Context<'_>) {
    let Some(settings) = &context.loaded.config.mail else { return };
    let Transport::Smtp(server) = &settings.transport else { return };
    let Ok(state) = StateDir::open(context.state_path(), &context.now) else { return };
    let started = Instant::now();
    for wait in &server.retry_waits {
        if worth_a_try(&state).is_empty() {
            return;
        }
        std::thread::sleep(wait.get());
        let Ok(Some(_turn)) = turn(&state) else { return };
        // Another process may have sent them meanwhile.
        let waiting = worth_a_try(&state);
        let now = context.now.timestamp() + started.elapsed();
        hand_over_all(context, &state, settings, &waiting, now);
    }
}

/// Waits a minute for another process's turn to end.
fn turn(state: &StateDir) -> Result<Option<Turn>, StateError> {
    for _ in 0..240 {
        if let Some(turn) = state.outbox_turn()? {
            return Ok(Some(turn));
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    Ok(None)
}

/// Mails whose last try failed in a way that may pass.
fn worth_a_try(state: &StateDir) -> Vec<Queued> {
    let mut waiting = state.waiting_mails().unwrap_or_default();
    let why = format!("{LATER} ");
    waiting.retain(|mail| mail.last_error.as_ref().is_some_and(|error| error.starts_with(&why)));
    waiting
}

/// Hands mails over one by one. A server that takes its time with one does not get the next: it
/// must not hold up the night as often as there are recipients.
fn hand_over_all(
    context: &Context<'_>,
    state: &StateDir,
    settings: &MailSettings,
    mails: &[Queued],
    now: Timestamp,
) {
    let password = password(context, settings);
    let started = Instant::now();
    let mut sent = 0;
    for mail in mails.iter().take_while(|_| has_patience(settings, started)) {
        let tried = match &password {
            Some(Err(error)) => Err(error.to_string()),
            Some(Ok(secret)) => hand_over(settings, Some(secret.expose()), mail),
            None => hand_over(settings, None, mail),
        };
        let noted = match tried {
            Ok(()) => {
                sent += 1;
                state.sent(&mail.id, now)
            }
            Err(why) => state.failed(&mail.id, &why, now),
        };
        if noted.is_err() {
            break;
        }
    }
    let waiting = state.waiting_mails().map_or(0, |mails| mails.len());
    (context.listener)(&Event::Mailed(sent, waiting));
}

fn password(context: &Context<'_>, settings: &MailSettings) -> Option<Result<Secret, SecretError>> {
    let Transport::Smtp(server) = &settings.transport else { return None };
    let login = server.login.as_ref()?;
    Some(login.password.resolve(context.credentials.as_deref()))
}

fn has_patience(settings: &MailSettings, started: Instant) -> bool {
    match &settings.transport {
        Transport::Smtp(server) => started.elapsed() < server.give_up_after.get(),
        Transport::Folder(_) => true,
    }
}

fn hand_over(
    settings: &MailSettings,
    password: Option<&str>,
    queued: &Queued,
) -> Result<(), String> {
    let message_id = queued.id.split(' ').next().unwrap_or_default().to_owned();
    let mail = Mail {
        message_id,
        recipients: Vec::new(),
        subject: String::new(),
        rfc822: queued.message.clone().into_bytes(),
    };
    for to in &queued.to {
        let recipient: MailAddress = to.parse()?;
        send(settings, password, &mail, &recipient).map_err(|e| format!("{} {e}", e.code()))?;
    }
    Ok(())
}
