//! Invented nights, one of each kind.

use jiff::civil::date;
use jiff::{ToSpan, Zoned};
use rostergate::notify::catalogue::{Facts, Placeholder};
use rostergate::notify::cause::in_swedish;
use rostergate::notify::command::Here;
use rostergate::notify::night::{
    Attempts, Check, Failure, Night, Note, Outcome, PastFilter, Proposal, Protection,
    RemovalLimits, Start, TargetNight, Trigger, WaitingNight, Warning,
};
use rostergate::pipeline::counts::{Counts, Tally};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::pipeline::waiting::{Numbers, Waiting};
use rostergate::pipeline::window::{Adds, Hold, Open, Release};
use rostergate::roster::code::Code;
use rostergate::roster::words::GroupKind;

/// 21 November 2026 at the given time.
pub(super) fn at(time: &str) -> Zoned {
    format!("2026-11-21T{time}+01:00[Europe/Stockholm]").parse().expect("a time in this file")
}

fn tally([before, now, added, changed, removed]: [u64; 5]) -> Tally {
    Tally { before, now, added, changed, removed }
}

pub(super) fn delivered() -> Outcome {
    Outcome::Delivered { at: at("04:16:52"), check: Check::Content, unchanged: false }
}

/// itslearning with an ordinary night's numbers.
pub(super) fn itslearning(outcome: Outcome) -> TargetNight {
    TargetNight {
        name: "itslearning".to_owned(),
        test: false,
        outcome,
        counts: Some(Counts {
            persons: tally([5822, 5829, 12, 31, 5]),
            groups: tally([486, 487, 2, 4, 1]),
            memberships: tally([21_340, 21_378, 96, 0, 58]),
            ..Counts::default()
        }),
        limits: RemovalLimits {
            persons: Some(5000),
            groups: Some(10_000),
            memberships: Some(10_000),
            relations: None,
        },
        documents: vec![("ims.xml".to_owned(), 9_437_184)],
        protection: Protection::Nothing,
        past_filter: PastFilter::default(),
        waiting: None,
        nights_without: 0,
    }
}

/// binogi with an ordinary night's numbers.
pub(super) fn binogi(outcome: Outcome) -> TargetNight {
    TargetNight {
        name: "binogi".to_owned(),
        counts: Some(Counts { persons: tally([1204, 1205, 3, 6, 2]), ..Counts::default() }),
        limits: RemovalLimits { persons: Some(15_000), ..RemovalLimits::default() },
        documents: vec![("elever.csv".to_owned(), 612_340)],
        ..itslearning(outcome)
    }
}

/// A night with these receivers.
pub(super) fn night(targets: Vec<TargetNight>) -> Night {
    Night {
        site: "Exempelstads kommun".to_owned(),
        host: "srv-sync01".to_owned(),
        run: "R-20261121-0415-k3".to_owned(),
        started: at("04:15:00"),
        exported: Some(at("02:10:00")),
        trigger: Trigger::Timer,
        test: false,
        targets,
        left: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        failure: None,
        receipt: "9f3c-a1".to_owned(),
        here: Here::default(),
    }
}

pub(super) fn completed() -> Night {
    let warning = |code, count| Warning { code: Code(code), count, detail: String::new() };
    Night {
        warnings: vec![
            warning(328, 2),
            Warning { detail: "personer.csv".to_owned(), ..warning(341, 1) },
        ],
        ..night(vec![itslearning(delivered()), binogi(delivered())])
    }
}

pub(super) fn held_by(breaches: Vec<Breach>) -> Outcome {
    let expires = "2026-11-22T04:15:00+01:00[Europe/Stockholm]".parse().expect("a time");
    Outcome::Held { plan: "P-7K3F".to_owned(), breaches, expires }
}

/// Persons that would be removed, above the limit.
pub(super) fn too_many_removed() -> Breach {
    Breach::OverPercent {
        subject: Subject::Persons,
        operation: Operation::Remove,
        count: 312,
        of: 5822,
        limit: 5000,
    }
}

pub(super) fn held() -> Night {
    let school = Subject::School("Björkskolan".to_owned());
    let breaches = vec![too_many_removed(), Breach::Vanished { subject: school, of: 298 }];
    let mut target = itslearning(held_by(breaches));
    target.counts = Some(Counts {
        persons: tally([5822, 5519, 9, 22, 312]),
        groups: tally([486, 473, 1, 3, 14]),
        memberships: tally([21_340, 20_110, 80, 0, 1310]),
        ..Counts::default()
    });
    target.nights_without = 1;
    night(vec![target, binogi(delivered())])
}

pub(super) fn first_delivery() -> Night {
    let breach = Breach::FirstDelivery { persons: 5829, moved: Vec::new(), last_for: None };
    let mut target = itslearning(held_by(vec![breach]));
    target.counts = Some(Counts {
        persons: tally([0, 5829, 5829, 0, 0]),
        groups: tally([0, 487, 487, 0, 0]),
        memberships: tally([0, 21_378, 21_378, 0, 0]),
        ..Counts::default()
    });
    night(vec![target])
}

pub(super) fn flood() -> Night {
    let breach = Breach::ProtectedFlood { newly: 214, unknown: 0, limit: 29 };
    night(vec![itslearning(held_by(vec![too_many_removed(), breach])), binogi(delivered())])
}

pub(super) fn unreachable() -> Outcome {
    let facts = Facts::new().text(Placeholder::Host, "sftp.itslearning.example, port 22").words(
        Placeholder::Detail,
        in_swedish("connection refused"),
        "connection refused",
    );
    let attempts = Attempts { count: 4, first: at("04:16:02"), last: at("04:35:12") };
    Outcome::Failed { code: Code(410), facts, attempts: Some(attempts) }
}

pub(super) fn failed() -> Night {
    let target = TargetNight { nights_without: 1, ..itslearning(unreachable()) };
    night(vec![target])
}

pub(super) fn third_night() -> Night {
    let mut target = TargetNight { nights_without: 3, ..itslearning(unreachable()) };
    target.protection = Protection::NotDone;
    night(vec![target, binogi(delivered())])
}

pub(super) fn cut_export() -> Night {
    let facts =
        Facts::new().text(Placeholder::File, "personer.csv").number(Placeholder::Line, 5823);
    let failure = Failure { code: Code(310), facts, nights_without: 1 };
    Night { failure: Some(failure), exported: None, ..night(Vec::new()) }
}

pub(super) fn mixed() -> Night {
    let held = itslearning(held_by(vec![too_many_removed()]));
    let failed =
        TargetNight { name: "skolportalen".to_owned(), counts: None, ..itslearning(unreachable()) };
    night(vec![held, failed, binogi(delivered())])
}

pub(super) fn unknown() -> Night {
    night(vec![itslearning(Outcome::Unknown { facts: Facts::new() })])
}

pub(super) fn recovered() -> Night {
    let target = TargetNight { nights_without: 2, ..itslearning(delivered()) };
    Night {
        notes: vec![
            Note::Interrupted { run: "R-20261120-0415-p9".to_owned() },
            Note::Settled { target: "itslearning".to_owned(), arrived: false },
            Note::HeldAgain { target: "itslearning".to_owned(), plan: "P-7K3F".to_owned() },
            Note::LateMails { count: 2 },
            Note::ReviewRecipients,
        ],
        ..night(vec![target])
    }
}

pub(super) fn approved() -> Night {
    let outcome = Outcome::Approved {
        plan: "P-7K3F".to_owned(),
        by: "anna.a".to_owned(),
        at: at("08:42:10"),
        check: Check::Content,
    };
    Night { trigger: Trigger::Approval, ..night(vec![itslearning(outcome)]) }
}

pub(super) fn approved_one_of_two() -> Night {
    Night { left: vec!["binogi".to_owned()], ..approved() }
}

pub(super) fn test_environment() -> Night {
    let target = TargetNight { test: true, ..itslearning(delivered()) };
    Night { test: true, trigger: Trigger::Hand, ..night(vec![target]) }
}

pub(super) fn nothing_new() -> Night {
    let planned =
        TargetNight { counts: None, documents: Vec::new(), ..binogi(Outcome::PlannedOnly) };
    let already = TargetNight {
        counts: None,
        documents: Vec::new(),
        ..itslearning(Outcome::AlreadyDelivered)
    };
    night(vec![already, planned])
}

pub(super) fn start() -> Start {
    Start {
        site: "Exempelstads kommun".to_owned(),
        host: "srv-sync01".to_owned(),
        run: "R-20261121-0415-k3".to_owned(),
        started: at("04:15:00"),
        test: false,
        targets: vec!["itslearning".to_owned(), "binogi".to_owned()],
    }
}

/// Every kind of night, with the name of its golden files.
/// A window of the summer, open, with what waits in it.
fn summer(nights_left: i32) -> WaitingNight {
    let open = Open {
        name: "Läsårsskifte 2026".to_owned(),
        from: date(2026, 10, 1),
        through: at("12:00:00").date().saturating_add(i64::from(nights_left - 1).days()),
        hold: Hold::RemovalsAndChanges,
        release: Release::Approve,
        add: Adds::default(),
    };
    let removed = Numbers { persons: 1204, groups: 391, memberships: 14_870, ..Numbers::default() };
    let changed = Numbers { persons: 418, groups: 12, ..Numbers::default() };
    let schools = [("Björkskolan", 700), ("Havets förskola", 504)];
    let waiting = Waiting {
        window: Some(open),
        removed,
        changed,
        schools: schools.map(|(name, number)| (name.to_owned(), number)).into(),
        group_kinds: [(GroupKind::Class, 40), (GroupKind::Teaching, 351)].into(),
        ..Waiting::default()
    };
    WaitingNight {
        waiting,
        nights_left: Some(nights_left),
        due: [7, 1].contains(&nights_left),
        persons_now: 6131,
        proposal: None,
    }
}

fn in_window(nights_left: i32) -> Night {
    let mut target = itslearning(delivered());
    target.waiting = Some(summer(nights_left));
    night(vec![target, binogi(delivered())])
}

/// The first night after a window.
fn released(per_night: Option<u32>) -> Night {
    let (persons, groups, memberships) = (1204, 391, 0);
    let window = "Läsårsskifte 2026".to_owned();
    let (schools, relations) = (0, 0);
    let list =
        Breach::Release { window, persons, groups, memberships, schools, relations, per_night };
    let expires = "2026-11-23T04:15:00+01:00[Europe/Stockholm]".parse().expect("a time");
    let plan = "P-7K3F".to_owned();
    let breaches = vec![list, too_many_removed()];
    let mut waits = summer(1);
    waits.waiting.window = None;
    waits.nights_left = None;
    waits.due = false;
    waits.proposal = Some(Proposal::Held { plan, breaches, expires });
    let mut target = itslearning(delivered());
    target.waiting = Some(waits);
    night(vec![target])
}

fn grace() -> Night {
    let waiting = Waiting {
        removed: Numbers { persons: 3, memberships: 14, ..Numbers::default() },
        in_grace: Numbers { persons: 3, ..Numbers::default() },
        grace_ends: Some(date(2026, 11, 25)),
        ..Waiting::default()
    };
    let (nights_left, due, proposal) = (None, false, None);
    let waits = WaitingNight { waiting, nights_left, due, persons_now: 5829, proposal };
    let mut target = itslearning(delivered());
    target.waiting = Some(waits);
    night(vec![target])
}

fn paused() -> Night {
    let by = Some("anna.a".to_owned());
    let verdict = Verdict::Hold(vec![too_many_removed()]);
    let outcome = Outcome::Paused { through: date(2026, 12, 1), window: None, by, verdict };
    night(vec![itslearning(outcome)])
}

pub(super) fn all() -> Vec<(&'static str, Night)> {
    vec![
        ("completed", completed()),
        ("held", held()),
        ("first-delivery", first_delivery()),
        ("protected-flood", flood()),
        ("failed", failed()),
        ("third-night", third_night()),
        ("cut-export", cut_export()),
        ("mixed", mixed()),
        ("unknown", unknown()),
        ("recovered", recovered()),
        ("approved", approved()),
        ("approved-one-of-two", approved_one_of_two()),
        ("test", test_environment()),
        ("nothing-new", nothing_new()),
        ("window", in_window(30)),
        ("window-a-week-left", in_window(7)),
        ("window-last-day", in_window(1)),
        ("window-over-new-year", in_window(60)),
        ("release", released(None)),
        ("release-staged", released(Some(2000))),
        ("grace", grace()),
        ("pause", paused()),
    ]
}
