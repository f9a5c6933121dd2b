//! One run as staff are told of it: numbers, codes and names of schools, never of persons.

use jiff::Zoned;
use jiff::civil::Date;

use super::catalogue::Facts;
use super::command::Here;
use crate::pipeline::counts::Counts;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::pipeline::waiting::Waiting;
use crate::roster::code::Code;

/// What one run did, for one mail.
#[derive(Clone, Debug)]
pub struct Night {
    /// The site's name.
    pub site: String,
    /// Name of the machine that ran.
    pub host: String,
    /// Id of the run, `R-…`.
    pub run: String,
    /// When the run began, in the site's time zone.
    pub started: Zoned,
    /// When the register wrote the export, if that is known.
    pub exported: Option<Zoned>,
    /// What started the run.
    pub trigger: Trigger,
    /// Every receiver of the run is a test environment.
    pub test: bool,
    /// Each receiver, in the order of the configuration.
    pub targets: Vec<TargetNight>,
    /// Receivers of the configuration that took no part, and that lack this export or wait.
    pub left: Vec<String>,
    /// Remarks on the register's data, one per code.
    pub warnings: Vec<Warning>,
    /// Whatever else people should know.
    pub notes: Vec<Note>,
    /// The whole run failed, for instance because the export was cut.
    pub failure: Option<Failure>,
    /// The start of the last decision's hash, such as `9f3c-a1`; empty when nothing was decided.
    pub receipt: String,
    /// What commands to type name, where it is not the usual.
    pub here: Here,
}

impl Night {
    /// How many receivers should have a file of this export.
    pub fn receivers(&self) -> usize {
        self.targets.len() + self.left.len()
    }
}

/// What started a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// The nightly timer.
    Timer,
    /// A person at the command line.
    Hand,
    /// An approval of a held plan.
    Approval,
    /// A person withdrawn by hand.
    Withdrawal,
}

/// One receiver's part of a run.
#[derive(Clone, Debug)]
pub struct TargetNight {
    /// The receiver's name in the configuration.
    pub name: String,
    /// It is a test environment.
    pub test: bool,
    /// How it went.
    pub outcome: Outcome,
    /// What would change, or has changed; `None` when it never came so far.
    pub counts: Option<Counts>,
    /// The limits on removals, to be shown beside them.
    pub limits: RemovalLimits,
    /// The files, each with its size in bytes.
    pub documents: Vec<(String, u64)>,
    /// What became of persons who are newly protected.
    pub protection: Protection,
    /// What else of its last file went, or had to stay, with them.
    pub past_filter: PastFilter,
    /// What waits to be removed or changed; `None` when it never came so far.
    pub waiting: Option<WaitingNight>,
    /// Nights in a row without a new file: those before this one when it was delivered, this one
    /// counted in otherwise.
    pub nights_without: u32,
}

/// Limits on removals in thousandths of a percent; `None` when there is none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RemovalLimits {
    /// Of persons.
    pub persons: Option<u32>,
    /// Of groups.
    pub groups: Option<u32>,
    /// Of memberships.
    pub memberships: Option<u32>,
    /// Of relations.
    pub relations: Option<u32>,
}

/// How it went for one receiver.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has its new file.
    Delivered {
        /// When the file was published.
        at: Zoned,
        /// How it was checked.
        check: Check,
        /// The file is the same as the last one.
        unchanged: bool,
    },
    /// A person approved a held plan, and the receiver has its file.
    Approved {
        /// Id of the plan.
        plan: String,
        /// The account that approved.
        by: String,
        /// When the file was published.
        at: Zoned,
        /// How it was checked.
        check: Check,
    },
    /// The safety filter held it.
    Held {
        /// Id of the plan.
        plan: String,
        /// Every reason; never empty.
        breaches: Vec<Breach>,
        /// When the plan can no longer be approved.
        expires: Zoned,
    },
    /// Nothing was sent.
    Failed {
        /// Why.
        code: Code,
        /// What is known; the receiver's name is added.
        facts: Facts,
        /// The attempts made, when there were any.
        attempts: Option<Attempts>,
    },
    /// Nobody knows whether the file arrived.
    Unknown {
        /// What is known; the receiver's name is added.
        facts: Facts,
    },
    /// This export was delivered earlier; nothing was sent.
    AlreadyDelivered,
    /// Outside the hours of delivery; nothing was sent.
    PlannedOnly,
    /// Deliveries pause; nothing was sent.
    Paused {
        /// The last day of the pause.
        through: Date,
        /// The window's name, when it is in the configuration.
        window: Option<String>,
        /// The account that paused by hand.
        by: Option<String>,
        /// What the filter says of what would have been sent.
        verdict: Verdict,
    },
}

impl Outcome {
    /// The receiver got a file in this run.
    pub fn is_sent(&self) -> bool {
        matches!(self, Outcome::Delivered { .. } | Outcome::Approved { .. })
    }

    /// The receiver lacks a file that it should have.
    pub fn is_problem(&self) -> bool {
        matches!(self, Outcome::Held { .. } | Outcome::Failed { .. } | Outcome::Unknown { .. })
    }
}

/// What waits at one receiver.
#[derive(Clone, Debug)]
pub struct WaitingNight {
    /// The numbers.
    pub waiting: Waiting,
    /// Nights until the first after the window, which is 1 on its last day.
    pub nights_left: Option<i32>,
    /// A week or a day is left: what will fall due is to be listed.
    pub due: bool,
    /// Persons that the receiver is told, those who wait among them.
    pub persons_now: u64,
    /// The plan that releases what waited in a window that has ended.
    pub proposal: Option<Proposal>,
}

/// A plan that releases what waited.
#[derive(Clone, Debug)]
pub enum Proposal {
    /// It waits for a person's approval.
    Held {
        /// Id of the plan.
        plan: String,
        /// What is on the lists, and every limit that it would break.
        breaches: Vec<Breach>,
        /// When it can no longer be approved.
        expires: Zoned,
    },
    /// It could not be made; the next night makes another.
    Failed(Code),
}

/// How a delivered file was checked at the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// It was read back and is the same.
    Content,
    /// It has the right size.
    Size,
}

/// Attempts to deliver.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// How many.
    pub count: u32,
    /// When the first began.
    pub first: Zoned,
    /// When the last ended.
    pub last: Zoned,
}

/// What became of persons who are newly protected, at one receiver. Never a number: a receiver may
/// have a single school.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Protection {
    /// There was nothing to do.
    #[default]
    Nothing,
    /// They left with this contact, even if the rest was held.
    Done,
    /// They should have left, and could not.
    NotDone,
}

/// What the last file lost besides protected persons when it was sent again without them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PastFilter {
    /// Groups that pointed at them.
    pub groups: u64,
    /// Others' memberships in those groups.
    pub memberships: u64,
    /// Groups with their name that stayed, since their going would break the limits.
    pub still_named: u64,
}

/// Remarks of one kind on the register's data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// The kind.
    pub code: Code,
    /// How many.
    pub count: u64,
    /// Further facts without personal data, such as a file's name; may be empty.
    pub detail: String,
}

/// Something else that people should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// An earlier run was interrupted, and this one sorted it out.
    Interrupted {
        /// The earlier run.
        run: String,
    },
    /// An unknown outcome is settled.
    Settled {
        /// The receiver.
        target: String,
        /// The newer of the two files had arrived.
        arrived: bool,
    },
    /// An approved plan was interrupted before anything was sent, and no longer goes out.
    HeldAgain {
        /// The receiver.
        target: String,
        /// Id of the plan.
        plan: String,
    },
    /// Mails that could not be sent earlier go out now.
    LateMails {
        /// How many.
        count: u64,
    },
    /// A person was withdrawn by hand.
    Withdrawn,
    /// A receiver was never sent anything by us, so that what it holds is not known.
    HoldsUnknown {
        /// The receiver.
        target: String,
    },
    /// An export's content has not changed for many school days.
    Frozen {
        /// The register.
        source: String,
        /// How many.
        school_days: u32,
    },
    /// The clock cannot be right beside the last run's.
    Clock {
        /// It is earlier than the last run, rather than long after it.
        backwards: bool,
        /// How long between the two.
        minutes: u64,
    },
    /// The recipients should be looked over, as once a year.
    ReviewRecipients,
}

/// Why the whole run failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The code.
    pub code: Code,
    /// What is known.
    pub facts: Facts,
    /// Nights in a row in which no receiver got a file, this one counted in.
    pub nights_without: u32,
}

/// A run that begins.
#[derive(Clone, Debug)]
pub struct Start {
    /// The site's name.
    pub site: String,
    /// Name of the machine that runs.
    pub host: String,
    /// Id of the run.
    pub run: String,
    /// When it began.
    pub started: Zoned,
    /// Every receiver of the run is a test environment.
    pub test: bool,
    /// The receivers' names.
    pub targets: Vec<String>,
}
