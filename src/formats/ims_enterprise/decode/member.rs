//! Reads memberships: in groups, and in the nodes of schools.

use super::super::rules::Rules;
use super::group::{Groups, Node};
use super::names::Names;
use super::pull::Pull;
use super::tags::{Attributes, Tag};
use super::{Shared, UNKNOWN_WORD};
use crate::formats::error::FormatError;
use crate::roster::draft::{DANGLING, TOO_MANY_DANGLING};
use crate::roster::entity::Membership;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// A person in the node of a school, to be resolved when all is read.
struct AtSchool {
    line: u32,
    /// The number of the key.
    person: u32,
    school: u32,
}

/// Reads memberships.
#[derive(Default)]
pub(super) struct Members {
    group: String,
    /// What the group is, if it is none of ours.
    special: Option<Node>,
    line: u64,
    person: String,
    is_group: bool,
    role_type: String,
    gone: bool,
    inactive: bool,
    begin: String,
    end: String,
    names: Names,
    at_schools: Vec<AtSchool>,
}

impl Members {
    pub(super) fn open(&mut self) {
        self.group.clear();
        self.special = None;
    }

    pub(super) fn open_member(&mut self, line: u64) {
        self.line = line;
        self.person.clear();
        self.is_group = false;
    }

    pub(super) fn open_role(&mut self, attributes: &Attributes) {
        let given = &attributes.roletype;
        self.role_type.clone_from(given);
        if given.is_empty() {
            self.role_type.push_str("01");
        }
        self.gone = attributes.recstatus == "3";
        self.inactive = false;
        self.begin.clear();
        self.end.clear();
    }

    pub(super) fn close(
        &mut self,
        pull: &Pull<'_>,
        shared: &mut Shared<'_>,
        groups: &Groups,
    ) -> Result<(), FormatError> {
        use Tag::{Begin, End, Idtype, Member, Role, Sourcedid, Status, Timeframe};
        let text = pull.text();
        let finished = shared.finished;
        match pull.path()[2..] {
            [Sourcedid] => {
                shared.put_key(&mut self.group);
                self.special = groups.special(&self.group);
            }
            [Member, Sourcedid] => shared.put_key(&mut self.person),
            [Member, Idtype] => {
                self.is_group = matches!(&text[..], "2" | "Group");
                if finished && text != "1" {
                    return Err(pull.altered("what a member is"));
                }
            }
            [Member, Role, Status] => {
                self.inactive = text == "0" || text.eq_ignore_ascii_case("inactive");
                if finished && text != "1" {
                    return Err(pull.altered("a member's status"));
                }
            }
            [Member, Role, Timeframe, Begin] => shared.put_date(&mut self.begin, pull, "begin"),
            [Member, Role, Timeframe, End] => shared.put_date(&mut self.end, pull, "end"),
            [Member, Role] => self.finish(pull, shared)?,
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, pull: &Pull<'_>, shared: &mut Shared<'_>) -> Result<(), FormatError> {
        if self.gone || self.inactive || self.is_group {
            return Ok(());
        }
        match self.special {
            Some(Node::School(school)) if shared.rules.school_memberships => {
                let person = self.names.number(shared.told, &self.person);
                self.check_school_role(pull, shared, person)?;
                let line = shared.place(self.line).line;
                self.at_schools.push(AtSchool { line, person, school });
            }
            Some(_) if shared.finished => return Err(pull.altered("whose members are listed")),
            Some(_) => {}
            None => {
                self.check_role(pull, shared)?;
                self.add(shared);
            }
        }
        Ok(())
    }

    fn check_school_role(
        &self,
        pull: &Pull<'_>,
        shared: &Shared<'_>,
        person: u32,
    ) -> Result<(), FormatError> {
        let Some(told) = shared.told else { return Ok(()) };
        let at = Some(person as usize).filter(|&at| at < told.person_count());
        let expected = at.map(|at| Rules::school_role_type(told.person_at(at).roles));
        if expected == Some(&self.role_type) {
            return Ok(());
        }
        Err(pull.altered("a person's role at a school"))
    }

    fn check_role(&self, pull: &Pull<'_>, shared: &Shared<'_>) -> Result<(), FormatError> {
        let role = shared.rules.member_role_of(&self.role_type);
        let known = role.is_some_and(|role| shared.rules.role_type(role) == self.role_type);
        if known || !shared.finished {
            return Ok(());
        }
        Err(pull.altered("a member's role"))
    }

    fn add(&self, shared: &mut Shared<'_>) {
        let Some(role) = shared.rules.member_role_of(&self.role_type) else {
            let issue = shared.issue(UNKNOWN_WORD, Severity::SetAside, self.line);
            let issue = issue.in_field("roletype");
            shared.draft.set_aside(Kind::Membership, &self.person, &self.group, issue);
            return;
        };
        let periods = shared.rules.periods;
        let membership = Membership {
            group: &self.group,
            person: &self.person,
            role,
            begin: if periods { &self.begin } else { "" },
            end: if periods { &self.end } else { "" },
        };
        shared.draft.membership(shared.place(self.line), &membership);
    }

    /// Gives persons the schools in whose nodes they are.
    pub(super) fn add_schools(
        self,
        roster: &Roster,
        told: Option<&Roster>,
        groups: &Groups,
        document: &str,
        issues: &mut Vec<Issue>,
    ) -> Roster {
        let mut schools: Vec<(u32, u32)> = Vec::with_capacity(self.at_schools.len());
        let mut unknown = 0;
        for &AtSchool { line, person, school } in &self.at_schools {
            if let Some(at) = self.names.rank_in(roster, told, person) {
                schools.push((at, school));
                continue;
            }
            unknown += 1;
            let line = u64::from(line);
            let issue = Issue::of_file(DANGLING, Severity::SetAside, document).at(line);
            issues.push(issue.with(Kind::Membership.as_str()));
        }
        if unknown * 200 > self.at_schools.len() {
            issues.push(Issue::of_file(TOO_MANY_DANGLING, Severity::Error, document));
        }
        schools.sort_unstable();
        let mut rest = schools.as_slice();
        let mut at = 0;
        roster.with_schools(|mut person| {
            let count = rest.iter().take_while(|&&(position, _)| position == at).count();
            let (own, others) = rest.split_at(count);
            person.set_schools(own.iter().map(|&(_, s)| groups.school_keys[s as usize].as_str()));
            (at, rest) = (at + 1, others);
            person
        })
    }
}
