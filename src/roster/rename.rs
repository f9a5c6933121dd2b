//! Other keys for groups: those that a receiver is to know them by.

use std::sync::Arc;

use super::draft::Member;
use super::entity::Group;
use super::lines::Lines;
use super::roster::Roster;

/// Two groups or more would get one key: so many groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SameKey(pub u64);

impl Roster {
    /// The roster with the key that `key` gives for every group; memberships and parents follow.
    ///
    /// # Errors
    /// When groups would share a key.
    pub fn rename_groups(&self, key: impl Fn(&Group<'_>) -> String) -> Result<Roster, SameKey> {
        let keys: Vec<String> = self.groups().map(|group| key(&group)).collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by(|&a, &b| keys[a].cmp(&keys[b]));
        let shared = order.chunk_by(|&a, &b| keys[a] == keys[b]).filter(|same| same.len() > 1);
        let shared: usize = shared.map(<[usize]>::len).sum();
        if shared > 0 {
            return Err(SameKey(shared as u64));
        }
        let mut groups = Lines::default();
        let mut ranks = vec![0; keys.len()];
        for (new, &old) in (0..).zip(&order) {
            ranks[old] = new;
            let mut group = self.group_at(old);
            let parent = (!group.parent.is_empty()).then(|| self.find_group(group.parent));
            group.parent = parent.flatten().map_or("", |at| &keys[at]);
            group.key = &keys[old];
            groups.push(|out| group.write_line(out));
        }
        groups.index();
        groups.share();
        let moved = |m: &Member| Member { group: ranks[m.group as usize], ..*m };
        let mut members: Vec<Member> = self.members.iter().map(moved).collect();
        members.sort_unstable();
        Ok(Roster { groups, members: Arc::new(members), ..self.clone() })
    }
}
