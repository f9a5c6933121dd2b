//! Exports that are cut, spoilt, enormous or beside others, on the built program.

use unicode_normalization::UnicodeNormalization;

use super::exposed::through;
use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::sshd::put;

/// An export with the names of persons written in another way.
fn names(night: &str, write: impl Fn(&str) -> String) -> Export {
    let mut export = Export::night(night);
    let text = export.0.get_mut("personer.csv").unwrap();
    let rows = text.lines().enumerate().map(|(number, line)| {
        let mut fields: Vec<String> = line.split(';').map(str::to_owned).collect();
        if number > 0 {
            (fields[2], fields[3]) = (write(&fields[2]), write(&fields[3]));
        }
        fields.join(";") + "\n"
    });
    *text = rows.collect();
    export
}

/// A register that counts no rows: what is cut off the end of a file is a fault of its links, or
/// more than the limits let go.
#[test]
fn f02_without_counts_a_cut_at_a_row_end_is_refused_or_held() {
    let mut gateway = Gateway::new();
    gateway.change(", counts = true }", " }");
    let gateway = gateway.delivered();
    let files = ["personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv", "skolor.csv"];
    for file in files {
        for per_thousand in [1, 50, 200, 500, 990] {
            let mut night = Export::night("night1");
            let text = night.0.get_mut(file).unwrap();
            let rows = text.lines().count() - 1;
            let cut = (rows * per_thousand).div_ceil(1000).min(rows - 1);
            *text = text.lines().take(1 + rows - cut).flat_map(|line| [line, "\n"]).collect();
            let before = gateway.received();
            let told = gateway.night_of(25, &night);
            match told.exit {
                // Without anybody's word: three of a kind (`always-allow`), or a tenth of the links.
                0 => assert!(cut <= 3 || cut * 10 <= rows, "{file}: {cut} of {rows}: {told:?}"),
                10 | 65 => assert_eq!(gateway.received(), before, "{file}: {cut} of {rows}"),
                _ => panic!("{file}: {cut} of {rows}: {told:?}"),
            }
            gateway.night_of(25, &Export::night("night1")).exits(0);
        }
    }
}

/// UTF-8 taken for Latin 1 and written as UTF-8 once more: valid, and nobody's name.
#[test]
fn f08_names_that_went_through_two_encodings_are_held() {
    let gateway = Gateway::new().delivered();
    let before = gateway.received();
    let twice = |name: &str| name.bytes().map(char::from).collect::<String>();
    assert!(twice("Åsa Öberg").starts_with("Ã\u{85}sa"));
    gateway.night_of(25, &names("night1", twice)).exits(10);
    let plan = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    let codes = plan["codes"].as_array().unwrap();
    assert!(codes.iter().any(|code| code == "RG349"), "{codes:?}");
    assert_eq!(gateway.received(), before);
    gateway.night_of(26, &Export::night("night1")).exits(0);
}

/// As the service has it: a gigabyte of memory and no more.
#[test]
fn f18_a_field_of_100_megabytes_is_refused_within_the_memory_of_the_service() {
    let gateway = Gateway::new().delivered();
    let before = gateway.received();
    let long = "x".repeat(100_000_000);
    for row in [format!("stor;{long};x;;;;;"), format!("\"stor\";\"{long}\";x;;;;;"), long] {
        gateway.export(&Export::night("night2").row("grupper.csv", &row));
        let run = gateway.command(&["run", "--as-of", "2026-08-25T04:15"]);
        let told = through(&["prlimit", "--as=1073741824", "--"], &run);
        told.exits(65).explains("RG317");
        assert_eq!(gateway.received(), before);
    }
}

/// Å as one character and as two are one name.
#[test]
fn f20_names_composed_in_another_way_are_no_change() {
    let gateway = Gateway::new().delivered();
    let apart = names("night1", |name| name.nfd().collect());
    assert_ne!(apart.0, Export::night("night1").0);
    gateway.night_of(25, &apart).exits(0).says("inga ändringar");
    gateway.night_of(26, &Export::night("night1")).exits(0).says("inga ändringar");
}

/// Files are named, and never chosen: what lies beside them is nothing to us.
#[test]
fn f23_of_two_exports_in_the_folder_the_named_one_is_read() {
    let mut gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night1"));
    let other = Export::night("night2").0;
    for beside in ["personer (1).csv", "personer-20260824.csv", "Personer.csv", "personer.csv.bak"]
    {
        put(&gateway.inbox().join(beside), &other["personer.csv"]);
    }
    gateway.night(25).exits(0).says("inga ändringar");
    let before = gateway.received();
    gateway.change("\"personer.csv\"", "\"personer*.csv\"");
    let told = gateway.night(26).exits(66).explains("RG311");
    assert!(told.err.contains("personer*.csv"), "{}", told.err);
    assert_eq!(gateway.received(), before);
}

/// Registers are read from CSV; the one XML file of another program is the one that is adopted.
#[test]
fn f17_a_bomb_or_outside_entities_in_an_adopted_file_are_refused_within_the_services_memory() {
    let gateway = Gateway::new();
    gateway.export(&Export::night("night1"));
    let outside = gateway.home().join("outside.txt");
    put(&outside, "utifrån");
    let lol = |n: u32| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let laughs: String = (1..10).map(lol).collect();
    let within =
        |text: &str| format!("<enterprise><person><email>{text}</email></person></enterprise>");
    let dtd = |inner: &str, text: &str| {
        format!("<?xml version=\"1.0\"?>\n<!DOCTYPE enterprise [{inner}]>\n{}", within(text))
    };
    let reference = format!("file://{}", outside.display());
    let cases = [
        ("RG318", dtd(&format!("<!ENTITY l0 \"lol\">{laughs}"), "&l9;")),
        ("RG318", dtd(&format!("<!ENTITY x SYSTEM \"{reference}\">"), "&x;")),
        ("RG318", dtd(&format!("<!ENTITY % x SYSTEM \"{reference}\"> %x;"), "x")),
        ("RG318", format!("<!DOCTYPE enterprise SYSTEM \"{reference}\">{}", within("x"))),
        ("RG318", within("&l9;")),
        ("RG317", "<enterprise>".to_owned() + &"<x>".repeat(1_000_000)),
        ("RG317", "<enterprise>".to_owned() + &"<extension>".repeat(1_000_000)),
        ("RG317", within(&"x".repeat(100_000_000))),
        ("RG317", format!("<enterprise x=\"{}\"/>", "x".repeat(100_000_000))),
        ("RG317", format!("<enterprise><!--{}--></enterprise>", "x".repeat(100_000_000))),
        ("RG317", format!("<enterprise><{}/></enterprise>", "x".repeat(100_000_000))),
    ];
    for (code, text) in cases {
        let file = gateway.home().join("ims.xml");
        put(&file, &text);
        let adopt = gateway.command(&["baseline", "adopt", "lms", &file.display().to_string()]);
        let limits = ["prlimit", "--as=1073741824", "--cpu=20", "--"];
        let told = through(&limits, &adopt).exits(65).explains(code);
        assert!(!told.err.contains("utifrån") && told.err.len() < 2000, "{}", told.err);
    }
    // Nothing of them became what the receiver is thought to hold.
    gateway.night_of(24, &Export::night("night1")).exits(10);
    assert_eq!(gateway.baseline(), "never-delivered");
}
