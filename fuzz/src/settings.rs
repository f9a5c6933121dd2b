//! Settings that the laws are held under.

use rostergate::formats::Format;
use rostergate::formats::register_csv;

/// A register's tables, columns by name.
const REGISTER: &str = r#"
folder = "/srv/inbox"
[schools]
file = "schools.csv"
key = "Key"
name = "Name"
[persons]
file = "persons.csv"
key = KEY
personal-number = "Number"
given-name = { column = "Name", after = ", " }
family-name = { column = "Name", before = ", " }
email = "Email"
username = { column = "User", case = "lower" }
mobile = "Mobile"
phone = "Phone"
school = "School"
school-year = "Year"
role = { column = "Role", values = { elev = "learner", personal = "staff", "vårdnadshavare" = "guardian" } }
protected = { column = "Protected", values = { N = false, J = true } }
[groups]
file = "groups.csv"
key = "Key"
name = "Name"
kind = { column = "Kind", values = { klass = "class", grupp = "teaching" } }
school = "School"
term = "Term"
course = "Course"
parent = "Parent"
begin = "Begin"
end = "End"
[memberships]
file = "memberships.csv"
person = "Person"
group = "Group"
role = { column = "Role", values = { elev = "learner", "lärare" = "instructor", mentor = "mentor" } }
begin = "Begin"
end = "End"
[relations]
file = "relations.csv"
person = "Person"
to = "To"
kind = { column = "Kind", values = { "vårdnadshavare" = "guardian" } }
"#;

/// What changes between registers.
pub const REGISTERS: [&str; 8] = [
    "encoding = \"utf-8\"",
    "encoding = \"windows-1252\"",
    "encoding = \"iso-8859-1\"",
    "encoding = \"utf-8\"\nquote = \"none\"",
    "encoding = \"utf-8\"\ndelimiter = \"\\t\"",
    "encoding = \"windows-1252\"\ndelimiter = \",\"\nfinal-line-break = \"optional\"\ncomplete = { done-file = \"klar\", counts = true }",
    "encoding = \"utf-8\"\nmax-field-size = \"100B\"\nmax-row-size = \"300B\"\nmax-rows = 20",
    "encoding = \"utf-8\"\ndate-format = \"%d.%m.%Y\"",
];

/// The settings of a register; an odd number cleans its persons' keys.
pub fn register(number: u8) -> register_csv::Settings {
    let key = match number % 2 {
        0 => "\"Key\"",
        _ => "{ column = \"Key\", strip = \"{}\", case = \"lower\", trim = true }",
    };
    let habit = REGISTERS[usize::from(number / 2) % REGISTERS.len()];
    let text = format!("{habit}\n{}", REGISTER.replace("KEY", key));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// What stands between fields there.
pub fn delimiter(number: u8) -> char {
    match usize::from(number / 2) % REGISTERS.len() {
        4 => '\t',
        5 => ',',
        _ => ';',
    }
}

/// The tables of a register that the laws fill.
pub const TABLES: [(&str, &str); 5] = [
    ("schools.csv", "Key;Name"),
    ("persons.csv", "Key;Number;Name;Email;User;Mobile;Phone;School;Year;Role;Protected"),
    ("groups.csv", "Key;Name;Kind;School;Term;Course;Parent;Begin;End"),
    ("memberships.csv", "Person;Group;Role;Begin;End"),
    ("relations.csv", "Person;To;Kind"),
];

const IMS: [&str; 8] = [
    "dialect = \"itslearning\"",
    "dialect = \"plain\"",
    "dialect = \"itslearning\"\nencoding = \"iso-8859-1\"",
    "dialect = \"plain\"\nencoding = \"iso-8859-1\"\nparent-links = true\nschool-memberships = true",
    "dialect = \"itslearning\"\nusername = \"email\"\nperiods = true\nterms = true",
    "dialect = \"plain\"\nusername = \"personal-number\"\nperiods = false\nnamespace = \"urn:x\"",
    "dialect = \"itslearning\"\nusername = \"key\"\nschool-year-nodes = true\nroot = { key = \"top\", name = \"Hela <kommunen>\" }",
    "dialect = \"itslearning\"\nusername = \"none\"\nschool-memberships = false\nparent-links = false",
];

/// Settings of an IMS Enterprise document.
pub fn ims(number: u8) -> Format {
    let habit = IMS[usize::from(number) % IMS.len()];
    format(&format!("[ims-enterprise]\nsource = \"Exempelstad\"\nfile-name = \"ims.xml\"\n{habit}"))
}

const CSV: [&str; 8] = [
    "",
    "encoding = \"utf-8-bom\"",
    "encoding = \"windows-1252\"",
    "encoding = \"iso-8859-1\"\nquote = \"always\"",
    "delimiter = \";\"",
    "delimiter = \"\\t\"\nline-ends = \"lf\"",
    "header = false",
    "quote = \"always\"\nline-ends = \"lf\"",
];

const PUPILS: &str = r#"
[csv.file."1.csv"]
rows = "persons"
columns = [["Id", "key"], ["Förnamn", "given-name"], ["Efternamn", "family-name"],
  ["E-post", "email"], ["Klass", "class"], ["Skola", "school"], ["Skolnamn", "school-name"]]
"#;

const ALL: &str = r#"
[csv.file."1.csv"]
rows = "schools"
columns = [["a", "key"], ["b", "name"]]
[csv.file."2.csv"]
rows = "persons"
columns = [["a", "key"], ["b", "personal-number"], ["c", "given-name"], ["d", "family-name"],
  ["e", "name"], ["f", "email"], ["g", "username"], ["h", "phone"], ["i", "mobile"],
  ["j", "school-year"], ["k", "role"], ["l", "school"], ["m", "school-name"], ["n", "class"]]
[csv.file."3.csv"]
rows = "groups"
columns = [["a", "key"], ["b", "name"], ["c", "kind"], ["d", "school"], ["e", "school-name"],
  ["f", "term"], ["g", "course"], ["h", "parent"], ["i", "begin"], ["j", "end"]]
[csv.file."4.csv"]
rows = "memberships"
columns = [["a", "person"], ["b", "group"], ["c", "role"], ["d", "begin"], ["e", "end"],
  ["f", "group-name"]]
[csv.file."5.csv"]
rows = "relations"
columns = [["a", "person"], ["b", "to"], ["c", "kind"]]
"#;

/// Settings of a receiver's tables: the lists of pupils first, then those with everything.
pub fn csv(number: u8) -> Format {
    let habit = CSV[usize::from(number) % CSV.len()];
    let files = if number & 8 == 0 { PUPILS } else { ALL };
    format(&format!("[csv]\n{habit}\n{files}"))
}

fn format(text: &str) -> Format {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}
