//! Columns by name, number, constant, and with declared clean-up.

use super::*;
use rostergate::roster::draft::Marking;

/// F09.
#[test]
fn columns_may_stand_in_any_order() {
    let golden = read(&config(CONFIG), &export(&[])).expect("readable").lines();
    let rows: Vec<Vec<&str>> = FILES[1].1.lines().map(|row| row.split(';').collect()).collect();
    let mut order: Vec<usize> = (0..6).collect();
    let mut seen = 0;
    permutations(&mut order, 0, &mut |order| {
        let shuffled =
            rows.iter().map(|row| order.iter().map(|&i| row[i]).collect::<Vec<_>>().join(";"));
        let text = shuffled.map(|row| row + "\n").collect::<String>();
        assert_eq!(
            read_with("personer.csv", &text).expect("readable").lines(),
            golden,
            "{order:?}"
        );
        seen += 1;
    });
    assert_eq!(seen, 720);
}

fn permutations(order: &mut Vec<usize>, fixed: usize, visit: &mut impl FnMut(&[usize])) {
    if fixed == order.len() {
        return visit(order);
    }
    for other in fixed..order.len() {
        order.swap(fixed, other);
        permutations(order, fixed + 1, visit);
        order.swap(fixed, other);
    }
}

/// F10. Other headers are never told: a file without a header would tell of persons.
#[test]
fn missing_renamed_and_double_columns_are_told() {
    let renamed = read_with("grupper.csv", "id;Nman;Fyrklövern\ng1;7A;x\n");
    let text = "grupper.csv:1: no column \"Id\"; no column \"Namn\"; no column \"Skola\"";
    let (code, found) = error(renamed);
    assert_eq!(code, 315);
    assert!(!found.contains("Fyrklövern"), "{found}");
    assert!(text.len() <= found.len(), "{found}");
    let near = read_with("personer.csv", "Id;Pnr;Fornamn;Efternamn;Skola;Roll\np1;;A;B;;elev\n");
    let text = "personer.csv:1: no column \"Förnamn\" (did you mean \"Fornamn\"?)".to_owned();
    assert_eq!(error(near), (315, text));
    let twice = read_with("grupper.csv", "Id;Namn;Namn;Skola\ng1;7A;7A;\n");
    let text = "grupper.csv:1: column \"Namn\" stands there 2 times".to_owned();
    assert_eq!(error(twice), (315, text));
    let extra =
        read_with("grupper.csv", "Id;Namn;Skola;A;B\ng1;7A;99000001;;\n").expect("readable");
    assert_eq!(extra.faults(344), ["Warning grupper.csv - 2"]);
}

#[test]
fn files_without_a_header_go_by_number() {
    let numbers = [
        ("\"Skolkod\"", "1"),
        ("\"Id\"", "1"),
        ("\"Pnr\"", "2"),
        ("\"Förnamn\"", "3"),
        ("\"Efternamn\"", "4"),
        ("key = \"Id\"\nname = \"Namn\"\nkind", "key = 1\nname = 2\nkind"),
        ("\"Person\"", "1"),
        ("\"Grupp\"", "2"),
        ("\"Start\"", "4"),
        ("\"Vuxen\"", "1"),
        ("\"Elev\"", "2"),
    ];
    let mut text = CONFIG.replacen('\n', "\nheader = false\n", 1);
    text = text.replace("class\" }\nschool = \"Skola\"", "class\" }\nschool = 3");
    text = text.replace(
        "school = \"Skola\"\nrole = { column = \"Roll\"",
        "school = 5\nrole = { column = 6",
    );
    text = text.replace("column = \"Roll\"", "column = 3").replace("\"Namn\"", "2");
    for (header, number) in numbers {
        text = text.replace(header, number);
    }
    let files: Vec<_> = FILES
        .iter()
        .map(|&(name, text)| (name, text.split_once('\n').expect("a header").1.as_bytes().to_vec()))
        .collect();
    let golden = read(&config(CONFIG), &export(&[])).expect("readable");
    assert_eq!(read(&config(&text), &files).expect("readable").lines(), golden.lines());
    let far = text.replace("begin = 4", "begin = 9");
    let text = "medlemskap.csv:1: no column \"#9\"".to_owned();
    assert_eq!(error(read(&config(&far), &files)), (315, text));
}

/// A clean-up of keys is told, and done to every column that refers to them.
#[test]
fn keys_are_cleaned_as_declared_and_never_else() {
    let clean = "key = { column = \"Id\", strip = \"{}\", case = \"lower\" }\npersonal";
    let settings = config(&CONFIG.replace("key = \"Id\"\npersonal", clean));
    let rows = "Id;Pnr;Förnamn;Efternamn;Skola;Roll\n{P1};;Åsa;Öberg;99000001;elev\n\
                p2;;Örjan;Ärlig;99000001;personal\n";
    let read =
        super::read(&settings, &export(&[("personer.csv", rows.as_bytes())])).expect("readable");
    assert_eq!(read.faults(350), ["Warning personer.csv:2 Id 1"]);
    assert_eq!((read.roster.memberships().len(), read.roster.relations().len()), (2, 1));
    let links = "Vuxen;Elev\nP2;{p1}\n";
    let changed = [("personer.csv", rows.as_bytes()), ("relationer.csv", links.as_bytes())];
    let read = super::read(&settings, &export(&changed)).expect("readable");
    assert_eq!(read.roster.relations().len(), 1);
    assert_eq!(read.faults(350).len(), 3);
    let loose = read_with("grupper.csv", "Id;Namn;Skola\ng1;7A;99000001\n g2;7B;99000001\n")
        .expect("readable");
    assert_eq!(loose.faults(351), ["Warning grupper.csv:3 Id 1"]);
    assert!(loose.roster.groups().any(|group| group.key == " g2"));
}

#[test]
fn a_name_column_is_split_and_dates_are_read_as_written() {
    let names = CONFIG
        .replace("\"Förnamn\"", "{ column = \"Namn\", after = \", \" }")
        .replace("\"Efternamn\"", "{ column = \"Namn\", before = \", \" }")
        .replacen('\n', "\ndate-format = \"%d.%m.%Y\"\n", 1);
    let persons = "Id;Pnr;Namn;Skola;Roll\np1;;Öberg, Åsa;99000001;elev\np2;;Ärlig, Örjan;99000001;personal\n";
    let members = "Person;Grupp;Roll;Start\np1;g1;elev;17.08.2026\n";
    let changed = [("personer.csv", persons.as_bytes()), ("medlemskap.csv", members.as_bytes())];
    let read = super::read(&config(&names), &export(&changed)).expect("readable");
    assert_eq!(read.lines()[1], "p1\t\tÅsa\tÖberg\t\t\t\t\t\tlearner\t99000001");
    assert_eq!(
        read.roster.memberships().next().map(|m| m.begin.to_owned()),
        Some("2026-08-17".to_owned())
    );
}

/// Whoever is marked stays marked, however faulty the row; blank and unknown words protect.
#[test]
fn protection_is_never_lost() {
    let marked = CONFIG.replace(
        "school = \"Skola\"\nrole",
        "school = \"Skola\"\nprotected = { column = \"S\", values = { J = true, N = false } }\nrole",
    );
    let text = "Id;Pnr;Förnamn;Efternamn;Skola;Roll;S\n\
                a;;A;A;;elev;N\nb;;B;B;;elev;J\nc;;C;C;;elev;\nd;;D;D;;elev;x\n\
                e;;;;;elev;J\nf;;F;F;;okänd;j\ng;;;;;elev;N\n";
    let files = export(&[("personer.csv", text.as_bytes())]);
    let files: Vec<File<'_>> =
        files.iter().map(|(name, bytes)| File { name, bytes, rows: None }).collect();
    let mut draft = Draft::new();
    let open = |name: &str| {
        let file = files.iter().find(|file| file.name == name)?;
        Some(register_csv::Opened { name: file.name, bytes: Box::new(file.bytes), rows: None })
    };
    register_csv::entities(&config(&marked), &open, TODAY, &mut draft).expect("readable");
    draft.close();
    let marks: Vec<_> =
        draft.persons().map(|(_, person, mark)| (person.key.to_owned(), mark)).collect();
    let (none, unknown, protected) = (Marking::None, Marking::Unknown, Marking::Protected);
    let expected = [
        ("a", none),
        ("b", protected),
        ("c", unknown),
        ("d", unknown),
        ("e", protected),
        ("f", unknown),
    ];
    assert_eq!(marks, expected.map(|(key, mark)| (key.to_owned(), mark)));
    assert_eq!(draft.set_aside_rows().len(), 1);
}
