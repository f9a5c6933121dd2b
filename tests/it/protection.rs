//! Protected persons: out with the next contact, never by way of a broken column, and without
//! giving anybody away through guardians or groups.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, assert_valid, secret};

const PUPIL: &str = "elev-al-1A-2";

#[test]
fn out_with_the_next_contact_though_the_night_is_held_for_another_reason() {
    let gateway = Gateway::new().mailing().delivered();
    assert!(gateway.xml().contains(PUPIL));
    let night = Export::night("night3-school-missing").marked(PUPIL, "J");
    gateway.night_of(26, &night).exits(10).says("Ekskolan (29 personer) saknas helt");
    assert_valid(&gateway.remote().join("ims.xml"));
    let xml = gateway.xml();
    assert!(
        !xml.contains(PUPIL) && !xml.contains("vuxen-al-2<"),
        "and whose guardian is only hers"
    );
    assert_eq!(xml.matches("<person>").count(), 85, "everybody else is as on the first night");
    assert!(xml.contains("elev-ek-4A-8") && !xml.contains("Nygift"));
    let mails = gateway.mails();
    let mail = &mails.last().unwrap().body;
    assert!(mail.contains("Skyddade") && !mail.contains("Alskolan"), "told without where:\n{mail}");

    gateway.night_of(27, &Export::night("night4").marked(PUPIL, "J")).exits(0);
    let xml = gateway.xml();
    assert!(!xml.contains(PUPIL) && xml.contains("Nygift"));
}

#[test]
fn out_on_an_ordinary_night_and_not_counted_as_removed() {
    let mut gateway = Gateway::new().mailing();
    gateway.change("always-allow = 3", "always-allow = 0\npersons = { remove-max = 1 }");
    let gateway = gateway.delivered();
    let night = Export::night("night2").marked(PUPIL, "J").marked("elev-bj-1A-1", "?");
    gateway.night_of(25, &night).exits(0);
    let xml = gateway.xml();
    assert!(!xml.contains(PUPIL) && !xml.contains("elev-bj-1A-1<"), "an unknown marking counts");
    let mail = gateway.mails().pop().unwrap().body;
    let says = "okänd märkning om skydd, räknas som skyddad: 1 (RG373, personer.csv)";
    assert!(mail.split_whitespace().collect::<Vec<_>>().join(" ").contains(says), "{mail}");
    assert!(xml.contains("Nygift"));
}

#[test]
fn a_marking_column_that_turned_blank_is_a_fault_and_sends_nothing() {
    let gateway = Gateway::new().mailing().delivered();
    let (received, told) = (gateway.received(), gateway.told());
    gateway.night_of(25, &Export::night("night2").with("personer.csv", ";N;", ";;")).exits(10);
    let held = gateway.run(&["plan", &gateway.held(), "--json"]).json();
    let codes: Vec<&str> =
        held["codes"].as_array().unwrap().iter().filter_map(|code| code.as_str()).collect();
    assert!(codes.contains(&"RG334"), "{codes:?}");
    assert_eq!((gateway.received(), gateway.told()), (received, told));
    let mails = gateway.mails();
    assert!(mails.last().unwrap().subject.contains("[STOPPAD]"));
}

#[test]
fn six_newly_protected_in_one_night_wait_for_a_person_and_five_do_not() {
    let six = ["elev-al-1A-1", "elev-al-1A-2", "elev-al-1A-3", "elev-al-1A-4", "elev-al-1A-5"];
    let of = |pupils: &[&str]| {
        pupils.iter().fold(Export::night("night1"), |export, pupil| export.marked(pupil, "J"))
    };
    // Without guardians, who leave with their children and count, too.
    let of = |pupils: &[&str]| of(pupils).without("vuxen-al-");
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1").without("vuxen-al-")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let before = gateway.received();
    let seven = [&six[..], &["elev-al-1A-6"]].concat();
    gateway.night_of(25, &of(&seven)).exits(10);
    assert_eq!(gateway.received(), before);
    gateway.night_of(26, &of(&six)).exits(0);
    assert!(!gateway.xml().contains("elev-al-1A-5<"));
}

#[test]
fn guardians_and_groups_do_not_give_anybody_away() {
    // A teacher whose only child here is protected, and who is told as a guardian, too.
    let night = Export::night("night1")
        .row("relationer.csv", "larare-al-2;elev-al-1A-2;vårdnadshavare")
        .row(
            "grupper.csv",
            "grupp-ensam;undervisning;Stöd 1;99000001;2026/2027;;2026-08-17;2027-06-11",
        )
        .row("medlemskap.csv", "elev-al-1A-1;grupp-ensam;elev;2026-08-17;2027-06-11")
        .row("medlemskap.csv", "larare-al-2;grupp-ensam;lärare;2026-08-17;2027-06-11")
        .marked("elev-al-1A-1", "J")
        .marked("elev-al-1A-2", "J");
    let gateway = Gateway::new();
    gateway.night_of(24, &night).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert_valid(&gateway.remote().join("ims.xml"));
    let xml = gateway.xml();
    let told = |key: &str| xml.contains(&format!("<id>{key}</id>"));
    assert!(!told("elev-al-1A-1") && !told("elev-al-1A-2"));
    assert!(told("vuxen-al-1"), "has another child here, elev-al-1A-7");
    assert!(!told("vuxen-al-2"), "has no other child here");
    assert!(told("larare-al-2"), "works here whoever the child is");
    assert!(!told("grupp-ensam"), "only a protected pupil learns in it");
}

/// Registers drop the guardians of a protected child in the same export, and a row may be faulty.
#[test]
fn guardians_of_whom_the_register_says_nothing_any_more_go_with_their_only_child() {
    let guardian = "<id>vuxen-al-2</id>";
    let mut gateway = Gateway::new();
    gateway.change("always-allow = 3", "always-allow = 3\nset-aside = \"2%\"");
    let gateway = gateway.delivered();
    let faulty = Export::night("night2").marked(PUPIL, "J");
    let role = |line: &str| {
        let role = if line.starts_with("vuxen-al-2;") { ";okänd;" } else { ";vårdnadshavare;" };
        line.replace(";vårdnadshavare;", role) + "\n"
    };
    let mut faulty = faulty;
    let rows = faulty.0["personer.csv"].lines().map(role).collect();
    faulty.0.insert("personer.csv".to_owned(), rows);
    gateway.night_of(25, &faulty).exits(0);
    assert!(!gateway.xml().contains(guardian), "a faulty row tells nobody again");

    let gateway = Gateway::new().delivered();
    assert!(gateway.xml().contains(guardian));
    let night = Export::night("night3-school-missing").marked(PUPIL, "J").without("vuxen-al-2;");
    gateway.night_of(26, &night).exits(10);
    let xml = gateway.xml();
    assert!(!xml.contains(PUPIL) && !xml.contains(guardian), "though the night is held");
    assert!(xml.contains("<id>vuxen-al-4</id>"), "who has another child");
}

#[test]
fn a_pseudonym_goes_out_instead_and_whoever_has_none_is_left_out() {
    let mut gateway = Gateway::new();
    let file = gateway.home().join("pseudonymer.csv");
    secret(&file, &format!("{PUPIL};Nanna;Nordan;nann01;nann01@elev.exempelby.example\n"));
    let table =
        format!("[protected-identity]\naction = \"pseudonym\"\nfile = \"{}\"\n\n", file.display());
    gateway
        .change("[target.lms]\n", &format!("{table}[target.lms]\nsend = [\"personal-number\"]\n"));
    let night = Export::night("night1").marked(PUPIL, "J").marked("elev-al-1A-3", "J");

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    gateway.night_of(24, &night).exits(78).explains("RG111");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();

    gateway.night_of(24, &night).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert_valid(&gateway.remote().join("ims.xml"));
    let xml = gateway.xml();
    assert!(xml.contains("Nanna") && xml.contains("nann01") && !xml.contains("elev-al-1A-3"));
    let own = Export::night("night1").0["personer.csv"].clone();
    let own: Vec<&str> =
        own.lines().find(|line| line.starts_with(PUPIL)).unwrap().split(';').collect();
    assert!(!xml.contains(own[4]) && !xml.contains(own[5]), "neither address nor user name");
    assert!(!xml.contains(&own[1].replace('-', "")), "nor the number");

    secret(&file, "");
    gateway.night_of(25, &Export::night("night2").marked(PUPIL, "J")).exits(0);
    let xml = gateway.xml();
    assert!(
        xml.contains("Nygift") && !xml.contains("Nanna"),
        "an empty file is nobody's pseudonym"
    );
}

/// Whoever is called as half of the groups are must not take them along past the filter.
#[test]
fn rule_20_groups_that_only_bear_the_name_stay_where_the_limits_would_break() {
    let named = |export: Export| {
        let own = export.0["personer.csv"].lines().find(|line| line.starts_with(PUPIL)).unwrap();
        let fields: Vec<&str> = own.split(';').collect();
        let names = format!(";{};{};", fields[2], fields[3]);
        let other = own.replace(&names, ";Grupp;Matematik;");
        let own = own.to_owned();
        export.with("personer.csv", &own, &other).with("grupper.csv", ";MA ", ";Matematik Grupp ")
    };
    let first = || {
        let gateway = Gateway::new().mailing();
        gateway.night_of(24, &named(Export::night("night1"))).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        gateway
    };
    let groups = |gateway: &Gateway| gateway.xml().matches("Matematik Grupp ").count();
    let gateway = first();
    let before = groups(&gateway);
    assert!(before > 5);

    let night = named(Export::night("night1")).marked(PUPIL, "J");
    let night = gateway.night_of(25, &night).exits(10).says("1 grupp med 8 medlemskap");
    assert!(night.err.contains("RG358") && !night.out.contains("KLART"), "{night:?}");
    assert!(!gateway.xml().contains(PUPIL), "she leaves all the same");
    assert_eq!(groups(&gateway), before - 1, "and the group that she is in");
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.subject.contains("[STOPPAD]"), "{}", mail.subject);
    for says in ["BRÅDSKANDE: Grupper hos lms bär en skyddad", "grupp med", "(RG358)", "status"] {
        assert!(mail.body.contains(says), "{says}:\n{}", mail.body);
    }
    gateway.approve(&[]).exits(0);
    assert_eq!(groups(&gateway), 0, "a person says yes to that");

    let gateway = first();
    let at = ["--reason", "skydd", "--as-of", "2026-08-24T10:00"];
    let done = gateway.run(&[&["withdraw", PUPIL][..], &at].concat()).exits(0);
    assert!(done.err.contains("RG358") && done.out.contains("1 grupp med 8"), "{done:?}");
    assert_eq!((gateway.xml().contains(PUPIL), groups(&gateway)), (false, before - 1));
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.body.contains("BRÅDSKANDE: Grupper hos lms"), "{}", mail.body);
}

/// A faulty row is told again as it was last told, but not of somebody who is protected under
/// another key.
#[test]
fn rule_18_a_faulty_row_tells_no_protected_human_again() {
    let mut gateway = Gateway::new();
    gateway.change("always-allow = 3", "always-allow = 3\nset-aside = \"2%\"");
    let own = Export::night("night1").0["personer.csv"].clone();
    let own = own.lines().find(|line| line.starts_with(PUPIL)).unwrap().to_owned();
    let numbered = own.replace("20180303-TF02", "20180613-2385");
    let second = numbered.replace(PUPIL, "elev-bj-x").replace("eal1a2", "ebjx");
    let night = |second: &str| {
        let night = Export::night("night1").with("personer.csv", &own, &numbered);
        let member = "elev-bj-x;klass-bj-1A;elev;2026-08-17;2027-06-11";
        let guardian = "vuxen-al-2;elev-bj-x;vårdnadshavare";
        let night = night.row("personer.csv", second).row("medlemskap.csv", member);
        night.row("relationer.csv", guardian)
    };
    gateway.night_of(24, &night(&second)).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(gateway.xml().contains("elev-bj-x<"));
    let faulty = second.replace(";Elsa;Ek;", ";;;");
    gateway.night_of(25, &night(&faulty).marked(PUPIL, "J")).exits(0);
    let xml = gateway.xml();
    assert!(!xml.contains("elev-bj-x") && !xml.contains("ebjx") && !xml.contains(PUPIL));
    assert!(!xml.contains("<id>vuxen-al-2</id>"), "whose only child here she is");
}

/// A group named after the pupil, with a teacher and another pupil in it.
fn with_her_group(night: Export, name: &str, there: bool) -> Export {
    let group = "grupp-stod;undervisning;NAMN;99000001;2026/2027;;2026-08-17;2027-06-11";
    let night = night
        .row("grupper.csv", &group.replace("NAMN", name))
        .row("medlemskap.csv", "elev-al-1A-3;grupp-stod;elev;2026-08-17;2027-06-11")
        .row("medlemskap.csv", "larare-al-2;grupp-stod;lärare;2026-08-17;2027-06-11");
    let own = format!("{PUPIL};grupp-stod;elev;2026-08-17;2027-06-11");
    if there { night.row("medlemskap.csv", &own) } else { night }
}

fn names() -> (String, String) {
    let own = Export::night("night1").0["personer.csv"].clone();
    let own = own.lines().find(|line| line.starts_with(PUPIL)).unwrap().to_owned();
    let mut fields = own.split(';').skip(2).map(str::to_owned);
    (fields.next().unwrap(), fields.next().unwrap())
}

fn stands(gateway: &Gateway) -> bool {
    gateway.xml().contains("<id>grupp-stod</id>")
}

/// Registers blank the names with the marking, and the group keeps hers.
#[test]
fn rule_20_a_group_named_after_her_stays_hidden_when_the_register_blanks_her_names() {
    let (given, family) = names();
    let initial = family.chars().next().unwrap();
    let name = format!("Stöd {given} {initial}");
    let blank = |night: Export| {
        let (old, new) = (format!(";{given};{family};"), ";Skyddad;Person;".to_owned());
        let own = night.0["personer.csv"].lines().find(|line| line.starts_with(PUPIL)).unwrap();
        let (own, changed) = (own.to_owned(), own.replace(&old, &new));
        night.with("personer.csv", &own, &changed)
    };
    let gateway = Gateway::new();
    gateway.night_of(24, &with_her_group(Export::night("night1"), &name, true)).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(stands(&gateway) && gateway.xml().contains(&name));

    let night = |name: &str, export| blank(with_her_group(Export::night(export), name, false));
    gateway.night_of(25, &night(&name, "night1").marked(PUPIL, "J")).exits(0);
    assert!(!gateway.xml().contains(PUPIL) && !stands(&gateway), "by what she was last called");
    gateway.night_of(26, &night(&name, "night2").marked(PUPIL, "J")).exits(0);
    assert!(!stands(&gateway) && gateway.xml().contains("Nygift"), "and on every night after");
    gateway.night_of(27, &night(&name, "night4").without(&format!("{PUPIL};"))).exits(0);
    assert!(!stands(&gateway), "also when the register drops her row");
    let found = gateway.run(&["find", "grupp-stod", "--as-of", "2026-08-27T05:00"]).exits(0);
    found.says("peka");
    gateway.night_of(28, &night("Stöd 1", "night4").without(&format!("{PUPIL};"))).exits(0);
    assert!(stands(&gateway), "another name gives nobody away");
    gateway.night_of(29, &night(&name, "night4").without(&format!("{PUPIL};"))).exits(0);
    assert!(!stands(&gateway));
    gateway.night_of(30, &with_her_group(Export::night("night4"), &name, true)).exits(0);
    assert!(stands(&gateway) && gateway.xml().contains(PUPIL), "nobody is protected any more");
    gateway.night_of(31, &night(&name, "night4").without(&format!("{PUPIL};"))).exits(0);
    assert!(
        stands(&gateway) && !gateway.xml().contains(PUPIL),
        "who moves away takes no group along"
    );
}

fn blanked(night: Export) -> Export {
    let (given, family) = names();
    let own = night.0["personer.csv"].lines().find(|line| line.starts_with(PUPIL)).unwrap();
    let (own, names) = (own.to_owned(), format!(";{given};{family};"));
    let changed = own.replace(&names, ";Skyddad;Person;");
    night.with("personer.csv", &own, &changed).marked(PUPIL, "J")
}

/// What the registers themselves said of a group is remembered, too, and what a receiver's format
/// cuts off a name does not hide that it is hers.
#[test]
fn rule_20_a_group_is_remembered_by_what_the_register_said_and_however_it_is_told() {
    let (given, family) = names();
    let name = format!("Stöd {given} {family} och några till som läser samma sak på onsdagarna");
    for there in [true, false] {
        let night = |export| with_her_group(Export::night(export), &name, there);
        let gateway = Gateway::new();
        gateway.night_of(24, &night("night1")).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        assert!(stands(&gateway));
        // Where she was in the group, her last name is in the last file.
        let first =
            if there { blanked(night("night1")) } else { night("night1").marked(PUPIL, "J") };
        gateway.night_of(25, &first).exits(0);
        assert!(!stands(&gateway), "{there}");
        gateway.night_of(26, &blanked(night("night2"))).exits(0);
        assert!(!stands(&gateway) && gateway.xml().contains("Nygift"), "{there}");

        // A night without her marking that is held shows her to nobody.
        gateway.night_of(27, &night("night3-school-missing")).exits(10);
        gateway.night_of(28, &blanked(night("night4"))).exits(0);
        assert!(!stands(&gateway), "{there}");

        // Nor does it show her that somebody undoes what the marking has made needless.
        let at = ["--reason", "skydd", "--as-of", "2026-08-28T10:00"];
        gateway.run(&[&["withdraw", PUPIL][..], &at].concat()).exits(0);
        gateway.run(&[&["withdraw", PUPIL, "--undo"][..], &at].concat()).exits(0);
        let other = blanked(night("night4")).with("personer.csv", "Nygift", "Nynygift");
        gateway.night_of(29, &other).exits(0);
        assert!(!stands(&gateway) && gateway.xml().contains("Nynygift"), "{there}");

        // Nor blanks that the register begins to write around her key.
        let padded = format!("{PUPIL} ");
        let other = blanked(night("night4")).with("personer.csv", PUPIL, &padded);
        let other = other.with("medlemskap.csv", PUPIL, &padded);
        let other = other.with("relationer.csv", PUPIL, &padded);
        gateway.night_of(30, &other).exits(0);
        assert!(!stands(&gateway) && !gateway.xml().contains(PUPIL), "{there}");
    }
}

/// A broken column hides nobody's groups for good.
#[test]
fn rule_18_what_a_flood_of_markings_hides_is_not_remembered() {
    let (given, family) = names();
    let night = |export| with_her_group(Export::night(export), &format!("{given} {family}"), true);
    let gateway = Gateway::new();
    gateway.night_of(24, &night("night1")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    gateway.night_of(25, &night("night2").with("personer.csv", ";N;", ";;")).exits(10);
    let at = ["--reason", "skydd", "--as-of", "2026-08-25T10:00"];
    gateway.run(&[&["withdraw", "elev-bj-1A-1"][..], &at].concat()).exits(0);
    let left = with_her_group(Export::night("night2"), &format!("{given} {family}"), false);
    gateway.night_of(26, &left.without(&format!("{PUPIL};"))).exits(0);
    assert!(stands(&gateway) && !gateway.xml().contains(PUPIL), "she moved away, and no more");
}

/// Protection by absence: the register drops the row, and somebody withdraws by hand.
#[test]
fn rule_20_a_group_named_after_somebody_withdrawn_by_hand_stays_hidden_until_that_is_undone() {
    let (given, family) = names();
    let name = format!("Stöd {given} {family}");
    let gateway = Gateway::new();
    gateway.night_of(24, &with_her_group(Export::night("night1"), &name, true)).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let dropped =
        |export| with_her_group(Export::night(export), &name, false).without(&format!("{PUPIL};"));
    gateway.export(&dropped("night1"));
    let at = ["--reason", "skydd", "--as-of", "2026-08-24T10:00"];
    gateway.run(&[&["withdraw", PUPIL][..], &at].concat()).exits(0);
    assert!(!stands(&gateway), "with her");
    gateway.night_of(25, &dropped("night2")).exits(0);
    assert!(!stands(&gateway) && gateway.xml().contains("Nygift"), "and on the night after");

    let undo = ["withdraw", PUPIL, "--undo", "--reason", "fel", "--as-of", "2026-08-25T10:00"];
    gateway.run(&undo).exits(0);
    gateway.night_of(26, &dropped("night4")).exits(0);
    assert!(stands(&gateway), "the register's word again");
}

/// What was held before says yes to no group that gives somebody away by now.
#[test]
fn rule_17_a_held_plan_with_a_group_that_gives_somebody_away_by_now_is_stale() {
    let (given, family) = names();
    let name = format!("Stöd {given} {family}");
    let mut gateway = Gateway::new();
    gateway.night_of(24, &with_her_group(Export::night("night1"), &name, true)).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let dropped =
        |export| with_her_group(Export::night(export), &name, false).without(&format!("{PUPIL};"));
    gateway.night_of(26, &dropped("night3-school-missing")).exits(10);
    let held = gateway.held();
    let at = ["--reason", "skydd", "--as-of", "2026-08-26T10:00"];
    // Her last file does not reach the receiver, and so the last one sent stays what it was.
    let key = gateway.sshd().host_key("ed25519").to_string();
    let other = format!("SHA256:{}", "A".repeat(43));
    gateway.change(&key, &other);
    gateway.run(&[&["withdraw", PUPIL][..], &at].concat()).exits(77);
    gateway.change(&other, &key);
    let before = gateway.received();
    gateway.approve_plan(&held, &[]).exits(10).explains("RG331");
    assert_eq!(gateway.received(), before);
}

/// The other way round than a flood: whoever was protected would be shown, and that stays seen.
#[test]
fn rule_18_markings_that_fall_away_for_many_are_held_and_one_is_an_ordinary_night() {
    const FEW: [&str; 3] = ["elev-al-1A-1", PUPIL, "elev-al-1A-3"];
    let marked = |export: &str, pupils: &[&str]| {
        pupils.iter().fold(Export::night(export), |night, pupil| night.marked(pupil, "J"))
    };
    let first = || {
        let gateway = Gateway::new().mailing();
        gateway.night_of(24, &marked("night1", &FEW)).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        gateway
    };
    let shown = |gateway: &Gateway| {
        let xml = gateway.xml();
        FEW.iter().filter(|pupil| xml.contains(&format!("<id>{pupil}</id>"))).count()
    };
    let gateway = first();
    assert_eq!(shown(&gateway), 0);
    let night = gateway.night_of(25, &marked("night2", &[])).exits(10);
    night.says("Skyddade personer i registret: 0, förra gången 3");
    let held = gateway.run(&["plan", &gateway.held(), "--json"]).json();
    assert!(held["codes"].as_array().unwrap().contains(&"RG379".into()), "{held}");
    assert_eq!(shown(&gateway), 0, "nobody is shown");
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.subject.contains("BRÅDSKANDE, skydd har fallit bort"), "{}", mail.subject);
    gateway.night_of(26, &marked("night2", &[])).exits(10);

    // By hand all the same; and whoever says yes says it of what stands there.
    let at = ["--reason", "skydd", "--as-of", "2026-08-26T10:00"];
    gateway.run(&[&["withdraw", "elev-bj-1A-1"][..], &at].concat()).exits(0);
    assert!(!gateway.xml().contains("<id>elev-bj-1A-1</id>"));
    gateway.night_of(27, &marked("night4", &[])).exits(10);
    gateway.approve(&[]).exits(0);
    assert_eq!(shown(&gateway), 3);
    gateway
        .night_of(28, &marked("night4", &[]).with("personer.csv", "Nygift", "Nynygift"))
        .exits(0);

    let gateway = first();
    gateway.night_of(25, &marked("night2", &FEW[..2])).exits(0);
    assert_eq!(shown(&gateway), 1, "one of three is no fault");

    let edited = |gateway: &mut Gateway| gateway.change("J = true", "J = false");
    let mut gateway = Gateway::new();
    gateway.night_of(24, &marked("night1", &FEW[..1])).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    edited(&mut gateway);
    gateway.night_of(25, &marked("night2", &FEW[..1])).exits(10).says("förra gången 1");
    let is_shown = gateway.xml().contains(&format!("<id>{}</id>", FEW[0]));
    assert!(!is_shown, "where the line is another one is enough");
}

/// The pupil under another key, with the marking; `given` and so on are the register's words now.
fn rekeyed(night: Export, key: &str, given: &str, username: &str, email: &str) -> Export {
    let own = format!("{PUPIL};20180303-TF02;Elsa;Ek;al.1a.2@elev.exempelby.example;eal1a2;");
    let (name, family) = given.split_once(' ').unwrap();
    let now = format!("{key};20180303-TF02;{name};{family};{email};{username};");
    night
        .with("personer.csv", &own, &now)
        .with("medlemskap.csv", &format!("{PUPIL};"), &format!("{key};"))
        .with("relationer.csv", &format!(";{PUPIL};"), &format!(";{key};"))
        .marked(key, "J")
}

/// Neither key, old or new, nor the guardian who is only hers.
fn says_nothing_of_her(gateway: &Gateway, what: &str) {
    let xml = gateway.xml_now();
    assert_valid(&gateway.remote().join("ims.xml"));
    for gone in ["elev-al-1A-2<", "ny-elev-x<", "ELEV-AL-1A-2<", ">Elsa Ek<", "vuxen-al-2<"] {
        assert!(!xml.contains(gone), "{what}: {gone}");
    }
    assert_eq!(xml.matches("<person>").count(), 85, "{what}: and nobody else");
}

/// A marking is of a human, also of one whom the last file has under another key: grace, windows
/// and pauses keep whoever is missing.
#[test]
fn rule_18_whoever_gets_the_marking_and_another_key_at_once_leaves_under_the_old_one() {
    let (mail, user) = ("al.1a.2@elev.exempelby.example", "eal1a2");
    let facts = [
        ("ny-elev-x", "Skyddad Person", user, "ny@elev.exempelby.example"),
        ("ny-elev-x", "Skyddad Person", "ny1", mail),
        ("ny-elev-x", "Elsa Ek", "ny1", "ny@elev.exempelby.example"),
        ("ELEV-AL-1A-2", "Skyddad Person", "ny1", "ny@elev.exempelby.example"),
    ];
    let window = "[[window]]\nname = \"W\"\nfrom = 2026-08-25\nthrough = 2026-08-27\nhold = ";
    let waits = [
        "[grace]\npersons = \"14d\"\n".to_owned(),
        format!("{window}[\"remove\"]\n"),
        format!("{window}[\"remove\", \"change\"]\n"),
        format!("{window}\"all\"\n"),
    ];
    for (wait, (key, name, username, email)) in waits.iter().zip(facts) {
        let mut gateway = Gateway::new().delivered();
        gateway.configure(format!("{}\n{wait}", gateway.config()));
        for day in [25, 26] {
            let night = rekeyed(Export::night("night1"), key, name, username, email);
            gateway.night_of(day, &night).exits(if wait.contains("all") { 13 } else { 0 });
            says_nothing_of_her(&gateway, wait);
        }
    }
}

#[test]
fn rule_17_stored_bytes_with_her_old_key_do_not_leave_and_a_held_night_takes_her_out() {
    let gateway = Gateway::new().delivered();
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    let (held, before) = (gateway.held(), gateway.received());
    let night = Export::night("night3-school-missing");
    let night = rekeyed(night, "ny-elev-x", "Elsa Ek", "ny1", "ny@elev.exempelby.example");
    gateway.export(&night);
    gateway.approve_plan(&held, &[]).exits(10).explains("RG331");
    assert_eq!(gateway.received(), before);
    gateway.night_of(27, &night).exits(10);
    says_nothing_of_her(&gateway, "held for another reason");
    assert!(gateway.xml().contains("elev-ek-4A-8"), "everybody else is as on the first night");
}

/// Somebody else of her name, at another school, is missing with everybody there: that is no
/// reason to go past the filter.
#[test]
fn rule_18_a_namesake_at_another_school_waits_like_everybody_who_is_missing() {
    let gateway = Gateway::new();
    let named = |night: Export| night.with("personer.csv", ";Elsa;Ek;", ";Maja;Modin;");
    let other = Export::night("night1").0["personer.csv"].clone();
    let other = other.lines().find(|line| line.starts_with("elev-ek-4A-8;")).unwrap().to_owned();
    let fields: Vec<&str> = other.split(';').collect();
    let namesake = other.replace(&format!(";{};{};", fields[2], fields[3]), ";Maja;Modin;");
    let night = named(Export::night("night1")).with("personer.csv", &other, &namesake);
    gateway.night_of(24, &night).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let night = named(Export::night("night3-school-missing")).marked(PUPIL, "J");
    gateway.night_of(26, &night).exits(10);
    let xml = gateway.xml();
    assert!(!xml.contains("elev-al-1A-2<") && xml.contains("elev-ek-4A-8<"));
}

/// More old keys than a night may newly protect are a fault like any other flood.
#[test]
fn rule_18_a_flood_of_markings_under_new_keys_waits_for_a_person() {
    let mut gateway = Gateway::new().delivered();
    gateway.configure(format!("{}\n[grace]\npersons = \"14d\"\n", gateway.config()));
    let mut night = Export::night("night1");
    for n in 1..=6 {
        let (old, new) = (format!("elev-al-1A-{n}"), format!("ny-elev-{n}"));
        night = night.with("personer.csv", &format!("{old};"), &format!("{new};"));
        night = night.with("medlemskap.csv", &format!("{old};"), &format!("{new};"));
        night = night.with("relationer.csv", &format!(";{old};"), &format!(";{new};"));
        night = night.marked(&new, "J");
    }
    let before = gateway.received();
    gateway.night_of(25, &night).exits(10);
    let held = gateway.run(&["plan", &gateway.held(), "--json"]).json();
    assert!(held["codes"].as_array().unwrap().iter().any(|code| code == "RG334"), "{held}");
    assert_eq!(gateway.received(), before);
}

/// Many a register drops the relation of a protected child, and keeps the guardian's own row.
#[test]
fn rule_20_a_guardian_whose_relation_the_register_drops_goes_with_the_only_child_for_good() {
    let relation = "vuxen-al-2;elev-al-1A-2;";
    let guardian = |gateway: &Gateway| gateway.xml_now().contains("<id>vuxen-al-2</id>");
    for held in [false, true] {
        let gateway = Gateway::new().delivered();
        assert!(guardian(&gateway));
        let night = if held { "night3-school-missing" } else { "night2" };
        let night = Export::night(night).marked(PUPIL, "J").without(relation);
        gateway.night_of(26, &night).exits(if held { 10 } else { 0 });
        assert!(!gateway.xml_now().contains(PUPIL) && !guardian(&gateway), "held: {held}");
        gateway
            .night_of(27, &Export::night("night4").marked(PUPIL, "J").without(relation))
            .exits(0);
        assert!(!guardian(&gateway), "and on the nights after");
        let with_another = "vuxen-al-2;elev-al-1A-3;vårdnadshavare";
        let night = Export::night("night4").marked(PUPIL, "J").without(relation);
        gateway.night_of(28, &night.row("relationer.csv", with_another)).exits(0);
        assert!(guardian(&gateway), "until another child is there");
        gateway
            .night_of(29, &Export::night("night4").marked(PUPIL, "J").without(relation))
            .exits(0);
        gateway.night_of(30, &Export::night("night4").without(relation)).exits(0);
        assert!(gateway.xml_now().contains("elev-al-1A-2<") && guardian(&gateway), "or she again");
    }
    // Dropped a night after the marking.
    let gateway = Gateway::new().delivered();
    gateway.night_of(25, &Export::night("night2").marked(PUPIL, "J")).exits(0);
    gateway.night_of(26, &Export::night("night4").marked(PUPIL, "J").without(relation)).exits(0);
    assert!(!guardian(&gateway) && gateway.xml_now().contains("<id>vuxen-al-4</id>"));
}

/// Whoever is something else here, or has another child that is told, stays.
#[test]
fn rule_20_a_guardian_without_a_relation_stays_for_another_role_or_child() {
    let night = |export: &str| {
        Export::night(export).row("relationer.csv", "larare-al-2;elev-al-1A-2;vårdnadshavare")
    };
    let gateway = Gateway::new();
    gateway.night_of(24, &night("night1")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let moved = Export::night("night2").marked(PUPIL, "J").without(";elev-al-1A-2;");
    gateway
        .night_of(25, &moved.row("relationer.csv", "vuxen-al-2;elev-al-1A-3;vårdnadshavare"))
        .exits(0);
    let xml = gateway.xml_now();
    assert!(xml.contains("<id>larare-al-2</id>") && xml.contains("<id>vuxen-al-2</id>"));
}
