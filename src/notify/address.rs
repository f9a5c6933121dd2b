//! Mail addresses, checked when the configuration is read.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::Deserialize;

/// An address with or without a name: `Rostergate <rostergate@example.org>`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct MailAddress(#[schemars(with = "String")] Mailbox);

impl MailAddress {
    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    pub(super) fn address(&self) -> &Address {
        &self.0.email
    }

    /// The address without the name.
    pub fn bare(&self) -> String {
        self.0.email.to_string()
    }
}

impl FromStr for MailAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("a mail address holds no line breaks or control characters".to_owned());
        }
        let domain = text.rsplit('@').next().unwrap_or("");
        if !domain.is_ascii() {
            return Err(format!(
                "the domain of {text:?} has letters outside a-z: write it in its xn-- form"
            ));
        }
        let mailbox: Mailbox = text.parse().map_err(|_| {
            format!("{text:?} is not a mail address: write \"name@example.org\" or \"Name <name@example.org>\"")
        })?;
        if !mailbox.email.user().is_ascii() {
            return Err(format!("the part of {text:?} before @ has letters outside a-z"));
        }
        Ok(MailAddress(mailbox))
    }
}

impl TryFrom<String> for MailAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// At least one address.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<MailAddress>")]
pub struct Recipients(Vec<MailAddress>);

impl Recipients {
    /// The addresses.
    pub fn as_slice(&self) -> &[MailAddress] {
        &self.0
    }
}

impl TryFrom<Vec<MailAddress>> for Recipients {
    type Error = &'static str;

    fn try_from(addresses: Vec<MailAddress>) -> Result<Self, &'static str> {
        if addresses.is_empty() {
            return Err("someone must get the mails: give at least one address");
        }
        Ok(Recipients(addresses))
    }
}
