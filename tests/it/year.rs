//! A school year of 365 nights, on the built program: joins, leaves and moves, two summers with
//! new groups, a school that closes, protected pupils, broken exports and a register whose keys
//! all change. A model of the receiver applies every file; after every night nobody is deleted
//! who should not be, nobody is left who should be gone, and the night's mail explains it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, next_year};
use receiver::Receiver;
use register::{Register, SchoolYear};

mod receiver;
mod register;

const FIRST: Date = date(2026, 8, 1);
const LAST: Date = date(2027, 7, 31);
/// `[grace] persons`.
const GRACE: i32 = 5;

const LAST_YEAR: SchoolYear =
    SchoolYear { name: "2025/2026", mark: "2526", begin: "2025-08-15", end: "2026-08-13" };
const THIS_YEAR: SchoolYear =
    SchoolYear { name: "2026/2027", mark: "2627", begin: "2026-08-14", end: "2027-06-18" };
const NEXT_YEAR: SchoolYear =
    SchoolYear { name: "2027/2028", mark: "2728", begin: "2027-08-16", end: "2028-06-16" };

const CALENDAR: &str = r#"
[grace]
persons = "5d"

[[window]]
name    = "Läsårsskifte 2026"
from    = 2026-08-02
through = 2026-09-06
hold    = ["remove", "change"]
release = "approve"
add     = { persons = "50%", groups = "200%", memberships = "200%", relations = "200%" }

[[window]]
name    = "Byte av lärplattform"
from    = 2027-04-26
through = 2027-04-30
hold    = "all"

[[window]]
name    = "Sommar 2027"
from    = 2027-06-14
through = 2027-07-18
hold    = ["remove", "change"]
release = "approve"
add     = { persons = "50%", groups = "200%", memberships = "200%", relations = "200%" }
"#;

/// What the mail of a night is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Told {
    /// The file was sent; removals may wait.
    Sent,
    /// Held, for a reason that the mail says in these words.
    Held(&'static [&'static str]),
    /// The export cannot be used, for a reason in these words.
    Failed(&'static str),
    /// A pause, in these words.
    Paused(&'static str),
    /// There is nothing new to send.
    Nothing,
}

type Happens = fn(&mut Year);

/// What happens in the register, or what the admin does, before the night of a day.
const STORY: &[(Date, &str, Happens)] = &[
    (date(2026, 8, 2), "the admin approves the first delivery", |year| {
        year.approve(&["--receiver-empty"], &[]);
    }),
    (date(2026, 8, 10), "a pupil leaves in the summer", |year| year.leaves(&["elev-005"])),
    (date(2026, 8, 14), "the new school year: other groups, six come, six leave", |year| {
        let before = year.register.persons();
        year.register.new_school_year(THIS_YEAR);
        year.note_who_left(&before);
    }),
    (date(2026, 9, 2), "a pupil moves to another school in the summer", |year| {
        year.register.moves("elev-008", 1);
    }),
    (date(2026, 9, 9), "a pupil leaves who is not on the summer's list", |year| {
        year.leaves(&["elev-024"]);
    }),
    (date(2026, 9, 10), "the admin approves what left in the summer", |year| {
        year.release("Läsårsskifte 2026");
    }),
    (date(2026, 9, 21), "two pupils and a teacher leave", |year| {
        year.leaves(&["elev-018", "elev-021", "larare-014"]);
    }),
    (date(2026, 9, 22), "a teacher comes", |year| drop(year.register.comes(0, None))),
    (date(2026, 9, 24), "one of the two is back, it was a mistake", |year| {
        year.comes_back("elev-018");
    }),
    (date(2026, 10, 5), "a pupil moves to another school", |year| {
        year.register.moves("elev-016", 2);
    }),
    (date(2026, 10, 12), "a pupil is protected from now on", |year| {
        year.register.marked("elev-003", true);
    }),
    (date(2026, 10, 20), "a group for languages", |year| {
        let members = year.register.pupils(0, Some(4));
        year.register.opens_group("sprak-al-2627", "Modersmål Alskolan", 0, members);
    }),
    (date(2026, 11, 3), "the export is cut in its middle", |year| {
        year.damage = Some(Damage::Cut);
    }),
    (date(2026, 11, 4), "it is whole again, but without Ekskolan", |year| {
        year.damage = Some(Damage::WithoutSchool(2));
    }),
    (date(2026, 11, 6), "the supplier has mended it", |year| year.damage = None),
    (date(2026, 11, 10), "no export comes tonight", |year| year.damage = Some(Damage::NoExport)),
    (date(2026, 11, 11), "it comes again", |year| year.damage = None),
    (date(2026, 12, 1), "the register is upgraded: everybody has another key", |year| {
        year.register.upgraded("ny-");
    }),
    (date(2026, 12, 4), "the admin has said no, and the supplier takes it back", |year| {
        year.register.upgraded("");
    }),
    (date(2027, 1, 11), "Ekskolan closes; all but two pupils move to Björkskolan", |year| {
        let [one, two] = [0, 1].map(|nth| year.register.pupils(2, None)[nth].clone());
        year.leaves(&[&one, &two]);
        year.register.closes(2, 1);
    }),
    (date(2027, 1, 13), "the admin approves the move", |year| year.approve(&[], &[])),
    (date(2027, 1, 18), "the admin approves that the school goes with its last two", |year| {
        year.approve(&[], &[]);
    }),
    (date(2027, 2, 15), "the pupil is protected no longer", |year| {
        year.register.marked("elev-003", false);
    }),
    (date(2027, 3, 1), "a pupil leaves, and a new one gets the same user name", |year| {
        year.leaves(&["elev-002"]);
        let new = year.register.comes(0, Some(2));
        year.register.has_username(&new, "e002");
    }),
    (date(2027, 3, 2), "the admin approves: the new one has the name", |year| {
        year.approve(&[], &["elev-002"]);
    }),
    (date(2027, 3, 15), "a pupil leaves, and the exports stop for two nights", |year| {
        year.leaves(&["elev-004"]);
    }),
    (date(2027, 3, 17), "no export", |year| year.damage = Some(Damage::NoExport)),
    (date(2027, 3, 19), "the exports go on", |year| year.damage = None),
    (date(2027, 4, 27), "in the pause a pupil is protected", |year| {
        year.register.marked("elev-010", true);
    }),
    (date(2027, 5, 10), "a pupil leaves, and the admin pauses by hand", |year| {
        year.leaves(&["elev-006"]);
        let pause = ["pause", "--until", &next_year().to_string(), "--reason", "byte av server"];
        year.gateway.run(&pause).exits(0);
    }),
    (date(2027, 5, 13), "the admin resumes", |year| {
        year.gateway.run(&["resume"]).exits(0);
    }),
    (date(2027, 6, 11), "the last pupil before the summer leaves", |year| {
        year.leaves(&["elev-009"]);
    }),
    (
        date(2027, 6, 20),
        "another municipality's pupils in the file; one of ours is protected",
        |year| {
            year.register.marked("elev-020", true);
            year.damage = Some(Damage::Strangers);
        },
    ),
    (date(2027, 6, 21), "the supplier has mended it", |year| year.damage = None),
    (date(2027, 6, 28), "three leave in the summer", |year| {
        year.leaves(&["elev-022", "elev-017", "larare-013"]);
    }),
    (date(2027, 7, 1), "next school year's groups; the sixth grade leaves", |year| {
        let before = year.register.persons();
        year.register.new_school_year(NEXT_YEAR);
        year.note_who_left(&before);
    }),
    (date(2027, 7, 5), "one comes back", |year| year.comes_back("elev-022")),
    (date(2027, 7, 21), "the admin approves what left in the summer", |year| {
        year.release("Sommar 2027");
    }),
];

/// The nights that are no ordinary ones, each with what its mail says.
const NIGHTS: &[(Date, Date, Told)] = &[
    (date(2026, 8, 1), date(2026, 8, 1), Told::Held(&["Första leveransen"])),
    (date(2026, 11, 3), date(2026, 11, 3), Told::Failed("RG316")),
    (
        date(2026, 11, 4),
        date(2026, 11, 5),
        Told::Held(&["4 av 13 grupper skulle tas bort", "1 skola, 20 personer"]),
    ),
    (date(2026, 11, 10), date(2026, 11, 10), Told::Nothing),
    (date(2026, 12, 1), date(2026, 12, 3), Told::Held(&["har fått en ny nyckel"])),
    (date(2027, 1, 11), date(2027, 1, 12), Told::Held(&["Ekskolan"])),
    (date(2027, 1, 17), date(2027, 1, 17), Told::Held(&["Ekskolan", "saknas helt"])),
    (date(2027, 3, 1), date(2027, 3, 1), Told::Held(&["användarnamn"])),
    (date(2027, 3, 17), date(2027, 3, 18), Told::Nothing),
    (date(2027, 4, 26), date(2027, 4, 30), Told::Paused("Byte av lärplattform")),
    (date(2027, 5, 10), date(2027, 5, 12), Told::Paused("anna.admin har pausat leveranserna")),
    (date(2027, 6, 20), date(2027, 6, 20), Told::Held(&["skulle läggas till"])),
];

/// A fault in what the register leaves.
#[derive(Clone, Copy)]
enum Damage {
    Cut,
    WithoutSchool(usize),
    NoExport,
    Strangers,
}

struct Year {
    gateway: Gateway,
    register: Register,
    receiver: Receiver,
    damage: Option<Damage>,
    today: Date,
    /// When somebody left the register, and what they were.
    left: BTreeMap<String, Date>,
    away: BTreeMap<String, Register>,
    /// Windows whose lists the admin has approved.
    released: BTreeSet<&'static str>,
    /// The nights whose files were sent.
    sent: BTreeSet<Date>,
    mails: BTreeSet<String>,
    xml: String,
}

impl Year {
    fn leaves(&mut self, keys: &[&str]) {
        let before = self.register.persons();
        for key in keys {
            self.away.insert((*key).to_owned(), self.register.clone());
            self.register.leaves(key);
        }
        self.note_who_left(&before);
    }

    /// Guardians leave with their last child.
    fn note_who_left(&mut self, before: &BTreeSet<String>) {
        let now = self.register.persons();
        for key in before.difference(&now) {
            self.left.insert(key.clone(), self.today);
        }
    }

    fn comes_back(&mut self, key: &str) {
        self.register.returns(key, &self.away[key]);
        for key in self.register.persons() {
            self.left.remove(&key);
        }
    }
}

impl Year {
    fn new() -> Year {
        let mut gateway = Gateway::new();
        gateway.deliver_into_folder();
        gateway.configure(format!("{}{CALENDAR}", gateway.config()));
        Year {
            gateway,
            register: Register::new(LAST_YEAR),
            receiver: Receiver::default(),
            damage: None,
            today: FIRST,
            left: BTreeMap::new(),
            away: BTreeMap::new(),
            released: BTreeSet::new(),
            sent: BTreeSet::new(),
            mails: BTreeSet::new(),
            xml: String::new(),
        }
    }

    fn night(&mut self) {
        let today = self.today;
        for (_, _, happens) in STORY.iter().filter(|(day, ..)| *day == today) {
            happens(self);
        }
        self.leave_export();
        let ended = self.gateway.run(&["run", "--as-of", &format!("{}T04:15", self.today)]);
        let special = NIGHTS.iter().find(|(from, to, _)| *from <= self.today && self.today <= *to);
        let expected = special.map_or(Told::Sent, |(.., told)| *told);
        self.told(expected, ended.exit);
        let deleted = self.imported();
        if expected == Told::Sent {
            self.sent.insert(self.today);
        }
        self.nobody_is_deleted_who_should_not_be(&deleted);
        self.nobody_is_left_who_should_be_gone(expected == Told::Sent);
    }

    /// One mail, of the right kind, that says why.
    fn told(&mut self, expected: Told, exit: i32) {
        let (kind, mail) = self.new_mail();
        let today = self.today;
        let (kinds, code, words): (&[&str], i32, &[&str]) = match expected {
            Told::Sent => (&["completed", "recovered", "waiting"], 0, &[]),
            Told::Held(words) => (&["held"], 10, words),
            Told::Failed(ref word) => (&["failed"], 65, std::slice::from_ref(word)),
            Told::Paused(ref words) => (&["completed"], 13, std::slice::from_ref(words)),
            Told::Nothing => (&["completed"], 0, &["redan den här exporten"]),
        };
        assert!(kinds.contains(&kind.as_str()) && exit == code, "{today}: {kind}, {exit}\n{mail}");
        for word in words {
            assert!(mail.contains(word), "{today}: no {word:?} in\n{mail}");
        }
    }

    /// The one mail that came since the last: its kind and its text. A pause is told by a mail of
    /// its own, when somebody begins or ends it.
    fn new_mail(&mut self) -> (String, String) {
        let mut mails = self.gateway.eml();
        mails.retain(|name, _| !name.ends_with(".pause.eml"));
        let new: Vec<&String> = mails.keys().filter(|name| !self.mails.contains(*name)).collect();
        let [name] = new[..] else { panic!("{}: mails {new:?}", self.today) };
        let kind = name.trim_end_matches(".eml").rsplit('.').next().expect("a kind").to_owned();
        let text = readable(&mails[name]);
        self.mails.insert(name.clone());
        (kind, text)
    }

    fn leave_export(&self) {
        let export = self.register.export();
        match self.damage {
            None => self.gateway.export(&export),
            Some(Damage::NoExport) => {}
            Some(Damage::Cut) => {
                let Export(mut files) = export.clone();
                self.gateway.export(&export);
                let persons = files.remove("personer.csv").expect("the persons");
                let half: String = persons.split_inclusive('\n').take(20).collect();
                crate::support::sshd::put(&self.gateway.inbox().join("personer.csv"), &half);
            }
            Some(Damage::WithoutSchool(school)) => {
                let mut less = self.register.clone();
                less.vanishes(school);
                self.gateway.export(&less.export());
            }
            Some(Damage::Strangers) => {
                let mut more = self.register.clone();
                (0..40).for_each(|_| drop(more.comes(0, Some(1))));
                self.gateway.export(&more.export());
            }
        }
    }

    /// The receiver applies the file, if there is another one; gives whom it deletes.
    fn imported(&mut self) -> BTreeSet<String> {
        if self.gateway.received().is_empty() {
            return BTreeSet::new();
        }
        let xml = self.gateway.xml();
        if xml == self.xml {
            return BTreeSet::new();
        }
        let deleted = self.receiver.import(&xml, self.today);
        self.xml = xml;
        deleted
    }

    /// The admin approves what is held since last night: whoever is due goes, and `more`.
    fn approve(&mut self, arguments: &[&str], more: &[&str]) {
        let night = self.today.yesterday().expect("a day");
        let mut due: BTreeSet<String> =
            self.missing().into_iter().filter(|key| self.grace_is_over(key, night)).collect();
        due.extend(more.iter().map(|key| (*key).to_owned()));
        let deleted = self.approved(arguments);
        assert_eq!(deleted, due, "{}: exactly the list", self.today);
        self.sent.insert(night);
    }

    /// The admin approves the list of a window that has ended: whoever left in it goes.
    fn release(&mut self, window: &'static str) {
        let listed = self.missing().into_iter().filter(|key| self.waits_for(key) == Some(window));
        let listed: BTreeSet<String> = listed.collect();
        let deleted = self.approved(&[]);
        assert!(!deleted.is_empty());
        assert_eq!(deleted, listed, "{}: exactly the list", self.today);
        self.released.insert(window);
    }

    fn approved(&mut self, arguments: &[&str]) -> BTreeSet<String> {
        self.gateway.approve(arguments).exits(0);
        let (kind, mail) = self.new_mail();
        assert!(kind != "held" && kind != "failed", "{mail}");
        self.imported()
    }

    /// Accounts of persons who are no longer in the register.
    fn missing(&self) -> Vec<String> {
        let here = self.register.persons();
        self.receiver.persons.iter().filter(|key| !here.contains(*key)).cloned().collect()
    }

    /// The first night whose file told somebody on who had left.
    fn missing_since(&self, key: &str) -> Option<Date> {
        let left = self.left.get(key)?;
        self.sent.range(*left..).next().copied()
    }

    fn waits_for(&self, key: &str) -> Option<&'static str> {
        window_on(self.missing_since(key)?)
    }

    /// So many files and days have passed that somebody may go on a night.
    fn grace_is_over(&self, key: &str, night: Date) -> bool {
        let Some(since) = self.missing_since(key).filter(|since| *since < night) else {
            return false;
        };
        let files = self.sent.range(since..night).count();
        let over = files >= GRACE as usize && (night - since).get_days() >= GRACE;
        over && window_on(since).is_none() && window_on(night).is_none()
    }

    fn nobody_is_deleted_who_should_not_be(&self, deleted: &BTreeSet<String>) {
        let (here, hidden) = (self.register.persons(), self.register.hidden());
        for key in deleted {
            let today = self.today;
            assert!(!here.contains(key), "{today}: {key} is in the register and deleted");
            let due = hidden.contains(key) || self.grace_is_over(key, today);
            assert!(due, "{today}: {key} is deleted too early, left {:?}", self.left.get(key));
        }
    }

    fn nobody_is_left_who_should_be_gone(&self, sent: bool) {
        let today = self.today;
        let hidden = self.register.hidden();
        let exposed: Vec<&String> = self.receiver.persons.intersection(&hidden).collect();
        assert!(exposed.is_empty(), "{today}: {exposed:?} are protected and known");
        if !sent {
            return;
        }
        for key in self.missing() {
            let released =
                self.waits_for(&key).is_some_and(|window| self.released.contains(window));
            assert!(!released && !self.grace_is_over(&key, today), "{today}: {key} is left");
        }
        let here = self.register.persons();
        let unknown: Vec<&String> = here.difference(&self.receiver.persons).collect();
        assert!(unknown.is_empty(), "{today}: {unknown:?} are not told");
    }

    /// In the end the receiver is as the register.
    fn is_as_the_register(&self) {
        let (hidden, groups) = (self.register.hidden(), self.register.groups());
        assert_eq!(self.receiver.persons, self.register.persons());
        let keys: BTreeSet<String> = groups.keys().cloned().collect();
        assert_eq!(self.receiver.groups, keys);
        let members = groups.iter().flat_map(|(key, group)| {
            let told = group.members.iter().filter(|(person, _)| !hidden.contains(person));
            told.map(move |(person, _)| (key.clone(), person.clone()))
        });
        assert_eq!(self.receiver.members, members.collect());
        let courses = self.receiver.archived.keys().filter(|key| key.ends_with("-2627")).count();
        assert_eq!(courses, 3 * 2 + 1, "every course of the year, and the languages");
    }
}

/// The window for removals that is open on a day.
fn window_on(day: Date) -> Option<&'static str> {
    let windows = [
        ("Läsårsskifte 2026", date(2026, 8, 2), date(2026, 9, 6)),
        ("Sommar 2027", date(2027, 6, 14), date(2027, 7, 18)),
    ];
    windows.iter().find(|(_, from, to)| *from <= day && day <= *to).map(|(name, ..)| *name)
}

/// A mail's text, its transfer encoding undone.
fn readable(mail: &str) -> String {
    let joined = mail.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let coded = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(value) = coded.filter(|_| byte == b'=') {
            bytes.push(value);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    // Lines are broken where they fit.
    String::from_utf8_lossy(&bytes).replace("\r\n", " ")
}

#[test]
fn a_school_year_of_365_nights() {
    let mut year = Year::new();
    let mut nights = 0;
    while year.today <= LAST {
        year.night();
        nights += 1;
        year.today = year.today.tomorrow().expect("a day");
    }
    assert_eq!(nights, 365);
    year.is_as_the_register();
}
