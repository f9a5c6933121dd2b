//! The school year on the built program: windows and their three ways of release, pauses, grace.
//! Each test of a safety rule carries its number.

use crate::support::export::Export;
use crate::support::gateway::{Gateway, assert_valid, next_year};

/// A gateway with a delivered first night and more in its configuration.
fn gateway(more: &str) -> Gateway {
    let mut gateway = Gateway::new().mailing().delivered();
    gateway.configure(format!("{}\n{more}", gateway.config()));
    gateway
}

fn window(hold: &str, release: &str) -> String {
    format!(
        "[[window]]\nname = \"Läsårsskifte\"\nfrom = 2026-08-25\nthrough = 2026-08-27\n\
         hold = {hold}\nrelease = \"{release}\"\n"
    )
}

fn persons(gateway: &Gateway) -> usize {
    gateway.xml_now().matches("<person>").count()
}

fn subject(gateway: &Gateway) -> String {
    gateway.mails().last().expect("a mail").subject.clone()
}

fn body(gateway: &Gateway) -> String {
    gateway.mails().last().expect("a mail").body.clone()
}

/// Everybody of a school is missing, far above every limit; another pupil has left, one is new.
fn school_missing() -> Export {
    Export::night("night3-school-missing")
}

#[test]
fn rule_14_what_is_missing_in_a_window_stays_whole_and_is_counted() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    let before = gateway.xml_now();
    gateway.night_of(25, &school_missing()).exits(0);
    assert_valid(&gateway.remote().join("ims.xml"));
    let xml = gateway.xml_now();
    for tag in ["<person>", "<group>", "<member>"] {
        assert!(xml.matches(tag).count() >= before.matches(tag).count(), "{tag}");
    }
    assert!(xml.contains("elev-ek-4A-7<") && xml.contains("klass-ek-4A<"));
    assert!(xml.contains("Nygift"), "a change goes through where only removals wait");
    assert!(subject(&gateway).contains("[OK - borttag väntar]"), "{}", subject(&gateway));
    let mail = body(&gateway);
    for word in ["Läsårsskifte", "till och med 27 aug", "Ekskolan", "--after-window"] {
        let told = mail.contains(word);
        let due_yet = ["Ekskolan", "--after-window"].contains(&word);
        assert_eq!(told, !due_yet, "{word} in\n{mail}");
    }
    let waiting = gateway.run(&["status", "--json"]).json();
    assert_eq!(waiting["targets"]["lms"]["waiting"]["persons"], 30);
}

#[test]
fn rule_14_changes_wait_where_the_window_says_so_and_go_when_it_ends() {
    let gateway = gateway(&window("[\"remove\", \"change\"]", "approve"));
    gateway.night_of(25, &school_missing().row("personer.csv", NEW)).exits(0);
    let xml = gateway.xml_now();
    assert!(!xml.contains("Nygift") && xml.contains("ny-elev-1<"), "only new data");
    gateway.night_of(28, &school_missing().row("personer.csv", NEW)).exits(0);
    let xml = gateway.xml_now();
    assert!(xml.contains("Nygift"), "additions and changes go on");
    assert!(xml.contains("elev-ek-4A-7<"), "removals keep waiting");
}

const NEW: &str = "ny-elev-1;;Nils;Ny;ny1@elev.exempelby.example;nyelev1;elev;99000001;1;N;";

#[test]
fn rule_14_removals_keep_waiting_until_a_person_approves_the_list() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(26, &school_missing()).exits(0);
    gateway.night_of(27, &school_missing()).exits(0);
    let due = body(&gateway);
    for word in ["Nästa natt slutar perioden", "personer på Ekskolan", "--after-window"] {
        assert!(due.contains(word), "{word} in\n{due}");
    }
    for day in 28..=30 {
        gateway.night_of(day, &school_missing()).exits(0);
        assert_eq!(persons(&gateway), 88, "day {day}");
        assert!(subject(&gateway).contains("väntar på ert godkännande"), "{}", subject(&gateway));
    }
    let first = gateway.held();
    gateway.run(&["plan", &first]).exits(0).says("Läsårsskifte").says("Ekskolan");
    assert_eq!(gateway.number_of(&first), 30);
    gateway.approve_plan(&first, &[]).exits(0).says("GODKÄNT");
    let xml = gateway.xml_now();
    assert_valid(&gateway.remote().join("ims.xml"));
    assert!(!xml.contains("elev-ek-") && !xml.contains("klass-ek-"));
    gateway.night_of(31, &school_missing()).exits(0);
    assert!(!subject(&gateway).contains("väntar"), "{}", subject(&gateway));
}

#[test]
fn rule_16_a_list_is_stale_when_the_next_night_has_judged() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(26, &school_missing()).exits(0);
    gateway.night_of(28, &school_missing()).exits(0);
    let first = gateway.held();
    gateway.night_of(29, &Export::night("night2")).exits(0);
    gateway.approve_plan(&first, &[]).exits(10).explains("RG331");
    assert_eq!(persons(&gateway), 88, "whoever came back is told, nobody is gone");
}

#[test]
fn rule_14_auto_goes_by_itself_within_the_limits_and_waits_above_them() {
    let few = || Export::night("night1").without("elev-al-1A-3");
    let within = gateway(&window("[\"remove\"]", "auto"));
    within.night_of(26, &few()).exits(0);
    assert!(within.xml_now().contains("elev-al-1A-3<"));
    within.night_of(28, &few()).exits(0);
    assert!(!within.xml_now().contains("elev-al-1A-3<"), "within the limits");

    let above = gateway(&window("[\"remove\"]", "auto"));
    above.night_of(26, &school_missing()).exits(0);
    above.night_of(28, &school_missing()).exits(0);
    assert_eq!(persons(&above), 88);
    assert!(body(&above).contains("saknas helt"), "{}", body(&above));
    above.approve(&[]).exits(0);
    assert!(!above.xml_now().contains("elev-ek-"));
}

#[test]
fn rule_14_stages_begin_only_after_approval_of_the_whole_list_and_keep_within_the_limits() {
    let gone = ["1A-1", "1A-2", "1A-3", "1A-4", "4A-1", "4A-2"];
    let fewer = || {
        let drop = |export: Export, pupil: &&str| export.without(&format!("elev-al-{pupil};"));
        gone.iter().fold(Export::night("night1"), drop)
    };
    let gateway = gateway(&format!("{}per-night = \"3%\"\n", window("[\"remove\"]", "staged")));
    gateway.night_of(26, &fewer()).exits(0);
    gateway.night_of(28, &fewer()).exits(0);
    gateway.night_of(29, &fewer()).exits(0);
    assert_eq!(persons(&gateway), 87, "nothing goes before the list is approved");
    let list = gateway.held();
    assert_eq!(gateway.number_of(&list), 6);
    let shown = gateway.run(&["plan", &list, "--details"]).exits(0);
    let shown = shown.says("På listan, som tas bort i etapper från natten efter godkännandet:");
    let shown = shown.says("    6 personer");
    let school = shown.out.lines().find(|line| line.ends_with(" 6 bort")).expect("a school");
    assert!(school.contains("Alskolan"), "{school}");
    gateway.approve_plan(&list, &[]).exits(0);
    assert_eq!(
        subject(&gateway),
        "[TEST] [OK - borttag väntar] Exempelby kommun: listan till lms är godkänd, 6 borttag i \
         etapper"
    );
    let mail = body(&gateway);
    assert!(mail.contains("av dem tas bort i etapper; listan är godkänd."), "{mail}");
    assert_eq!(persons(&gateway), 87, "approval sends the same file again");
    let mut left = Vec::new();
    for day in [1, 2, 3, 4, 9, 10] {
        gateway.export(&fewer());
        gateway.run(&["run", "--as-of", &format!("2026-09-{day:02}T04:15")]).exits(0);
        left.push(persons(&gateway));
    }
    // 3 % of 87 are two a night; five of the school's sixteen pupils, and six of all, would be
    // more than a week may lose (rule 8).
    assert_eq!(left, [85, 83, 83, 83, 82, 81]);
}

#[test]
fn rule_14_an_approved_list_that_the_limits_stop_is_put_to_a_person_again() {
    let fewer = || Export::night("night1").without("elev-al-1A-1;").without("elev-al-4A-1;");
    let mut gateway = gateway(&window("[\"remove\"]", "staged"));
    gateway.change("always-allow = 3", "always-allow = 0\npersons = { remove = \"1%\" }");
    gateway.night_of(26, &fewer()).exits(0);
    gateway.night_of(28, &fewer()).exits(0);
    gateway.approve(&[]).exits(0);
    gateway.night_of(29, &fewer()).exits(0);
    assert_eq!(persons(&gateway), 87, "even one is above the limit");
    assert!(subject(&gateway).contains("väntar på ert godkännande"), "{}", subject(&gateway));
    assert!(body(&gateway).contains("gränsen är 1 %"), "{}", body(&gateway));
    assert_eq!(gateway.number_of(&gateway.held()), 2);
    gateway.approve(&[]).exits(0);
    assert_eq!(persons(&gateway), 85, "the rest goes at once");
    gateway.night_of(30, &fewer()).exits(0);
    assert!(!subject(&gateway).contains("väntar"), "{}", subject(&gateway));
}

#[test]
fn whoever_comes_back_in_a_window_is_simply_told_again() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(25, &Export::night("night1").without("elev-ek-4A-")).exits(0);
    gateway.night_of(26, &Export::night("night1")).exits(0);
    assert_eq!(persons(&gateway), 87);
    gateway.night_of(28, &Export::night("night1")).exits(0);
    assert!(!subject(&gateway).contains("väntar"), "{}", subject(&gateway));
    let status = gateway.run(&["status", "--json"]).json();
    assert!(status["targets"]["lms"]["held"].is_null(), "{status}");
}

#[test]
fn rule_15_a_new_person_has_the_user_name_and_the_old_one_goes_through_the_filter() {
    let reused = NEW.replace("nyelev1", "eal1a3");
    let night = || Export::night("night1").without("elev-al-1A-3;").row("personer.csv", &reused);
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    let before = gateway.received();
    gateway.night_of(25, &night()).exits(10);
    assert_eq!(gateway.received(), before);
    let held = gateway.run(&["plan", &gateway.held(), "--json"]).json();
    assert_eq!(held["codes"], serde_json::json!(["RG362"]), "{held}");
    gateway.approve(&[]).exits(0);
    let xml = gateway.xml_now();
    assert!(xml.contains("ny-elev-1<") && !xml.contains("elev-al-1A-3<"));
}

/// The codes of the plan that waits.
fn codes(gateway: &Gateway) -> serde_json::Value {
    gateway.run(&["plan", &gateway.held(), "--json"]).json()["codes"].clone()
}

#[test]
fn f38_a_user_name_that_another_has_is_held_until_a_person_says_yes() {
    let gateway = gateway("");
    let before = gateway.received();
    let taken = NEW.replace("nyelev1", "EAL1A3");
    let night = || Export::night("night1").row("personer.csv", &taken);
    gateway.night_of(25, &night()).exits(10);
    assert_eq!(gateway.received(), before);
    assert_eq!(codes(&gateway), serde_json::json!(["RG380"]));
    let mail = body(&gateway);
    assert!(mail.contains("användarnamn som en annan också har: 1."), "{mail}");
    assert!(!mail.to_lowercase().contains("eal1a3"), "{mail}");
    let listed = gateway.run(&["plan", &gateway.held(), "--details"]).exits(0).out;
    let path = listed.lines().find_map(|line| line.trim().strip_prefix("sudo less ")).unwrap();
    let list = std::fs::read_to_string(path).expect("the list of changes");
    for key in ["ny-elev-1", "elev-al-1A-3"] {
        assert!(list.contains(&format!("person;same-user-name;{key};")), "{list}");
    }
    gateway.approve(&[]).exits(0);
    gateway.night_of(26, &night().with("personer.csv", "Nils;Ny;", "Nils;Nyare;")).exits(0);
    let mail = body(&gateway);
    assert!(mail.contains("användarnamn som flera har 1 (RG381"), "{mail}");
    assert!(gateway.xml_now().contains("Nyare"), "what was approved holds nothing the next night");
}

#[test]
fn f38_whoever_is_given_anothers_user_name_is_held_however_few_they_are() {
    let gateway = gateway("");
    let given = Export::night("night1").with("personer.csv", ";eal1a4;", ";eal1a3;");
    gateway.night_of(25, &given).exits(10);
    assert_eq!(codes(&gateway), serde_json::json!(["RG380"]));
}

#[test]
fn f38_new_persons_who_share_a_user_name_and_one_human_with_two_rows_are_told() {
    let gateway = gateway("");
    let other = NEW.replace("ny-elev-1", "ny-elev-2");
    let both = Export::night("night1").row("personer.csv", NEW).row("personer.csv", &other);
    gateway.night_of(25, &both).exits(0);
    assert!(body(&gateway).contains("användarnamn som flera har 1 (RG381"), "{}", body(&gateway));
    let known = Export::night("night1").0["personer.csv"].clone();
    let known = known.lines().find(|row| row.starts_with("elev-al-1A-3;")).expect("a pupil");
    let twice = known.replace("elev-al-1A-3;", "elev-al-1A-33;");
    gateway.night_of(26, &both.row("personer.csv", &twice)).exits(0);
    assert!(body(&gateway).contains("användarnamn som flera har 2 (RG381"), "{}", body(&gateway));
}

#[test]
fn f38_where_the_user_name_is_the_email_that_is_what_nobody_may_take() {
    let mut gateway = Gateway::new().mailing();
    gateway
        .change("dialect   = \"itslearning\"", "dialect = \"itslearning\"\nusername = \"email\"");
    let gateway = gateway.delivered();
    let email = NEW.replace("nyelev1", "eal1a3");
    gateway.night_of(25, &Export::night("night1").row("personer.csv", &email)).exits(0);
    let taken = NEW.replace("ny1@elev", "al.1a.3@elev").replace("ny-elev-1", "ny-elev-2");
    let night = Export::night("night1").row("personer.csv", &email).row("personer.csv", &taken);
    gateway.night_of(26, &night).exits(10);
    assert_eq!(codes(&gateway), serde_json::json!(["RG380"]));
}

#[test]
fn rule_18_a_newly_protected_pupil_leaves_past_window_and_pause() {
    let pupil = "elev-al-1A-2";
    for hold in ["[\"remove\", \"change\"]", "\"all\""] {
        let gateway = gateway(&window(hold, "approve"));
        let night = Export::night("night1").marked(pupil, "J");
        let exit = if hold == "\"all\"" { 13 } else { 0 };
        gateway.night_of(25, &night).exits(exit);
        let xml = gateway.xml_now();
        assert!(!xml.contains("elev-al-1A-2<"), "{hold}");
        assert_eq!(xml.matches("<person>").count(), 85, "and the guardian with no other child");
    }
}

#[test]
fn a_pause_sends_nothing_and_tells_what_it_would_have() {
    let gateway = gateway(&window("\"all\"", "approve"));
    let before = gateway.received();
    gateway.night_of(25, &school_missing()).exits(13).says("Paus");
    assert_eq!(gateway.received(), before);
    assert!(subject(&gateway).contains("paus till och med 27 aug"), "{}", subject(&gateway));
    assert!(body(&gateway).contains("Ekskolan (29 personer) saknas helt"), "{}", body(&gateway));
    gateway.night_of(28, &Export::night("night2")).exits(0);
    assert!(gateway.xml_now().contains("Nygift"));
}

#[test]
fn rule_6_a_long_pause_is_no_lost_baseline() {
    let more = window("\"all\"", "approve").replace("2026-08-27", "2026-09-20");
    let gateway = gateway(&more);
    for day in 25..=31 {
        gateway.night_of(day, &Export::night("night1")).exits(13);
    }
    for day in 1..=21 {
        gateway.export(&Export::night("night2"));
        let exit = if day <= 20 { 13 } else { 0 };
        gateway.run(&["run", "--as-of", &format!("2026-09-{day:02}T04:15")]).exits(exit);
    }
}

#[test]
fn a_pause_by_hand_holds_everything_until_it_is_resumed() {
    let gateway = gateway("");
    let before = gateway.received();
    let paused = ["pause", "--until", &next_year().to_string(), "--reason", "byte av lärplattform"];
    gateway.run(&paused).exits(0);
    gateway.night_of(25, &Export::night("night2")).exits(13);
    assert_eq!(gateway.received(), before);
    assert!(body(&gateway).contains("rostergate.toml resume"), "{}", body(&gateway));
    gateway.run(&["resume"]).exits(0);
    gateway.night_of(26, &Export::night("night2")).exits(0);
    assert!(gateway.xml_now().contains("Nygift"));
}

#[test]
fn grace_counts_delivered_nights_and_days() {
    let gateway = gateway("[grace]\npersons = \"2d\"\n");
    let gone = || Export::night("night1").without("elev-al-1A-3");
    gateway.night_of(25, &gone()).exits(0);
    assert!(gateway.xml_now().contains("elev-al-1A-3<"));
    let status = gateway.run(&["status"]).exits(0);
    status.says("1 person").says("27 aug");
    // A night without a delivery is no night of grace.
    gateway.night_of(26, &school_missing().without("elev-al-1A-3")).exits(10);
    gateway.night_of(27, &gone()).exits(0);
    assert!(gateway.xml_now().contains("elev-al-1A-3<"), "two days, and one delivered night");
    gateway.night_of(28, &gone()).exits(0);
    let xml = gateway.xml_now();
    assert!(!xml.contains("elev-al-1A-3<") && xml.contains("elev-ek-4A-7<"));
}

#[test]
fn a_look_past_the_window_says_what_the_filter_would() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(25, &school_missing()).exits(0);
    gateway.export(&school_missing());
    let now = ["plan", "--as-of", "2026-08-26T04:15"];
    gateway.run(&now).exits(0);
    let after = gateway.run(&[&now[..], &["--after-window"]].concat()).exits(10);
    after.says("Ekskolan (29 personer) saknas helt");
}

#[test]
fn the_window_may_add_more_than_the_year_does() {
    let many = |export: Export| {
        (0..30).fold(export, |export, n| {
            export.row(
                "personer.csv",
                &NEW.replace("ny-elev-1", &format!("ny-{n}")).replace("nyelev1", &format!("ny{n}")),
            )
        })
    };
    let more = window("[\"remove\"]", "approve");
    let narrow = gateway(&more);
    narrow.night_of(25, &many(Export::night("night1"))).exits(10);
    let wide = gateway(&format!("{more}add = {{ persons = \"300%\" }}\n"));
    wide.night_of(25, &many(Export::night("night1"))).exits(0);
    wide.night_of(28, &many(Export::night("night1"))).exits(0);
}

/// A week and a night before it is due, the mail says what will go, and how to look at it.
#[test]
fn f37_what_falls_due_is_told_a_week_and_a_night_before() {
    let more = window("[\"remove\"]", "approve").replace("2026-08-27", "2026-08-31");
    let gateway = gateway(&more);
    for day in 25..=31 {
        gateway.night_of(day, &school_missing()).exits(0);
        let told = body(&gateway).contains("--after-window");
        assert_eq!(told, day == 25 || day == 31, "{day} August:\n{}", body(&gateway));
    }
    assert!(gateway.xml_now().contains("elev-ek-4A-7<"));
}
