//! Rule 8 over seven days: 4.9 percent a night, or ten a school, must not drip through.

use proptest::prelude::*;
use rostergate::pipeline::counts::{Counts, Tally};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, Week};
use rostergate::pipeline::verdict::{Breach, Operation, Subject};

use crate::safety::{calm, defaults, held, limits, tally_of};
use crate::support::export::Export;
use crate::support::gateway::Gateway;

/// Calm numbers in which a subject loses some.
fn night(subject: &Subject, removed: u64, before: u64) -> Counts {
    let mut counts = calm();
    *tally_of(&mut counts, subject) =
        Tally { before, now: before + 1 - removed.min(before), removed, ..Tally::default() };
    counts
}

/// Removals of earlier nights, all of so many, and then tonight's.
fn judged(subject: &Subject, earlier: &[u64], of: u64, tonight: u64, text: &str) -> Vec<Breach> {
    let passed = earlier.iter().map(|&removed| night(subject, removed, of)).collect();
    let week = Week { passed, agreed: Vec::new() };
    let around = Circumstances { week, ..Circumstances::default() };
    held(&night(subject, tonight, of), &around, &limits(text))
}

fn over(subject: &Subject, count: u64, of: u64, limit: u64) -> Vec<Breach> {
    let limit = u32::try_from(limit * 1000).unwrap();
    vec![Breach::OverWeek { subject: subject.clone(), count, of, limit }]
}

/// Every subject whose removals are limited, with its limit for seven days.
fn weekly() -> impl Iterator<Item = (Subject, u64)> {
    let removals = defaults().into_iter().filter(|(_, what, _)| *what == Operation::Remove);
    removals.map(|(subject, _, nightly)| (subject, nightly.max(12)))
}

#[test]
fn rule_08_a_week_at_its_limit_passes_and_one_more_is_held() {
    for (subject, percent) in weekly() {
        for of in [20, 25, 99, 100, 101, 999, 1000, 123_457, 10_000_000] {
            let most = percent * of / 100;
            for (total, over_it) in
                [(most.saturating_sub(1), false), (most, false), (most + 1, true)]
            {
                let Some(earlier) = total.checked_sub(1).filter(|&earlier| earlier > 0) else {
                    continue;
                };
                let expected = if over_it { over(&subject, total, of, percent) } else { vec![] };
                let text = "always-allow = 0";
                let once = judged(&subject, &[earlier], of, 1, text);
                assert_eq!(once, expected, "{subject:?}: {earlier} + 1 of {of}");
                let spread = [earlier / 3, 0, earlier - earlier / 3];
                assert_eq!(judged(&subject, &spread, of, 1, text), expected, "{subject:?} spread");
            }
        }
    }
}

#[test]
fn rule_08_a_night_in_which_nothing_goes_breaks_no_week_and_the_first_night_has_none() {
    for (subject, _) in weekly() {
        assert_eq!(judged(&subject, &[500], 1000, 0, "always-allow = 0"), []);
        assert_eq!(judged(&subject, &[0, 0], 1000, 10, "always-allow = 0"), []);
        assert_eq!(judged(&subject, &[], 1000, 10, "always-allow = 0"), []);
        assert_eq!(judged(&subject, &[0], 0, 0, "always-allow = 0"), []);
    }
}

/// Ten a night: each night's ten are few, the week's twenty are not.
#[test]
fn rule_08_the_allowance_is_for_the_whole_week() {
    for (subject, percent) in weekly().filter(|(_, percent)| *percent == 12) {
        for (earlier, tonight, held) in
            [(&[9][..], 1, false), (&[10], 1, true), (&[10], 10, true), (&[1; 6], 5, true)]
        {
            let total = earlier.iter().sum::<u64>() + tonight;
            let expected = if held { over(&subject, total, 80, percent) } else { vec![] };
            assert_eq!(
                judged(&subject, earlier, 80, tonight, ""),
                expected,
                "{earlier:?} {tonight}"
            );
        }
        assert_eq!(judged(&subject, &[10], 81, 1, "always-allow = 20"), []);
    }
}

/// Rule 9: an allowance covers no kind or school that is exchanged whole, in a week either.
#[test]
fn rule_09_everybody_exchanged_in_a_week_is_held_however_few() {
    let staff = Subject::School("s1".into());
    for (earlier, of, held) in [(1, 3, false), (2, 3, true), (2, 4, false), (9, 10, true)] {
        let found = judged(&staff, &[earlier], of, 1, "school = { remove = \"60%\" }");
        assert_eq!(!found.is_empty(), held, "{earlier} + 1 of {of}: {found:?}");
    }
}

#[test]
fn rule_08_it_is_counted_from_those_there_were_when_the_week_began() {
    let persons = Subject::Persons;
    let with = |passed: Vec<Counts>, agreed: Vec<Counts>, tonight: &Counts| {
        let week = Week { passed, agreed };
        held(
            tonight,
            &Circumstances { week, ..Circumstances::default() },
            &limits("always-allow = 0"),
        )
    };
    let drip = |before| night(&persons, 40, before);
    // 1000, 960, 920: of the thousand, not of those who are left.
    assert_eq!(with(vec![drip(1000), drip(960)], vec![], &drip(920)), []);
    let more = with(vec![drip(1000), drip(960)], vec![], &night(&persons, 41, 920));
    assert_eq!(more, over(&persons, 121, 1000, 12));
    // A pilot of fifty that grew to five thousand with a person's approval.
    let pilot = night(&persons, 1, 50);
    let mut grown = night(&persons, 0, 50);
    grown.persons.now = 5000;
    assert_eq!(with(vec![pilot.clone()], vec![], &night(&persons, 20, 5000)).len(), 1);
    assert_eq!(with(vec![pilot], vec![grown], &night(&persons, 20, 5000)), []);
    // A school that came during the week is counted from the night on which it was there.
    let school = Subject::School("s1".into());
    let days = vec![night(&school, 0, 0), night(&school, 20, 200)];
    assert_eq!(with(days.clone(), vec![], &night(&school, 40, 180)), []);
    assert_eq!(with(days, vec![], &night(&school, 41, 180)), over(&school, 61, 200, 30));
}

#[test]
fn rule_11_the_week_has_a_ceiling_and_is_never_stricter_than_the_night() {
    let settings = |text: &str| toml::from_str::<Settings>(text);
    assert!(settings("week = { remove = \"30%\" }").is_ok());
    assert!(settings("week = { remove = \"30.001%\" }").is_err());
    let resolve = |target: &str, site: &str| {
        Limits::resolve(&settings(target).unwrap(), &settings(site).unwrap()).week.share()
    };
    assert_eq!(resolve("", "").in_thousandths(), 12_000);
    assert_eq!(resolve("", "week = { remove = \"8%\" }").in_thousandths(), 8000);
    let both = resolve("week = { remove = \"20%\" }", "week = { remove = \"8%\" }");
    assert_eq!(both.in_thousandths(), 20_000);
    let text = "always-allow = 0\nweek = { remove = \"1%\" }\npersons = { remove = \"10%\" }";
    assert_eq!(judged(&Subject::Persons, &[99], 1000, 1, text), []);
    assert_eq!(
        judged(&Subject::Persons, &[100], 1000, 1, text),
        over(&Subject::Persons, 101, 1000, 10)
    );
}

/// One reason is enough: what the night alone holds is not told again for the week.
#[test]
fn rule_08_a_subject_that_the_night_holds_is_told_once() {
    let found = judged(&Subject::Persons, &[40], 1000, 100, "");
    assert!(matches!(found[..], [Breach::OverPercent { count: 100, .. }]), "{found:?}");
}

proptest! {
    #[test]
    fn rule_08_more_removals_in_the_week_never_turn_hold_into_pass(
        earlier in proptest::collection::vec(0..60u64, 0..7),
        of in 0..500u64,
        tonight in 0..40u64,
        more in 1..40u64,
        which in 0..20usize,
        place in 0..8usize,
    ) {
        let all: Vec<_> = weekly().collect();
        let subject = &all[which % all.len()].0;
        let before = judged(subject, &earlier, of, tonight, "");
        let mut drip = earlier.clone();
        let tonight = match drip.get_mut(place) {
            Some(night) => { *night += more; tonight }
            None => tonight + more,
        };
        let after = judged(subject, &drip, of, tonight, "");
        prop_assert!(before.is_empty() || !after.is_empty());
    }
}

/// Two pupils of 48 a night: 4.2 percent and few, until they are six.
fn leaving(nights: usize) -> Export {
    let pupils = [
        "al-1A-1<", "bj-1A-1<", "al-4A-1<", "bj-4A-1<", "ek-1A-1<", "ek-4A-1<", "al-1A-2<",
        "bj-1A-2<",
    ];
    let gone = pupils.iter().take(nights * 2);
    gone.fold(Export::night("night1"), |export, key| {
        export.without(&format!("elev-{};", key.trim_end_matches('<')))
    })
}

#[test]
fn rule_08_two_pupils_a_night_are_held_on_the_third_and_pass_when_the_week_is_over() {
    let mut gateway = Gateway::new().mailing();
    // However short a memory is asked for, the week is remembered.
    let short = "[retention]\nsent-files = \"1d\"\nhistory = \"1d\"\n[mail]\n";
    gateway.change("[mail]\n", short);
    let gateway = gateway.delivered();
    gateway.night_of(25, &leaving(1)).exits(0);
    gateway.night_of(26, &leaving(2)).exits(0);
    let before = gateway.received();
    let told = gateway.night_of(27, &leaving(3)).exits(10);
    let told =
        told.says("Under sju dagar skulle 6 av 48 elever tas bort: 12,5 %, gränsen är 12 %.");
    assert!(!told.out.contains("2 av 44"), "the night alone holds nothing:\n{}", told.out);
    assert_eq!(gateway.received(), before);
    let reasons = gateway.held_for();
    assert!(reasons.iter().all(|code| code == "RG330"), "{reasons:?}");
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("på sju dagar (12,5 %, gräns 12 %)"), "{}", mail.subject);
    assert!(mail.body.contains("Under sju dagar skulle 6 av 48 elever"), "{}", mail.body);
    // Until the first two have left the week: seven days ago still counts.
    gateway.export(&leaving(3));
    for time in ["2026-08-29T04:15", "2026-08-31T04:15", "2026-09-01T04:15"] {
        gateway.run_at(time).exits(10);
    }
    gateway.run_at("2026-09-02T04:15").exits(0);
    assert!(!gateway.xml().contains("elev-ek-1A-1<"));
}

/// What a person has looked at does not count, nor what leaves for being protected.
#[test]
fn rule_08_approved_removals_and_withdrawals_are_no_part_of_the_week() {
    let gateway = Gateway::new().delivered();
    gateway.night_of(25, &leaving(3)).exits(10).says("6 av 48 elever");
    gateway.approve(&[]).exits(0);
    gateway.night_of(26, &leaving(4)).exits(0);
    let marked = leaving(4).marked("elev-al-1A-3", "J").marked("elev-al-1A-4", "J");
    gateway.night_of(27, &marked).exits(0);
    assert!(!gateway.xml().contains("elev-al-1A-3<"));
    let last = marked.without("elev-bj-1A-3;");
    gateway.night_of(28, &last).exits(0);
    assert!(!gateway.xml().contains("elev-bj-1A-3<"));
}

/// A town that got another receiver counts from there.
#[test]
fn rule_01_the_week_is_of_this_receiver() {
    let mut gateway = Gateway::new().delivered();
    gateway.night_of(25, &leaving(1)).exits(0);
    gateway.night_of(26, &leaving(2)).exits(0);
    gateway.change("file-name = \"ims.xml\"", "file-name = \"ims2.xml\"");
    gateway.night_of(27, &leaving(2)).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    gateway.night_of(28, &leaving(3)).exits(0);
}
