//! What people and schools are called in the invented town.

use std::fmt;

use super::dice::Dice;

/// A given name: a place in the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Given(u8);

/// A family name, plain or double: two places in the list, the second from 1, or 0 for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Family(u8, u8);

impl Given {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        Self(common_first(dice, GIVEN.len()))
    }

    pub(super) fn text(self) -> &'static str {
        GIVEN[usize::from(self.0)]
    }

    /// The name in small letters without accents, for accounts and addresses.
    pub(super) fn account(self) -> String {
        self.text().chars().flat_map(char::to_lowercase).filter_map(plain).collect()
    }
}

fn plain(letter: char) -> Option<char> {
    match letter {
        'å' | 'ä' => Some('a'),
        'é' | 'è' | 'ë' => Some('e'),
        'ö' => Some('o'),
        letter => letter.is_ascii_lowercase().then_some(letter),
    }
}

impl Family {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let first = common_first(dice, FAMILY.len());
        let second = if dice.chance(60) { common_first(dice, FAMILY.len()) + 1 } else { 0 };
        Self(first, if second == first + 1 { 0 } else { second })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(FAMILY[usize::from(self.0)])?;
        match self.1.checked_sub(1) {
            Some(second) => write!(out, "-{}", FAMILY[usize::from(second)]),
            None => Ok(()),
        }
    }
}

/// The lists begin with the common names: the smaller of two throws favours them.
fn common_first(dice: &mut Dice, names: usize) -> u8 {
    let end = u32::try_from(names).expect("the lists are short");
    let throw = dice.below(end).min(dice.below(end));
    u8::try_from(throw).expect("the lists have fewer than 256 names")
}

/// The name of the `nth` school: different for every number.
pub(super) fn school(nth: u32) -> String {
    let (stem, round) = (nth as usize % STEMS.len(), nth as usize / STEMS.len());
    // Begins elsewhere for every stem, so that a small town has many endings.
    let ending = ENDINGS[(stem + round) % ENDINGS.len()];
    let round = round / ENDINGS.len();
    let quarter = QUARTERS[round % QUARTERS.len()];
    let name = format!("{quarter}{}{ending}", STEMS[stem]);
    match round / QUARTERS.len() {
        0 => name,
        again => format!("{name} {}", again + 1),
    }
}

pub(super) const PRESCHOOLS: [(&str, &str); 2] =
    [("FSK-BLASIPPAN", "Förskolan Blåsippan"), ("FSK-SOLROSEN", "Förskolan Solrosen")];

pub(super) const VILLAGE_SCHOOL: &str = "Lillby byskola";

pub(super) const DEPARTMENTS: [&str; 6] =
    ["Myran", "Fjärilen", "Nyckelpigan", "Humlan", "Trollsländan", "Gräshoppan"];

#[rustfmt::skip]
const STEMS: [&str; 30] = [
    "Björk", "Ek", "Sjö", "Asp", "Lind", "Kyrk", "Rönn", "Sol", "Al", "Kvarn", "Hassel", "Berg",
    "Dal", "Skog", "Mo", "Strand", "Sten", "Vik", "Sund", "Näs", "Holm", "Lund", "Hag", "Vall",
    "Norr", "Ås", "Tall", "Bäck", "Fors", "Gran",
];

#[rustfmt::skip]
const ENDINGS: [&str; 10] = [
    "skolan", "backaskolan", "gårdsskolan", "hagsskolan", "torpsskolan", "ängsskolan", "åkerskolan",
    "rydsskolan", "byskolan", "parksskolan",
];

const QUARTERS: [&str; 5] = ["", "Norra ", "Södra ", "Östra ", "Västra "];

#[rustfmt::skip] // one name a line would fill the file
const GIVEN: [&str; 124] = [
    "Alice", "Noah", "Maja", "Hugo", "Vera", "William", "Alma", "Liam", "Selma", "Lucas", "Elsa",
    "Adam", "Lilly", "Oliver", "Astrid", "Elias", "Wilma", "Nils", "Freja", "Ludvig", "Olivia",
    "Leo", "Signe", "August", "Ebba", "Adrian", "Saga", "Matteo", "Stella", "Frans", "Agnes",
    "Axel", "Clara", "Vincent", "Ines", "Theo", "Ella", "Alfred", "Juni", "Isak", "Tyra", "Arvid",
    "Leah", "Otto", "Molly", "Filip", "Edith", "Valter", "Iris", "Melvin", "Elise", "Viggo", "Nova",
    "Gustav", "Alva", "Albin", "Märta", "Sixten", "Sigrid", "Emil", "Lo", "Loke", "Cleo", "Björn",
    "Siri", "Ivar", "Tuva", "Folke", "Linnéa", "Harry", "Majken", "Oscar", "Ester", "Charlie",
    "Sara", "Mohammed", "Amira", "Ali", "Fatima", "Yusuf", "Leila", "Omar", "Zahra", "Ibrahim",
    "Mira", "Josef", "Nadia", "Samir", "Aisha", "Milan", "Anna", "Anders", "Maria", "Erik", "Karin",
    "Lars", "Eva", "Per", "Kristina", "Mikael", "Lena", "Johan", "Emma", "Daniel", "Jenny",
    "Fredrik", "Malin", "Andreas", "Åsa", "Mattias", "Ulrika", "Henrik", "Örjan", "Camilla",
    "Göran", "Annika", "Håkan", "Pernilla", "Sören", "Ann-Kristin", "Zoë", "Jan-Erik", "René",
    "Thérèse",
];

#[rustfmt::skip] // one name a line would fill the file
const FAMILY: [&str; 151] = [
    "Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson",
    "Svensson", "Gustafsson", "Pettersson", "Jonsson", "Jansson", "Hansson", "Bengtsson", "Jönsson",
    "Lindberg", "Jakobsson", "Magnusson", "Olofsson", "Lindström", "Lindqvist", "Lindgren",
    "Axelsson", "Berg", "Bergström", "Lundberg", "Lind", "Lundgren", "Lundqvist", "Mattsson",
    "Berglund", "Fredriksson", "Sandberg", "Henriksson", "Forsberg", "Sjöberg", "Wallin",
    "Engström", "Eklund", "Danielsson", "Lundin", "Håkansson", "Björk", "Bergman", "Gunnarsson",
    "Holm", "Wikström", "Samuelsson", "Isaksson", "Fransson", "Bergqvist", "Nyström", "Holmberg",
    "Arvidsson", "Löfgren", "Söderberg", "Nyberg", "Blomqvist", "Claesson", "Nordström",
    "Mårtensson", "Lundström", "Viklund", "Björklund", "Eliasson", "Pålsson", "Hassan", "Berggren",
    "Sandström", "Lund", "Nordin", "Ali", "Ström", "Åberg", "Hermansson", "Ekström", "Falk",
    "Holmgren", "Hellström", "Dahlberg", "Hedlund", "Sundberg", "Sjögren", "Ek", "Blom",
    "Abrahamsson", "Öberg", "Martinsson", "Andreasson", "Strömberg", "Månsson", "Hansen", "Åkesson",
    "Dahl", "Lindholm", "Norberg", "Holmqvist", "Jonasson", "Ivarsson", "Ahmed", "Sundström",
    "Åström", "Nyman", "Ekman", "Söderström", "Mohamed", "Hedberg", "Lundmark", "Palm", "Östlund",
    "Ekberg", "Stenberg", "Dahlgren", "Rosén", "Malm", "Törnqvist", "Wallgren", "Sandell", "Melin",
    "Grahn", "Lilja", "Vesterlund", "Edström", "Hallberg", "Norén", "Lindell", "Rydberg",
    "Ahlström", "Öhman", "Bäckman", "Hedman", "Fors", "Kjellberg", "Strand", "Sjöström", "Boström",
    "Ågren", "Nordlund", "Backman", "Moberg", "Skoglund", "Zetterberg", "Friberg", "Ottosson",
    "Söderlund", "Hagström", "Ahlgren", "Näslund", "Rask", "Kvist",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_schools_share_a_name() {
        let names: HashSet<String> = (0..5000).map(school).collect();
        assert_eq!(names.len(), 5000);
        assert_eq!(school(0), "Björkskolan");
        assert_eq!(school(1501), "Ekbackaskolan 2");
    }

    #[test]
    fn a_double_name_has_two_different_parts() {
        let mut dice = Dice::new(1);
        let names: Vec<String> = (0..5000).map(|_| Family::draw(&mut dice).to_string()).collect();
        let double: Vec<&String> = names.iter().filter(|name| name.contains('-')).collect();
        assert!((200..400).contains(&double.len()), "{}", double.len());
        assert!(double.iter().all(|name| name.split_once('-').is_some_and(|(a, b)| a != b)));
    }

    #[test]
    fn account_names_are_small_ascii_letters() {
        for place in 0..GIVEN.len() {
            let given = Given(u8::try_from(place).unwrap());
            let (name, plain) = (given.text(), given.account());
            assert!(plain.bytes().all(|byte| byte.is_ascii_lowercase()), "{plain}");
            let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
            assert_eq!(letters, plain.len(), "{name} {plain}");
        }
    }
}
