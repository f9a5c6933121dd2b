//! Every mail is as agreed, to the letter; `UPDATE=1 cargo test` rewrites the files.

use std::path::{Path, PathBuf};

use rostergate::notify::compose::{Composed, compose, compose_start};
use rostergate::notify::language::Language;

use super::nights;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/mails").join(name)
}

#[expect(clippy::disallowed_methods, reason = "the golden files are the test's own")]
#[track_caller]
fn check(name: &str, actual: &str) {
    let path = golden(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{name} is missing: run UPDATE=1 cargo test, and read it"));
    assert_eq!(actual, expected, "{name} differs; if that is right, run UPDATE=1 cargo test");
}

fn every_mail() -> Vec<(String, Composed)> {
    Language::ALL
        .into_iter()
        .flat_map(|language| {
            let nights = nights::all().into_iter().map(move |(name, night)| {
                (format!("{name}.{}", language.tag()), compose(&night, language))
            });
            let start = compose_start(&nights::start(), language);
            nights.chain([(format!("start.{}", language.tag()), start)])
        })
        .collect()
}

#[test]
fn every_mail_is_as_agreed() {
    for (name, mail) in every_mail() {
        check(&format!("{name}.txt"), &format!("Subject: {}\n\n{}", mail.subject, mail.text));
        check(&format!("{name}.html"), &mail.html);
    }
}

#[test]
fn text_fits_every_screen_and_says_what_it_holds() {
    for (name, mail) in every_mail() {
        for line in mail.text.lines() {
            assert!(line.chars().count() <= 72, "{name}: {line}");
            assert!(!line.contains('\u{a0}') && !line.ends_with(' '), "{name}: {line:?}");
        }
        let last = mail.text.lines().last().expect("a mail has lines");
        assert!(last.contains("personer.") || last.contains("persons."), "{name}: {last}");
        assert!(mail.text.contains("R-20261121-0415-k3"), "{name}");
    }
}

#[test]
fn html_is_small_plain_and_fetches_nothing() {
    for (name, mail) in every_mail() {
        assert!(mail.html.len() < 50_000, "{name}: {} bytes", mail.html.len());
        let lower = mail.html.to_lowercase();
        for word in ["color", "<img", "<a ", "href", "http", "url(", "<style", "<script", "src="] {
            assert!(!lower.contains(word), "{name} holds {word}");
        }
        assert!(lower.contains(&format!("<html lang=\"{}\"", mail.language.tag())));
        assert!(lower.matches("<h1").count() == 1 && lower.matches("<table").count() <= 1);
        assert_eq!(lower.matches("<table").count(), lower.matches("<caption").count(), "{name}");
        assert_eq!(lower.matches("<th ").count(), lower.matches("<th scope=").count(), "{name}");
    }
}

/// The text part is complete by itself: whatever the HTML part says, it says too.
#[test]
fn both_parts_say_the_same() {
    for (name, mail) in every_mail() {
        let squeeze = |text: &str| -> String {
            let kept = text.to_lowercase().replace("\\\n", "").replace('\u{a0}', " ");
            kept.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let text = squeeze(&mail.text);
        for paragraph in texts_of(&mail.html) {
            assert!(text.contains(&squeeze(&paragraph)), "{name}: {paragraph} is only in HTML");
        }
    }
}

/// The texts between tags, without the page's title and the table's caption.
fn texts_of(html: &str) -> Vec<String> {
    html.split('<')
        .filter_map(|piece| piece.split_once('>'))
        .filter(|(tag, _)| !tag.starts_with("title") && !tag.starts_with("caption"))
        .map(|(_, text)| text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">"))
        .map(|text| text.replace("&#39;", "'").replace("&amp;", "&"))
        .filter(|text| !text.trim().is_empty())
        .collect()
}

#[test]
fn a_national_roster_still_fits() {
    let mut night = nights::completed();
    let counts = night.targets[0].counts.as_mut().expect("it has numbers");
    counts.memberships.before = 10_482_113;
    counts.memberships.now = 10_501_993;
    counts.memberships.added = 1_482_113;
    counts.memberships.changed = 1_000_000;
    counts.memberships.removed = 1_462_233;
    for language in Language::ALL {
        let mail = compose(&night, language);
        assert!(mail.text.lines().all(|line| line.chars().count() <= 72), "{}", mail.text);
        assert!(mail.text.contains(language.of("10 482 113", "10,482,113")));
    }
}

#[test]
fn many_receivers_stay_small() {
    let mut night = nights::completed();
    let target = night.targets[0].clone();
    night.targets = vec![target; 30];
    assert!(compose(&night, Language::Sv).html.len() < 50_000);
}
