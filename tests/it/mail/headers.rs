//! The headers are those of a machine's mail, and nothing in a name can add one.

use rostergate::notify::address::MailAddress;
use rostergate::notify::compose::compose;
use rostergate::notify::language::Language;
use rostergate::notify::message::{About, Mail, build, message_id};
use rostergate::notify::night::Night;
use rostergate::notify::settings::{MailSettings, On};
use rostergate::pipeline::verdict::{Breach, Subject};

use super::nights;

fn settings() -> MailSettings {
    toml::from_str(
        r#"from = "Rostergate Ö <rostergate@example.org>"
           to = ["it@example.org", "Skol IT <skola@example.org>"]
           urgent-to = ["jour@example.org", "it@example.org"]
           [folder]
           path = "/var/mail""#,
    )
    .expect("the settings are valid")
}

fn mail_of(night: &Night, answers: Option<&str>) -> Mail {
    let now = nights::at("04:17:00");
    let about = About { run: &night.run, host: &night.host, site: &night.site, now: &now, answers };
    build(&compose(night, Language::Sv), about, &settings()).expect("it can be built")
}

/// The header lines, unfolded.
fn headers(mail: &Mail) -> Vec<String> {
    let text = String::from_utf8(mail.rfc822.clone()).expect("a message is ASCII");
    let (head, _) = text.split_once("\r\n\r\n").expect("a blank line ends the headers");
    head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(str::to_owned).collect()
}

#[test]
fn the_headers_of_a_machine() {
    let earlier = message_id("R-20261120-0415-p9", "failed", "srv-sync01");
    let headers = headers(&mail_of(&nights::recovered(), Some(&earlier)));
    for expected in [
        "Message-ID: <R-20261121-0415-k3.recovered@srv-sync01>",
        "Date: Sat, 21 Nov 2026 03:17:00 +0000",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "List-Id: <status.rostergate.exempelstads-kommun>",
        "Content-Language: sv",
        "References: <R-20261120-0415-p9.failed@srv-sync01>",
        "In-Reply-To: <R-20261120-0415-p9.failed@srv-sync01>",
        "MIME-Version: 1.0",
    ] {
        assert!(headers.iter().any(|line| line == expected), "{expected} is not in {headers:#?}");
    }
    assert!(headers.iter().any(|line| line.starts_with("Content-Type: multipart/alternative;")));
    assert!(!headers.iter().any(|line| line.starts_with("Importance")));
}

#[test]
fn the_same_night_gives_the_same_bytes() {
    assert_eq!(mail_of(&nights::held(), None), mail_of(&nights::held(), None));
}

#[test]
fn bad_news_goes_to_more_people_once_each() {
    let bare =
        |mail: &Mail| -> Vec<String> { mail.recipients.iter().map(MailAddress::bare).collect() };
    let everyone = ["it@example.org", "skola@example.org"];
    assert_eq!(bare(&mail_of(&nights::completed(), None)), everyone);
    let urgent = ["it@example.org", "skola@example.org", "jour@example.org"];
    assert_eq!(bare(&mail_of(&nights::held(), None)), urgent);
    assert_eq!(bare(&mail_of(&nights::failed(), None)), urgent);
}

#[test]
fn what_cannot_wait_stands_out() {
    for night in [nights::flood(), nights::third_night()] {
        assert!(headers(&mail_of(&night, None)).contains(&"Importance: high".to_owned()));
    }
}

#[test]
fn names_cannot_add_headers_lines_or_markup() {
    let evil = "Skola\r\nBcc: spy@example.org\r\n\r\n<script>alert(1)</script>\u{202e}\u{1b}[31m";
    let school = Subject::School(evil.to_owned());
    let mut night = nights::held();
    night.targets[0].outcome = nights::held_by(vec![Breach::Vanished { subject: school, of: 3 }]);
    for text in [&mut night.site, &mut night.host, &mut night.run, &mut night.receipt] {
        *text = evil.to_owned();
    }
    night.targets[1].name = evil.to_owned();
    night.targets[0].documents[0].0 = evil.to_owned();
    let composed = compose(&night, Language::Sv);
    assert!(!composed.subject.chars().any(char::is_control));
    for text in [&composed.text, &composed.html, &composed.subject] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']));
        assert!(!text.lines().any(|line| line.trim_start().starts_with("Bcc:")), "{text}");
    }
    assert!(!composed.html.contains("<script") && composed.html.contains("&lt;script&gt;"));
    let mail = mail_of(&night, Some("<x>\r\nBcc: spy@example.org"));
    let headers = headers(&mail);
    assert!(!headers.iter().any(|line| line.starts_with("Bcc") || line.starts_with("References")));
    assert_eq!(headers.iter().filter(|line| line.starts_with("Subject:")).count(), 1);
}

/// A field may hold 64 kB, and a mail server refuses what is beyond some megabytes for good.
#[test]
fn names_as_long_as_a_field_make_no_mail_that_no_server_takes() {
    let mut night = nights::held();
    let vanished = |nth: usize| {
        let subject = Subject::School(format!("{nth:03} {}", "Ö".repeat(30_000)));
        Breach::Vanished { subject, of: 3 }
    };
    night.targets[0].outcome = nights::held_by((0..200).map(vanished).collect());
    let mail = mail_of(&night, None);
    assert!(mail.rfc822.len() < 100_000, "{}", mail.rfc822.len());
    for (language, more) in [(Language::Sv, "… och 170 till"), (Language::En, "… and 170 more")]
    {
        let text = compose(&night, language).text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("029 ÖÖÖ") && text.contains(more), "{text}");
        assert!(!text.contains("030 ÖÖÖ"), "thirty are named, and how many more there are");
    }
}

#[test]
fn on_change_keeps_quiet_only_when_nothing_happened() {
    assert!(On::OnChange.wants(&nights::completed()));
    assert!(On::OnChange.wants(&nights::held()));
    assert!(On::OnChange.wants(&nights::cut_export()));
    assert!(On::OnChange.wants(&nights::recovered()));
    assert!(!On::OnChange.wants(&nights::nothing_new()));
    assert!(On::Always.wants(&nights::nothing_new()));
}
