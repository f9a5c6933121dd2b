//! Mails that are handed straight over, because there is no logbook to keep them: it cannot be
//! used, or no configuration says where it is.

use std::path::Path;

use jiff::Zoned;

use super::failure::Failure;
use super::{Context, tell};
use crate::notify::compose::compose;
use crate::notify::language::Language;
use crate::notify::message::{About, build};
use crate::notify::night::{self, Night};
use crate::notify::send::send;
use crate::notify::settings::{MailSettings, Transport};

/// Tells that a run came to nothing before it could be written down. One try; whoever started
/// the program is told all the same.
pub(super) fn tell_failure(context: &Context<'_>, failure: &Failure) {
    let mut night = tell::blank(context, straight_id(&context.now));
    night.failure = Some(of_one_night(failure));
    hand_over(context, &night);
}

/// A failure of which nothing but itself is known.
pub(super) fn of_one_night(failure: &Failure) -> night::Failure {
    let (code, facts) = (failure.code, failure.facts.clone());
    night::Failure { code, facts, nights_without: 1 }
}

/// The id of a run that could not be written down.
pub(super) fn straight_id(now: &Zoned) -> String {
    format!("R-{}", now.strftime("%Y%m%d-%H%M%S"))
}

/// Hands a night's mail over to every recipient, as far as that goes.
pub(super) fn hand_over(context: &Context<'_>, night: &Night) {
    let config = &context.loaded.config;
    if let Some(settings) = &config.mail {
        // Told on the screen only, where nobody took it.
        let _taken = Straight {
            settings,
            language: config.site.language,
            credentials: context.credentials.as_deref(),
        }
        .hand_over(night);
    }
}

/// What a mail needs to be handed over without a logbook.
pub(super) struct Straight<'a> {
    pub(super) settings: &'a MailSettings,
    pub(super) language: Language,
    pub(super) credentials: Option<&'a Path>,
}

impl Straight<'_> {
    /// One try for each recipient; says whether the mail was taken for one at least.
    pub(super) fn hand_over(&self, night: &Night) -> bool {
        let settings = self.settings;
        let composed = compose(night, self.language);
        let (run, host, site, now) = (&night.run, &night.host, &night.site, &night.started);
        let about = About { run, host, site, now, answers: None };
        let Ok(mail) = build(&composed, about, settings) else { return false };
        let login = match &settings.transport {
            Transport::Smtp(server) => server.login.as_ref(),
            Transport::Folder(_) => None,
        };
        let secret = login.map(|login| login.password.resolve(self.credentials));
        let Ok(secret) = secret.transpose() else { return false };
        let password = secret.as_ref().map(crate::secrets::Secret::expose);
        let one_file = matches!(settings.transport, Transport::Folder(_));
        let recipients = mail.recipients.iter().take(if one_file { 1 } else { usize::MAX });
        recipients.filter(|recipient| send(settings, password, &mail, recipient).is_ok()).count()
            > 0
    }
}
