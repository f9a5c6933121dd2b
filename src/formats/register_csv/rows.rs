//! From rows to schools, persons, groups, memberships and relations.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::cells::{Cell, PeriodCells, WordCell};
use super::codes;
use super::header::Finder;
use super::records::Record;
use super::settings::Settings;
use super::sheet::Sheet;
use super::vocabulary::{KindOfGroup, KindOfRelation, MembershipRole, PersonRole, Protected};
use crate::roster::code::Code;
use crate::roster::draft::Marking;
use crate::roster::entity::{Group, Membership, Person, Relation, Roles, School};
use crate::roster::personal_number;

/// Turns rows of one table into entities or links.
pub(super) trait Rows {
    /// Takes one row.
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>);

    /// What can be said only when all rows were seen.
    fn finish(&mut self, _sheet: &mut Sheet<'_>) {}
}

/// Rows about schools.
pub(super) struct Schools<'s> {
    key: Cell<'s>,
    name: Cell<'s>,
}

impl<'s> Schools<'s> {
    pub(super) fn find(settings: &'s Settings, finder: &mut Finder<'_>) -> Option<Self> {
        let table = settings.schools.as_ref()?;
        let key = Cell::key(&table.key, finder);
        Some(Schools { key, name: Cell::name(table.name.as_ref(), finder) })
    }
}

impl Rows for Schools<'_> {
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let Some(key) = self.key.read_key(record, sheet) else { return };
        let name = self.name.read(record, sheet);
        sheet.draft.school(sheet.place(), &School { key: &key, name: &name });
    }
}

/// Rows about persons.
pub(super) struct Persons<'s> {
    key: Cell<'s>,
    personal_number: Cell<'s>,
    names: [Cell<'s>; 2],
    email: Cell<'s>,
    username: Cell<'s>,
    phones: [Cell<'s>; 2],
    school: Cell<'s>,
    school_year: Cell<'s>,
    role: WordCell<'s, PersonRole>,
    protected: Option<WordCell<'s, Protected>>,
    today: Date,
    /// Personal numbers as numbers, each with a hash of its person's key.
    numbers: Vec<(u128, u64)>,
}

impl<'s> Persons<'s> {
    pub(super) fn find(settings: &'s Settings, today: Date, finder: &mut Finder<'_>) -> Self {
        let table = &settings.persons;
        let schools = settings.schools.as_ref().map(|schools| &schools.key);
        Persons {
            key: Cell::key(&table.key, finder),
            personal_number: Cell::text(table.personal_number.as_ref(), finder),
            names: [&table.given_name, &table.family_name]
                .map(|column| Cell::name(column.as_ref(), finder)),
            email: Cell::text(table.email.as_ref(), finder),
            username: Cell::text(table.username.as_ref(), finder),
            phones: [&table.phone, &table.mobile].map(|column| Cell::text(column.as_ref(), finder)),
            school: Cell::reference(table.school.as_ref(), schools, finder),
            school_year: Cell::text(table.school_year.as_ref(), finder),
            role: WordCell::new(&table.role, finder),
            protected: table.protected.as_ref().map(|column| WordCell::new(column, finder)),
            today,
            numbers: Vec::new(),
        }
    }

    fn marking(&self, record: &Record, sheet: &mut Sheet<'_>) -> Marking {
        let Some(column) = &self.protected else { return Marking::None };
        match column.read(record, sheet) {
            Some(Protected(false)) => Marking::None,
            Some(Protected(true)) => Marking::Protected,
            None => {
                sheet.tally(codes::UNKNOWN_MARKING, column.label());
                Marking::Unknown
            }
        }
    }

    fn personal_number(&mut self, key: &str, record: &Record, sheet: &mut Sheet<'_>) -> String {
        let written = self.personal_number.read(record, sheet);
        if written.is_empty() {
            return String::new();
        }
        let Some((_, number)) = personal_number::normalise(&written, self.today) else {
            sheet.tally(codes::BAD_PERSONAL_NUMBER, self.personal_number.label());
            return String::new();
        };
        self.numbers.push((as_number(&number), hash(key)));
        number
    }

    /// Why a row cannot be used, with the column to look at.
    fn fault(&self, role: Option<&PersonRole>, nameless: bool) -> Option<(Code, &str)> {
        match role {
            None => Some((codes::UNKNOWN_WORD, self.role.label())),
            Some(_) if nameless => Some((codes::NAMELESS, self.names[0].label())),
            Some(_) => None,
        }
    }
}

impl Rows for Persons<'_> {
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let Some(key) = self.key.read_key(record, sheet) else { return };
        let marking = self.marking(record, sheet);
        let role = self.role.read(record, sheet);
        let [given, family] = self.names.each_ref().map(|name| name.read(record, sheet));
        if let Some((code, field)) = self.fault(role, given.is_empty() && family.is_empty()) {
            // A row that is set aside removes nobody. Somebody who is protected must go, however
            // faulty the row: registers often blank the names of exactly those persons.
            if marking == Marking::None {
                let written = self.personal_number.read(record, sheet);
                if let Some((_, number)) = personal_number::normalise(&written, self.today) {
                    sheet.draft.number_aside(&key, &number);
                }
                return sheet.set_aside([&key, ""], code, field);
            }
            sheet.warn(code, field);
        }
        let personal_number = self.personal_number(&key, record, sheet);
        let [phone, mobile] = self.phones.each_ref().map(|phone| phone.read(record, sheet));
        let person = Person {
            key: &key,
            personal_number: &personal_number,
            given_name: &given,
            family_name: &family,
            email: &self.email.read(record, sheet),
            username: &self.username.read(record, sheet),
            phone: &phone,
            mobile: &mobile,
            school_year: &self.school_year.read(record, sheet),
            roles: role.map_or_else(Roles::default, |role| Roles::of(role.0)),
            school_keys: Cow::Borrowed(&self.school.read(record, sheet)),
        };
        sheet.draft.person(sheet.place(), &person, marking);
    }

    fn finish(&mut self, sheet: &mut Sheet<'_>) {
        self.numbers.sort_unstable();
        self.numbers.dedup();
        let shared = self.numbers.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).count();
        if shared > 0 {
            sheet.note_file(codes::SHARED_PERSONAL_NUMBER, shared as u64);
        }
    }
}

/// Twelve places as one number.
fn as_number(places: &str) -> u128 {
    places.bytes().fold(0, |number, byte| number << 8 | u128::from(byte))
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Rows about groups.
pub(super) struct Groups<'s> {
    key: Cell<'s>,
    name: Cell<'s>,
    kind: WordCell<'s, KindOfGroup>,
    school: Cell<'s>,
    term: Cell<'s>,
    course: Cell<'s>,
    parent: Cell<'s>,
    period: PeriodCells<'s>,
}

impl<'s> Groups<'s> {
    pub(super) fn find(settings: &'s Settings, finder: &mut Finder<'_>) -> Option<Self> {
        let table = settings.groups.as_ref()?;
        let schools = settings.schools.as_ref().map(|schools| &schools.key);
        let days = [table.begin.as_ref(), table.end.as_ref()];
        Some(Groups {
            key: Cell::key(&table.key, finder),
            name: Cell::name(table.name.as_ref(), finder),
            kind: WordCell::new(&table.kind, finder),
            school: Cell::reference(table.school.as_ref(), schools, finder),
            term: Cell::text(table.term.as_ref(), finder),
            course: Cell::text(table.course.as_ref(), finder),
            parent: Cell::reference(table.parent.as_ref(), Some(&table.key), finder),
            period: PeriodCells::new(days, &settings.date_format, finder),
        })
    }
}

impl Rows for Groups<'_> {
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let Some(key) = self.key.read_key(record, sheet) else { return };
        let Some(&KindOfGroup(kind)) = self.kind.read(record, sheet) else {
            return sheet.set_aside([&key, ""], codes::UNKNOWN_WORD, self.kind.label());
        };
        let (begin, end) = match self.period.read(record, sheet) {
            Ok(days) => days,
            Err(field) => return sheet.set_aside([&key, ""], codes::BAD_DATE, field),
        };
        let group = Group {
            key: &key,
            name: &self.name.read(record, sheet),
            kind,
            school: &self.school.read(record, sheet),
            term: &self.term.read(record, sheet),
            course: &self.course.read(record, sheet),
            parent: &self.parent.read(record, sheet),
            begin,
            end,
        };
        sheet.draft.group(sheet.place(), &group);
    }
}

/// Rows about who is in which group.
pub(super) struct Memberships<'s> {
    person: Cell<'s>,
    group: Cell<'s>,
    role: WordCell<'s, MembershipRole>,
    period: PeriodCells<'s>,
}

impl<'s> Memberships<'s> {
    pub(super) fn find(settings: &'s Settings, finder: &mut Finder<'_>) -> Option<Self> {
        let table = settings.memberships.as_ref()?;
        let persons = Some(&settings.persons.key);
        let groups = settings.groups.as_ref().map(|groups| &groups.key);
        let days = [table.begin.as_ref(), table.end.as_ref()];
        Some(Memberships {
            person: Cell::reference(Some(&table.person), persons, finder),
            group: Cell::reference(Some(&table.group), groups, finder),
            role: WordCell::new(&table.role, finder),
            period: PeriodCells::new(days, &settings.date_format, finder),
        })
    }
}

impl Rows for Memberships<'_> {
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let person = self.person.read_key(record, sheet);
        let group = self.group.read_key(record, sheet);
        let (Some(person), Some(group)) = (person, group) else { return };
        let Some(&MembershipRole(role)) = self.role.read(record, sheet) else {
            return sheet.set_aside([&person, &group], codes::UNKNOWN_WORD, self.role.label());
        };
        let (begin, end) = match self.period.read(record, sheet) {
            Ok(days) => days,
            Err(field) => return sheet.set_aside([&person, &group], codes::BAD_DATE, field),
        };
        let membership = Membership { group: &group, person: &person, role, begin, end };
        sheet.draft.membership(sheet.place(), &membership);
    }
}

/// Rows about who is whose guardian or mentor.
pub(super) struct Relations<'s> {
    person: Cell<'s>,
    to: Cell<'s>,
    kind: WordCell<'s, KindOfRelation>,
}

impl<'s> Relations<'s> {
    pub(super) fn find(settings: &'s Settings, finder: &mut Finder<'_>) -> Option<Self> {
        let table = settings.relations.as_ref()?;
        let persons = Some(&settings.persons.key);
        Some(Relations {
            person: Cell::reference(Some(&table.person), persons, finder),
            to: Cell::reference(Some(&table.to), persons, finder),
            kind: WordCell::new(&table.kind, finder),
        })
    }
}

impl Rows for Relations<'_> {
    fn row(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let person = self.person.read_key(record, sheet);
        let to = self.to.read_key(record, sheet);
        let (Some(person), Some(to)) = (person, to) else { return };
        let Some(&KindOfRelation(kind)) = self.kind.read(record, sheet) else {
            return sheet.set_aside([&person, &to], codes::UNKNOWN_WORD, self.kind.label());
        };
        sheet.draft.relation(sheet.place(), &Relation { person: &person, to: &to, kind });
    }
}
