//! Scenes: what seldom happens by chance, one thing after another as it does on a hard night. A
//! story is made of them and of single events in between.

use proptest::prelude::*;

use super::story::{Act, Answer, Event, Export, Moment};

/// Something small has changed, so that there is a file to send.
fn news() -> impl Strategy<Value = Event> {
    let n = 0..34u8;
    prop_oneof![
        2 => n.clone().prop_map(Event::Rename),
        2 => Just(Event::SomeLeave(1)),
        1 => (n, 0..12u8).prop_map(|(who, school)| Event::Join(who, school)),
    ]
}

/// More goes than any limit lets go.
fn too_much() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0..12u8).prop_map(Event::ManyLeave),
        2 => (5..12u8).prop_map(Event::SomeLeave),
        1 => (0..12u8).prop_map(Event::CloseSchool),
        1 => Just(Event::NewYear),
        1 => (1..4u8).prop_map(Event::Spread),
    ]
}

fn night(moment: Moment, act: Act) -> Event {
    Event::Night(vec![(moment, act)])
}

fn yes() -> Event {
    Event::Approve(Answer::Right, Vec::new())
}

fn quiet() -> Event {
    Event::Night(Vec::new())
}

/// What became of a file must be found out: the power fails around its publishing, or the ledger
/// does not take what came of it.
fn interruption() -> impl Strategy<Value = (Moment, Act)> {
    use Moment::{Published, Publishing, Renamed};
    let power = prop_oneof![4 => Just(Publishing), 3 => Just(Renamed), 1 => Just(Published)];
    let ledger = prop_oneof![1 => Just(Publishing), 3 => Just(Renamed), 1 => Just(Published)];
    let refuses = prop_oneof![2 => Just(Act::LedgerStep), 1 => Just(Act::LedgerOnce)];
    prop_oneof![
        3 => power.prop_map(|moment| (moment, Act::Crash)),
        2 => (ledger, refuses),
        1 => Just((Publishing, Act::Lost)),
        1 => Just((Publishing, Act::LostAndGone)),
    ]
}

/// The nights after it: the receiver cannot be asked, and then it can, with an export or without.
fn aftermath() -> impl Strategy<Value = Vec<Event>> {
    let away = prop_oneof![Just(Moment::Begun), Just(Moment::Read)];
    let away = away.prop_map(|moment| vec![night(moment, Act::Gone)]);
    let taken = away.clone().prop_map(|away| [vec![Event::Takes], away].concat());
    let before = prop_oneof![
        2 => Just(Vec::new()),
        1 => Just(vec![Event::Takes]),
        4 => away,
        2 => taken,
    ];
    let without = prop_oneof![Just(Export::None), Just(Export::Missing), Just(Export::Empty)];
    let at_last = prop_oneof![
        1 => Just(vec![quiet()]),
        2 => without.prop_map(|fault| vec![Event::Export(fault), quiet()]),
        2 => too_much().prop_map(|much| vec![much, quiet()]),
    ];
    (before, at_last).prop_map(|(before, at_last)| [before, at_last].concat())
}

/// Whether a file was published has to be found out.
fn open_outcome() -> impl Strategy<Value = Vec<Event>> {
    (news(), interruption(), aftermath())
        .prop_map(|(news, act, after)| [vec![news, Event::Night(vec![act])], after].concat())
}

/// The same, of a file that a person said yes to.
fn open_approval() -> impl Strategy<Value = Vec<Event>> {
    (too_much(), interruption(), aftermath()).prop_map(|(much, act, after)| {
        let yes = Event::Approve(Answer::Right, vec![act]);
        [vec![much, quiet(), yes], after].concat()
    })
}

/// It was, or it was not, and that is found out late, on a night that brings nothing else.
fn found_out_late() -> impl Strategy<Value = Vec<Event>> {
    let cut = prop_oneof![Just(Moment::Publishing), Just(Moment::Renamed)];
    let without = prop_oneof![Just(Export::None), Just(Export::Missing), Just(Export::Empty)];
    (news(), cut, 1..3usize, without).prop_map(|(news, moment, nights, without)| {
        let cut = [news, night(moment, Act::Crash)];
        let away = vec![night(Moment::Begun, Act::Gone); nights];
        [&cut[..], &away, &[Event::Export(without), quiet()]].concat()
    })
}

/// Deliveries are paused, and somebody is protected meanwhile.
fn paused() -> impl Strategy<Value = Vec<Event>> {
    (1..4u8, 0..34u8, news(), any::<bool>()).prop_map(|(days, who, news, resumed)| {
        let pause = [Event::Pause(days), news, Event::Protect(who), quiet()];
        let ends = [Event::Resume].into_iter().filter(|_| resumed).chain([quiet()]);
        pause.into_iter().chain(ends).collect()
    })
}

/// The register exports by day, too, and later an export from before is put back.
fn back_in_time() -> impl Strategy<Value = Vec<Event>> {
    (news(), news(), proptest::bool::weighted(0.3)).prop_map(|(one, other, next_night)| {
        let day = [one, quiet(), other, Event::Write, Event::Again(Vec::new())];
        let back = if next_night {
            vec![Event::Export(Export::Earlier), quiet()]
        } else {
            vec![Event::Export(Export::Earlier), Event::Write, Event::Again(Vec::new())]
        };
        [day.to_vec(), back].concat()
    })
}

/// Somebody is protected in an export that is held for something else.
fn protected_and_held() -> impl Strategy<Value = Vec<Event>> {
    let who = proptest::collection::vec((0..34u8).prop_map(Event::Protect), 1..3);
    (who, too_much()).prop_map(|(who, much)| [who, vec![much, quiet()]].concat())
}

/// A row cannot be used, while others change.
fn a_bad_row() -> impl Strategy<Value = Vec<Event>> {
    ((0..34u8).prop_map(Export::Garbled), news())
        .prop_map(|(row, news)| vec![news, Event::Export(row), quiet()])
}

/// Every night a few leave.
fn drip() -> impl Strategy<Value = Vec<Event>> {
    (1..5u8, 3..6usize).prop_map(|(few, nights)| {
        let night = [Event::SomeLeave(few), quiet()];
        let nights = night.iter().cloned().cycle().take(nights * night.len());
        [Event::SomeJoin(20), quiet()].into_iter().chain(nights).collect()
    })
}

/// A few of everything leave; or all of a school where there are few.
fn few_but_all() -> impl Strategy<Value = Vec<Event>> {
    let goes =
        |school: u8| prop_oneof![Just(Event::CloseSchool(school)), Just(Event::Exchange(school))];
    let school = (0..3u8, 1..3u8).prop_flat_map(move |(school, few)| {
        let thin = [Event::OpenSchool(school), Event::Thin(school, few), quiet(), yes()];
        goes(school).prop_map(move |goes| [&thin[..], &[goes, quiet()]].concat())
    });
    prop_oneof![
        1 => (1..4u8).prop_map(|few| vec![Event::Spread(few), quiet()]),
        2 => school,
    ]
}

/// The state folder is put back from yesterday or longer ago, and somebody may say what the
/// receiver has.
fn put_back() -> impl Strategy<Value = Vec<Event>> {
    let nights = proptest::collection::vec(news(), 0..3);
    (nights, any::<bool>()).prop_map(|(news, adopted)| {
        let nights = news.into_iter().flat_map(|news| [news, quiet()]);
        let says = [Event::Takes, Event::Adopt].into_iter().filter(|_| adopted);
        let after = [Event::Restore].into_iter().chain(says).chain([quiet()]);
        [Event::Backup].into_iter().chain(nights).chain(after).collect()
    })
}

/// Nights that are cut off anywhere, and one that is not.
fn cut_off() -> impl Strategy<Value = Vec<Event>> {
    let one = super::story::moment().prop_map(|moment| night(moment, Act::Crash));
    (news(), proptest::collection::vec(one, 1..3))
        .prop_map(|(news, cut)| [vec![news], cut, vec![quiet()]].concat())
}

/// One of them. Somebody says yes to what it leaves held, as a rule.
pub(super) fn scene() -> impl Strategy<Value = Vec<Event>> {
    let scene = prop_oneof![
        4 => open_outcome(),
        2 => open_approval(),
        2 => back_in_time(),
        2 => protected_and_held(),
        2 => a_bad_row(),
        2 => drip(),
        3 => few_but_all(),
        2 => found_out_late(),
        1 => paused(),
        1 => put_back(),
        1 => cut_off(),
    ];
    (scene, proptest::bool::weighted(0.8))
        .prop_map(|(scene, heard)| scene.into_iter().chain(heard.then(yes)).collect())
}
