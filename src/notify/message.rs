//! Turns a composed mail into the bytes that are kept and sent.
//!
//! The same night gives the same bytes: message id, date and boundary all come from the run, so a
//! mail that is sent twice is one mail to whoever gets it.

use jiff::Zoned;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::address::MailAddress;
use super::compose::Composed;
use super::error::MailError;
use super::settings::MailSettings;
use crate::formats::snapshot::hex;

/// A mail, ready to be kept in the outbox and sent to each recipient by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// The message id, in angle brackets.
    pub message_id: String,
    /// Who gets it.
    pub recipients: Vec<MailAddress>,
    /// The subject.
    pub subject: String,
    /// The whole message with headers; lines end in CRLF.
    pub rfc822: Vec<u8>,
}

/// What a mail is about, for its headers.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Id of the run.
    pub run: &'a str,
    /// Name of the machine.
    pub host: &'a str,
    /// The site's name.
    pub site: &'a str,
    /// Now: the mail's date.
    pub now: &'a Zoned,
    /// The message id of the earlier mail that this one answers, as OK again answers FAILED.
    pub answers: Option<&'a str>,
}

/// Builds the message.
///
/// # Errors
/// [`MailError::Build`] if the mail library refuses what the settings have accepted: a bug.
pub fn build(
    composed: &Composed,
    about: About<'_>,
    settings: &MailSettings,
) -> Result<Mail, MailError> {
    let message_id = message_id(about.run, composed.kind.as_str(), about.host);
    let recipients = recipients(composed, settings);
    let mut builder = Message::builder()
        .message_id(Some(message_id.clone()))
        .date(about.now.timestamp().into())
        .from(settings.from.mailbox().clone())
        .subject(composed.subject.as_str());
    for recipient in &recipients {
        builder = builder.to(recipient.mailbox().clone());
    }
    if let Some(earlier) = about.answers.filter(|id| is_message_id(id)) {
        builder = builder.references(earlier.to_owned()).in_reply_to(earlier.to_owned());
    }
    for (name, value) in headers(composed, about.site) {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let message = builder
        .multipart(parts(composed))
        .map_err(|error| MailError::Build { detail: error.to_string() })?;
    let subject = composed.subject.clone();
    Ok(Mail { message_id, recipients, subject, rfc822: message.formatted() })
}

fn recipients(composed: &Composed, settings: &MailSettings) -> Vec<MailAddress> {
    let is_urgent = composed.kind.is_urgent() || composed.important;
    let urgent: &[MailAddress] = if is_urgent { &settings.urgent_to } else { &[] };
    let mut recipients: Vec<MailAddress> = Vec::new();
    for address in settings.to.as_slice().iter().chain(urgent) {
        if recipients.iter().all(|known| known.address() != address.address()) {
            recipients.push(address.clone());
        }
    }
    recipients
}

fn headers(composed: &Composed, site: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("List-Id", format!("<status.rostergate.{}>", slug(site))),
        ("Content-Language", composed.language.tag().to_owned()),
    ];
    if composed.important {
        headers.push(("Importance", "high".to_owned()));
        headers.push(("X-Priority", "1".to_owned()));
    }
    headers
}

fn parts(composed: &Composed) -> MultiPart {
    let part = |content_type, text: &str| {
        SinglePart::builder().content_type(content_type).body(text.to_owned())
    };
    MultiPart::alternative()
        .boundary(boundary(composed))
        .singlepart(part(ContentType::TEXT_PLAIN, &composed.text))
        .singlepart(part(ContentType::TEXT_HTML, &composed.html))
}

/// A boundary that no part holds: it is the digest of both.
fn boundary(composed: &Composed) -> String {
    let digest = Sha256::new().chain_update(&composed.text).chain_update(&composed.html).finalize();
    format!("rostergate-{}", hex(&digest[..16]))
}

/// `<RUN.KIND@HOST>`, with every other character than letters, digits, `.` and `-` replaced.
pub fn message_id(run: &str, kind: &str, host: &str) -> String {
    format!("<{}.{kind}@{}>", plain(run), plain(host))
}

fn plain(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let text: String = text.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    let text = text.trim_matches('.');
    if text.is_empty() { "rostergate".to_owned() } else { text.to_owned() }
}

fn is_message_id(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>') && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The site's name as part of a domain: `Exempelstads kommun` is `exempelstads-kommun`.
fn slug(site: &str) -> String {
    let letters = site.nfd().filter(char::is_ascii).map(|c| c.to_ascii_lowercase());
    let marked: String = letters.map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = marked.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "site".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_slugs_hold_only_plain_characters() {
        assert_eq!(
            message_id("R-20261121-0415", "held", "srv-sync01"),
            "<R-20261121-0415.held@srv-sync01>"
        );
        assert_eq!(message_id("R 1\r\nBcc: x", "ok", ""), "<R-1--Bcc--x.ok@rostergate>");
        assert_eq!(slug("Exempelstads kommun"), "exempelstads-kommun");
        assert_eq!(slug("Håbo & Örkelljunga"), "habo-orkelljunga");
        assert_eq!(slug("学校"), "site");
    }
}
