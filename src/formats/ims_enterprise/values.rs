//! Checked values of the IMS Enterprise settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::formats::value::{checked_text, short_text};

/// Parts of the names of roles that hand out an administrator's rights, by IMS or by habit:
/// `Administrator`, `SysAdmin`, `SysSupport`, `AccountAdmin`, `Manager`, `Systemförvaltare`.
const OF_ADMINISTRATORS: &[&str] = &["admin", "support", "manager", "förvaltare", "superuser"];

/// Number and word of each role type that may be written. Managers (05) and administrators (07)
/// are not among them.
const ROLE_TYPES: &[(u8, &str)] = &[
    (1, "Learner"),
    (2, "Instructor"),
    (3, "ContentDeveloper"),
    (4, "Member"),
    (6, "Mentor"),
    (8, "TeachingAssistant"),
];

/// What the reader makes of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// As itslearning's batch import reads it: one tree of site, schools and groups, persons as
    /// members of their schools, guardians linked to children.
    Itslearning,
    /// The plain standard.
    Plain,
}

/// The encoding of the document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8 without byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1; other characters are written as numeric references.
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

impl Encoding {
    /// The name in the XML declaration.
    pub fn label(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Latin1 => "ISO-8859-1",
        }
    }
}

/// Which field becomes `userid`, the user name at the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UsernameField {
    /// The user name.
    #[default]
    Username,
    /// The e-mail address.
    Email,
    /// The personal number.
    PersonalNumber,
    /// The sync key.
    Key,
    /// No user name is sent.
    None,
}

checked_text! {
    /// Who the keys belong to: `sourcedid/source` and `datasource`.
    Source, |text| short_text(text, 32)
}

checked_text! {
    /// The sync key of the root group.
    RootKey, |text| short_text(text, 255)
}

checked_text! {
    /// The name of the root group.
    RootName, |text| short_text(text, 64)
}

checked_text! {
    /// The XML namespace of the document: `none`, or a URI.
    Namespace, |text| {
        short_text(text, 256)?;
        if text == "none" || (text.contains(':') && !text.contains(char::is_whitespace)) {
            return Ok(());
        }
        Err("must be \"none\" or a URI such as \"http://imsglobal.org/IMS_EPv1p1\"".to_owned())
    }
}

impl Namespace {
    /// The URI, if there is one.
    pub fn uri(&self) -> Option<&str> {
        Some(self.as_str()).filter(|&uri| uri != "none")
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Namespace("none".to_owned())
    }
}

checked_text! {
    /// What a kind of group is called at the receiver; may be empty.
    GroupType, |text| {
        if ["site", "school"].iter().any(|word| word.eq_ignore_ascii_case(text)) {
            return Err("must not be \"site\" or \"school\": those are no groups".to_owned());
        }
        if text.is_empty() { Ok(()) } else { short_text(text, 256) }
    }
}

checked_text! {
    /// What a person's role is called at the receiver. Never an administrator.
    InstitutionRole, |text| {
        let lower = text.to_lowercase();
        if OF_ADMINISTRATORS.iter().any(|part| lower.contains(part)) {
            return Err(format!(
                "\"{text}\" is refused: rostergate never hands out an administrator's rights"
            ));
        }
        short_text(text, 32)
    }
}

checked_text! {
    /// What a member's role is called at the receiver, as number or word. Never a manager or an
    /// administrator.
    RoleType, |text| {
        let allowed = || {
            let name = |&(number, word): &(u8, &str)| format!("\"{number:02}\" or \"{word}\"");
            ROLE_TYPES.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let word = |word: &str| word == text || (word == "ContentDeveloper" && text == "Content Developer");
        if ROLE_TYPES.iter().any(|&(number, w)| format!("{number:02}") == text || word(w)) {
            return Ok(());
        }
        Err(format!(
            "must be one of {}; managers and administrators are refused: rostergate never \
             hands out their rights",
            allowed()
        ))
    }
}

/// The number of a role type that may be written, from its number or its word.
pub(super) fn role_number(text: &str) -> Option<u8> {
    let word: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let number = word.parse::<u8>().ok().filter(|_| digits);
    let same = |&&(n, w): &&(u8, &str)| number == Some(n) || w.eq_ignore_ascii_case(&word);
    ROLE_TYPES.iter().find(same).map(|&(number, _)| number)
}
