//! Mails arrive over a safe line or not at all, and no mail server can hold up a night.

use std::path::Path;
use std::time::{Duration, Instant};

use rostergate::notify::address::MailAddress;
use rostergate::notify::compose::compose;
use rostergate::notify::error::MailError;
use rostergate::notify::language::Language;
use rostergate::notify::message::{About, Mail, build};
use rostergate::notify::send::{probe, send};
use rostergate::notify::settings::MailSettings;
use rostergate::roster::code::Code;

use super::nights;
use crate::support::smtp::{Hostile, Mode, PASSWORD, SmtpServer, USER, hostile};
use crate::support::sshd::{command, run};

const LOGIN: &str = "password = \"credential:smtp.password\"";

pub(super) fn settings(port: u16, rest: &str) -> MailSettings {
    waiting(port, rest, "1s", "3s")
}

/// Settings that wait so long for an answer, and for all of them.
pub(super) fn waiting(port: u16, rest: &str, answer: &str, all: &str) -> MailSettings {
    let text = format!(
        "from = \"Rostergate <rostergate@example.org>\"\n\
         to = [\"it@example.org\"]\n\
         [smtp]\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\n{LOGIN}\n\
         timeout = \"{answer}\"\ngive-up-after = \"{all}\"\n{rest}\n"
    );
    toml::from_str(&text).expect("the settings are valid")
}

fn with_ca(server: &SmtpServer) -> MailSettings {
    settings(server.port, &format!("ca-file = '{}'", server.ca_file().display()))
}

fn held(settings: &MailSettings) -> Mail {
    let night = nights::held();
    let now = nights::at("04:17:00");
    let about =
        About { run: &night.run, host: &night.host, site: &night.site, now: &now, answers: None };
    build(&compose(&night, Language::Sv), about, settings).expect("it can be built")
}

pub(super) fn deliver(settings: &MailSettings, password: &str, to: &str) -> Result<(), MailError> {
    let to: MailAddress = to.parse().expect("an address");
    send(settings, Some(password), &held(settings), &to)
}

#[track_caller]
fn fails(result: Result<(), MailError>, code: u16, transient: bool, says: &str) {
    let error = result.expect_err("must fail");
    assert_eq!(error.code(), Code(code), "{error}");
    assert_eq!(error.is_transient(), transient, "{error}");
    let text = error.to_string();
    assert!(text.contains(says), "{text}");
    assert!(!text.contains("@example.org") && !text.contains(PASSWORD), "{text}");
}

#[test]
fn a_mail_arrives_whole() {
    let server = SmtpServer::start(Mode::Starttls);
    let settings = with_ca(&server);
    deliver(&settings, PASSWORD, "Skol IT <it@example.org>").expect("it is sent");
    let [mail] = &server.mails()[..] else { panic!("one mail") };
    assert_eq!((&mail["encrypted"], &mail["authenticated"]), (&true.into(), &true.into()));
    assert_eq!(mail["to"], serde_json::json!(["it@example.org"]));
    assert_eq!(mail["from"], "rostergate@example.org");
    assert_eq!(mail["type"], "multipart/alternative");
    assert_eq!(mail["bare_newline"], false);
    assert!(mail["longest_line"].as_u64().is_some_and(|length| length <= 998));
    let composed = compose(&nights::held(), Language::Sv);
    let headers = mail["headers"].as_array().expect("a list");
    let subject = headers.iter().find(|header| header[0] == "Subject").expect("a subject");
    assert_eq!(subject[1], composed.subject);
    let text =
        |part: &serde_json::Value| part["text"].as_str().map(|text| text.replace("\r\n", "\n"));
    let [plain, html] = &mail["parts"].as_array().expect("a list")[..] else { panic!("two parts") };
    assert_eq!(
        (plain["type"].as_str(), html["type"].as_str()),
        (Some("text/plain"), Some("text/html"))
    );
    assert_eq!(text(plain).as_deref(), Some(composed.text.as_str()));
    assert_eq!(text(html).as_deref(), Some(composed.html.as_str()));
}

#[test]
fn encryption_from_the_first_byte() {
    let server = SmtpServer::start(Mode::Implicit);
    let rest = format!("tls = \"implicit\"\nca-file = '{}'", server.ca_file().display());
    deliver(&settings(server.port, &rest), PASSWORD, "it@example.org").expect("it is sent");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_probe_logs_in_and_sends_nothing() {
    let server = SmtpServer::start(Mode::Starttls);
    probe(&with_ca(&server), Some(PASSWORD)).expect("it can log in");
    fails(probe(&with_ca(&server), Some("fel")), 612, false, "535");
    assert!(server.mails().is_empty());
}

#[test]
fn a_wrong_password_is_said() {
    let server = SmtpServer::start(Mode::Starttls);
    fails(deliver(&with_ca(&server), "fel", "it@example.org"), 612, false, "535");
    let result = send(
        &with_ca(&server),
        None,
        &held(&with_ca(&server)),
        &"it@example.org".parse().expect("an address"),
    );
    fails(result, 612, false, "no password");
    assert!(server.mails().is_empty());
}

#[test]
fn an_unknown_certificate_gets_nothing() {
    let server = SmtpServer::start(Mode::Starttls);
    let result = deliver(&settings(server.port, ""), PASSWORD, "it@example.org");
    fails(result, 611, false, "certificate");
    assert!(server.mails().is_empty());
}

#[test]
fn a_certificate_for_another_name_gets_nothing() {
    let server = SmtpServer::start(Mode::Starttls);
    let mut settings = with_ca(&server);
    let rostergate::notify::settings::Transport::Smtp(smtp) = &mut settings.transport else {
        panic!("it is a server")
    };
    smtp.host = "127.0.0.1".to_owned();
    fails(deliver(&settings, PASSWORD, "it@example.org"), 611, false, "certificate");
}

#[test]
fn a_missing_ca_file_is_said() {
    let settings = settings(1, "ca-file = \"/nowhere/ca.pem\"");
    fails(deliver(&settings, PASSWORD, "it@example.org"), 611, false, "/nowhere/ca.pem");
}

#[test]
fn a_ca_file_that_never_ends_keeps_no_night_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    run(command("mkfifo").arg(&pipe));
    let large = folder.path().join("large");
    run(command("truncate").arg("--size=1G").arg(&large));
    for path in [&pipe, &large, Path::new("/dev/zero")] {
        let settings = settings(1, &format!("ca-file = '{}'", path.display()));
        fails(deliver(&settings, PASSWORD, "it@example.org"), 611, false, "not a regular file");
    }
}

#[test]
fn a_server_without_encryption_hears_nothing() {
    let (port, heard) = hostile(Hostile::WithoutStarttls);
    fails(deliver(&settings(port, ""), PASSWORD, "it@example.org"), 611, false, "STARTTLS");
    let heard = heard.lock().expect("nobody panics with it").clone();
    let heard = String::from_utf8_lossy(&heard).to_uppercase();
    assert!(heard.starts_with("EHLO"), "{heard}");
    for word in ["AUTH", "MAIL", "RCPT", "DATA", "BJ"] {
        assert!(!heard.contains(word), "{heard}");
    }
}

#[test]
fn a_refused_recipient_does_not_stop_the_others() {
    let server = SmtpServer::start(Mode::Starttls);
    let settings = with_ca(&server);
    fails(deliver(&settings, PASSWORD, "nobody@example.org"), 613, false, "550");
    fails(deliver(&settings, PASSWORD, "later@example.org"), 610, true, "451");
    deliver(&settings, PASSWORD, "it@example.org").expect("the third gets it");
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_dead_port_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    fails(deliver(&settings(port, ""), PASSWORD, "it@example.org"), 610, true, "refused");
}

#[test]
fn no_server_can_hold_up_the_night() {
    for (how, says) in [
        (Hostile::Silent, "no answer within 1 s"),
        (Hostile::Dripping, "not done within 3 s"),
        (Hostile::Babbling, ""),
    ] {
        let (port, _) = hostile(how);
        let begun = Instant::now();
        fails(deliver(&settings(port, ""), PASSWORD, "it@example.org"), 610, true, says);
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_folder_is_a_mailbox() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let text = format!(
        "from = \"r@example.org\"\nto = [\"it@example.org\"]\n[folder]\npath = '{}'",
        folder.path().display()
    );
    let settings: MailSettings = toml::from_str(&text).expect("valid");
    probe(&settings, None).expect("it can be written");
    for to in ["it@example.org", "skola@example.org"] {
        deliver(&settings, "", to).expect("it is written");
    }
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it can be listed")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(files, ["R-20261121-0415-k3.held.eml"]);
    let bytes = std::fs::read(folder.path().join(&files[0])).expect("it can be read");
    assert_eq!(bytes, held(&settings).rfc822);
}

#[test]
fn a_missing_folder_is_said() {
    let text =
        "from = \"r@example.org\"\nto = [\"it@example.org\"]\n[folder]\npath = \"/nowhere/mail\"";
    let settings: MailSettings = toml::from_str(text).expect("valid");
    fails(deliver(&settings, "", "it@example.org"), 614, true, "/nowhere/mail");
    fails(probe(&settings, None), 614, true, "/nowhere/mail");
}
