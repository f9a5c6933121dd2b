//! Whose files are trusted: names or numbers of users of this machine.

use super::SourceError;

/// Numbers of the trusted users; `None` when everybody is.
pub(super) fn resolve(
    source: &str,
    users: Option<&[String]>,
) -> Result<Option<Vec<u32>>, SourceError> {
    let Some(users) = users else { return Ok(None) };
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    users.iter().map(|user| number_of(source, user, &known)).collect::<Result<_, _>>().map(Some)
}

fn number_of(source: &str, user: &str, known: &str) -> Result<u32, SourceError> {
    let named = || {
        let line = known.lines().find(|line| line.split(':').next() == Some(user))?;
        line.split(':').nth(2)?.parse().ok()
    };
    user.parse()
        .ok()
        .or_else(named)
        .ok_or_else(|| SourceError::UnknownUser { name: source.to_owned(), user: user.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_go_by_name_or_number() {
        let known = "root:x:0:0:root:/root:/bin/sh\nregister:x:1007:1007::/:/bin/false\n";
        assert_eq!(number_of("s", "register", known).ok(), Some(1007));
        assert_eq!(number_of("s", "1234", known).ok(), Some(1234));
        assert!(number_of("s", "regist", known).is_err());
    }
}
