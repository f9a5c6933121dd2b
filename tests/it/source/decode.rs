//! Encodings, cuts, shapes: what makes a file whole.

use super::*;
use proptest::prelude::*;

type Encoder<'e> = &'e dyn Fn(&str) -> Vec<u8>;

/// Every encoding of the golden files, with the same people in each.
#[test]
fn the_same_people_in_every_encoding() {
    let golden = read(&config(CONFIG), &export(&[])).expect("readable");
    assert_eq!(golden.issues, []);
    assert_eq!(golden.lines()[1], "p1\t201806132385\tÅsa\tÖberg\t\t\t\t\t\tlearner\t99000001");
    let latin1 =
        |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin 1")).collect();
    let with_mark = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let encoders: [(&str, Encoder<'_>); 3] =
        [("utf-8", &with_mark), ("windows-1252", &latin1), ("iso-8859-1", &latin1)];
    for (name, encode) in encoders {
        let settings = config(&CONFIG.replace("\"utf-8\"", &format!("{name:?}")));
        let files: Vec<_> = FILES.iter().map(|&(file, text)| (file, encode(text))).collect();
        let other = read(&settings, &files).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(other.lines(), golden.lines(), "{name}");
        assert_eq!(other.faults(343).len(), if name == "utf-8" { 5 } else { 0 }, "{name}");
    }
}

#[test]
fn windows_line_ends_and_quotes_change_nothing() {
    let golden = read(&config(CONFIG), &export(&[])).expect("readable");
    let returns: Vec<_> =
        FILES.iter().map(|&(name, text)| (name, text.replace('\n', "\r\n").into_bytes())).collect();
    assert_eq!(read(&config(CONFIG), &returns).expect("readable").lines(), golden.lines());
    let quote = |text: &str| {
        let row = |row: &str| format!("\"{}\"\r\n", row.replace(';', "\";\""));
        text.lines().map(row).collect::<String>().into_bytes()
    };
    let quoted: Vec<_> = FILES.iter().map(|&(name, text)| (name, quote(text))).collect();
    assert_eq!(read(&config(CONFIG), &quoted).expect("readable").lines(), golden.lines());
}

#[test]
fn a_wrong_encoding_has_its_place() {
    let bytes = b"Id;Namn;Skola\ng1;7A;\ng2;\xE5k 7;\n";
    let found = read(&config(CONFIG), &export(&[("grupper.csv", bytes)]));
    let text = "grupper.csv:3:4: not utf-8: a byte that is no UTF-8";
    assert_eq!(error(found), (314, text.to_owned()));
    let western = config(&CONFIG.replace("utf-8", "windows-1252"));
    let undefined = export(&[("skolor.csv", b"Skolkod;Namn\n9;\x81\n")]);
    assert_eq!(error(read(&western, &undefined)).0, 314);
    let marked = export(&[("skolor.csv", b"\xEF\xBB\xBFSkolkod;Namn\n9;x\n")]);
    assert_eq!(error(read(&western, &marked)).0, 314);
    let wide = export(&[("skolor.csv", b"\xFF\xFES\0k\0")]);
    assert_eq!(error(read(&config(CONFIG), &wide)).0, 314);
}

/// UTF-8 read as Latin 1 is valid, so it is counted for the verdict.
#[test]
fn mojibake_is_counted() {
    let settings = config(
        &CONFIG
            .replace("utf-8", "windows-1252")
            .replace("Förnamn", "Fnamn")
            .replace("lärare", "larare"),
    );
    let files: Vec<_> = FILES
        .iter()
        .map(|&(name, text)| {
            (name, text.replace("Förnamn", "Fnamn").replace("lärare", "larare").into_bytes())
        })
        .collect();
    let read = read(&settings, &files).expect("readable");
    assert_eq!((read.reading.names, read.reading.accented, read.reading.mojibake), (6, 5, 5));
}

#[test]
fn latin_1_is_not_windows_1252() {
    let settings = config(&CONFIG.replace("utf-8", "iso-8859-1").replace("lärare", "l"));
    let files: Vec<_> = FILES
        .iter()
        .map(|&(name, text)| {
            let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin 1"));
            let bytes = bytes.map(|byte| if byte == 0xC4 { 0x93 } else { byte });
            (name, bytes.collect::<Vec<u8>>())
        })
        .collect();
    let read = read(&settings, &files).expect("readable");
    assert_eq!(read.faults(326)[0], "Warning skolor.csv:2 Namn 1");
}

/// F01: cut at every byte, a file is refused, or ends exactly at a row's end and has rows left.
#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let whole = "Id;Pnr;Förnamn;Efternamn;Skola;Roll\n\
                 p1;;\"Åsa \"\"Nisse\"\"\";Öberg;;elev\n\
                 \"p2\";;\"Bo;Ek\";\"Ek\";\"99000001\";\"personal\"\n\
                 p3;;Cia;Dal;99000001;elev\n";
    assert!(read_with("personer.csv", whole).is_ok());
    for line_end in ["\n", "\r\n"] {
        let whole = whole.replace('\n', line_end).into_bytes();
        for end in 0..whole.len() {
            let found = read(&config(CONFIG), &export(&[("personer.csv", &whole[..end])]));
            match found {
                Err(error) => assert!([310, 311].contains(&error.code().0), "{end}: {error}"),
                Ok(_) => assert_eq!(whole[end - 1], b'\n', "cut at byte {end} passed"),
            }
        }
    }
}

/// The cuts that remain are at a row's end: the done-file's count catches every one.
#[test]
fn counted_rows_catch_the_cut_at_a_row_end() {
    let counted =
        CONFIG.replacen('\n', "\ncomplete = { done-file = \"klar\", counts = true }\n", 1);
    let settings = config(&counted);
    let whole = FILES[1].1;
    let decode = |text: &str, rows: Option<u64>| {
        let files: Vec<File<'_>> = FILES
            .iter()
            .map(|&(name, other)| {
                let text = if name == "personer.csv" { text } else { other };
                let counted = other.lines().count() as u64 - 1;
                let rows = if name == "personer.csv" { rows } else { Some(counted) };
                File { name, bytes: text.as_bytes(), rows }
            })
            .collect();
        register_csv::decode(&settings, &files, TODAY, &mut Draft::new())
    };
    assert!(decode(whole, Some(2)).is_ok());
    for (end, _) in whole.char_indices() {
        assert!(decode(&whole[..end], Some(2)).is_err(), "cut at byte {end} passed");
    }
    let found = (316, "personer.csv: 2 rows, but the done-file says 3".to_owned());
    assert_eq!(error(decode(whole, Some(3))), found);
    assert_eq!(error(decode(whole, None)).0, 316);
}

#[test]
fn a_register_without_final_line_breaks_needs_counts() {
    let text = CONFIG.replacen(
        '\n',
        "\nfinal-line-break = \"optional\"\ncomplete = { done-file = \"klar\", counts = true }\n",
        1,
    );
    let files = FILES.map(|(name, text)| (name, text.trim_end(), text.lines().count() as u64 - 1));
    let files =
        files.map(|(name, text, rows)| File { name, bytes: text.as_bytes(), rows: Some(rows) });
    assert!(register_csv::decode(&config(&text), &files, TODAY, &mut Draft::new()).is_ok());
}

#[test]
fn quotes_that_could_join_rows_are_refused() {
    let joined = "Id;Namn;Skola\ng1;\"7A;x\ng2;7B\";x\n";
    let how = "grupper.csv:2: a quoted field runs over several lines and looks like rows";
    assert_eq!(error(read_with("grupper.csv", joined)), (318, how.to_owned()));
    let after = read_with("grupper.csv", "Id;Namn;Skola\ng1;\"7A\"x;\n");
    assert_eq!(error(after), (318, "grupper.csv:2: text follows a closing quote".to_owned()));
    let open = read_with("grupper.csv", "Id;Namn;Skola\ng1;\"7A;\ng2;7B;\n");
    assert_eq!(error(open).0, 310);
    let inside = read_with("grupper.csv", "Id;Namn;Skola\ng1;7\"A\";99000001\n").expect("readable");
    assert!(inside.lines().iter().any(|line| line.starts_with("g1\t7\"A\"\t")));
    let none = config(&CONFIG.replacen('\n', "\nquote = \"none\"\n", 1));
    let text = b"Id;Namn;Skola\ng1;\"7A;99000001\n";
    assert!(read(&none, &export(&[("grupper.csv", text)])).is_ok());
}

#[test]
fn rows_of_another_width_have_their_line() {
    let text = "grupper.csv:4: 4 fields where 3 are expected";
    let found = read_with("grupper.csv", "Id;Namn;Skola\ng1;7A;\n\ng2;a;b;c\n");
    assert_eq!(error(found), (318, text.to_owned()));
}

/// F06.
#[test]
fn an_empty_file_and_a_bare_header_are_refused() {
    for (file, header) in FILES.map(|(file, text)| (file, text.lines().next().unwrap_or_default()))
    {
        for text in [String::new(), "\n\n".to_owned(), format!("{header}\n")] {
            assert_eq!(error(read_with(file, &text)).0, 311, "{file} {text:?}");
        }
    }
    let missing = &export(&[])[..4];
    assert_eq!(error(read(&config(CONFIG), missing)).0, 311);
    let none = config(&CONFIG.replacen('\n', "\nexpect = { relations = [0, 9] }\n", 1));
    assert!(read(&none, &export(&[("relationer.csv", b"Vuxen;Elev\n")])).is_ok());
    assert_eq!(error(read(&none, &export(&[("relationer.csv", b"")]))).0, 311);
}

#[test]
fn counts_outside_what_is_normal_are_refused() {
    let few = config(&CONFIG.replacen('\n', "\nexpect = { persons = [3, 9] }\n", 1));
    let text = "personer.csv: 2 rows about persons; normal is 3 to 9".to_owned();
    assert_eq!(error(read(&few, &export(&[]))), (329, text));
}

/// F18, with small limits.
#[test]
fn limits_bound_fields_rows_and_files() {
    let limited = |limit: &str| config(&CONFIG.replacen('\n', &format!("\n{limit}\n"), 1));
    let long = format!("Id;Namn;Skola\ng1;{};\n", "x".repeat(101));
    let files = export(&[("grupper.csv", long.as_bytes())]);
    assert_eq!(error(read(&limited("max-field-size = \"100B\""), &files)).0, 317);
    assert_eq!(error(read(&limited("max-row-size = \"100B\""), &files)).0, 317);
    assert!(read(&limited("max-row-size = \"200B\""), &files).is_ok());
    let two = limited("max-rows = 1");
    let text = "personer.csv:3: the number of rows is larger than max-rows allows (1)".to_owned();
    assert_eq!(error(read(&two, &export(&[]))), (317, text));
    let wide = format!("{}\n", ";".repeat(1_000_001));
    assert_eq!(error(read_with("grupper.csv", &wide)).0, 317);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b';'), Just(b'"'), Just(b'\n')], 0..300),
        keep_header: bool, place in 0usize..5, encoding in 0usize..3,
    ) {
        let encodings = ["utf-8", "windows-1252", "iso-8859-1"];
        let settings = config(&CONFIG.replace("utf-8", encodings[encoding]));
        let (name, text) = FILES[place];
        let header = if keep_header { text.split_inclusive('\n').next().unwrap_or_default() } else { "" };
        let bytes = [header.as_bytes(), &bytes[..]].concat();
        let _ = read(&settings, &export(&[(name, &bytes)]));
    }

    /// F16, F20: whatever stands in a name, what comes out is composed, printable, and stays so.
    #[test]
    fn any_text_becomes_a_lawful_name(name in "\\PC*|.*") {
        let quoted = name.replace('"', "\"\"").replace(';', ",");
        let text = format!("Id;Namn;Skola\ng1;\"{quoted}\";\n");
        let read = read_with("grupper.csv", &text).expect("readable");
        let group = read.roster.groups().next().expect("one group");
        let unlawful = |c: char| c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}';
        prop_assert!(!group.name.chars().any(unlawful));
        let again = read_with("grupper.csv", &format!("Id;Namn;Skola\ng1;\"{}\";\n", group.name.replace('"', "\"\"")));
        let again = again.expect("readable").roster.groups().next().map(|group| group.name.to_owned());
        prop_assert_eq!(again.as_deref(), Some(group.name));
    }
}
