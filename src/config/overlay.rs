//! Limits typed on the command line, laid over those of the configuration: the same keys, units
//! and ceilings, since the same types read them.

use toml::{Table, Value};

use super::fault::{nearest, unknown};
use super::{Loaded, Said};
use crate::pipeline::safety::{Limits, Settings};

/// Settings that count what stored nights do not hold.
const NOT_KEPT: [&str; 2] = ["set-aside", "newly-protected"];

/// Limits typed on the command line.
#[derive(Debug, Default)]
pub struct Overlay(Table);

/// A typed limit that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OverlayFault {
    /// What was typed before the `=`, or all of it.
    pub key: String,
    /// What is wrong, in both languages.
    pub what: Said,
    /// The nearest valid key, or empty.
    pub nearest: String,
}

impl Overlay {
    /// Reads `persons.remove=3%`, one for each limit; of one key, the last counts.
    ///
    /// # Errors
    /// With the first that cannot be used.
    pub fn parse(typed: &[String]) -> Result<Overlay, OverlayFault> {
        let mut whole = Table::new();
        for text in typed {
            lay_over(&mut whole, one(text)?);
        }
        Ok(Overlay(whole))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Loaded {
    /// A target's limits with these laid over them.
    ///
    /// # Panics
    /// When there is no such target.
    pub fn limits_under(&self, target: &str, overlay: &Overlay) -> Limits {
        let own = self.table["target"][target].get("limits").and_then(Value::as_table);
        let mut limits = own.cloned().unwrap_or_default();
        lay_over(&mut limits, overlay.0.clone());
        let limits: Settings = limits.try_into().expect("both were read before");
        Limits::resolve(&limits, &self.config.limits)
    }
}

/// One limit as the table that a configuration would have.
fn one(text: &str) -> Result<Table, OverlayFault> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    let (key, value) = (key.trim(), value.trim().trim_matches('"'));
    let fault = |what: &str| OverlayFault {
        key: key.to_owned(),
        what: Said::of(what),
        nearest: String::new(),
    };
    if key.is_empty() || value.is_empty() {
        return Err(fault("write KEY=VALUE, as in persons.remove=3%"));
    }
    if NOT_KEPT.contains(&key) {
        return Err(fault("stored nights do not hold the numbers that this limit counts"));
    }
    let number = value.parse().map(|number| table_of(key, Value::Integer(number)));
    let text = table_of(key, Value::from(value));
    let tried = number.as_ref().map_or_else(|_| read(&text), read);
    // A number where a share belongs is a share without its sign.
    let tried = match tried {
        Err(message) if message.starts_with("invalid type: integer") => {
            read(&text).map_err(|of_text| if of_text.contains("share") { of_text } else { message })
        }
        tried => tried,
    };
    match tried {
        Ok(()) => Ok(number.unwrap_or(text)),
        Err(message) => {
            let mut fault = fault(&message);
            if let Some((word, known)) = unknown(&message) {
                fault.nearest = nearest(word, &known).unwrap_or_default();
            }
            Err(fault)
        }
    }
}

/// `persons.remove` and its value as nested tables.
fn table_of(key: &str, value: Value) -> Table {
    let mut parts = key.split('.').rev();
    let last = parts.next().unwrap_or_default().to_owned();
    parts.fold(Table::from_iter([(last, value)]), |inner, part| {
        Table::from_iter([(part.to_owned(), Value::Table(inner))])
    })
}

/// Whether the configuration would take it, or what it would say.
fn read(table: &Table) -> Result<(), String> {
    let read = table.clone().try_into::<Settings>();
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    read.map(drop).map_err(|error| first(error.message()))
}

/// Puts every value of `upper` in the place of the one below it.
fn lay_over(below: &mut Table, upper: Table) {
    for (key, value) in upper {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(upper)) => lay_over(inner, upper),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::language::Language;

    fn fault(text: &str) -> (String, String) {
        let fault = Overlay::parse(&[text.to_owned()]).expect_err("cannot be used");
        (fault.what.in_language(Language::En).to_owned(), fault.nearest)
    }

    #[test]
    fn limits_have_the_configurations_units_and_ceilings() {
        for good in [
            "persons.remove=3%",
            "school.remove-max=20",
            "always-allow=0",
            "learners.remove = \"4 %\"",
        ] {
            assert!(Overlay::parse(&[good.to_owned()]).is_ok(), "{good}");
        }
        assert!(fault("persons.remove=31%").0.contains("above the ceiling"));
        assert!(fault("persons.remove=3").0.contains("is not a share"));
        assert!(fault("persons.remove-max=many").0.contains("a whole number"));
        assert!(fault("always-allow=101").0.contains("above the ceiling"));
        assert_eq!(fault("person.remove=3%").1, "persons");
        assert_eq!(fault("persons.removes=3%").1, "remove");
        assert!(fault("set-aside=1%").0.contains("do not hold"));
        assert!(fault("persons.remove").0.contains("KEY=VALUE"));
        assert!(fault("persons.remove.more=3%").0.contains("a table"));
    }
}
