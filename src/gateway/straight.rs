//! The mail of a night whose logbook cannot be used: handed straight over, for there is no outbox.

use super::failure::Failure;
use super::{Context, tell};
use crate::notify::compose::compose;
use crate::notify::message::{About, build};
use crate::notify::night::{self, Night};
use crate::notify::send::send;
use crate::notify::settings::Transport;

/// Tells that a run came to nothing before it could be written down. One try; whoever started
/// the program is told all the same.
pub(super) fn tell_failure(context: &Context<'_>, failure: &Failure) {
    let (code, facts) = (failure.code, failure.facts.clone());
    let run = format!("R-{}", context.now.strftime("%Y%m%d-%H%M%S"));
    let mut night = tell::blank(context, run);
    night.failure = Some(night::Failure { code, facts, nights_without: 1 });
    hand_over(context, &night);
}

/// Hands a night's mail over to every recipient, as far as that goes.
pub(super) fn hand_over(context: &Context<'_>, night: &Night) {
    let Some(settings) = &context.loaded.config.mail else { return };
    let composed = compose(night, context.loaded.config.site.language);
    let about = About {
        run: &night.run,
        host: &context.host,
        site: &night.site,
        now: &context.now,
        answers: None,
    };
    let Ok(mail) = build(&composed, about, settings) else { return };
    let login = match &settings.transport {
        Transport::Smtp(server) => server.login.as_ref(),
        Transport::Folder(_) => None,
    };
    let secret = login.map(|login| login.password.resolve(context.credentials.as_deref()));
    let Ok(secret) = secret.transpose() else { return };
    let password = secret.as_ref().map(crate::secrets::Secret::expose);
    let one_file = matches!(settings.transport, Transport::Folder(_));
    for recipient in mail.recipients.iter().take(if one_file { 1 } else { usize::MAX }) {
        let _told_on_screen_only = send(settings, password, &mail, recipient);
    }
}
