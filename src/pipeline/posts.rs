//! At which school each group is, before and now: its memberships are the school's, too.

/// A group without a school, or a school that has no place.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The schools of all groups. A country has half a million of them: their keys stand in one text.
#[derive(Default)]
pub(super) struct Posts {
    keys: String,
    groups: Vec<Post>,
    /// The group at hand: memberships come group by group.
    last: usize,
}

struct Post {
    /// Where its key begins and ends.
    key: (u32, u32),
    /// Its school before and now.
    schools: [u32; 2],
}

impl Posts {
    /// Notes the school of a group, before, now, or both; groups come in the order of their keys.
    pub(super) fn note(&mut self, group: &str, school: u32, (before, now): (bool, bool)) {
        if self.groups.last().is_none_or(|last| self.key(last) != group) {
            let at = |end: usize| u32::try_from(end).expect("no longer than the groups' lines");
            let begin = at(self.keys.len());
            self.keys.push_str(group);
            let key = (begin, at(self.keys.len()));
            self.groups.push(Post { key, schools: [NOWHERE; 2] });
        }
        let [school_before, school_now] =
            &mut self.groups.last_mut().expect("there is one now").schools;
        if before {
            *school_before = school;
        }
        if now {
            *school_now = school;
        }
    }

    /// The schools of a group, before and now.
    pub(super) fn of(&mut self, group: &str) -> [u32; 2] {
        if self.groups.get(self.last).is_none_or(|post| self.key(post) != group) {
            let found = self.groups.binary_search_by(|post| self.key(post).cmp(group));
            let Ok(found) = found else { return [NOWHERE; 2] };
            self.last = found;
        }
        self.groups[self.last].schools
    }

    fn key(&self, post: &Post) -> &str {
        &self.keys[post.key.0 as usize..post.key.1 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_in_any_order_and_have_a_school_on_each_side() {
        let mut posts = Posts::default();
        posts.note("1A", 0, (true, true));
        posts.note("1B", 0, (true, false));
        posts.note("1B", 2, (false, true));
        posts.note("2A", 1, (false, true));
        for (group, schools) in [
            ("2A", [NOWHERE, 1]),
            ("1A", [0, 0]),
            ("1B", [0, 2]),
            ("1B", [0, 2]),
            ("1", [NOWHERE; 2]),
            ("9", [NOWHERE; 2]),
        ] {
            assert_eq!(posts.of(group), schools, "{group}");
        }
    }
}
