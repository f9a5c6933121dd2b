//! Whatever a register says, no file of any format says that somebody is an administrator.

use std::collections::BTreeSet;

use rostergate::formats::Format;
use rostergate::formats::register_csv;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, RelationKind, Role};

use super::support::{
    Builder, at_schools, format, group, itslearning, person, plain, try_format, written,
};

/// Somebody with every role that there is, as a person and as a member, and names that ask for
/// more.
fn everything() -> Roster {
    let mut builder = Builder::new().school("s", "Skolan");
    for (at, role) in Role::OF_PERSONS.iter().enumerate() {
        let key = format!("p-{at}");
        let person = person(&key, "Elsa", "Ek", &[*role]);
        builder = builder.person(&at_schools(person, &["s"]));
    }
    builder = builder.person(&at_schools(person("p-9", "Bo", "Ek", Role::OF_PERSONS), &["s"]));
    let groups: Vec<String> = (0..GroupKind::ALL.len()).map(|at| format!("g-{at}")).collect();
    for (key, kind) in groups.iter().zip(GroupKind::ALL) {
        builder = builder.group(&group(key, "2A", *kind, "s"));
    }
    for key in &groups {
        for role in Role::OF_MEMBERSHIPS {
            builder = builder.member(key, "p-9", *role).member(key, "p-0", *role);
        }
    }
    builder.relation("p-9", "p-0", RelationKind::Guardian).build()
}

fn xml(format: &Format) -> String {
    String::from_utf8(written(format, &everything()).remove(0).1).expect("UTF-8")
}

/// The values of an attribute, wherever it stands.
fn values<'x>(xml: &'x str, attribute: &str) -> BTreeSet<&'x str> {
    let mark = format!(" {attribute}=\"");
    xml.split(&mark).skip(1).map(|rest| rest.split('"').next().expect("a value")).collect()
}

/// Every word with which a format can be told to call a role: what is sent is among those that
/// stand here, and none of them is an administrator's, or the setting is refused.
#[test]
fn t2_no_role_leaves_that_is_not_on_the_list() {
    for dialect in [itslearning, plain] {
        for habit in
            ["", "school-memberships = true\nparent-links = true", "school-memberships = false"]
        {
            let xml = xml(&dialect(habit));
            let roles = values(&xml, "roletype");
            assert!(
                !roles.is_empty() && roles.is_subset(&["01", "02", "04", "06"].into()),
                "{roles:?}"
            );
            let people = values(&xml, "institutionroletype");
            let known = ["Carer", "Guest", "Other", "Staff", "Student"].into();
            assert!(people.len() > 2 && people.is_subset(&known), "{people:?}");
            assert!(!xml.contains("systemrole"), "a role in the whole system is never said");
        }
        for number in 0..=99_u8 {
            let word = format!("{number:02}");
            for role in ["learner", "instructor", "mentor"] {
                let more = format!("roles = {{ {role} = \"{word}\" }}");
                let settings = try_ims(&dialect(""), &more);
                let listed = [1, 2, 3, 4, 6, 8].contains(&number);
                assert_eq!(settings.is_some(), listed, "{more}");
                if let Some(format) = settings {
                    assert!(values(&xml(&format), "roletype").contains(&*word), "{more}");
                }
            }
        }
    }
}

/// The same dialect with one more setting, if it is not refused.
fn try_ims(format: &Format, more: &str) -> Option<Format> {
    let text = toml::to_string(format).expect("settings are a table");
    let mut table: toml::Table = text.parse().expect("just written");
    let more: toml::Table = more.parse().expect("a setting");
    table["ims-enterprise"].as_table_mut().expect("a table").extend(more);
    try_format(&table.to_string()).ok()
}

#[test]
fn t2_tables_say_the_programs_own_words_for_roles() {
    let format = format(
        "[csv.file.\"1.csv\"]\nrows = \"persons\"\ncolumns = [[\"Id\", \"key\"], [\"Roll\", \"role\"]]\n\
         [csv.file.\"2.csv\"]\nrows = \"groups\"\ncolumns = [[\"Id\", \"key\"]]\n\
         [csv.file.\"3.csv\"]\nrows = \"memberships\"\n\
         columns = [[\"P\", \"person\"], [\"G\", \"group\"], [\"Roll\", \"role\"]]\n",
    );
    let files = written(&format, &everything());
    // The role stands last; somebody with several has them in quotes, with commas between.
    let last = |(_, bytes): &(String, Vec<u8>), before: usize| -> BTreeSet<String> {
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let cells =
            text.lines().skip(1).filter_map(|line| line.splitn(before + 1, ',').nth(before));
        let words = cells.flat_map(|cell| cell.trim_matches('"').split(','));
        words.map(|word| word.trim().to_owned()).collect()
    };
    let words = |roles: &[Role]| roles.iter().map(|role| role.as_str().to_owned()).collect();
    let of_persons: BTreeSet<String> = words(Role::OF_PERSONS);
    let of_members: BTreeSet<String> = words(Role::OF_MEMBERSHIPS);
    assert_eq!((last(&files[0], 1), last(&files[2], 2)), (of_persons, of_members));
    for role in Role::ALL {
        assert!(!role.as_str().contains("admin"), "there is no word for administrators");
    }
}

/// A municipality cannot map a register's word to an administrator either.
#[test]
fn t2_a_registers_administrator_is_nobody_here() {
    let register = |role: &str| {
        toml::from_str::<register_csv::Settings>(&format!(
            "folder = \"/srv/inbox\"\nencoding = \"utf-8\"\n[persons]\nfile = \"p.csv\"\nkey = \"Id\"\n\
             given-name = \"F\"\nfamily-name = \"E\"\nschool = \"S\"\n\
             role = {{ column = \"Roll\", values = {{ Administrator = \"{role}\" }} }}\n"
        ))
    };
    register("staff").expect("whatever the register calls them, they are staff to us");
    for role in ["administrator", "admin", "Administrator", "manager", "sysadmin", "07"] {
        let refused = register(role).expect_err(role).to_string();
        assert!(refused.contains("use one of learner, staff, guardian"), "{refused}");
    }
}
