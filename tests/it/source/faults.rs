//! Faults in rows: set aside or noted, with their place, and never with what stands in them.
#![expect(clippy::format_collect, reason = "rows of a test are few")]

use super::*;

const PERSONS: &str = "Id;Pnr;Förnamn;Efternamn;Skola;Roll\n\
                       p1;;Åsa;Öberg;99000001;elev\np2;;Örjan;Ärlig;99000001;personal\n";

/// Reads further persons.
fn persons(rows: &str) -> Read {
    read_with("personer.csv", &format!("{PERSONS}{rows}")).expect("readable")
}

#[test]
fn a_row_without_a_key_refuses_the_export() {
    let read = persons(";;Cia;Ek;;elev\n \t;;Cia;Ek;;elev\np\u{1};;Cia;Ek;;elev\n");
    let expected = ["4 Id empty", "5 Id control character", "6 Id control character"];
    assert_eq!(read.faults(324), expected.map(|rest| format!("Error personer.csv:{rest}")));
    let read =
        read_with("medlemskap.csv", "Person;Grupp;Roll;Start\np1;;elev;\n").expect("readable");
    assert_eq!(read.faults(324), ["Error medlemskap.csv:2 Grupp empty"]);
}

#[test]
fn an_unknown_word_sets_the_row_aside() {
    let read = persons("p3;;Cia;Ek;;rektor\np4;;Dan;Ek;;\n");
    let expected = ["4 Roll ", "5 Roll "].map(|rest| format!("SetAside personer.csv:{rest}"));
    assert_eq!(read.faults(325), expected);
    let text = "Person;Grupp;Roll;Start\np1;g1;elev;\np2;g1;LÄRARE;\n";
    let read = read_with("medlemskap.csv", text).expect("readable");
    assert_eq!(read.faults(325), ["SetAside medlemskap.csv:3 Roll "]);
}

#[test]
fn a_bad_date_sets_the_membership_aside() {
    let text = "Person;Grupp;Roll;Start\np1;g1;elev;2026-02-30\np2;g1;lärare;2026-08-17\n";
    let read = read_with("medlemskap.csv", text).expect("readable");
    assert_eq!(read.faults(327), ["SetAside medlemskap.csv:2 Start "]);
    assert_eq!(read.roster.memberships().len(), 1);
}

#[test]
fn a_period_that_ends_before_it_begins_is_a_bad_date() {
    let settings =
        config(&CONFIG.replace("begin = \"Start\"", "begin = \"Start\"\nend = \"Slut\""));
    let text = "Person;Grupp;Roll;Start;Slut\np1;g1;elev;2026-08-17;2026-08-16\n\
                p2;g1;lärare;2026-08-17;2026-08-17\n";
    let read =
        super::read(&settings, &export(&[("medlemskap.csv", text.as_bytes())])).expect("readable");
    assert_eq!(read.faults(327), ["SetAside medlemskap.csv:2 Slut "]);
}

#[test]
fn a_bad_personal_number_is_left_out() {
    let read = persons("p3;20180613-2386;Cia;Ek;;elev\np4;x;Dan;Ek;;elev\n");
    assert_eq!(read.faults(328), ["Warning personer.csv:4 Pnr 2"]);
    assert_eq!(
        read.roster.persons().nth(2).map(|p| p.personal_number.to_owned()),
        Some(String::new())
    );
}

#[test]
fn a_shared_personal_number_is_counted_once() {
    let rows =
        "p3;201806132385;Cia;Ek;;elev\np4;180613-2385;Dan;Ek;;elev\np4;180613-2385;Dan;Ek;;elev\n";
    assert_eq!(persons(rows).faults(345), ["Warning personer.csv - 1"]);
    let one = "p3;201806132385;Cia;Ek;;elev\np3;201806132385;Cia;Ek;99000001;elev\n";
    assert_eq!(persons(one).faults(345), [""; 0]);
}

#[test]
fn somebody_without_a_name_is_set_aside() {
    let read = persons("p3;;;;;elev\np4;; ;\t;;elev\np5;;Eva;;;elev\n");
    assert_eq!(read.faults(341).len(), 2);
    assert_eq!(read.roster.persons().len(), 3);
}

/// F16, F19: the machine's data stays as it is, people are told.
#[test]
fn odd_characters_and_formulas_in_names_are_told() {
    let read = persons(
        "p3;;An\u{1}na;\"Ek\r\nBo\";;elev\np4;;=HYPERLINK(1);@SUM;;elev\np5;;+46;]]>&<;;elev\n",
    );
    assert_eq!(
        read.faults(326),
        ["Warning personer.csv:4 Efternamn 1", "Warning personer.csv:4 Förnamn 1"]
    );
    assert_eq!(
        read.faults(342),
        ["Warning personer.csv:6 Efternamn 1", "Warning personer.csv:6 Förnamn 2"]
    );
    let names: Vec<_> =
        read.roster.persons().map(|p| format!("{}|{}", p.given_name, p.family_name)).collect();
    assert_eq!(names[2..], ["Anna|Ek Bo", "=HYPERLINK(1)|@SUM", "+46|]]>&<"]);
}

/// F20.
#[test]
fn letters_are_composed() {
    let composed = persons("p3;;Åsa;Ek;;elev\n").lines();
    assert_eq!(persons("p3;;A\u{30A}sa;Ek;;elev\n").lines(), composed);
    assert!(persons("p3;;\u{202E}Åsa 🦊;Ek;;elev\n").lines()[3].contains("\u{202E}Åsa 🦊"));
}

/// F12, F13.
#[test]
fn repeats_are_merged_and_conflicts_refused() {
    let read = persons("p1;;Åsa;Öberg;99000001;elev\n");
    assert_eq!(read.faults(320), ["Warning personer.csv:4 - person; personer.csv 2"]);
    assert_eq!(read.roster.persons().len(), 2);
    let read = persons("p1;;Åsa;Berg;99000001;elev\n");
    assert_eq!(read.faults(321), ["Error personer.csv:4 - person; personer.csv 2"]);
}

/// F14.
#[test]
fn links_to_nobody_are_few_or_refused() {
    let rows = |good: usize, bad: usize| {
        let good = "p1;g1;elev;\n".repeat(good);
        let bad: String = (0..bad).map(|i| format!("nobody{i};g1;elev;\n")).collect();
        read_with("medlemskap.csv", &format!("Person;Grupp;Roll;Start\n{good}{bad}"))
            .expect("readable")
    };
    let few = rows(999, 1);
    assert_eq!(few.faults(322), ["SetAside medlemskap.csv:1001 - membership"]);
    assert!(!few.severities().contains(&Severity::Error));
    assert!(rows(980, 20).severities().contains(&Severity::Error));
}

/// A flood of faults is listed in part and counted in full.
#[test]
fn a_flood_of_faults_is_counted() {
    let rows: String = (0..1500).map(|i| format!("q{i};;Bo;Ek;;okänd\n")).collect();
    let read = persons(&rows);
    let faults = read.faults(325);
    assert_eq!((faults.len(), faults[1000].as_str()), (1001, "SetAside personer.csv - +500"));
}

#[test]
fn every_row_set_aside_is_remembered() {
    let rows: String = (0..1500).map(|i| format!("q{i};;Bo;Ek;;okänd\n")).collect();
    let text = format!("{PERSONS}{rows}");
    let files = export(&[("personer.csv", text.as_bytes())]);
    let files: Vec<File<'_>> =
        files.iter().map(|(name, bytes)| File { name, bytes, rows: None }).collect();
    let mut draft = Draft::new();
    register_csv::decode(&config(CONFIG), &files, TODAY, &mut draft).expect("readable");
    assert_eq!(draft.set_aside_rows().len(), 1500);
    assert_eq!(draft.rows_read(rostergate::roster::words::Kind::Person), 1502);
}

/// Canaries in every field, through every fault: none comes out in a message.
#[test]
fn no_message_says_what_stands_in_a_row() {
    let canary = "KANARIE";
    let rows = [
        "KANARIE1;20010101-KANARIE;KANARIE;=KANARIE\u{1};KANARIE;KANARIE\n",
        "KANARIE2;KANARIE;KANARIE;@KANARIE;KANARIE;elev\n",
        "KANARIE2;KANARIE;KANARIE;KANARIE;KANARIE;elev\n",
        ";KANARIE;KANARIE;KANARIE;;elev\n",
        "KANARIE\u{2};;KANARIE;;;elev\n",
    ];
    let read = persons(&rows.concat());
    assert!(read.issues.len() >= 6);
    for issue in &read.issues {
        let text =
            format!("{issue:?}{}{}", issue.detail, issue.field.as_deref().unwrap_or_default());
        assert!(!text.contains(canary), "{text}");
    }
    let files: [&[u8]; 7] = [
        b"KANARIE;KANARIE;KANARIE\n",
        b"Id;Namn;Skola\nKANARIE;KANARIE\n",
        b"Id;Namn;Skola\nKANARIE;\"KANARIE;KANARIE",
        b"Id;Namn;Skola\nKANARIE;\"KANARIE\"KANARIE;\n",
        b"Id;Namn;Skola\nKANARIE;KANARIE\xE5;\n",
        b"Id;Namn;Skola\nKANARIE;\"KANARIE;\n;KANARIE\";\n",
        b"Id;Namn;Skola\nKANARIE;KANARIE;KANARIE",
    ];
    for bytes in files {
        let error = super::read(&config(CONFIG), &export(&[("grupper.csv", bytes)])).err();
        let error = error.expect("refused");
        assert!(!format!("{error} {error:?}").contains(canary), "{error:?}");
    }
}
