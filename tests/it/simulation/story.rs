//! What may happen in a town, at its receiver and at its gateway, drawn by chance and told in a
//! failure's text.

use proptest::prelude::*;

/// One thing that happens. Numbers are taken modulo how many there are; what makes no sense at
/// its place does nothing.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Event {
    // In the register.
    Join(u8, u8),
    Leave(u8),
    Move(u8, u8),
    Rename(u8),
    /// The register has a new key for the same human.
    Rekey(u8),
    Protect(u8),
    Unprotect(u8),
    Enter(u8, u8),
    Exit(u8, u8),
    CloseSchool(u8),
    OpenSchool(u8),
    /// The groups of a school have new keys.
    RekeyGroups(u8),
    /// A school year turns.
    NewYear,
    /// Every so-many-th pupil is gone.
    ManyLeave(u8),
    /// So many pupils are gone, those with the lowest numbers.
    SomeLeave(u8),
    /// So many pupils and members of staff are gone.
    Spread(u8),
    /// All of a school but so many go to other ones.
    Thin(u8, u8),
    /// Everybody of a school is somebody else.
    Exchange(u8),
    /// So many pupils come, with the lowest numbers that are free.
    SomeJoin(u8),
    // In tonight's export.
    Export(Export),
    /// The register exports by day.
    Write,
    // At the receiver, between two runs.
    /// It reads what lies there.
    Takes,
    /// It has its own limit, in percent of its persons; none at 100.
    Filter(u8),
    // At the gateway.
    /// The timer's run, with what happens at its moments.
    Night(Vec<(Moment, Act)>),
    /// Another run on the same day.
    Again(Vec<(Moment, Act)>),
    /// So many days on which the machine is off.
    Off(u8),
    /// The clock is so many hours wrong, until the next such event or the end of some runs.
    Clock(i16),
    /// The configuration becomes another one.
    Config(u8),
    /// The state folder is copied away, or taken back from there.
    Backup,
    Restore,
    // What the admin does.
    Approve(Answer, Vec<(Moment, Act)>),
    Withdraw(u8, Vec<(Moment, Act)>),
    Undo,
    Pause(u8),
    Resume,
    /// Says that the receiver holds what it last imported.
    Adopt,
}

/// What is wrong with the night's export.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Export {
    /// None was made.
    None,
    /// The same files are written again.
    SameAgain,
    /// An earlier one is put back as it was.
    Earlier,
    /// Cut after so many percent of the bytes; the done-file knows of the rest.
    Cut(u8),
    /// So many percent of the persons, and the done-file says so.
    Short(u8),
    /// A header and nothing else.
    Empty,
    /// A file is missing.
    Missing,
    /// Everybody is marked as protected.
    AllMarked,
    /// Rows that cannot be used.
    Garbled(u8),
}

/// How the admin answers what is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    Right,
    Wrong,
    /// To a plan of an earlier night.
    Stale,
}

/// A moment of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Moment {
    Begun,
    Read,
    Planned,
    Written,
    Uploading,
    /// The temporary file has its bytes, and was not checked yet.
    Sending,
    Uploaded,
    /// That publishing begins is written down, and it has not begun.
    Publishing,
    /// The file has its name, and that is not written down.
    Renamed,
    Published,
    Done,
    Mailed,
}

/// What happens at a moment of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Act {
    /// The receiver reads what lies there.
    Takes,
    /// The power fails.
    Crash,
    /// The program has a fault.
    Panic,
    /// The receiver's folder is not there for the rest of the run.
    Gone,
    /// A byte of what was uploaded changes.
    Flipped,
    /// What was uploaded is cut.
    CutUpload,
    /// The receiver removes the temporary file.
    TempTaken,
    /// Nothing can be written in the state folder for the rest of the run.
    StateFull,
    /// The ledger cannot be written for the rest of the run, or until the next moment.
    LedgerFull,
    LedgerOnce,
    /// Until the next moment it takes everything but the next step of a delivery.
    LedgerStep,
    /// Mails cannot be handed over for the rest of the run.
    MailGone,
    /// The receiver's next answer is lost, though it did what it was asked to; and then it is not
    /// reached for the rest of the run. To a folder, the power fails.
    Lost,
    LostAndGone,
}

impl Act {
    /// Whether it is something that happens to the ledger.
    pub(super) fn is_of_the_ledger(self) -> bool {
        matches!(self, Act::LedgerFull | Act::LedgerOnce | Act::LedgerStep)
    }
}

/// What is configured, how large the town is, and what its receiver does.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) pupils: u8,
    /// The receiver takes files away when it reads them.
    pub(super) takes: bool,
    /// The receiver is reached by SFTP.
    pub(super) sftp: bool,
    /// Limits on removals in percent: of all persons, and of each role.
    pub(super) persons: u8,
    pub(super) roles: u8,
    pub(super) allow: u8,
    pub(super) grace: u8,
    pub(super) window: Option<Window>,
}

/// A window in which nothing is removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// It begins so many days after the first night's eve, and lasts so many more.
    pub(super) after: u8,
    pub(super) days: u8,
    /// Changes wait, too.
    pub(super) changes: bool,
    /// What waited goes by itself as far as the limits let it.
    pub(super) auto: bool,
}

/// A whole story.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) setup: Setup,
    pub(super) events: Vec<Event>,
}

fn setup() -> impl Strategy<Value = Setup> {
    let persons = prop_oneof![
        1 => Just((5u8, 15u8)),
        1 => Just((15, 15)),
        1 => Just((30, 30)),
        2 => Just((10, 30)),
    ];
    let allow = prop_oneof![1 => Just(0u8), 2 => Just(2), 2 => Just(4)];
    let grace = prop_oneof![3 => Just(0u8), 1 => 1..3u8];
    let window = (2..12u8, 1..6u8, any::<bool>(), any::<bool>())
        .prop_map(|(after, days, changes, auto)| Window { after, days, changes, auto });
    let window = proptest::option::weighted(0.3, window);
    let sftp = proptest::bool::weighted(0.1);
    (5..20u8, any::<bool>(), sftp, persons, allow, grace, window).prop_map(
        |(pupils, takes, sftp, (persons, roles), allow, grace, window)| Setup {
            pupils,
            takes,
            sftp,
            persons,
            roles,
            allow,
            grace,
            window,
        },
    )
}

fn life() -> impl Strategy<Value = Event> {
    let (n, of) = (0..34u8, 0..12u8);
    prop_oneof![
        8 => (n.clone(), of.clone()).prop_map(|(who, school)| Event::Join(who, school)),
        8 => n.clone().prop_map(Event::Leave),
        2 => (n.clone(), of.clone()).prop_map(|(who, school)| Event::Move(who, school)),
        2 => n.clone().prop_map(Event::Rename),
        1 => n.clone().prop_map(Event::Rekey),
        4 => n.clone().prop_map(Event::Protect),
        2 => n.clone().prop_map(Event::Unprotect),
        3 => (n.clone(), of.clone()).prop_map(|(who, group)| Event::Enter(who, group)),
        3 => (n.clone(), of.clone()).prop_map(|(who, group)| Event::Exit(who, group)),
        1 => of.clone().prop_map(Event::CloseSchool),
        2 => of.clone().prop_map(Event::OpenSchool),
        1 => of.clone().prop_map(Event::RekeyGroups),
        1 => Just(Event::NewYear),
        1 => of.prop_map(Event::ManyLeave),
        1 => (1..6u8).prop_map(Event::SomeLeave),
        1 => (1..12u8).prop_map(Event::SomeJoin),
    ]
}

fn export() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Export::None),
        2 => Just(Export::SameAgain),
        1 => Just(Export::Earlier),
        2 => (0..100u8).prop_map(Export::Cut),
        2 => (20..100u8).prop_map(Export::Short),
        1 => Just(Export::Empty),
        1 => Just(Export::Missing),
        1 => Just(Export::AllMarked),
        1 => (0..34u8).prop_map(Export::Garbled),
    ]
    .prop_map(Event::Export)
}

pub(super) fn moment() -> impl Strategy<Value = Moment> {
    use Moment::{
        Begun, Done, Mailed, Planned, Published, Publishing, Read, Renamed, Sending, Uploaded,
        Uploading, Written,
    };
    let all = [
        Begun, Read, Planned, Written, Uploading, Sending, Uploaded, Publishing, Renamed,
        Published, Done, Mailed,
    ];
    proptest::sample::select(all.to_vec())
}

fn act() -> impl Strategy<Value = (Moment, Act)> {
    let anywhere = prop_oneof![
        6 => Just(Act::Takes),
        6 => Just(Act::Crash),
        2 => Just(Act::Panic),
        2 => Just(Act::Gone),
        1 => Just(Act::StateFull),
        2 => Just(Act::LedgerFull),
        2 => Just(Act::LedgerOnce),
        1 => Just(Act::LedgerStep),
        1 => Just(Act::MailGone),
        1 => Just(Act::Lost),
        1 => Just(Act::LostAndGone),
    ];
    let upload = prop_oneof![Just(Act::Flipped), Just(Act::CutUpload), Just(Act::TempTaken)];
    prop_oneof![
        8 => (moment(), anywhere),
        1 => upload.prop_map(|act| (Moment::Sending, act)),
    ]
}

/// Most runs are left alone.
fn acts() -> impl Strategy<Value = Vec<(Moment, Act)>> {
    prop_oneof![
        5 => Just(Vec::new()),
        4 => proptest::collection::vec(act(), 1..3),
    ]
}

fn admin() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        8 => Just(Answer::Right),
        1 => Just(Answer::Wrong),
        1 => Just(Answer::Stale),
    ];
    prop_oneof![
        12 => (answer, acts()).prop_map(|(answer, acts)| Event::Approve(answer, acts)),
        2 => (0..34u8, acts()).prop_map(|(who, acts)| Event::Withdraw(who, acts)),
        1 => Just(Event::Undo),
        1 => (0..4u8).prop_map(Event::Pause),
        1 => Just(Event::Resume),
        1 => Just(Event::Adopt),
    ]
}

fn around() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Takes),
        1 => prop_oneof![Just(10u8), Just(40), Just(100)].prop_map(Event::Filter),
        1 => (1..12u8).prop_map(Event::Off),
        2 => prop_oneof![-30..30i16, -2000..2000i16].prop_map(Event::Clock),
        2 => (0..4u8).prop_map(Event::Config),
        4 => Just(Event::Backup),
        4 => Just(Event::Restore),
        2 => acts().prop_map(Event::Again),
        1 => Just(Event::Write),
    ]
}

/// A story of at most so many scenes, most of which are single events.
pub(super) fn story(scenes: usize) -> impl Strategy<Value = Story> {
    let event = prop_oneof![
        10 => acts().prop_map(Event::Night),
        6 => life(),
        3 => export(),
        4 => admin(),
        3 => around(),
    ];
    let some = prop_oneof![
        5 => event.prop_map(|event| vec![event]),
        1 => super::scenes::scene(),
    ];
    let begun = proptest::bool::weighted(0.8);
    (setup(), begun, proptest::collection::vec(some, 1..scenes)).prop_map(
        |(setup, begun, scenes)| {
            let first = [Event::Night(Vec::new()), Event::Approve(Answer::Right, Vec::new())];
            let first = if begun { first.to_vec() } else { Vec::new() };
            Story { setup, events: [first, scenes.concat()].concat() }
        },
    )
}
