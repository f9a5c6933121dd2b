//! Writes the document: one pass over the roster, nothing allocated for a person or a member.

use std::io::{self, Write};

use jiff::Zoned;

use super::escape::{Xml, escaped};
use super::person::Persons;
use super::rules::Rules;
use super::tree::{Place, places, year_key, years};
use crate::formats::fitting::cut;
use crate::roster::entity::{Group, Membership, Roles};
use crate::roster::roster::Roster;

/// How long `description/short` may be, and `description/long`.
pub(super) const SHORT: usize = 60;
pub(super) const SHORT_IN_TREE: usize = 64;

/// Markup that repeats, with the settings' texts in it.
pub(super) struct Phrases {
    /// `<sourcedid>` up to the key.
    pub(super) sourcedid: Vec<u8>,
    /// From the key to `</sourcedid>`.
    pub(super) sourcedid_end: &'static str,
    grouptype: Vec<u8>,
}

impl Phrases {
    fn of(rules: &Rules<'_>) -> Self {
        let scheme = if rules.is_tree() { "<scheme>itslorganisation</scheme>" } else { "" };
        Phrases {
            sourcedid: escaped(
                "<sourcedid><source>",
                rules.source,
                "</source><id>",
                rules.encoding,
            ),
            sourcedid_end: "</id></sourcedid>",
            grouptype: format!("<grouptype>{scheme}<typevalue level=\"").into_bytes(),
        }
    }
}

/// Appends a `sourcedid`.
pub(super) fn sourcedid(xml: &mut Xml<'_>, phrases: &Phrases, key: &str) {
    xml.fragment(&phrases.sourcedid);
    xml.text(key);
    xml.markup(phrases.sourcedid_end);
}

struct Document<'d> {
    rules: &'d Rules<'d>,
    told: &'d Roster,
    places: Vec<Place>,
    schools: Vec<&'d str>,
    phrases: Phrases,
    xml: Xml<'d>,
}

/// Writes the whole document.
pub(super) fn write(
    rules: &Rules<'_>,
    told: &Roster,
    stamp: &Zoned,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut document = Document {
        rules,
        told,
        places: places(told, rules),
        schools: told.schools().map(|school| school.key).collect(),
        phrases: Phrases::of(rules),
        xml: Xml::new(out, rules.encoding),
    };
    document.head(stamp);
    Persons::of(rules, told, &document.phrases).write(&mut document.xml)?;
    document.root();
    document.schools()?;
    document.years()?;
    document.groups()?;
    document.school_members()?;
    document.members()?;
    document.xml.markup("</enterprise>\n");
    document.xml.finish()
}

impl Document<'_> {
    fn head(&mut self, stamp: &Zoned) {
        let xml = &mut self.xml;
        xml.markup("<?xml version=\"1.0\" encoding=\"");
        xml.markup(self.rules.encoding.label());
        xml.markup("\"?>\n<enterprise");
        xml.element(" xmlns=\"", self.rules.namespace.unwrap_or_default(), "\"");
        xml.markup(">\n<properties><datasource>");
        xml.text(self.rules.source);
        xml.markup("</datasource><type>full</type><datetime>");
        xml.markup(&stamp.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        xml.markup("</datetime></properties>\n");
    }

    fn root(&mut self) {
        if let Some(root) = &self.rules.root {
            self.group_head(root.key, "site", 0, root.name);
            self.relationship(root.key, "root");
            self.xml.markup("</group>\n");
        }
    }

    fn schools(&mut self) -> io::Result<()> {
        for school in self.told.schools() {
            self.group_head(school.key, "school", 1, school.name);
            if let Some(root) = &self.rules.root {
                self.relationship(root.key, "root");
            }
            self.xml.markup("</group>\n");
            self.xml.pass()?;
        }
        Ok(())
    }

    /// One node for each term in which a school has groups, below the school.
    fn years(&mut self) -> io::Result<()> {
        for (school, term) in years(self.told, &self.places) {
            let school = self.schools[school as usize];
            self.group_head(&year_key(school, term), "", 2, term);
            self.relationship(school, "school");
            self.xml.markup("</group>\n");
            self.xml.pass()?;
        }
        Ok(())
    }

    fn groups(&mut self) -> io::Result<()> {
        let told = self.told;
        for (at, group) in told.groups().enumerate() {
            let place = self.places[at];
            self.group_head(group.key, self.rules.type_of(group.kind), place.level, group.name);
            self.group_timeframe(&group);
            self.above(&group, place);
            self.xml.markup("</group>\n");
            self.xml.pass()?;
        }
        Ok(())
    }

    fn group_head(&mut self, key: &str, kind: &str, level: u8, name: &str) {
        self.xml.markup("<group>");
        sourcedid(&mut self.xml, &self.phrases, key);
        self.xml.fragment(&self.phrases.grouptype);
        let digits = [b'0' + level / 10, b'0' + level % 10];
        self.xml.fragment(if level < 10 { &digits[1..] } else { &digits });
        self.xml.markup("\">");
        self.xml.text(kind);
        self.xml.markup("</typevalue></grouptype><description><short>");
        let short = cut(name, if self.rules.is_tree() { SHORT_IN_TREE } else { SHORT });
        self.xml.text(short);
        self.xml.markup("</short>");
        if short.len() < name.len() {
            self.xml.element("<long>", name, "</long>");
        }
        self.xml.markup("</description>");
    }

    fn group_timeframe(&mut self, group: &Group<'_>) {
        let (begin, end) = if self.rules.periods { (group.begin, group.end) } else { ("", "") };
        let term = if self.rules.terms { group.term } else { "" };
        timeframe(&mut self.xml, begin, end, term);
    }

    /// In a tree the one node above; else parent and school, whichever there is.
    fn above(&mut self, group: &Group<'_>, place: Place) {
        if place.parent.is_some() {
            self.relationship(group.parent, "parent");
            if self.rules.is_tree() {
                return;
            }
        }
        match (place.school, &self.rules.root) {
            (Some(school), _) if place.year => {
                let key = year_key(self.schools[school as usize], group.term);
                self.relationship(&key, "year");
            }
            (Some(school), _) => self.relationship(self.schools[school as usize], "school"),
            (None, Some(root)) => self.relationship(root.key, "root"),
            (None, None) => {}
        }
    }

    fn relationship(&mut self, key: &str, label: &str) {
        self.xml.markup("<relationship relation=\"1\">");
        sourcedid(&mut self.xml, &self.phrases, key);
        self.xml.element("<label>", label, "</label>");
        self.xml.markup("</relationship>");
    }

    fn school_members(&mut self) -> io::Result<()> {
        if !self.rules.school_memberships {
            return Ok(());
        }
        let members = school_members(self.told);
        for chunk in members.chunk_by(|a, b| a.0 == b.0) {
            self.membership_head(self.schools[chunk[0].0 as usize]);
            for &(_, person, roles) in chunk {
                self.member_head(self.told.person_key(person as usize));
                self.role(Rules::school_role_type(roles), "", "");
                self.xml.markup("</member>\n");
                self.xml.pass()?;
            }
            self.xml.markup("</membership>\n");
        }
        Ok(())
    }

    /// Memberships stand by group and person: one `membership` for each group, one `member` for
    /// each person, one `role` for each membership.
    fn members(&mut self) -> io::Result<()> {
        let told = self.told;
        let mut last: Option<Membership<'_>> = None;
        for membership in told.memberships() {
            let same_group = last.is_some_and(|last| last.group == membership.group);
            let same_person = same_group && last.is_some_and(|l| l.person == membership.person);
            if last.is_some() && !same_person {
                self.xml.markup("</member>\n");
            }
            if !same_group {
                self.xml.markup(if last.is_some() { "</membership>\n" } else { "" });
                self.membership_head(membership.group);
            }
            if !same_person {
                self.member_head(membership.person);
            }
            self.membership_role(&membership);
            last = Some(membership);
            self.xml.pass()?;
        }
        self.xml.markup(if last.is_some() { "</member>\n</membership>\n" } else { "" });
        Ok(())
    }

    fn membership_role(&mut self, membership: &Membership<'_>) {
        let (begin, end) =
            if self.rules.periods { (membership.begin, membership.end) } else { ("", "") };
        self.role(self.rules.role_type(membership.role), begin, end);
    }

    fn membership_head(&mut self, group: &str) {
        self.xml.markup("<membership>");
        sourcedid(&mut self.xml, &self.phrases, group);
        self.xml.markup("\n");
    }

    fn member_head(&mut self, person: &str) {
        self.xml.markup("<member>");
        sourcedid(&mut self.xml, &self.phrases, person);
        self.xml.markup("<idtype>1</idtype>");
    }

    fn role(&mut self, role_type: &str, begin: &str, end: &str) {
        self.xml.markup("<role roletype=\"");
        self.xml.text(role_type);
        self.xml.markup("\"><status>1</status>");
        timeframe(&mut self.xml, begin, end, "");
        self.xml.markup("</role>");
    }
}

fn timeframe(xml: &mut Xml<'_>, begin: &str, end: &str, term: &str) {
    if [begin, end, term].iter().all(|text| text.is_empty()) {
        return;
    }
    xml.markup("<timeframe>");
    xml.element("<begin>", begin, "</begin>");
    xml.element("<end>", end, "</end>");
    xml.element("<adminperiod>", term, "</adminperiod>");
    xml.markup("</timeframe>");
}

/// Positions of school and person, for each school that a person has and the roster holds, with
/// what the person is.
fn school_members(told: &Roster) -> Vec<(u32, u32, Roles)> {
    let number = |at: usize| u32::try_from(at).expect("a roster holds fewer than 2^32 rows");
    let mut members = Vec::new();
    for (at, person) in told.persons().enumerate() {
        let schools = person.schools().filter_map(|key| told.find_school(key));
        members.extend(schools.map(|school| (number(school), number(at), person.roles)));
    }
    members.sort_unstable_by_key(|&(school, person, _)| (school, person));
    members
}
