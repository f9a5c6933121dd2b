//! Reads the tables into a roster, and checks every column that follows from others.

use super::column::{Field, Rows};
use super::derived::{Derived, JOINT};
use super::encode::{group_cell, person_cell};
use super::settings::Settings;
use super::table::Table;
use crate::formats::Document;
use crate::formats::error::FormatError;
use crate::roster::code::Code;
use crate::roster::draft::{Draft, Marking, Place};
use crate::roster::entity::{Group, Membership, Person, Relation, Roles, School};
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, RelationKind, Role};

/// A row has no key.
const NO_KEY: Code = Code(324);
/// A word that is none of ours.
const UNKNOWN_WORD: Code = Code(325);
/// A date that is none.
const BAD_DATE: Code = Code(327);

/// Everything in the order in which a draft takes it.
const ORDER: [Rows; 5] =
    [Rows::Schools, Rows::Persons, Rows::Groups, Rows::Memberships, Rows::Relations];

/// Reads all tables. With what was told, and what is visible of that, they must be exactly what
/// this program writes of it.
pub(super) fn read(
    settings: &Settings,
    mut documents: Vec<Document<'_>>,
    told: Option<(&Roster, &Roster)>,
) -> Result<(Roster, Vec<Issue>), FormatError> {
    let with_classes = settings.has(Rows::Persons, Field::Class);
    let check = told.map(|(told, _)| Check { told, derived: Derived::of(told, with_classes) });
    let mut draft = told.map_or_else(Draft::new, |(_, expected)| Draft::beside(expected));
    for rows in ORDER {
        let Some((name, file)) = settings.file_of(rows) else { continue };
        let at = documents.iter().position(|(document, _)| document == name);
        let document = documents.swap_remove(at.expect("checked by the caller"));
        let table = Table::open(settings, file, document, told.is_some())?;
        let number = draft.file(table.document());
        Rowwise { table, number, draft: &mut draft, check: check.as_ref() }.read(rows)?;
    }
    Ok(Roster::assemble(draft))
}

/// What derived columns are compared with.
struct Check<'c> {
    told: &'c Roster,
    derived: Derived<'c>,
}

/// One table, row by row.
struct Rowwise<'t, 'd> {
    table: Table<'t>,
    number: u16,
    draft: &'d mut Draft,
    check: Option<&'d Check<'d>>,
}

impl Rowwise<'_, '_> {
    fn read(mut self, rows: Rows) -> Result<(), FormatError> {
        if matches!(rows, Rows::Memberships | Rows::Relations) {
            self.draft.close();
        }
        while self.table.next()? {
            if self.table.file().rows.keys().iter().any(|&key| self.cell(key).is_empty()) {
                self.note(NO_KEY, Severity::SetAside, "key");
                continue;
            }
            match rows {
                Rows::Schools => self.school(),
                Rows::Persons => self.person()?,
                Rows::Groups => self.group()?,
                Rows::Memberships => self.membership()?,
                Rows::Relations => self.relation(),
            }
        }
        Ok(())
    }

    /// The text of the first column with this; empty without one.
    fn cell(&self, field: Field) -> &str {
        let mut columns = self.table.file().columns.iter().zip(&self.table.cells);
        columns.find(|(column, _)| column.field == field).map_or("", |(_, cell)| cell)
    }

    fn place(&self) -> Place {
        let line = u32::try_from(self.table.line).unwrap_or(u32::MAX);
        Place { file: self.number, line }
    }

    fn note(&mut self, code: Code, severity: Severity, field: &str) {
        let issue = self.draft.issue(code, severity, self.place()).in_field(field);
        self.draft.note(issue);
    }

    fn school(&mut self) {
        let school = School { key: self.cell(Field::Key), name: self.cell(Field::Name) };
        let place = self.place();
        let line = line_of(|out| school.write_line(out));
        let school = School::from_line(&line).expect("just written");
        self.draft.school(place, &school);
    }

    fn person(&mut self) -> Result<(), FormatError> {
        let mut unknown = false;
        let word = |word: &str| match word.parse() {
            Ok(role) if Role::OF_PERSONS.contains(&role) => Some(role),
            _ => {
                unknown = true;
                None
            }
        };
        let words = self.cell(Field::Role).split(JOINT).filter(|word| !word.is_empty());
        let roles: Roles = words.filter_map(word).collect();
        if unknown {
            self.note(UNKNOWN_WORD, Severity::Warning, "role");
        }
        self.check_person()?;
        let line = line_of(|out| self.person_of(roles).write_line(out));
        let person = Person::from_line(&line).expect("just written");
        self.draft.person(self.place(), &person, Marking::None);
        Ok(())
    }

    fn person_of(&self, roles: Roles) -> Person<'_> {
        let mut person = Person {
            key: self.cell(Field::Key),
            personal_number: self.cell(Field::PersonalNumber),
            given_name: self.cell(Field::GivenName),
            family_name: self.cell(Field::FamilyName),
            email: self.cell(Field::Email),
            username: self.cell(Field::Username),
            phone: self.cell(Field::Phone),
            mobile: self.cell(Field::Mobile),
            school_year: self.cell(Field::SchoolYear),
            roles,
            ..Person::default()
        };
        if !self.table.file().has(Field::FamilyName) {
            person.family_name = self.cell(Field::Name);
        }
        person.set_schools(self.cell(Field::School).split(JOINT));
        person
    }

    fn check_person(&self) -> Result<(), FormatError> {
        let Some(Check { told, derived }) = self.check else { return Ok(()) };
        let position = told.find_person(self.cell(Field::Key));
        let position = position.ok_or_else(|| self.table.altered("a person's key"))?;
        let person = told.person_at(position);
        self.check_cells(&[Field::Name, Field::SchoolName, Field::Class], |field| {
            person_cell(&person, position, field, derived).into_owned()
        })
    }

    /// Compares derived columns with what they are derived from.
    fn check_cells(
        &self,
        fields: &[Field],
        expected: impl Fn(Field) -> String,
    ) -> Result<(), FormatError> {
        for (column, cell) in self.table.file().columns.iter().zip(&self.table.cells) {
            let derived = fields.contains(&column.field);
            if derived && *cell != expected(column.field) {
                return Err(self.table.altered(column.field.as_str()));
            }
            if !derived && cell != self.cell(column.field) {
                return Err(self.table.altered("a column that stands twice"));
            }
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), FormatError> {
        self.check_group()?;
        let (begin, end) = (self.date(Field::Begin), self.date(Field::End));
        let kind = self.word(Field::Kind, GroupKind::Other).unwrap_or_else(|| {
            self.note(UNKNOWN_WORD, Severity::Warning, "kind");
            GroupKind::Other
        });
        let group = Group {
            key: self.cell(Field::Key),
            name: self.cell(Field::Name),
            kind,
            school: self.cell(Field::School),
            term: self.cell(Field::Term),
            course: self.cell(Field::Course),
            parent: self.cell(Field::Parent),
            begin: &begin,
            end: &end,
        };
        let line = line_of(|out| group.write_line(out));
        let group = Group::from_line(&line).expect("just written");
        self.draft.group(self.place(), &group);
        Ok(())
    }

    fn check_group(&self) -> Result<(), FormatError> {
        let Some(Check { told, derived }) = self.check else { return Ok(()) };
        let position = told.find_group(self.cell(Field::Key));
        let position = position.ok_or_else(|| self.table.altered("a group's key"))?;
        let group = told.group_at(position);
        self.check_cells(&[Field::SchoolName], |field| {
            group_cell(&group, field, derived).into_owned()
        })
    }

    fn membership(&mut self) -> Result<(), FormatError> {
        if let Some(Check { derived, .. }) = self.check {
            let group = self.cell(Field::Group);
            self.check_cells(&[Field::GroupName], |_| derived.group_name(group).to_owned())?;
        }
        let (begin, end) = (self.date(Field::Begin), self.date(Field::End));
        let (group, person) = (self.cell(Field::Group), self.cell(Field::Person));
        let role = self.word(Field::Role, Role::Learner);
        let role = role.filter(|role| Role::OF_MEMBERSHIPS.contains(role));
        let place = self.place();
        if let Some(role) = role {
            let line = line_of(|out| {
                Membership { group, person, role, begin: &begin, end: &end }.write_line(out);
            });
            let membership = Membership::from_line(&line).expect("just written");
            self.draft.membership(place, &membership);
        } else {
            let keys = (group.to_owned(), person.to_owned());
            let issue = self.draft.issue(UNKNOWN_WORD, Severity::SetAside, place).in_field("role");
            self.draft.set_aside(Kind::Membership, &keys.1, &keys.0, issue);
        }
        Ok(())
    }

    fn relation(&mut self) {
        let (person, to) = (self.cell(Field::Person).to_owned(), self.cell(Field::To).to_owned());
        let place = self.place();
        if let Some(kind) = self.word(Field::Kind, RelationKind::Guardian) {
            let relation = Relation { person: &person, to: &to, kind };
            self.draft.relation(place, &relation);
        } else {
            let issue = self.draft.issue(UNKNOWN_WORD, Severity::SetAside, place).in_field("kind");
            self.draft.set_aside(Kind::Relation, &person, &to, issue);
        }
    }

    /// The word in a column; `default` without such a column.
    fn word<T: std::str::FromStr>(&self, field: Field, default: T) -> Option<T> {
        if self.table.file().has(field) { self.cell(field).parse().ok() } else { Some(default) }
    }

    /// The date in a column, or nothing and a note when it is none.
    fn date(&mut self, field: Field) -> String {
        let text = self.cell(field).to_owned();
        let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        if is_date || text.is_empty() {
            return text;
        }
        self.note(BAD_DATE, Severity::Warning, field.as_str());
        String::new()
    }
}

/// A canonical line of its own: the cells belong to the table, the draft is elsewhere.
fn line_of(write: impl FnOnce(&mut String)) -> String {
    let mut line = String::new();
    write(&mut line);
    line
}
