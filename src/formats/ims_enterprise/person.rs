//! Writes the persons, with their links to guardians and children.

use std::io;

use super::encode::{Phrases, sourcedid};
use super::escape::{Xml, escaped};
use super::rules::{BY_STRENGTH, Rules, strongest};
use super::values::UsernameField;
use crate::formats::fitting::cut;
use crate::roster::entity::Person;
use crate::roster::roster::Roster;
use crate::roster::words::RelationKind;

/// How long `name/fn` may be.
pub(super) const FULL_NAME: usize = 256;

/// A relation as positions: whose extension it stands in, and whom it names.
type Link = (u32, u32);

/// What writing the persons needs.
pub(super) struct Persons<'d> {
    rules: &'d Rules<'d>,
    told: &'d Roster,
    phrases: &'d Phrases,
    /// For guardians: their children.
    children: Vec<Link>,
    /// For children: their guardians.
    guardians: Vec<Link>,
    /// Primary and other form of `institutionrole`, in the order of strength.
    forms_of_roles: [[Vec<u8>; 2]; 3],
}

impl<'d> Persons<'d> {
    pub(super) fn of(rules: &'d Rules<'d>, told: &'d Roster, phrases: &'d Phrases) -> Self {
        let children = if rules.parent_links { guardian_links(told) } else { Vec::new() };
        let mut guardians: Vec<Link> = children.iter().map(|&(person, to)| (to, person)).collect();
        guardians.sort_unstable();
        let forms_of_roles = rules.institution_roles.map(|name| {
            ["Yes", "No"].map(|primary| {
                let before =
                    format!("<institutionrole primaryrole=\"{primary}\" institutionroletype=\"");
                escaped(&before, name, "\"/>", rules.encoding)
            })
        });
        Persons { rules, told, phrases, children, guardians, forms_of_roles }
    }

    pub(super) fn write(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let (mut children, mut guardians) = (&self.children[..], &self.guardians[..]);
        for (at, person) in self.told.persons().enumerate() {
            let links = [("parent", take(&mut children, at)), ("child", take(&mut guardians, at))];
            xml.markup("<person>");
            self.identity(xml, &person);
            name(xml, &person);
            contact(xml, &person);
            self.roles(xml, &person);
            self.links(xml, links);
            xml.markup("</person>\n");
            xml.pass()?;
        }
        Ok(())
    }

    fn identity(&self, xml: &mut Xml<'_>, person: &Person<'_>) {
        sourcedid(xml, self.phrases, person.key);
        xml.element("<userid>", userid(self.rules.username, person), "</userid>");
        if self.rules.username != UsernameField::PersonalNumber {
            xml.element("<userid useridtype=\"PID\">", person.personal_number, "</userid>");
        }
    }

    fn roles(&self, xml: &mut Xml<'_>, person: &Person<'_>) {
        let primary = strongest(person.roles);
        for (role, forms) in BY_STRENGTH.into_iter().zip(&self.forms_of_roles) {
            if person.roles.contains(role) {
                xml.fragment(&forms[usize::from(primary != Some(role))]);
            }
        }
    }

    fn links(&self, xml: &mut Xml<'_>, links: [(&str, &[Link]); 2]) {
        if links.iter().all(|(_, links)| links.is_empty()) {
            return;
        }
        xml.markup("<extension>");
        for (what, links) in links {
            for &(_, other) in links {
                xml.markup("<relationship>");
                xml.element("<relationshiptype>", what, "</relationshiptype>");
                sourcedid(xml, self.phrases, self.told.person_key(other as usize));
                xml.markup("</relationship>");
            }
        }
        xml.markup("</extension>");
    }
}

/// The text that becomes `userid`.
pub(super) fn userid<'p>(field: UsernameField, person: &Person<'p>) -> &'p str {
    match field {
        UsernameField::Username => person.username,
        UsernameField::Email => person.email,
        UsernameField::PersonalNumber => person.personal_number,
        UsernameField::Key => person.key,
        UsernameField::None => "",
    }
}

fn name(xml: &mut Xml<'_>, person: &Person<'_>) {
    let (given, family) = (person.given_name, person.family_name);
    xml.markup("<name><fn>");
    if given.len() + family.len() < FULL_NAME {
        xml.text(given);
        xml.markup(if given.is_empty() || family.is_empty() { "" } else { " " });
        xml.text(family);
    } else {
        let parts = [given, family].into_iter().filter(|part| !part.is_empty());
        xml.text(cut(&parts.collect::<Vec<_>>().join(" "), FULL_NAME));
    }
    xml.markup("</fn>");
    if !given.is_empty() || !family.is_empty() {
        xml.markup("<n>");
        xml.element("<family>", family, "</family>");
        xml.element("<given>", given, "</given>");
        xml.markup("</n>");
    }
    xml.markup("</name>");
}

fn contact(xml: &mut Xml<'_>, person: &Person<'_>) {
    xml.element("<email>", person.email, "</email>");
    xml.element("<tel teltype=\"Voice\">", person.phone, "</tel>");
    xml.element("<tel teltype=\"Mobile\">", person.mobile, "</tel>");
}

fn guardian_links(told: &Roster) -> Vec<Link> {
    let number = |at: usize| u32::try_from(at).expect("a roster holds fewer than 2^32 rows");
    let positions = told.relation_positions().map(|(person, to)| (number(person), number(to)));
    let kinds = told.relation_kinds();
    let guardian = |(link, kind)| (kind == RelationKind::Guardian).then_some(link);
    positions.zip(kinds).filter_map(guardian).collect()
}

/// Takes the links of the person at a position off the front.
fn take<'l>(links: &mut &'l [Link], at: usize) -> &'l [Link] {
    let count = links.iter().take_while(|link| link.0 as usize == at).count();
    let (taken, rest) = links.split_at(count);
    *links = rest;
    taken
}
