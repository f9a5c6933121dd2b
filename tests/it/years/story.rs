//! What may happen in a year, drawn by chance and told in a failure's text.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rostergate::pipeline::percent::Limit;
use rostergate::pipeline::safety::{Limits, Settings};
use rostergate::pipeline::season::{Grace, GraceDays};
use rostergate::pipeline::window::{Adds, Day, Hold, Release, Window, WindowName};

/// One thing that happens. Numbers are taken modulo how many there are; what makes no sense at
/// its place does nothing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Event {
    /// A person comes, or comes back, to a school.
    Join(u8, u8),
    Leave(u8),
    Move(u8, u8),
    Rename(u8),
    /// A person has the user name that another had first.
    TakeName(u8, u8),
    /// A person gets a new user name, and another the old one.
    HandName(u8, u8),
    /// The register has a new key for the same human.
    Rekey(u8),
    Protect(u8),
    Unprotect(u8),
    OpenGroup(u8),
    /// The group has a last day: tomorrow.
    EndGroup(u8),
    CloseGroup(u8),
    Enter(u8, u8),
    Exit(u8, u8),
    CloseSchool(u8),
    OpenSchool(u8),
    /// Tonight's row of a person cannot be used.
    Faulty(u8),
    /// Tonight's export ends after so many percent of its persons.
    Cut(u8),
    /// Tonight every pupil is marked as protected.
    AllMarked,
    /// Tonight's delivery fails before anything is published.
    FailedDelivery,
    /// It is not known whether tonight's file arrived, for so many nights; it did or did not.
    LostReceipt(bool, u8),
    /// A pause by hand over so many nights.
    Pause(u8),
    /// So many days without an export.
    NoExport(u8),
    /// The night's run.
    Night,
    /// Another run on the same day.
    Again,
    /// The admin approves what is held.
    Approve,
}

/// A window, counted from the end of the one before.
#[derive(Clone, Debug)]
pub(super) struct Period {
    pub(super) after: u8,
    pub(super) days: u8,
    pub(super) hold: u8,
    pub(super) release: u8,
    pub(super) percent_a_night: u8,
}

/// What is configured, and how large the town is.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) pupils: u8,
    pub(super) periods: Vec<Period>,
    pub(super) grace: [u8; 3],
    pub(super) persons: u8,
    pub(super) others: u8,
    pub(super) allow: u8,
}

/// A whole year.
#[derive(Clone, Debug)]
pub(super) struct Year {
    pub(super) setup: Setup,
    pub(super) events: Vec<Event>,
}

/// The first night.
pub(super) const START: Date = date(2026, 8, 1);

impl Setup {
    pub(super) fn windows(&self) -> Vec<Window> {
        let mut day = START;
        let dated = self.periods.iter().enumerate().map(|(nth, period)| {
            let from = day.checked_add(i64::from(period.after).days()).expect("a day");
            let through = from.checked_add(i64::from(period.days).days()).expect("a day");
            day = through.tomorrow().expect("a day");
            let staged = period.release % 3 == 2;
            Window {
                name: WindowName::try_from(format!("Period {nth}")).expect("a name"),
                targets: None,
                from: Day(from),
                through: Day(through),
                yearly: false,
                hold: [Hold::Removals, Hold::RemovalsAndChanges, Hold::All]
                    [usize::from(period.hold % 3)],
                release: [Release::Approve, Release::Auto, Release::Staged]
                    [usize::from(period.release % 3)],
                per_night: staged.then(|| {
                    let share = format!("{}%", period.percent_a_night);
                    Limit::try_from(share).expect("a share")
                }),
                add: Adds::default(),
            }
        });
        dated.collect()
    }

    pub(super) fn grace(&self) -> Grace {
        let [persons, groups, memberships] =
            self.grace.map(|days| Some(GraceDays(u32::from(days))));
        Grace { persons, groups, memberships }
    }

    pub(super) fn limits(&self) -> Limits {
        let Setup { persons, others, allow, .. } = self;
        let of = |percent: &u8| {
            format!("{{ add = \"300%\", change = \"100%\", remove = \"{percent}%\" }}")
        };
        let (persons, others) = (of(persons), of(others));
        let text = format!(
            "persons = {persons}\nlearners = {persons}\nstaff = {persons}\nguardians = {persons}\n\
             groups = {others}\nmemberships = {others}\nrelations = {others}\n\
             always-allow = {allow}\n",
        );
        let settings: Settings = toml::from_str(&text).expect("limits");
        Limits::resolve(&settings, &Settings::default())
    }
}

fn period() -> impl Strategy<Value = Period> {
    (0..8u8, 0..7u8, 0..6u8, 0..3u8, 1..=10u8).prop_map(|(after, days, hold, release, percent)| {
        // A pause is rarer than a window that holds something.
        let hold = [0, 0, 1, 1, 1, 2][usize::from(hold)];
        Period { after, days, hold, release, percent_a_night: percent }
    })
}

pub(super) fn setup() -> impl Strategy<Value = Setup> {
    let grace = prop_oneof![2 => Just(0u8), 1 => 1..5u8];
    (
        4..24u8,
        proptest::collection::vec(period(), 1..4),
        [grace.clone(), grace.clone(), grace],
        prop_oneof![Just(5u8), Just(30), Just(30)],
        prop_oneof![Just(10u8), Just(50)],
        prop_oneof![Just(0u8), Just(3), Just(10), Just(10)],
    )
        .prop_map(|(pupils, periods, grace, persons, others, allow)| Setup {
            pupils,
            periods,
            grace,
            persons,
            others,
            allow,
        })
}

/// What happens in the register itself.
pub(super) fn life() -> impl Strategy<Value = Event> {
    let n = 0..35u8;
    let of = 0..6u8;
    prop_oneof![
        6 => (n.clone(), of.clone()).prop_map(|(who, school)| Event::Join(who, school)),
        8 => n.clone().prop_map(Event::Leave),
        2 => (n.clone(), of.clone()).prop_map(|(who, school)| Event::Move(who, school)),
        2 => n.clone().prop_map(Event::Rename),
        2 => (n.clone(), n.clone()).prop_map(|(who, of)| Event::TakeName(who, of)),
        2 => (n.clone(), n.clone()).prop_map(|(from, to)| Event::HandName(from, to)),
        1 => n.clone().prop_map(Event::Rekey),
        2 => n.clone().prop_map(Event::Protect),
        1 => n.clone().prop_map(Event::Unprotect),
        2 => of.clone().prop_map(Event::OpenGroup),
        1 => of.clone().prop_map(Event::EndGroup),
        2 => of.clone().prop_map(Event::CloseGroup),
        3 => (n.clone(), of.clone()).prop_map(|(who, group)| Event::Enter(who, group)),
        3 => (n.clone(), of.clone()).prop_map(|(who, group)| Event::Exit(who, group)),
        1 => of.clone().prop_map(Event::CloseSchool),
        1 => of.prop_map(Event::OpenSchool),
    ]
}

fn trouble() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0..35u8).prop_map(Event::Faulty),
        1 => (0..100u8).prop_map(Event::Cut),
        1 => Just(Event::AllMarked),
        2 => Just(Event::FailedDelivery),
        2 => (any::<bool>(), 1..4u8).prop_map(|(arrived, nights)| Event::LostReceipt(arrived, nights)),
        1 => (1..4u8).prop_map(Event::Pause),
        2 => (1..12u8).prop_map(Event::NoExport),
        3 => Just(Event::Again),
    ]
}

/// A year of at most so many events, of which about half are nights.
pub(super) fn year(events: usize) -> impl Strategy<Value = Year> {
    let event = prop_oneof![
        8 => Just(Event::Night),
        8 => life(),
        1 => trouble(),
        3 => Just(Event::Approve),
    ];
    (setup(), proptest::collection::vec(event, 1..events))
        .prop_map(|(setup, events)| Year { setup, events })
}
