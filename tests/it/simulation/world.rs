//! A town, its gateway with a real state folder, and the admin, from event to event.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};
use rostergate::config::{Loaded, parse};
use rostergate::gateway::failure::Failure;
use rostergate::gateway::{Context, approve, run, withdraw};
use rostergate::notify::night::{Night, Outcome, Proposal, Protection, Trigger};
use rostergate::state::{Approval, Pause, StateDir};

use super::laws::{Allowed, Checked, ensure};
use super::ledger;
use super::receiver::Roll;
use super::stage::{Known, Stage};
use super::story::{Act, Answer, Event, Export, Moment, Setup, Window};
use super::town::{Files, Town};
use crate::support::gateway::sha256;

const CONFIG: &str = include_str!("config.toml");
/// The first night.
const START: Date = date(2026, 8, 1);
/// So many configurations there are: each of them differs from the first in one thing.
const CONFIGS: usize = 4;

/// How often what happened, to see that a simulation is one.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally {
    pub(super) nights: u32,
    /// By name: outcomes, faults, actions.
    pub(super) of: BTreeMap<String, u32>,
}

impl Tally {
    pub(super) fn add(&mut self, what: impl Into<String>) {
        *self.of.entry(what.into()).or_default() += 1;
    }
}

/// What may be asked of the gateway.
enum Ask<'a> {
    Run,
    Approve { plan: &'a str, wrong: bool },
    Withdraw(&'a str),
}

/// What came of it.
enum Came {
    /// The power failed.
    Dark,
    /// The program fell over.
    Fell,
    Night(Box<Night>),
    Refused(Failure),
}

/// The whole of it.
pub(super) struct World<'s> {
    setup: &'s Setup,
    town: Town,
    day: Date,
    /// Minutes since midnight, of the day's next run.
    minute: i64,
    /// Hours by which the clock is wrong, and for so many runs.
    clock: (i64, u8),
    configs: [OnceCell<Loaded>; CONFIGS],
    config: usize,
    pub(super) stage: RefCell<Stage>,
    /// What is wrong with tonight's export.
    fault: Option<Export>,
    last_files: Option<Files>,
    earlier: Option<(Files, Zoned)>,
    written_at: Option<Zoned>,
    /// Plans that were held, the last one last.
    held: Vec<String>,
    /// What the copy of the state folder knows: the last file, and so many runs.
    backup: Option<(Option<usize>, usize)>,
    /// Whether it is open what the receiver holds, by the logbook.
    doubt: bool,
    withdrawn: Vec<String>,
    pub(super) tally: Tally,
    pub(super) log: String,
}

fn configured(stage: &Stage, setup: &Setup, variant: usize) -> Loaded {
    let root = stage.root.path();
    let folder = "[target.lms.deliver.folder]\npath = \"{root}/remote\"".to_owned();
    let deliver = stage.line.as_ref().map_or(folder, |line| line.configured(root));
    let roles = ["\"learner\", \"staff\", \"guardian\"", "\"learner\", \"staff\""];
    let text = CONFIG
        .replace("{deliver}", &deliver)
        .replace("{root}", &root.display().to_string())
        .replace("{roles}", roles[usize::from(variant == 1)])
        .replace("{username}", if variant == 2 { "email" } else { "username" })
        .replace("{pickup}", if setup.takes { "expected" } else { "stays" })
        .replace("{persons}", &setup.persons.to_string())
        .replace("{each}", &setup.roles.to_string())
        .replace("{week}", "30")
        .replace("{allow}", &if variant == 3 { 1 } else { setup.allow }.to_string())
        .replace("{grace}", &setup.grace.to_string());
    let text = setup.window.map_or(text.clone(), |window| text + &configured_window(window));
    parse(&text, Path::new("rostergate.toml")).map_err(|e| e.to_string()).expect("a configuration")
}

/// The first and the last day of a window.
fn days(window: Window) -> (Date, Date) {
    let after = |days: u8| START.checked_add(i64::from(days).days()).expect("a day");
    (after(window.after), after(window.after + window.days))
}

fn configured_window(window: Window) -> String {
    let (from, through) = days(window);
    let hold = if window.changes { "[\"remove\", \"change\"]" } else { "[\"remove\"]" };
    let release = if window.auto { "auto" } else { "approve" };
    format!(
        "\n[[window]]\nname = \"Turn of the year\"\nfrom = {from}\nthrough = {through}\n\
         hold = {hold}\nrelease = \"{release}\"\n"
    )
}

impl<'s> World<'s> {
    pub(super) fn new(setup: &'s Setup) -> World<'s> {
        let stage = Stage::new(setup.takes, setup.sftp);
        World {
            setup,
            town: Town::of(setup.pupils),
            day: START,
            minute: 4 * 60 + 15,
            clock: (0, 0),
            configs: [const { OnceCell::new() }; CONFIGS],
            config: 0,
            stage: RefCell::new(stage),
            fault: None,
            last_files: None,
            earlier: None,
            written_at: None,
            held: Vec::new(),
            backup: None,
            doubt: false,
            withdrawn: Vec::new(),
            tally: Tally::default(),
            log: String::new(),
        }
    }

    fn say(&mut self, what: &str) {
        let _ = writeln!(self.log, "{} {:>4}  {what}", self.day, self.minute);
    }

    /// The true time, so many minutes into the day.
    fn time(&self, minute: i64) -> Zoned {
        let day = self.day.to_zoned(TimeZone::get("Europe/Stockholm").expect("a zone"));
        day.expect("a day").checked_add(minute.minutes()).expect("a time")
    }

    fn loaded(&self) -> &Loaded {
        let make = || configured(&self.stage.borrow(), self.setup, self.config);
        self.configs[self.config].get_or_init(make)
    }

    fn allowed(&self, today: Date) -> Allowed {
        let open = |window| (days(window).0..=days(window).1).contains(&today);
        let in_window = self.setup.window.is_some_and(open);
        let few = if self.config == 3 { 1 } else { usize::from(self.setup.allow) };
        let (persons, roles) = (usize::from(self.setup.persons), usize::from(self.setup.roles));
        Allowed { persons, roles, others: 40, school: 60, week: 30, few, in_window }
    }

    /// One thing happens.
    pub(super) fn live(&mut self, event: &Event) -> Checked {
        self.say(&format!("{event:?}"));
        match event {
            Event::Export(fault) => self.fault = Some(*fault),
            Event::Write => self.export(self.time(self.minute - 5)),
            Event::Takes => self.stage.borrow_mut().take(),
            Event::Filter(percent) => self.filter(*percent),
            Event::Night(acts) => self.night(acts)?,
            Event::Again(acts) => self.run(acts)?,
            Event::Off(days) => self.sleep(i64::from(*days)),
            Event::Clock(hours) => self.clock = (i64::from(*hours), 3),
            Event::Config(to) => self.configure(*to),
            Event::Backup => self.back_up(),
            Event::Restore => self.restore(),
            Event::Approve(answer, acts) => self.approve(*answer, acts)?,
            Event::Withdraw(who, acts) => self.withdraw(*who, acts)?,
            Event::Undo => self.undo(),
            Event::Pause(days) => self.pause(i64::from(*days)),
            Event::Resume => self.resume(),
            Event::Adopt => self.adopt(),
            of_the_register => self.town.live(of_the_register),
        }
        self.blamed()
    }

    fn blamed(&self) -> Checked {
        self.stage.borrow().fault.clone().map_or(Ok(()), Err)
    }

    fn filter(&mut self, percent: u8) {
        self.tally.add("receiver's own limit");
        self.stage.borrow_mut().receiver.limit = usize::from(percent);
    }

    fn sleep(&mut self, days: i64) {
        self.day = self.day.checked_add(days.days()).expect("a day");
        self.minute = 4 * 60 + 15;
    }

    fn configure(&mut self, to: u8) {
        self.config = usize::from(to) % CONFIGS;
        self.tally.add("configuration edited");
    }

    fn back_up(&mut self) {
        let stage = self.stage.borrow();
        if stage.at("state").is_dir() {
            stage.back_up();
            let known = stage.published.len().checked_sub(1);
            let known = stage.forgotten.map_or(known, |known| known.0);
            self.backup = Some((known, stage.runs.len()));
        }
    }

    fn restore(&mut self) {
        let Some((known, runs)) = self.backup else { return };
        let mut stage = self.stage.borrow_mut();
        stage.restore();
        stage.runs.truncate(runs);
        if known != stage.published.len().checked_sub(1) {
            stage.forgotten = Some(Known(known));
            stage.remembers = stage.published.len();
        }
        drop(stage);
        self.held.clear();
        self.tally.add("state folder restored");
        self.withdrawn = ledger::withdrawn(&self.stage.borrow());
        self.stage.borrow_mut().withdrawn = self.withdrawn.iter().cloned().collect();
    }

    /// The register's export, as tonight's fault has it, and then the timer's run.
    fn night(&mut self, acts: &[(Moment, Act)]) -> Checked {
        self.sleep(1);
        let at = self.time(2 * 60 + 10);
        self.export(at);
        self.run(acts)
    }

    fn export(&mut self, at: Zoned) {
        let whole = self.town.export(usize::MAX, false);
        let mut files = whole.clone();
        let mut counted = None;
        let mut written_at = at;
        let fault = self.fault.take();
        if let Some(fault) = fault {
            self.tally.add(format!("export {}", word(&format!("{fault:?}"))));
        }
        match fault {
            Some(Export::None) => return,
            Some(Export::SameAgain) => {
                let Some(last) = self.last_files.clone() else { return };
                files = last;
            }
            Some(Export::Earlier) => {
                let Some((earlier, at)) = self.earlier.clone() else { return };
                (files, written_at) = (earlier, at);
            }
            Some(Export::Cut(percent)) => {
                let text = files.csv.get_mut("personer.csv").expect("a file");
                text.truncate(text.len() * usize::from(percent) / 100);
                counted = Some(whole.clone());
            }
            Some(Export::Short(percent)) => {
                files = self.town.export(self.town.size() * usize::from(percent) / 100, false);
            }
            Some(Export::Empty) => {
                let text = files.csv.get_mut("personer.csv").expect("a file");
                text.truncate(text.find('\n').expect("a header") + 1);
            }
            Some(Export::AllMarked) => files = self.town.export(usize::MAX, true),
            Some(Export::Garbled(row)) => garble(&mut files, row),
            Some(Export::Missing) | None => {}
        }
        let mut stage = self.stage.borrow_mut();
        let counted = counted.as_ref().unwrap_or(&files);
        files.leave(&stage.at("inbox"), written_at.clone().into(), counted);
        if fault == Some(Export::Missing) {
            fs::remove_file(stage.at("inbox/grupper.csv")).expect("just written");
        }
        stage.inbox = files.says.clone();
        drop(stage);
        // What looks whole is what may be written again, or put back.
        if matches!(fault, None | Some(Export::Garbled(_) | Export::Short(_))) {
            let last = self.last_files.replace(files);
            self.earlier = last.zip(self.written_at.replace(written_at)).or(self.earlier.take());
        }
    }

    /// Asks something of the gateway, now.
    fn ask(&mut self, what: &Ask<'_>, acts: &[(Moment, Act)]) -> Came {
        let wrong = if self.clock.1 > 0 { self.clock.0 } else { 0 };
        self.clock.1 = self.clock.1.saturating_sub(1);
        if wrong != 0 {
            self.tally.add(if wrong < 0 { "clock behind" } else { "clock ahead" });
        }
        let now = self.time(self.minute);
        let now = now.checked_add(SignedDuration::from_hours(wrong)).expect("a time");
        self.minute += 10;
        {
            let mut stage = self.stage.borrow_mut();
            stage.now = self.time(self.minute).timestamp();
            stage.acts = acts.to_vec();
            stage.happened.clear();
            stage.newest = None;
            stage.before = stage.published.len();
            stage.has_read = false;
            stage.allowed = self.allowed(now.date());
        }
        let hear = |event: &rostergate::gateway::Event<'_>| self.stage.borrow_mut().hear(event);
        let context = Context { trigger: trigger(what), ..by_hand(self.loaded(), now, &hear) };
        let done = catch_unwind(AssertUnwindSafe(|| asked(&context, what, &self.stage)));
        let dark = self.stage.borrow_mut().after_run();
        let happened = self.stage.borrow().happened.clone();
        for (moment, act) in &happened {
            self.tally.add(format!("act {act:?}"));
            self.tally.add(format!("moment {moment:?}"));
        }
        match done {
            _ if dark => Came::Dark,
            Err(_) => Came::Fell,
            Ok(Ok(night)) => Came::Night(Box::new(night)),
            Ok(Err(failure)) => Came::Refused(failure),
        }
    }

    fn run(&mut self, acts: &[(Moment, Act)]) -> Checked {
        self.tally.nights += 1;
        let before = self.stage.borrow().published.len();
        let doubt = self.doubt;
        let came = self.ask(&Ask::Run, acts);
        self.told(&came)?;
        if let Came::Night(night) = &came {
            let outcome = &night.targets.first().map(|target| &target.outcome);
            if let Some(Outcome::Held { plan, .. }) = outcome {
                self.held.push(plan.clone());
            }
            let waiting = night.targets.first().and_then(|target| target.waiting.as_ref());
            if let Some(Proposal::Held { plan, .. }) = waiting.and_then(|it| it.proposal.as_ref()) {
                self.held.push(plan.clone());
                self.tally.add("a window's list");
            }
            let clear = self.stage.borrow().happened.is_empty();
            if clear {
                ledger::settled(&self.stage.borrow())?;
            }
            if clear && !doubt {
                self.protected_are_gone(night)?;
            }
            let sent = self.stage.borrow().published.len() - before;
            ensure!(sent <= 2, "I9: {sent} files in one run");
        }
        Ok(())
    }

    /// What must hold after anything that was asked of the gateway.
    fn told(&mut self, came: &Came) -> Checked {
        self.blamed()?;
        let outcome = match came {
            Came::Dark => "the power failed".to_owned(),
            Came::Fell => "the program fell over".to_owned(),
            Came::Refused(failure) => format!("refused {}", failure.code),
            Came::Night(night) => told_of(night),
        };
        self.say(&format!("  -> {outcome}"));
        self.tally.add(word(&outcome));
        if let Came::Refused(failure) = came {
            ledger::no_canary(&format!("{failure:?}"))?;
        }
        if let Came::Night(night) = came {
            ledger::no_canary(&format!("{night:?}"))?;
            self.doubt = ledger::after(&self.stage.borrow(), &night.run)?;
            self.what_is_visible_is_told(night)?;
        } else {
            self.doubt = true;
        }
        Ok(())
    }

    /// I6: where the run's last file has become visible, it is told as sent, or as not known.
    fn what_is_visible_is_told(&self, night: &Night) -> Checked {
        let stage = self.stage.borrow();
        let Some(target) = night.targets.first() else { return Ok(()) };
        let fine = target.outcome.is_sent() || matches!(target.outcome, Outcome::Unknown { .. });
        // After a file without those who are protected, the night's own one may be held or fail.
        let own = stage.published[stage.before..].last().filter(|last| {
            target.protection != Protection::Done && stage.newest.as_ref() == Some(&last.digest)
        });
        ensure!(fine || own.is_none(), "I6: a file is visible, and told is {}", told_of(night));
        Ok(())
    }

    /// I8, the second half: whatever held tonight's file, but for doubts about the markings or
    /// about what the receiver has, whoever is protected is gone.
    fn protected_are_gone(&self, night: &Night) -> Checked {
        let stage = self.stage.borrow();
        let outcome = night.targets.first().map(|target| &target.outcome);
        let certain = match outcome {
            Some(Outcome::Held { breaches, .. }) => {
                breaches.iter().all(rostergate::pipeline::verdict::Breach::permits_withdrawal)
            }
            Some(Outcome::Delivered { .. } | Outcome::AlreadyDelivered) => true,
            _ => false,
        };
        let Some(last) = stage.published.last().filter(|_| certain && stage.forgotten.is_none())
        else {
            return Ok(());
        };
        let told = stage.inbox.hidden.iter().find(|key| last.roll.persons.contains_key(*key));
        ensure!(told.is_none(), "I8: {told:?} is protected and still told after {outcome:?}");
        Ok(())
    }

    fn approve(&mut self, answer: Answer, acts: &[(Moment, Act)]) -> Checked {
        let at = match answer {
            Answer::Stale => self.held.len().checked_sub(2),
            Answer::Right | Answer::Wrong => self.held.len().checked_sub(1),
        };
        let Some(plan) = at.map(|at| self.held[at].clone()) else { return Ok(()) };
        let digest = ledger::payload(&self.stage.borrow(), &plan).map(|bytes| sha256(&bytes));
        let new = digest.filter(|_| answer == Answer::Right);
        let new = new.filter(|digest| self.stage.borrow_mut().approved.insert(digest.clone()));
        let before = self.stage.borrow().published.len();
        let ask = Ask::Approve { plan: &plan, wrong: answer == Answer::Wrong };
        let came = self.ask(&ask, acts);
        self.told(&came)?;
        self.tally.add(format!("approve {answer:?}"));
        let sent = self.stage.borrow().published.len() > before;
        if let Came::Night(night) = &came {
            ensure!(answer == Answer::Right, "rule 16: {answer:?} is taken: {}", told_of(night));
        }
        let refused = matches!(came, Came::Refused(_));
        let broken = !self.stage.borrow().happened.is_empty();
        ensure!(!(sent && refused) || broken, "rule 16: refused, and sent all the same");
        // A yes that was refused counts for nothing.
        if let (Some(digest), true) = (new, refused && !broken) {
            self.stage.borrow_mut().approved.remove(&digest);
        }
        Ok(())
    }

    fn withdraw(&mut self, who: u8, acts: &[(Moment, Act)]) -> Checked {
        let Some(key) = self.town.key_of(who) else { return Ok(()) };
        let came = self.ask(&Ask::Withdraw(&key), acts);
        self.tally.add("withdraw");
        self.withdrawn = ledger::withdrawn(&self.stage.borrow());
        self.stage.borrow_mut().withdrawn = self.withdrawn.iter().cloned().collect();
        self.told(&came)
    }

    fn undo(&mut self) {
        let Some(key) = self.withdrawn.pop() else { return };
        let quiet = |_: &rostergate::gateway::Event<'_>| ();
        let now = self.time(self.minute);
        let context = by_hand(self.loaded(), now, &quiet);
        let asked = withdraw::Asked { key: &key, reason: "prov", who: "anna" };
        let undone = withdraw::undo(&context, &asked);
        undone.map_err(|failure| format!("{failure:?}")).expect("a person who is withdrawn");
        self.stage.borrow_mut().withdrawn.remove(&key);
        self.tally.add("undo");
    }

    fn pause(&mut self, days: i64) {
        let now = self.time(self.minute);
        let until = self.day.checked_add(days.days()).expect("a day");
        let pause = Pause { until, reason: "prov".into(), who: "anna".into(), at: now.timestamp() };
        let state = StateDir::open(&self.stage.borrow().at("state"), &now).expect("a state");
        if state.begin_pause(&pause, self.day).is_ok() {
            self.tally.add("pause");
        }
    }

    fn resume(&mut self) {
        let now = self.time(self.minute);
        let state = StateDir::open(&self.stage.borrow().at("state"), &now).expect("a state");
        if state.resume("anna", now.timestamp(), self.day).is_ok() {
            self.tally.add("resume");
        }
    }

    /// Where the receiver has imported all that was published, the admin may say so.
    fn adopt(&mut self) {
        let now = self.time(self.minute);
        let stage = self.stage.borrow();
        let last = stage.published.last().map(|last| last.digest.clone());
        if last.is_none_or(|last| last != sha256(&stage.receiver.backup)) {
            return;
        }
        drop(stage);
        let loaded = self.loaded();
        ledger::adopt(&self.stage.borrow(), loaded, &now);
        self.stage.borrow_mut().forgotten = None;
        self.tally.add("adopt");
    }

    /// I9: when nothing more happens, nights and yeses bring the receiver to what the register
    /// says.
    pub(super) fn calm(&mut self) -> Checked {
        self.say("calm");
        (self.clock, self.config, self.fault) = ((0, 0), 0, None);
        self.stage.borrow_mut().receiver.limit = 100;
        self.resume();
        self.day = self.day.max(self.setup.window.map_or(self.day, |window| days(window).1));
        while !self.withdrawn.is_empty() {
            self.undo();
        }
        let mut left = String::new();
        for _ in 0..8 {
            self.night(&[])?;
            self.stage.borrow_mut().take();
            self.blamed()?;
            left = self.differs();
            if left.is_empty() {
                return ledger::all_told(&self.stage.borrow());
            }
            if !self.held.is_empty() {
                self.approve(Answer::Right, &[])?;
                self.stage.borrow_mut().take();
            }
        }
        Err(format!("I9: after eight calm nights {left}"))
    }

    /// What the receiver holds other than the register says; nothing when it is the same.
    fn differs(&self) -> String {
        let stage = self.stage.borrow();
        let Roll { persons, groups, members, .. } = &stage.receiver.holds;
        let says = &stage.inbox;
        let persons: std::collections::BTreeSet<String> = persons.keys().cloned().collect();
        if persons != says.told {
            let lacks: Vec<_> = says.told.difference(&persons).collect();
            let more: Vec<_> = persons.difference(&says.told).collect();
            return format!("the receiver lacks {lacks:?} and has {more:?}");
        }
        let more = groups.iter().find(|group| !says.groups.contains_key(*group));
        let lacks = says.groups.iter().find(|(key, hidden)| !**hidden && !groups.contains(*key));
        let told = says.members.iter().filter(|(group, _)| groups.contains(group));
        if more.is_some() || lacks.is_some() || !told.eq(members.iter()) {
            return format!("groups or memberships differ: more {more:?}, lacks {lacks:?}");
        }
        String::new()
    }
}

fn trigger(ask: &Ask<'_>) -> Trigger {
    match ask {
        Ask::Run => Trigger::Timer,
        Ask::Approve { .. } => Trigger::Approval,
        Ask::Withdraw(_) => Trigger::Withdrawal,
    }
}

fn by_hand<'c>(
    loaded: &'c Loaded,
    now: Zoned,
    listener: &'c dyn Fn(&rostergate::gateway::Event<'_>),
) -> Context<'c> {
    Context {
        loaded,
        now,
        replay: false,
        trigger: Trigger::Hand,
        only: Vec::new(),
        outside_hours: true,
        again: false,
        credentials: None,
        host: "sim".to_owned(),
        unit: None,
        invocation: None,
        listener,
    }
}

fn asked(context: &Context<'_>, what: &Ask<'_>, stage: &RefCell<Stage>) -> Result<Night, Failure> {
    match what {
        Ask::Run => run(context),
        Ask::Approve { plan, wrong } => {
            let ready = approve::ready(context, plan)?;
            let approval = Approval {
                who: "anna".to_owned(),
                reason: "kontrollerat".to_owned(),
                confirmed: ready.to_confirm + u64::from(*wrong),
                at: context.now.timestamp(),
                receiver_empty: true,
            };
            ready.approve(&approval)
        }
        Ask::Withdraw(key) => {
            stage.borrow_mut().withdrawn.insert((*key).to_owned());
            let asked = withdraw::Asked { key, reason: "prov", who: "anna" };
            withdraw::withdraw(context, &asked).map(|done| done.night)
        }
    }
}

/// The first word, or the whole of what has no numbers.
fn word(text: &str) -> String {
    text.split('(').next().unwrap_or(text).to_owned()
}

fn told_of(night: &Night) -> String {
    if let Some(failure) = &night.failure {
        return format!("failed {}", failure.code);
    }
    match night.targets.first().map(|target| &target.outcome) {
        None => "nothing".to_owned(),
        Some(Outcome::Failed { code, .. }) => format!("failed {code}"),
        Some(Outcome::Held { breaches, .. }) => format!("held({breaches:?})"),
        Some(outcome) => word(&format!("{outcome:?}")).split(' ').next().unwrap_or("").to_owned(),
    }
}

/// One row of somebody without a marking has a role that nobody knows.
fn garble(files: &mut Files, row: u8) {
    let text = files.csv.get_mut("personer.csv").expect("a file");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = 2 + usize::from(row) % lines.len().saturating_sub(2).max(1);
    if let Some(line) = lines.get_mut(at).filter(|line| line.ends_with(";N")) {
        *line = line.replace(";elev;", ";robot;").replace(";personal;", ";robot;");
        if let (true, Some((key, _))) = (line.contains(";robot;"), line.split_once(';')) {
            files.says.aside.insert(key.to_owned());
        }
    }
    *text = lines.join("\n") + "\n";
}
