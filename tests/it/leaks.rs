//! The ways in which other gateways lose their pupils although they have a limit. Each test names
//! one and shows that it is closed here: what is held is not sent, and nothing of it either.

use std::fs;
use std::path::{Path, PathBuf};

use rostergate::pipeline::counts::{Counts, SchoolTally, Tally};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::entity::Person;
use rostergate::roster::words::GroupKind;

use crate::rows::{Register, counts, pupil};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told};

fn held(counts: &Counts, limits: &str) -> Vec<Breach> {
    let settings: Settings = toml::from_str(limits).expect("limits");
    let limits = Limits::resolve(&settings, &Settings::default());
    match judge(counts, &Circumstances::default(), &limits) {
        Verdict::Pass => Vec::new(),
        Verdict::Hold(breaches) => breaches,
    }
}

fn night1() -> Export {
    Export::night("night1")
}

/// With only those rows of one file that the closure wants.
fn rows_of(mut export: Export, file: &str, keep: impl Fn(usize, &str) -> bool) -> Export {
    let text = export.0.get_mut(file).expect("one of the export's files");
    let rows = text.lines().enumerate().filter(|(at, line)| *at == 0 || keep(*at, line));
    *text = rows.flat_map(|(_, line)| [line, "\n"]).collect();
    export
}

/// With every person's field in a column rewritten.
fn column(mut export: Export, place: usize, edit: impl Fn(&str) -> String) -> Export {
    let text = export.0.get_mut("personer.csv").expect("one of the export's files");
    let rewrite = |(at, line): (usize, &str)| {
        let mut fields: Vec<String> = line.split(';').map(str::to_owned).collect();
        if at > 0 {
            fields[place] = edit(&fields[place]);
        }
        fields.join(";") + "\n"
    };
    *text = text.lines().enumerate().map(rewrite).collect();
    export
}

/// In every file.
fn everywhere(mut export: Export, from: &str, to: &str) -> Export {
    for text in export.0.values_mut() {
        *text = text.replace(from, to);
    }
    export
}

/// Runs a night that must be held; asserts that the receiver has what it had, to the inode.
#[track_caller]
fn stays(gateway: &Gateway, day: u8, export: &Export) -> Told {
    let before = (gateway.received(), gateway.baseline()["delivered"]["plan"].clone());
    let told = gateway.night_of(day, export).exits(10);
    let after = (gateway.received(), gateway.baseline()["delivered"]["plan"].clone());
    assert_eq!(before, after, "held, and yet something moved");
    told
}

/// A file of the held plan, where it is kept for approval.
fn stored(gateway: &Gateway, name: &str) -> PathBuf {
    fn find(folder: &Path, name: &str) -> Option<PathBuf> {
        let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.find_map(|path| {
            if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) }
        })
    }
    let folder = gateway.state().join("runs").join(gateway.held());
    find(&folder, name).expect("a stored file")
}

/// EGIL counts objects before and after: 500 out and 500 in make nothing.
#[test]
fn leak_net_counts() {
    let fill: Vec<String> = (0..500).map(|at| format!("p{at:03}")).collect();
    let town = |letter: char| {
        let others: Vec<String> = (0..500).map(|at| format!("{letter}{at:03}")).collect();
        Register::new().persons(fill.iter().chain(&others).map(|key| pupil(key, "s1"))).roster()
    };
    let numbers = counts(&town('a'), &town('b'));
    assert_eq!((numbers.persons.before, numbers.persons.now), (1000, 1000));
    let removed = Breach::OverPercent {
        subject: Subject::Persons,
        operation: Operation::Remove,
        count: 500,
        of: 1000,
        limit: 5000,
    };
    assert!(held(&numbers, "").contains(&removed));
    let loosest = "persons = { add = \"300%\", change = \"100%\", remove = \"30%\" }\n\
                   learners = { remove = \"30%\" }\nschool = { remove = \"60%\" }";
    assert!(!held(&numbers, loosest).is_empty(), "nor at the highest limits that may be set");
}

/// Canvas compares the sizes of two files: other pupils of the same length are no difference.
#[test]
fn leak_file_size() {
    let gateway = Gateway::new().delivered();
    let size = gateway.xml().len();
    let others = [("elev-ek-1A-", "elev-nu-1A-"), ("ek.1a.", "nu.1a."), ("eek1a", "enu1a")];
    let swapped = others.iter().fold(night1(), |export, (from, to)| everywhere(export, from, to));
    stays(&gateway, 25, &swapped).says("8 av 87 personer skulle tas bort");
    assert_eq!(fs::read(stored(&gateway, "ims.xml")).unwrap().len(), size, "to the byte");
}

/// Zero of zero is no number in one of them, which is above no limit; in another the first object
/// of all is above every limit.
#[test]
fn leak_nothing_of_nothing() {
    let persons = Tally { before: 5000, now: 5000, ..Tally::default() };
    let calm = || Counts { persons, ..Counts::default() };
    let school = |before, now, added, removed| SchoolTally {
        key: "s9".into(),
        name: "Nya skolan".into(),
        persons: Tally { before, now, added, removed, changed: 0 },
        ..SchoolTally::default()
    };
    let of_school = |school| held(&Counts { by_school: vec![school], ..calm() }, "");
    assert_eq!(of_school(school(0, 0, 0, 0)), [], "a school without pupils");
    assert_eq!(of_school(school(0, 400, 400, 0)), [], "a new school");
    let gone = Breach::Vanished { subject: Subject::School("Nya skolan".into()), of: 1 };
    assert_eq!(of_school(school(1, 0, 0, 1)), [gone], "one of one is a whole school");
    // An empty baseline: few may come, more than the allowance are held, whatever the share.
    for (come, over) in [(1, false), (10, false), (11, true), (5000, true)] {
        let new = Tally { now: come, added: come, ..Tally::default() };
        let numbers = Counts { persons: new, ..Counts::default() };
        let found = held(&numbers, "persons = { add = \"300%\" }");
        assert_eq!(!found.is_empty(), over, "{come} of nothing");
        let groups = Counts { groups: new, memberships: new, relations: new, ..calm() };
        assert_eq!(held(&groups, "groups = { add = \"300%\" }").len(), 3 * usize::from(over));
    }
    let nobody = Counts::default();
    assert!(!held(&nobody, "").is_empty(), "nobody of nobody is no delivery");
    let lost = Tally { before: 4, now: 0, removed: 4, ..Tally::default() };
    for kind in GroupKind::ALL {
        let numbers = Counts { group_kinds: [(*kind, lost)].into(), ..calm() };
        assert!(!held(&numbers, "always-allow = 100").is_empty(), "{kind}: four of four");
    }
}

#[expect(clippy::disallowed_methods, reason = "damage done on purpose")]
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// Who has no cache takes everything for new, and knows of no removal.
#[test]
fn leak_lost_baseline() {
    let gateway = Gateway::new().delivered();
    let before = gateway.received();
    // A file of what was told is lost: an error, never a baseline without pupils.
    let runs: Vec<PathBuf> =
        fs::read_dir(gateway.state().join("runs")).unwrap().map(|e| e.unwrap().path()).collect();
    let kept = runs.iter().map(|run| run.join("snapshot.zst")).find(|path| path.is_file());
    let (kept, aside) = (kept.expect("a snapshot"), gateway.home().join("aside"));
    fs::rename(&kept, &aside).unwrap();
    gateway.night_of(25, &Export::night("night3-school-missing")).exits(74).explains("RG502");
    assert_eq!(gateway.received(), before);
    // A damaged one likewise, in whichever half.
    let sound = fs::read(&aside).unwrap();
    for damaged in [&sound[..sound.len() / 2], &[][..]] {
        overwrite(&kept, damaged);
        gateway.night(25).exits(74).explains("RG502");
    }
    overwrite(&kept, &sound);
    // Everything is lost: a first delivery, which is held.
    fs::remove_dir_all(gateway.state()).unwrap();
    gateway.night(25).exits(10).says("Första leveransen");
    assert_eq!(gateway.received(), before, "the school that is missing today is still there");
    let plan = gateway.held();
    gateway.approve_plan(&plan, &[]);
    assert_eq!(gateway.received(), before, "nor by a yes that says nothing of what is there");
}

/// What is renamed is removed and made anew, or is no longer watched under its new name.
#[test]
fn leak_rename() {
    let mut gateway = Gateway::new().delivered();
    // A school's name is data: nobody leaves.
    let renamed = night1().with("skolor.csv", "Alskolan", "Nya Alskolan");
    gateway.night_of(25, &renamed).exits(0);
    assert!(gateway.xml().contains("Nya Alskolan"));
    // A school's key is not: the old one is gone, though all of its pupils are told.
    let before = everywhere(renamed.clone(), "99000001", "99000009");
    stays(&gateway, 26, &before).says("Nya Alskolan (29 personer) saknas helt");
    // The names of all groups are changes; their keys are new groups in place of the old.
    let named = rows_of(renamed.clone(), "grupper.csv", |_, _| true)
        .with("grupper.csv", "1A ", "1 A ")
        .with("grupper.csv", "4A ", "4 A ");
    stays(&gateway, 27, &named).says("12 av 12 grupper skulle ändras");
    let keyed = everywhere(everywhere(renamed.clone(), "klass-", "kl-"), "ma-", "mat-");
    let told = stays(&gateway, 28, &keyed);
    told.says("12 av 12 grupper skulle tas bort").says("12 av 12 grupper har fått en ny nyckel");
    // Another name for the receiver begins anew, and is held.
    gateway.change("[target.lms.", "[target.plattform.");
    gateway.change("[target.lms]", "[target.plattform]");
    let before = gateway.received();
    let told = gateway.night_of(28, &renamed).exits(10);
    told.says("Mottagarens senaste fil gällde målet lms, så detta är en första leverans");
    assert_eq!(gateway.received(), before);
}

/// Persons are counted, and what belongs to them is not.
#[test]
fn leak_the_second_kind_unguarded() {
    let gateway = Gateway::new().delivered();
    let no_persons = |told: Told| {
        assert!(!told.out.contains("personer skulle tas bort"), "{}", told.out);
    };
    let fewer = rows_of(night1(), "medlemskap.csv", |at, _| at % 7 != 0);
    let told = stays(&gateway, 25, &fewer);
    no_persons(told.says("15 av 108 medlemskap skulle tas bort"));
    let fewer = rows_of(night1(), "relationer.csv", |at, _| at % 7 != 0);
    let told = stays(&gateway, 26, &fewer);
    no_persons(told.says("6 av 42 relationer skulle tas bort"));
    let teachers = rows_of(night1(), "medlemskap.csv", |_, line| !line.contains(";lärare;"));
    let told = stays(&gateway, 27, &teachers);
    no_persons(told.says("medlemskap som lärare skulle finnas kvar"));
    let other = rows_of(night1(), "grupper.csv", |_, line| !line.starts_with("ma-"));
    let other = rows_of(other, "medlemskap.csv", |_, line| !line.contains(";ma-"));
    stays(&gateway, 28, &other).says("6 undervisningsgrupper skulle finnas kvar");
    gateway.night_of(29, &night1()).exits(0);
}

/// A limit that somebody switched off one night is off for good.
#[test]
fn leak_override_left_on() {
    let gateway = Gateway::new().delivered();
    let missing = Export::night("night3-school-missing");
    stays(&gateway, 25, &missing);
    let plan = gateway.held();
    gateway.approve_plan(&plan, &[]).exits(0);
    assert!(!gateway.xml().contains("elev-ek-1A-1"), "what was approved went out");
    // The next night has a fault of its own, and is judged afresh.
    let worse = missing.clone().without("99000002").without("-bj-");
    stays(&gateway, 26, &worse).says("Björkskolan");
    // The yes of the night before is no yes to this.
    let again = gateway.approve_plan(&plan, &[]);
    assert_ne!(again.exit, 0, "{again:?}");
    stays(&gateway, 27, &worse);
    gateway.night_of(28, &missing).exits(0);
    assert!(gateway.xml().contains("elev-bj-1A-1"));
    // Nothing that is switched off can be left so: there is no such switch.
    for limits in ["always-allow = 101", "always-allow = 10000", "rekeyed = \"100%\""] {
        assert!(toml::from_str::<Settings>(limits).is_err(), "{limits}");
    }
}

/// The import has begun when the limit is met: half of the night is in.
#[test]
fn leak_additions_in_before_the_breach() {
    let gateway = Gateway::new().delivered();
    let new = "elev-al-1A-9;;Nils;Ny;al.1a.9@elev.exempelby.example;eal1a9;elev;99000001;1;N;";
    let edited = |export: Export| {
        let export = export.row("personer.csv", new);
        export.with("personer.csv", ";Didrik;Dahl;", ";Didrik;Nygift;")
    };
    stays(&gateway, 25, &edited(night1().without("elev-ek-")));
    let xml = gateway.xml();
    assert!(!xml.contains("elev-al-1A-9") && !xml.contains("Nygift"), "nothing of it is in");
    // What was held never counts as told: the same again is as far from the receiver's file.
    let first = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    stays(&gateway, 26, &edited(night1().without("elev-ek-")));
    let second = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    assert_eq!(first["counts"], second["counts"]);
    gateway.night_of(27, &edited(night1())).exits(0);
    let xml = gateway.xml();
    assert!(xml.contains("elev-al-1A-9") && xml.contains("Nygift"), "the sane night brings it");
}

/// Only who comes and goes is counted, and not what becomes of those who stay: F11.
#[test]
fn leak_data_of_everybody() {
    let gateway = Gateway::new().delivered();
    let told = stays(&gateway, 25, &column(night1(), 4, |_| String::new()));
    told.says("E-post är tom för 87 av de 87 personer som hade ett värde: 100 %, gränsen är 10 %.")
        .says("Ingen av 87 personer är som sist");
    let shown = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    let codes = shown["codes"].as_array().unwrap();
    assert!(codes.iter().any(|code| code == "RG356") && codes.iter().any(|code| code == "RG357"));
    let told = stays(&gateway, 26, &column(night1(), 5, |name| format!("{name}-ny")));
    told.says("Användarnamn är annorlunda än sist för 87 av de 87 personer");
    gateway.night_of(27, &night1()).exits(0);
}

/// F15: everybody is told, under keys in capitals.
#[test]
fn leak_new_keys_for_old_people() {
    let gateway = Gateway::new().mailing().delivered();
    let capitals = everywhere(night1(), "elev-al-1A-", "ELEV-AL-1A-");
    let told = stays(&gateway, 25, &capitals);
    told.says("8 av 87 personer har fått en ny nyckel: 9,2 %, gränsen är 1 %.");
    let list = fs::read_to_string(stored(&gateway, "changes.csv")).unwrap();
    assert_eq!(list.matches("\nperson;rekeyed;elev-al-1A-").count(), 8, "{list}");
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("8 personer har fått nya nycklar"), "{}", mail.subject);
    let body = mail.body.replace('\n', " ");
    assert!(body.contains("8 personer har fått en ny nyckel"), "{}", mail.body);
    assert!(body.contains("kalkylprogram"), "{}", mail.body);
    for own in ["elev-al-1A-1", "ELEV-AL-1A-1", "Didrik", "eal1a1"] {
        assert!(!mail.all.contains(own), "no pair in a mail");
    }
    // A single one is told and goes out.
    gateway.night_of(26, &everywhere(night1(), "elev-al-1A-1", "ELEV-AL-1A-1")).exits(0);
    let mails = gateway.mails();
    let body = mails.last().unwrap().body.replace('\n', " ");
    assert!(body.contains("1 person har fått en ny nyckel."), "{body}");
}

/// What need not be held is not.
#[test]
fn an_ordinary_night_breaks_no_finer_limit() {
    let of = |edit: fn(&mut Person<'_>)| {
        let mut person = Person { email: "a@elev.example", school_year: "7", ..pupil("p1", "s1") };
        edit(&mut person);
        Register::new().person(&person).roster()
    };
    let numbers = counts(&of(|_| ()), &of(|person| person.school_year = "8"));
    assert_eq!(held(&numbers, ""), [], "one pupil in a new school year");
    let gateway = Gateway::new().delivered();
    gateway.night_of(25, &night1().shuffled()).exits(0);
    gateway.night_of(26, &Export::night("night2")).exits(0);
}
