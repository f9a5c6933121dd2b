//! "Did you mean": the candidate that is a few letters away.

/// The candidate nearest to `word`, when it is near enough to be the same word misspelt: a quarter
/// of its letters, at most two. Differences of case cost nothing.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word = word.to_lowercase();
    let letters = word.chars().count();
    let allowed = (letters / 4).min(2);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count() <= letters + allowed)
        .map(|candidate| (strsim::levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_misspellings_are_near() {
        let found = ["PersonID", "Fornamn", "Skola"];
        assert_eq!(nearest("PersonId", found), Some("PersonID"));
        assert_eq!(nearest("Förnamn", found), Some("Fornamn"));
        assert_eq!(nearest("Efternamn", found), None);
        assert_eq!(nearest("Kön", ["Anna", "Bo"]), None);
        assert_eq!(nearest("", ["", "a"]), Some(""));
    }
}
