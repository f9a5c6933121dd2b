//! Writes the tables.

use std::borrow::Cow;
use std::io::{self, Write};

use super::column::{Column, Field, Rows};
use super::derived::{Derived, JOINT, full_name};
use super::settings::{File, Quote, Settings};
use crate::roster::entity::{Group, Membership, Person, Relation, School};
use crate::roster::roster::Roster;
use crate::roster::words::{RelationKind, Role};

/// The buffer is handed over when it holds this much.
const PIECE: usize = 256 * 1024;

/// A table on its way out. Nothing is done against formulas: the reader is a program, and a name
/// that starts with `=` is that person's name.
struct Sheet<'o> {
    settings: &'o Settings,
    out: &'o mut dyn Write,
    buffer: Vec<u8>,
    at_start: bool,
}

impl Sheet<'_> {
    fn cell(&mut self, text: &str) {
        let delimiter = self.settings.delimiter.byte();
        if !std::mem::take(&mut self.at_start) {
            self.buffer.push(delimiter);
        }
        let special = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n');
        if self.settings.quote == Quote::Needed && !text.bytes().any(special) {
            self.buffer.extend_from_slice(&self.settings.encoding.encode(text));
            return;
        }
        self.buffer.push(b'"');
        for (place, part) in text.split('"').enumerate() {
            self.buffer.extend_from_slice(if place > 0 { b"\"\"" } else { b"" });
            self.buffer.extend_from_slice(&self.settings.encoding.encode(part));
        }
        self.buffer.push(b'"');
    }

    fn row<'c>(
        &mut self,
        columns: &[Column],
        cell: impl Fn(Field) -> Cow<'c, str>,
    ) -> io::Result<()> {
        self.at_start = true;
        for column in columns {
            self.cell(&cell(column.field));
        }
        self.end_row()
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.buffer.extend_from_slice(self.settings.line_ends.bytes());
        if self.buffer.len() >= PIECE { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn header(&mut self, columns: &[Column]) -> io::Result<()> {
        self.at_start = true;
        for column in columns {
            self.cell(&column.header);
        }
        self.end_row()
    }
}

/// Writes one table.
pub(super) fn write(
    settings: &Settings,
    file: &File,
    told: &Roster,
    out: &mut dyn Write,
) -> io::Result<()> {
    let buffer = Vec::with_capacity(PIECE + PIECE / 4);
    let mut sheet = Sheet { settings, out, buffer, at_start: true };
    if settings.encoding == super::charset::Encoding::Utf8Bom {
        sheet.buffer.extend_from_slice(b"\xef\xbb\xbf");
    }
    if settings.header {
        sheet.header(&file.columns)?;
    }
    rows(file, told, &mut sheet)?;
    sheet.hand_over()
}

fn rows(file: &File, told: &Roster, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let derived = Derived::of(told, file.has(Field::Class));
    let columns = &file.columns;
    match file.rows {
        Rows::Schools => told
            .schools()
            .try_for_each(|school| sheet.row(columns, |field| school_cell(&school, field))),
        Rows::Persons => told.persons().enumerate().try_for_each(|(at, person)| {
            sheet.row(columns, |field| person_cell(&person, at, field, &derived))
        }),
        Rows::Groups => told
            .groups()
            .try_for_each(|group| sheet.row(columns, |field| group_cell(&group, field, &derived))),
        Rows::Memberships => memberships(file, told).try_for_each(|membership| {
            sheet.row(columns, |field| membership_cell(&membership, field, &derived))
        }),
        Rows::Relations => relations(file, told)
            .try_for_each(|relation| sheet.row(columns, |field| relation_cell(&relation, field))),
    }
}

/// Without a column for the role, somebody with two roles in a group is there once.
fn memberships<'r>(file: &File, told: &'r Roster) -> impl Iterator<Item = Membership<'r>> {
    let roles = file.has(Field::Role);
    let mut last: Option<Membership<'_>> = None;
    told.memberships().filter(move |membership| {
        let repeat = last.is_some_and(|last| Membership { role: last.role, ..*membership } == last);
        last = Some(*membership);
        roles || !repeat
    })
}

/// Without a column for the kind, a relation can only be taken for a guardian's.
fn relations<'r>(file: &File, told: &'r Roster) -> impl Iterator<Item = Relation<'r>> {
    let kinds = file.has(Field::Kind);
    told.relations().filter(move |relation| kinds || relation.kind == RelationKind::Guardian)
}

fn school_cell<'s>(school: &School<'s>, field: Field) -> Cow<'s, str> {
    Cow::Borrowed(if field == Field::Key { school.key } else { school.name })
}

/// What stands in a person's row.
pub(super) fn person_cell<'p>(
    person: &Person<'p>,
    at: usize,
    field: Field,
    derived: &Derived<'_>,
) -> Cow<'p, str> {
    Cow::Borrowed(match field {
        Field::PersonalNumber => person.personal_number,
        Field::GivenName => person.given_name,
        Field::FamilyName => person.family_name,
        Field::Email => person.email,
        Field::Username => person.username,
        Field::Phone => person.phone,
        Field::Mobile => person.mobile,
        Field::SchoolYear => person.school_year,
        Field::Name => return full_name(person),
        Field::Role => {
            let words: Vec<&str> = person.roles.iter().map(Role::as_str).collect();
            return Cow::Owned(words.join(JOINT));
        }
        Field::School => return Cow::Owned(derived.schools(person)),
        Field::SchoolName => return Cow::Owned(derived.school_names(person)),
        Field::Class => return Cow::Owned(derived.classes(at)),
        _ => person.key,
    })
}

/// What stands in a group's row.
pub(super) fn group_cell<'g>(
    group: &Group<'g>,
    field: Field,
    derived: &Derived<'g>,
) -> Cow<'g, str> {
    Cow::Borrowed(match field {
        Field::Name => group.name,
        Field::Kind => group.kind.as_str(),
        Field::School => derived.school_of(group),
        Field::SchoolName => derived.school_name(group.school).unwrap_or_default(),
        Field::Term => group.term,
        Field::Course => group.course,
        Field::Parent => group.parent,
        Field::Begin => group.begin,
        Field::End => group.end,
        _ => group.key,
    })
}

fn membership_cell<'m>(
    membership: &Membership<'m>,
    field: Field,
    derived: &Derived<'m>,
) -> Cow<'m, str> {
    Cow::Borrowed(match field {
        Field::Group => membership.group,
        Field::GroupName => derived.group_name(membership.group),
        Field::Role => membership.role.as_str(),
        Field::Begin => membership.begin,
        Field::End => membership.end,
        _ => membership.person,
    })
}

fn relation_cell<'m>(relation: &Relation<'m>, field: Field) -> Cow<'m, str> {
    Cow::Borrowed(match field {
        Field::To => relation.to,
        Field::Kind => relation.kind.as_str(),
        _ => relation.person,
    })
}
