//! Pairs by shared evidence, where the evidence points at one only.

use std::collections::HashMap;

/// Two lists, and who of the one is who of the other.
pub(super) struct Pairing<T> {
    missing: Vec<T>,
    new: Vec<T>,
    partner: Vec<Option<usize>>,
    taken: Vec<bool>,
}

/// At whom the evidence points.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nobody,
    One(usize),
    Several,
}

impl Found {
    fn meet(&mut self, others: &[usize]) {
        *self = match (*self, others) {
            (found, []) => found,
            (Found::Nobody, &[one]) => Found::One(one),
            (Found::One(known), &[one]) if known == one => *self,
            _ => Found::Several,
        };
    }
}

impl<T> Pairing<T> {
    pub(super) fn new(missing: Vec<T>, new: Vec<T>) -> Self {
        let (partner, taken) = (vec![None; missing.len()], vec![false; new.len()]);
        Pairing { missing, new, partner, taken }
    }

    /// Pairs those who share evidence that is nobody else's on its own, in the order given.
    pub(super) fn by_proof(&mut self, evidence: impl Fn(&T) -> Vec<String>) {
        for (missing, new) in self.holders(evidence).into_values() {
            for (m, n) in missing.into_iter().zip(new) {
                self.pair(m, n);
            }
        }
    }

    /// Pairs those whose evidence points at each other and at nobody else, and who `may` be the
    /// same.
    pub(super) fn by(
        &mut self,
        evidence: impl Fn(&T) -> Vec<String>,
        may: impl Fn(&T, &T) -> bool,
    ) {
        let mut of_missing = vec![Found::Nobody; self.missing.len()];
        let mut of_new = vec![Found::Nobody; self.new.len()];
        for (missing, new) in self.holders(evidence).into_values() {
            for &m in &missing {
                of_missing[m].meet(&new);
            }
            for &n in &new {
                of_new[n].meet(&missing);
            }
        }
        for (m, found) in of_missing.into_iter().enumerate() {
            if let Found::One(n) = found
                && of_new[n] == Found::One(m)
                && may(&self.missing[m], &self.new[n])
            {
                self.pair(m, n);
            }
        }
    }

    /// The pairs, in the order of the missing.
    pub(super) fn finish(&self) -> impl Iterator<Item = (&T, &T)> {
        let pairs = self.missing.iter().zip(&self.partner);
        pairs.filter_map(|(missing, partner)| partner.map(|n| (missing, &self.new[n])))
    }

    fn pair(&mut self, m: usize, n: usize) {
        self.partner[m] = Some(n);
        self.taken[n] = true;
    }

    /// Who holds which evidence, of those without a partner.
    fn holders(
        &self,
        evidence: impl Fn(&T) -> Vec<String>,
    ) -> HashMap<String, (Vec<usize>, Vec<usize>)> {
        let mut holders: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        let left = self.missing.iter().zip(&self.partner).enumerate();
        for (m, (missing, _)) in left.filter(|(_, (_, partner))| partner.is_none()) {
            for piece in evidence(missing) {
                holders.entry(piece).or_default().0.push(m);
            }
        }
        let left = self.new.iter().zip(&self.taken).enumerate();
        for (n, (new, _)) in left.filter(|(_, (_, taken))| !**taken) {
            for piece in evidence(new) {
                if let Some((_, held)) = holders.get_mut(&piece) {
                    held.push(n);
                }
            }
        }
        holders
    }
}

/// A text as it is compared: without case and without blanks at its ends or doubled.
pub(in crate::pipeline) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A key without case, blanks, dashes and leading zeros: what a spreadsheet or a new version of
/// the register changes in it.
pub(super) fn bare(key: &str) -> String {
    let letters = key.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.'));
    letters.collect::<String>().trim_start_matches('0').to_lowercase()
}

/// Several pieces as one.
pub(super) fn joined(pieces: &[&str]) -> String {
    pieces.join("\t")
}
