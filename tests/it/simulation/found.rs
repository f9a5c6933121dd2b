//! Stories that random nights found, each once a fault.

use super::lived;
use super::story::{Act, Answer, Event, Moment, Setup, Story};

fn told(events: &[Event]) -> String {
    told_at(true, events)
}

fn told_at(takes: bool, events: &[Event]) -> String {
    told_over(takes, false, events)
}

fn told_over(takes: bool, sftp: bool, events: &[Event]) -> String {
    let setup =
        Setup { pupils: 6, takes, sftp, persons: 15, roles: 15, allow: 2, grace: 0, window: None };
    let first = [Event::Night(Vec::new()), Event::Approve(Answer::Right, Vec::new())];
    let story = Story { setup, events: [&first[..], events].concat() };
    let (log, _, outcome) = lived(&story);
    assert_eq!(outcome, Ok(()), "{log}");
    log
}

fn night(moment: Moment, act: Act) -> Event {
    Event::Night(vec![(moment, act)])
}

/// The first of two nights in a row that were interrupted was never told of.
#[test]
fn every_one_of_several_interrupted_nights_is_told_of() {
    for moment in [Moment::Begun, Moment::Read, Moment::Uploaded, Moment::Done] {
        let log = told(&[night(moment, Act::Crash), night(moment, Act::Crash)]);
        assert_eq!(log.matches("the power failed").count(), 2, "{log}");
    }
}

/// A night whose ledger could not be written from its middle on sent no mail.
#[test]
fn a_night_whose_ledger_breaks_on_the_way_is_told_of() {
    let full = |moment| night(moment, Act::LedgerFull);
    let log = told(&[full(Moment::Begun), full(Moment::Read), full(Moment::Planned)]);
    assert_eq!(log.matches("RG501").count(), 3, "{log}");
}

/// A mail that waited while the machine was off for days was given up untried.
#[test]
fn f79_a_mail_that_waited_for_a_machine_that_was_off_is_sent() {
    let without_mail = night(Moment::Published, Act::MailGone);
    told(&[without_mail, Event::Off(11)]);
}

/// A share that was not mounted when an open outcome was looked at settled it: as not
/// published, or as picked up.
#[test]
fn a_receivers_folder_that_is_missing_settles_nothing() {
    for moment in [Moment::Publishing, Moment::Renamed] {
        for takes in [false, true] {
            let events = [night(moment, Act::Crash), night(Moment::Begun, Act::Gone)];
            let log = told_at(takes, &events);
            assert!(log.contains("the power failed"), "{log}");
        }
    }
}

/// The receiver did as it was told, and its answer was lost.
#[test]
fn an_answer_that_is_lost_is_looked_for_on_the_next_night() {
    for act in [Act::Lost, Act::LostAndGone] {
        let events = [night(Moment::Publishing, act), Event::Night(Vec::new())];
        let log = told_over(true, true, &events);
        assert!(log.contains("Unknown"), "{log}");
    }
}
