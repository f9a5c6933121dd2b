//! Ids of runs and plans: short, sayable on the telephone, never the same twice.

use std::fmt;

use jiff::Zoned;
use rand::Rng;
use serde::{Deserialize, Serialize};

/// No 0/O, 1/I/L: an id is read aloud and typed by hand.
const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

fn random(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// Random lower-case hexadecimal digits, `length` of them.
pub(super) fn random_hex(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from_digit(rng.random_range(0..16), 16).expect("below sixteen"))
        .collect()
}

fn sayable(text: &str) -> bool {
    text.bytes().all(|byte| LETTERS.contains(&byte.to_ascii_uppercase()))
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $says:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as shown.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                if Self::well_formed(&text) { Ok(Self(text)) } else { Err($says) }
            }
        }
    };
}

id! {
    /// One start of the program: `R-20261121-0415-k7mp`, local time and four random letters.
    RunId, "a run is named like R-20261121-0415-k7mp"
}

id! {
    /// One target's part of a run: `P-7K3FQA`. Also the name of its folder, so an id is only
    /// ever made of letters that are safe there.
    PlanId, "a plan is named like P-7K3FQA"
}

impl RunId {
    /// A new id for a run that starts now.
    pub fn draw(now: &Zoned) -> Self {
        let when = now.strftime("%Y%m%d-%H%M");
        Self(format!("R-{when}-{}", random(4).to_ascii_lowercase()))
    }

    fn well_formed(text: &str) -> bool {
        let mut parts = text.split('-');
        let digits = |part: Option<&str>, length| {
            part.is_some_and(|part| {
                part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        parts.next() == Some("R")
            && digits(parts.next(), 8)
            && digits(parts.next(), 4)
            && parts.next().is_some_and(|part| part.len() == 4 && sayable(part))
            && parts.next().is_none()
    }
}

impl PlanId {
    /// A new id.
    pub(super) fn draw() -> Self {
        Self(format!("P-{}", random(6)))
    }

    fn well_formed(text: &str) -> bool {
        text.strip_prefix("P-").is_some_and(|rest| {
            rest.len() == 6 && sayable(rest) && !rest.bytes().any(|byte| byte.is_ascii_lowercase())
        })
    }

    /// The start of an id, as a person types it: any case, with or without `P-`.
    pub(super) fn prefix(typed: &str) -> Option<String> {
        let upper = typed.trim().to_ascii_uppercase();
        let rest = upper.strip_prefix("P-").unwrap_or(&upper);
        let fits = !rest.is_empty() && rest.len() <= 6 && sayable(rest);
        fits.then(|| format!("P-{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn now() -> Zoned {
        "2026-11-21T04:15:09+01:00[Europe/Stockholm]".parse().expect("a time")
    }

    #[test]
    fn says_when_in_local_time() {
        let id = RunId::draw(&now());
        assert!(id.as_str().starts_with("R-20261121-0415-"), "{id}");
        assert_eq!(RunId::try_from(id.to_string()), Ok(id));
    }

    #[test]
    fn is_read_without_mistakes() {
        for _ in 0..500 {
            let id = PlanId::draw();
            assert!(!id.as_str()[2..].contains(['0', 'O', '1', 'I', 'L']), "{id}");
            assert_eq!(PlanId::try_from(id.to_string()), Ok(id));
        }
    }

    #[test]
    fn does_not_repeat_itself() {
        let ids: BTreeSet<_> = (0..1000).map(|_| PlanId::draw()).collect();
        assert!(ids.len() > 990);
    }

    #[test]
    fn is_never_a_way_out_of_its_folder() {
        for wrong in
            ["", "P-", "P-7K3F", "P-../..", "P-7K3FQ/", "P-7k3fqa", "P-7K3FQ0", "../P-7K3FQA"]
        {
            assert!(PlanId::try_from(wrong.to_string()).is_err(), "{wrong}");
        }
        for wrong in ["", "R-20261121-0415", "R-2026112-0415-abcd", "R-20261121-0415-ab/d"] {
            assert!(RunId::try_from(wrong.to_string()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn takes_what_a_person_types() {
        assert_eq!(PlanId::prefix(" p-7k3 ").as_deref(), Some("P-7K3"));
        assert_eq!(PlanId::prefix("7K3FQA").as_deref(), Some("P-7K3FQA"));
        assert_eq!(PlanId::prefix("P-7K3FQAX"), None);
        assert_eq!(PlanId::prefix("*"), None);
        assert_eq!(PlanId::prefix(""), None);
    }
}
