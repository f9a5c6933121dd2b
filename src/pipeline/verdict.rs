//! The safety filter's answer: pass, or held with every reason.

use serde::{Deserialize, Serialize};

use crate::roster::field::PersonField;
use crate::roster::words::{GroupKind, Role};

/// What a limit is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// All persons.
    Persons,
    /// Persons with a role.
    Role(Role),
    /// All groups.
    Groups,
    /// Groups of a kind.
    GroupKind(GroupKind),
    /// All memberships.
    Memberships,
    /// Memberships with a role.
    MembershipRole(Role),
    /// All relations.
    Relations,
    /// All schools.
    Schools,
    /// The persons of one school; holds the school's name.
    School(String),
    /// One role's persons, the groups or the memberships of one school, with its name.
    AtSchool(Box<Subject>, String),
}

/// What would happen to the subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// It would be new.
    Add,
    /// It would get other data.
    Change,
    /// It would no longer be told.
    Remove,
}

/// What beside the register has changed since the target was last told something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// What the target selects: schools, years, roles or kinds of group.
    Selection,
    /// The settings by which registers are read, persons protected or keys written.
    Source,
    /// The program's own rules.
    Program,
}

/// One reason to hold a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breach {
    /// This target was never sent anything from this configuration.
    FirstDelivery {
        /// Persons that would be sent.
        persons: u64,
        /// What differs from the receiver of the last delivery (`host`, `folder` …), or empty.
        moved: Vec<String>,
        /// The target of another name whose file this receiver was given last.
        #[serde(default)]
        last_for: Option<String>,
    },
    /// `100 · count > percent · of`, with `count` above the allowance.
    OverPercent {
        /// What the limit is about.
        subject: Subject,
        /// What would happen.
        operation: Operation,
        /// To how many.
        count: u64,
        /// Of how many.
        of: u64,
        /// The limit in thousandths of a percent, so that 7.5 % is 7500.
        limit: u32,
    },
    /// `count > limit`.
    OverCount {
        /// What the limit is about.
        subject: Subject,
        /// What would happen.
        operation: Operation,
        /// To how many.
        count: u64,
        /// The limit.
        limit: u64,
    },
    /// `100 · count > percent · of` over seven days, with `count` above the allowance: removals of
    /// tonight and of the nights before that no person looked at.
    OverWeek {
        /// What the limit is about.
        subject: Subject,
        /// How many would be gone.
        count: u64,
        /// Of how many when the days began.
        of: u64,
        /// The limit in thousandths of a percent.
        limit: u32,
    },
    /// A school, role or kind of group that the target knows would vanish whole.
    Vanished {
        /// What would vanish.
        subject: Subject,
        /// How many there were.
        of: u64,
    },
    /// Fewer than the configured minimum would be sent.
    BelowMinimum {
        /// Of what.
        subject: Subject,
        /// How many.
        count: u64,
        /// The minimum.
        minimum: u64,
    },
    /// Too many are gone under one key and new under another.
    Rekeyed {
        /// Persons or groups.
        subject: Subject,
        /// How many got another key.
        count: u64,
        /// Of how many.
        of: u64,
        /// The limit in thousandths of a percent.
        limit: u32,
    },
    /// Too many persons lost their value in a field.
    FieldEmptied {
        /// The field.
        field: PersonField,
        /// How many lost it.
        count: u64,
        /// How many had one, of those who are told now as before.
        of: u64,
        /// The limit in thousandths of a percent.
        limit: u32,
    },
    /// Too many persons got another value in a field.
    FieldChanged {
        /// The field.
        field: PersonField,
        /// How many got another.
        count: u64,
        /// How many had one, of those who are told now as before.
        of: u64,
        /// The limit in thousandths of a percent.
        limit: u32,
    },
    /// Not one person would be told as before.
    NothingUnchanged {
        /// How many there were.
        of: u64,
    },
    /// Too many rows could not be used.
    SetAside {
        /// Rows set aside.
        count: u64,
        /// Rows read.
        of: u64,
        /// The limit in thousandths of a percent.
        limit: u32,
    },
    /// More people than plausible became protected in one night, or carry an unknown marking.
    ProtectedFlood {
        /// Newly protected persons that the target knows.
        newly: u64,
        /// Rows with a marking that the configuration does not know.
        unknown: u64,
        /// The limit.
        limit: u64,
    },
    /// Markings fell away for more people than plausible, and persons are added.
    ProtectionFell {
        /// Marked persons when the target was last told.
        before: u64,
        /// Marked persons tonight.
        now: u64,
    },
    /// The format's settings or the encoder changed: the receiver would see other data.
    EncodingChanged {
        /// Entities that the receiver would see as new, changed and gone, by its own keys.
        added: u64,
        /// See `added`.
        changed: u64,
        /// See `added`.
        removed: u64,
    },
    /// The rules for keys in the stored snapshot are not today's.
    KeyRulesChanged,
    /// Nobody knows which of two files the receiver holds.
    OutcomeUnknown,
    /// The baseline was last judged against too long ago: a restored backup.
    BaselineOld {
        /// Days since.
        days: u32,
    },
    /// A file that rostergate did not leave stands at the receiver under the final name.
    ForeignFile {
        /// Its name.
        name: String,
    },
    /// Something would go because of the configuration or the program, not of the register.
    ConfigurationRemoves {
        /// Persons that would go.
        persons: u64,
        /// Groups that would go.
        groups: u64,
        /// Memberships that would go.
        memberships: u64,
        /// Relations that would go.
        relations: u64,
        /// What has changed.
        cause: Cause,
    },
    /// The clock cannot be right beside the last run's.
    Clock {
        /// It is earlier than the last run, rather than long after it.
        backwards: bool,
        /// How long between the two.
        minutes: u64,
    },
    /// Text that looks decoded with the wrong encoding (`Ã¥`).
    WrongEncoding {
        /// Names with such text.
        count: u64,
    },
    /// New persons have the user names of others who should have stayed: the receiver might give
    /// one human's account to another.
    TakenOver {
        /// How many.
        count: u64,
        /// Groups that have the keys of others whose members should have stayed.
        #[serde(default)]
        groups: u64,
    },
    /// Persons who are new, or new to their user name, share it with others whom the receiver
    /// knows: it might give one human's account to another.
    SharedUserName {
        /// How many.
        count: u64,
    },
    /// A window has ended: what waited in it is to be released by a person.
    Release {
        /// The window's name.
        window: String,
        /// Persons on the list.
        persons: u64,
        /// Groups on the list.
        groups: u64,
        /// Memberships on the list of persons and groups that stay.
        memberships: u64,
        /// Schools on the list.
        #[serde(default)]
        schools: u64,
        /// Relations on the list of persons who stay.
        #[serde(default)]
        relations: u64,
        /// The share of each kind that goes a night after approval, in thousandths of a percent;
        /// `None` when all goes at once.
        per_night: Option<u32>,
    },
    /// New persons have the name of somebody withdrawn by hand whom the registers do not have any
    /// more: the same human, perhaps, under another key.
    WithdrawnBack {
        /// How many.
        count: u64,
    },
    /// Groups that the receiver has archived for good would be told again under the same keys.
    ArchivedReturns {
        /// How many.
        count: u64,
    },
}

impl Breach {
    /// Whether this night alone would remove too many of a subject.
    pub fn removes_from(&self, of: &Subject) -> bool {
        self.removed() == Some(of)
    }

    /// That of which this night alone would remove too many.
    pub fn removed(&self) -> Option<&Subject> {
        match self {
            Breach::OverPercent { subject, operation: Operation::Remove, .. }
            | Breach::OverCount { subject, operation: Operation::Remove, .. }
            | Breach::Vanished { subject, .. } => Some(subject),
            _ => None,
        }
    }

    /// Whether the receiver's last file minus protected persons may still go out: the reason is
    /// about tonight's data, and leaves no doubt about what the receiver holds, how that is
    /// written, or whether the markings are right.
    pub fn permits_withdrawal(&self) -> bool {
        match self {
            Breach::OverPercent { .. }
            | Breach::OverCount { .. }
            | Breach::OverWeek { .. }
            // Tonight's markings were read as always; should they not have been, it is a flood.
            | Breach::ConfigurationRemoves { .. }
            | Breach::Vanished { .. }
            | Breach::BelowMinimum { .. }
            | Breach::Rekeyed { .. }
            | Breach::FieldEmptied { .. }
            | Breach::FieldChanged { .. }
            | Breach::NothingUnchanged { .. }
            | Breach::SetAside { .. }
            | Breach::WrongEncoding { .. }
            | Breach::TakenOver { .. }
            | Breach::SharedUserName { .. }
            | Breach::WithdrawnBack { .. }
            | Breach::ArchivedReturns { .. }
            | Breach::Release { .. } => true,
            Breach::FirstDelivery { .. }
            | Breach::ProtectedFlood { .. }
            | Breach::ProtectionFell { .. }
            | Breach::EncodingChanged { .. }
            | Breach::KeyRulesChanged
            | Breach::OutcomeUnknown
            | Breach::BaselineOld { .. }
            // What the receiver holds cannot be known beside a clock that is wrong.
            | Breach::Clock { .. }
            | Breach::ForeignFile { .. } => false,
        }
    }
}

impl Breach {
    /// Whether it casts doubt on who is marked as protected.
    pub fn doubts_markings(&self) -> bool {
        matches!(self, Breach::ProtectedFlood { .. } | Breach::ProtectionFell { .. })
    }
}

/// May the plan go out?
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[must_use = "a verdict decides whether anything may be sent"]
pub enum Verdict {
    /// Within every limit.
    Pass,
    /// Held, with every reason.
    Hold(Vec<Breach>),
}
