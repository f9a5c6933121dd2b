//! Keys as a careless reader takes them: what a register's upgrade, a clean-up of ours or a copied
//! cell changes in a key without meaning somebody else.

use std::borrow::Cow;

/// A key without case, blanks at its ends and characters that nobody sees.
pub fn loose(key: &str) -> Cow<'_, str> {
    let key = key.trim();
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(key);
    }
    let seen: String = key.chars().filter(|&c| !is_unseen(c)).collect();
    Cow::Owned(seen.trim().to_lowercase())
}

/// Soft hyphens, zero-width blanks and joiners, marks of direction and of byte order.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_unseen_characters_make_nobody_else() {
        for written in ["p-å7", " P-Å7 ", "P-\u{200B}å7\u{FEFF}", "\u{AD} p-å7"] {
            assert_eq!(loose(written), "p-å7", "{written:?}");
        }
        for other in ["p-a7", "på7", "p-å 7", "p-å07"] {
            assert_ne!(loose(other), "p-å7", "{other:?}");
        }
    }
}
