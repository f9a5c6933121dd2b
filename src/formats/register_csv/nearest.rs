//! "Did you mean": the candidate that is a few letters away.

/// The candidate nearest to `word`, when it is near enough to be the same word misspelt: a quarter
/// of its letters, at most two. Differences of case cost nothing.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let allowed = (word.len() / 4).min(2);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count() <= word.len() + allowed)
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to add, drop or replace to make one word the other (Levenshtein).
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (j, letter) in b.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = j + 1;
        for (i, &other) in a.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[i + 1];
            row[i + 1] = replaced.min(row[i] + 1).min(diagonal + 1);
        }
    }
    row[a.len()]
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
