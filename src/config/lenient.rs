//! What can be read of a configuration that cannot be used: whom to mail, and in which language.

use std::path::Path;

use serde::Deserialize;

use super::document::Document;
use crate::notify::language::Language;
use crate::notify::settings::MailSettings;

/// More faults than this are not worth taking out one by one.
const MOST: usize = 20;

/// The part of a broken configuration that a mail about it needs.
pub struct Lenient {
    /// The site's name, or a word in its place.
    pub name: String,
    /// The site's language: Swedish where that cannot be read.
    pub language: Language,
    /// Whom to mail and how, where that can be read.
    pub mail: Option<MailSettings>,
}

#[derive(Deserialize)]
struct Written {
    site: Option<Site>,
    mail: Option<MailSettings>,
}

#[derive(Deserialize)]
struct Site {
    name: Option<String>,
    language: Option<Language>,
}

impl Lenient {
    /// Reads what can be read of a file; `None` where that is nothing at all.
    pub fn read(path: &Path) -> Option<Lenient> {
        super::text(path).ok().map(|text| Lenient::of(&text))
    }

    /// Reads what can be read of a text. Other tables may be as broken as they like.
    pub fn of(text: &str) -> Lenient {
        let part = tables(text);
        let read =
            Document::parse(&part).ok().and_then(|mut document| without_faults(&mut document));
        let (site, mail) = read.map_or((None, None), |written| (written.site, written.mail));
        let (name, language) = site.map_or((None, None), |site| (site.name, site.language));
        Lenient {
            name: name.unwrap_or_else(|| "rostergate".to_owned()),
            language: language.unwrap_or_default(),
            mail,
        }
    }
}

/// What is faulty is taken out, as long as anything is.
fn without_faults(document: &mut Document<'_>) -> Option<Written> {
    for _ in 0..MOST {
        match Written::deserialize(document.deserializer()) {
            Ok(written) => return Some(written),
            Err(error) => {
                let at_key = error.message().starts_with("unknown field");
                let path = document.locate(&error, at_key);
                if path.is_empty() {
                    return None;
                }
                document.remove(&path);
            }
        }
    }
    None
}

/// The lines of `[site]`, `[mail]` and the tables below `[mail]`, and no others.
fn tables(text: &str) -> String {
    let mut wanted = false;
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(header) = line.trim_start().strip_prefix('[') {
            let name = header.split(']').next().unwrap_or_default().trim();
            wanted = name == "site" || name == "mail" || name.starts_with("mail.");
        }
        if wanted {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "[site]\nname = \"Håbo\"\nlanguage = \"en\"\n[mail]\n\
        from = \"r@example.org\"\nto = [\"it@example.org\"]\n[mail.folder]\npath = \"/x\"\n";

    #[test]
    fn faults_elsewhere_do_not_matter() {
        let cut = "[target.x\nnot toml = = \"\n[[window]]\nname = 7\n";
        for text in [SOUND.to_owned(), format!("{cut}{SOUND}"), format!("{SOUND}{cut}")] {
            let read = Lenient::of(&text);
            assert_eq!((read.name.as_str(), read.language), ("Håbo", Language::En), "{text}");
            assert!(read.mail.is_some(), "{text}");
        }
    }

    #[test]
    fn a_fault_beside_the_addresses_costs_only_itself() {
        let odd = SOUND.replace("language = \"en\"", "language = \"no\"\nmisspelt = 1");
        let odd = odd.replace("[mail]\n", "[mail]\natstart = true\non = \"sometimes\"\n");
        let read = Lenient::of(&odd);
        assert_eq!((read.name.as_str(), read.language), ("Håbo", Language::Sv));
        assert!(read.mail.is_some());
    }

    #[test]
    fn without_addresses_nobody_can_be_told() {
        for text in ["", "[mail]\nto = [", &SOUND.replace("to =", "two =")] {
            assert!(Lenient::of(text).mail.is_none(), "{text}");
        }
        assert_eq!(Lenient::of("").name, "rostergate");
    }
}
