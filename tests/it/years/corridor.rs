//! The corridor's part, in memory: what was delivered becomes what the next night is compared
//! with, a held night leaves everything as it was, and a person may say yes to what is held.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use jiff::ToSpan;
use jiff::civil::Date;
use rostergate::formats::Format;
use rostergate::pipeline::carry::carry_over;
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::pending;
use rostergate::pipeline::pending::Pending;
use rostergate::pipeline::plan::{
    Input, Model, OpenSnapshot, Plan, Purpose, Register as Reading, plan, rehearse,
};
use rostergate::pipeline::safety::{Circumstances, Limits};
use rostergate::pipeline::season::{Grace, Season};
use rostergate::pipeline::select::{Choice, Selection, select};
use rostergate::pipeline::verdict::{Breach, Verdict};
use rostergate::pipeline::window::{Hold, Open, Release, Window};
use rostergate::pipeline::withdrawal::Leaving;
use rostergate::pipeline::withdrawal::holds_protected;
use rostergate::roster::issue::Severity;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use super::checks::{Checked, Scene, ensure, the_list_is_what_waits};
use super::story::{Event, START, Year};
use super::told::{Id, Lines, Told, Wait, Waits, ends, is_about, learners, lines};
use super::town::Town;

/// What is configured once for all years.
pub(super) struct Site {
    format: Format,
    selection: Selection,
}

impl Site {
    pub(super) fn new() -> Site {
        let text = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
                    username = \"username\"\nfile-name = \"ims.xml\"\n";
        let selection = Selection {
            schools: Choice::All,
            years: Choice::All,
            roles: Role::OF_PERSONS.iter().copied().collect(),
            groups: GroupKind::ALL.iter().copied().collect(),
            send: BTreeSet::new(),
            group_keys: GroupKeys::default(),
        };
        Site { format: toml::from_str(text).expect("a format"), selection }
    }
}

/// What the register says tonight.
struct Export {
    reading: Reading,
    /// The part of it that the receiver should hear of.
    tonight: Roster,
}

/// What a person may say yes to.
struct Held {
    told: Told,
    since: Date,
    /// What it says, the windows' lists being released, against what was told before.
    release: Option<Rest>,
}

/// Whether the rest of approved lists is released, too.
type Rest = bool;

/// The gateway, its register, and the receiver.
pub(super) struct Corridor<'y> {
    site: &'y Site,
    windows: Vec<Window>,
    grace: Grace,
    limits: Limits,
    town: Town,
    today: Date,
    /// What the receiver was last told: two files while nobody knows which.
    known: Vec<Rc<Told>>,
    unknown_until: Option<(Date, bool)>,
    judged: Date,
    paused_through: Option<Date>,
    held: Option<Held>,
    fails: bool,
    lost: Option<(bool, u8)>,
    /// The model of the receiver: it holds what the last file said.
    receiver: Lines,
    nights: u32,
    pub(super) tally: Tally,
    pub(super) log: String,
}

/// What happened how often, to see that a test tests something.
#[derive(Default, Debug)]
pub(super) struct Tally {
    pub(super) nights: u32,
    pub(super) delivered: u32,
    pub(super) held: u32,
    pub(super) paused: u32,
    pub(super) withdrawn: u32,
    pub(super) approved: u32,
    pub(super) released: u32,
    pub(super) staged: u32,
    pub(super) waited: u32,
    pub(super) doubtful: u32,
}

impl<'y> Corridor<'y> {
    /// The town, its first delivery approved.
    pub(super) fn new(site: &'y Site, year: &Year) -> Result<Corridor<'y>, String> {
        let setup = &year.setup;
        let limits = setup.limits();
        let town = Town::of(setup.pupils);
        let mut corridor = Corridor {
            site,
            windows: setup.windows(),
            grace: setup.grace(),
            limits,
            town,
            today: START.yesterday().expect("a day"),
            known: Vec::new(),
            unknown_until: None,
            judged: START,
            paused_through: None,
            held: None,
            fails: false,
            lost: None,
            receiver: Lines::new(),
            nights: 0,
            tally: Tally::default(),
            log: String::new(),
        };
        let first = corridor.plan(&corridor.export().reading, Purpose::Tonight)?;
        let first_delivery = matches!(&first.verdict, Verdict::Hold(breaches)
            if matches!(breaches[..], [Breach::FirstDelivery { .. }, ..]));
        ensure!(first_delivery, "rule 2: the first delivery is {:?}", first.verdict);
        corridor.receive(Told::of(first.feed.roster, first.pending, Waits::new()));
        corridor.today = START;
        for window in &corridor.windows {
            let _ = writeln!(corridor.log, "{window:?}");
        }
        Ok(corridor)
    }

    /// One thing happens.
    pub(super) fn live(&mut self, event: &Event) -> Checked {
        match event {
            Event::Night => {
                self.night()?;
                self.morning(1);
            }
            Event::Again => self.night()?,
            Event::NoExport(days) => self.morning(*days),
            Event::Approve => self.approve()?,
            Event::FailedDelivery => self.fails = true,
            Event::LostReceipt(arrived, nights) => self.lost = Some((*arrived, *nights)),
            Event::Pause(nights) => {
                let through = i64::from(*nights).days();
                self.paused_through = Some(self.today.checked_add(through).expect("a day"));
                self.say("paused by hand");
            }
            of_the_register => {
                self.say(&format!("{of_the_register:?}"));
                self.town.live(of_the_register, self.today);
            }
        }
        Ok(())
    }

    fn say(&mut self, what: &str) {
        let _ = writeln!(self.log, "{}  {what}", self.today);
    }

    fn morning(&mut self, days: u8) {
        self.today = self.today.checked_add(i64::from(days).days()).expect("a day");
        self.town.morning();
        (self.fails, self.lost) = (false, None);
    }

    fn season(&self) -> Season {
        Season::of(&self.windows, "lms", self.grace, self.today)
    }

    /// The same, by the dates alone.
    fn season_by_hand(&self) -> Season {
        let open = |window: &&Window| window.from.0 <= self.today && self.today <= window.through.0;
        let open = self.windows.iter().find(open).map(|window| Open {
            name: window.name.as_str().to_owned(),
            from: window.from.0,
            through: window.through.0,
            hold: window.hold,
            release: window.release,
            add: window.add,
        });
        Season { open, ..self.season() }
    }

    /// Which of two files is there turns out when it is looked at again.
    fn settle(&mut self) {
        if let Some((until, arrived)) = self.unknown_until
            && until <= self.today
        {
            self.unknown_until = None;
            let there = if arrived { self.known.pop() } else { self.known.drain(..).next() };
            self.known = there.into_iter().collect();
            self.say("the doubt is settled");
        }
    }

    fn night(&mut self) -> Checked {
        self.settle();
        self.held = None;
        self.nights += 1;
        self.tally.nights += 1;
        let export = self.export();
        if export.reading.issues.iter().any(|issue| issue.severity == Severity::Error) {
            self.say("the export is refused");
            return Ok(());
        }
        let before = self.receiver.clone();
        self.the_export_is_the_register(&export)?;
        let outcome = self.outcome(&export)?;
        self.say(&outcome);
        self.judged = self.today;
        if self.nights.is_multiple_of(8) {
            self.same_again(&export.reading)?;
        }
        self.protected_are_gone(&export.reading, &before, &outcome)
    }

    /// As the run goes: plan, take the newly protected out, hold or deliver.
    fn outcome(&mut self, export: &Export) -> Result<String, String> {
        let season = self.season();
        let by_hand = self.paused_through.is_some_and(|through| self.today <= through);
        let paused = by_hand || season.pause().is_some();
        let (mut plan, mut waits) = self.checked(export, Purpose::Tonight)?;
        let mut withdrawn = "";
        if plan.newly_protected > 0 && self.unknown_until.is_none() && may_withdraw(&plan, paused) {
            let reduced = self.withdrawal(&export.reading, &plan)?;
            self.tally.withdrawn += 1;
            if !self.deliver(reduced) {
                return Ok("the withdrawal did not arrive".to_owned());
            }
            withdrawn = "protected persons left; ";
            (plan, waits) = self.checked(export, Purpose::Tonight)?;
        }
        self.tally.waited += u32::from(!plan.pending.is_empty());
        if paused {
            self.tally.paused += 1;
            return Ok(format!("{withdrawn}paused, would be {:?}", plan.verdict));
        }
        if let Verdict::Hold(breaches) = &plan.verdict {
            let told = format!("{withdrawn}held {breaches:?}");
            self.tally.held += 1;
            self.hold(plan, waits, None);
            return Ok(told);
        }
        let told = format!("{withdrawn}delivered{}", summary(&plan));
        self.rehearse(&plan)?;
        self.tally.staged += u32::from(self.known[0].waits.values().any(|wait| wait.approved));
        let stuck = self.stages_are_stuck(&plan);
        let known = self.known.len() == 1;
        let rest = plan.waiting.stages_stop;
        let to_release = !plan.waiting.to_release.is_empty() && known;
        // While nobody knows, whoever leaves is told on: that ends when it is known. A second file
        // on one day counts for stages and grace, as any file.
        let counted = !plan.waiting.in_grace.is_empty() || !plan.waiting.in_stages.is_empty();
        let same = plan.is_unchanged() && known && !counted;
        if !self.deliver(Told::of(plan.feed.roster, plan.pending, waits)) {
            return Ok("the file did not arrive, or nobody knows".to_owned());
        }
        self.tally.delivered += 1;
        ensure!(to_release || !stuck, "an approved list goes no further, and nobody is asked");
        if to_release {
            let (release, waits) = self.checked(export, Purpose::Release { rest })?;
            self.hold(release, waits, Some(rest));
        } else if same && self.nights.is_multiple_of(4) {
            self.unchanged_again(&export.reading)?;
        }
        Ok(told)
    }

    /// Something approved could have gone tonight, and nothing of it did.
    fn stages_are_stuck(&self, plan: &Plan) -> bool {
        let after = lines(&plan.feed.roster);
        let before = self.known[0].waits.iter().filter(|(_, wait)| wait.approved);
        let open = self.season().open.is_some() || self.known.len() > 1;
        let left = plan.pending.iter().any(|waiting| waiting.approved);
        left && !open && before.map(|(id, _)| id).all(|id| after.contains_key(id))
    }

    fn hold(&mut self, plan: Plan, waits: Waits, release: Option<Rest>) {
        let told = Told::of(plan.feed.roster, plan.pending, waits);
        self.held = Some(Held { told, since: self.today, release });
    }

    /// Sends a file; gives whether it is known to have arrived.
    fn deliver(&mut self, told: Told) -> bool {
        if self.fails {
            return false;
        }
        let lost = self.lost.take().filter(|_| self.unknown_until.is_none());
        let Some((arrived, nights)) = lost else {
            self.receive(told);
            return true;
        };
        let until = self.today.checked_add(i64::from(nights).days()).expect("a day");
        self.unknown_until = Some((until, arrived));
        if arrived {
            self.receiver.clone_from(&told.lines);
        }
        self.known.push(Rc::new(told));
        false
    }

    fn receive(&mut self, told: Told) {
        self.receiver.clone_from(&told.lines);
        self.known = vec![Rc::new(told)];
        self.unknown_until = None;
    }

    /// A person says yes to what is held, unless it went stale.
    fn approve(&mut self) -> Checked {
        let Some(held) = self.held.take() else { return Ok(()) };
        let Export { reading, tonight } = self.export();
        let late = (self.today - held.since).get_days() > 2;
        if late
            || self.unknown_until.is_some()
            || holds_protected(&held.told.roster, &reading.protected, &tonight)
        {
            self.say("the approval comes too late");
            return Ok(());
        }
        self.say(if held.release.is_some() {
            "the list is approved"
        } else {
            "the plan is approved"
        });
        self.tally.approved += 1;
        self.tally.released += u32::from(held.release.is_some());
        let before = std::mem::take(&mut self.receiver);
        let season = Season::of(&self.windows, "lms", self.grace, held.since);
        if let Some(rest) = held.release {
            only_the_list_went(&before, &held.told, &self.known[0].waits, &season, rest)?;
        }
        self.receive(held.told);
        Ok(())
    }

    fn model<T>(&self, with: impl FnOnce(Model<'_>) -> T) -> T {
        let open = |told: &Rc<Told>| {
            let bytes = Rc::clone(&told.bytes);
            move || -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(Rc::clone(&bytes)))) }
        };
        let opened: Vec<_> = self.known.iter().map(open).collect();
        let lent: Vec<OpenSnapshot<'_>> = opened.iter().map(|o| o as OpenSnapshot<'_>).collect();
        match lent[..] {
            [] => with(Model::Nothing),
            [one] => with(Model::Known(one)),
            _ => with(Model::AnyOf(&lent)),
        }
    }

    /// What waits by the files that may be there.
    fn pending(&self) -> Vec<Pending> {
        let all = self.known.iter().flat_map(|told| told.pending.iter().cloned());
        let mut all: Vec<Pending> = all.collect();
        all.sort_by(|a, b| (a.kind, &a.identity).cmp(&(b.kind, &b.identity)));
        all.dedup_by(|a, b| (a.kind, &a.identity) == (b.kind, &b.identity));
        all
    }

    fn plan(&self, reading: &Reading, purpose: Purpose) -> Result<Plan, String> {
        let (season, pending) = (self.season(), self.pending());
        let days = u32::try_from((self.today - self.judged).get_days()).unwrap_or(0);
        let around = Circumstances {
            first_delivery: self.known.is_empty().then(Vec::new),
            baseline_old: Some(days).filter(|days| *days > 7),
            ..Circumstances::default()
        };
        let limits = match season.holding() {
            Some(open) => self.limits.clone().in_window(&open.add),
            None => self.limits.clone(),
        };
        let made = self.model(|model| {
            plan(Input {
                register: reading,
                selection: &self.site.selection,
                format: &self.site.format,
                limits: &limits,
                model,
                other_encoding: None,
                around,
                calendar: Calendar { season: &season, pending: &pending, today: self.today },
                purpose,
            })
        });
        made.map_err(|error| format!("no plan: {error}"))
    }

    fn export(&self) -> Export {
        let Site { format, selection } = self.site;
        let reading = self.town.read();
        let told = select(&reading.roster, selection, format.carried(), self.today);
        Export { tonight: format.fit(&told).0, reading }
    }

    /// A plan that was looked at from all sides, and what it should say waits.
    fn checked(&mut self, export: &Export, purpose: Purpose) -> Result<(Plan, Waits), String> {
        let plan = self.plan(&export.reading, purpose)?;
        if self.known.len() > 1 {
            self.tally.doubtful += 1;
            let waits = self.check_in_doubt(&plan, export)?;
            return Ok((plan, waits));
        }
        let Export { reading, tonight } = export;
        let before = &self.known[0];
        let hidden = &reading.protected.excluded;
        let with_faulty = (!reading.set_aside.is_empty())
            .then(|| carry_over(tonight, &before.roster, &reading.set_aside, hidden).0);
        let scene = Scene {
            before,
            register: &lines(with_faulty.as_ref().unwrap_or(tonight)),
            after: &lines(&plan.feed.roster),
            usable: &lines(tonight),
            hidden,
            season: &self.season_by_hand(),
            today: self.today,
            limits: &self.limits,
            release: matches!(purpose, Purpose::Release { .. }),
            rest: purpose == Purpose::Release { rest: true },
        };
        let waits = scene.waits();
        scene.check(&plan, &waits)?;
        Ok((plan, waits))
    }

    /// What waited in either file, is told on, and is not back in the register.
    fn waits_in_doubt(&self, told: &Lines, tonight: &Lines) -> Waits {
        let mut waits = Waits::new();
        for file in self.known.iter().rev() {
            waits.extend(file.waits.clone());
        }
        waits.retain(|id, _| told.contains_key(id) && !tonight.contains_key(id));
        waits
    }

    /// What goes missing in a window is on its list in a night of doubt, too.
    fn add_fresh_in_window(&self, waits: &mut Waits, told: &Lines, export: &Export) {
        let Some(open) = self.season_by_hand().open.filter(|open| open.hold != Hold::All) else {
            return;
        };
        let Export { reading, tonight } = export;
        let hidden = &reading.protected.excluded;
        for file in &self.known {
            let here = lines(&carry_over(tonight, &file.roster, &reading.set_aside, hidden).0);
            let elsewhere = |id: &Id| self.known.iter().any(|file| file.lines.contains_key(id));
            for id in file.lines.keys() {
                let missing = |id: &Id| !here.contains_key(id) && elsewhere(id);
                let by_itself = !matches!(id.0, Kind::Membership | Kind::Relation)
                    || !ends(id).iter().any(missing);
                if missing(id) && by_itself && told.contains_key(id) && !is_about(id, hidden) {
                    let window = open.name.clone();
                    let fresh = Wait { since: self.today, nights: 0, window, approved: false };
                    waits.entry(id.clone()).or_insert(fresh);
                }
            }
        }
    }

    fn the_export_is_the_register(&self, export: &Export) -> Checked {
        let Export { reading, tonight } = export;
        let hidden = self.town.must_not_be_told();
        ensure!(hidden == reading.protected.excluded, "rule 20: hidden are {hidden:?}");
        let missing = self.town.usable().into_iter().find(|key| tonight.find_person(key).is_none());
        ensure!(missing.is_none(), "{missing:?} of the register is not selected");
        Ok(())
    }

    /// Rule 5: nobody in either file is removed but whoever is protected.
    fn check_in_doubt(&self, plan: &Plan, export: &Export) -> Result<Waits, String> {
        let hidden = &export.reading.protected.excluded;
        let after = lines(&plan.feed.roster);
        for told in &self.known {
            let persons = told.lines.keys().filter(|id| id.0 == Kind::Person);
            let mut gone = persons.filter(|id| !hidden.contains(&id.1) && !after.contains_key(*id));
            let gone = gone.next();
            ensure!(gone.is_none(), "rule 5: {gone:?} goes though it is not known who is there");
        }
        let told = after.keys().find(|id| is_about(id, hidden));
        ensure!(told.is_none(), "{told:?} is protected and told");
        let tonight = lines(&export.tonight);
        let mut expected = self.waits_in_doubt(&after, &tonight);
        self.add_fresh_in_window(&mut expected, &after, export);
        the_list_is_what_waits(plan, &expected).map_err(|why| format!("in doubt: {why}"))?;
        Ok(expected)
    }

    /// Rule 18: what was last told, minus whoever is protected, and nothing else.
    fn withdrawal(&self, reading: &Reading, tonight: &Plan) -> Result<Told, String> {
        let before = Rc::clone(&self.known[0]);
        let plan = self.model(|model| {
            let Model::Known(open) = model else { unreachable!("one file is known") };
            let (protected, told) = (&reading.protected, &tonight.feed.roster);
            Plan::withdrawal(
                open,
                &Leaving {
                    carried: tonight.carried,
                    protected,
                    tonight: told,
                    pending: &before.pending,
                    archives: &BTreeSet::new(),
                    limits: &self.limits,
                },
            )
        });
        let plan = plan.map_err(|error| format!("no withdrawal: {error}"))?;
        self.rehearse(&plan)?;
        let hidden = &reading.protected.excluded;
        let after = lines(&plan.feed.roster);
        for (id, line) in &before.lines {
            let Some(told) = after.get(id) else {
                let of_group = |group: &str| {
                    let learners = learners(&before.lines, group);
                    learners.iter().any(|key| hidden.contains(*key))
                };
                let group = id.1.split('\t').next().unwrap_or_default();
                let reveals = matches!(id.0, Kind::Group | Kind::Membership) && of_group(group);
                ensure!(is_about(id, hidden) || reveals, "a withdrawal removes {id:?}");
                continue;
            };
            ensure!(told == line && !is_about(id, hidden), "a withdrawal tells {told:?}");
        }
        ensure!(after.keys().all(|id| before.lines.contains_key(id)), "a withdrawal adds");
        let mut waits = before.waits.clone();
        waits.retain(|id, _| after.contains_key(id));
        let found = super::checks::listed(&plan);
        ensure!(found == waits, "after a withdrawal {waits:?} wait, the list says {found:?}");
        Ok(Told::of(plan.feed.roster, plan.pending, waits))
    }

    /// The finished file, read back, does at the receiver what was planned.
    fn rehearse(&self, plan: &Plan) -> Checked {
        if !self.nights.is_multiple_of(8) {
            return Ok(());
        }
        let format = &self.site.format;
        let stamp = self.today.in_tz("Europe/Stockholm").expect("a time");
        let name = format.document_names().remove(0);
        let mut bytes = Vec::new();
        format.write(&plan.feed.roster, &stamp, &name, &mut bytes).expect("memory");
        let document: Box<dyn io::BufRead> = Box::new(bytes.as_slice());
        let files = vec![(name, document)];
        let rehearsed = self.model(|model| rehearse(plan, format, model, files));
        rehearsed.map_err(|(code, why)| format!("rehearsal: {code} {why}"))
    }

    /// Same input, same plan.
    fn same_again(&self, reading: &Reading) -> Checked {
        let plan = || self.plan(reading, Purpose::Tonight);
        let [one, two] = [plan()?, plan()?].map(|plan| {
            let list = pending::write(&plan.pending, &plan.gone, &plan.archived);
            (crate::rows::packed(&plan.feed.roster), plan.changes, list, plan.verdict)
        });
        ensure!(one == two, "two plans of one night differ");
        Ok(())
    }

    /// A night that changed nothing changes nothing when it is planned again against its result.
    fn unchanged_again(&self, reading: &Reading) -> Checked {
        let again = self.plan(reading, Purpose::Tonight)?;
        let removed = again.feed.counts.persons.removed + again.feed.counts.groups.removed;
        ensure!(removed == 0, "the same night again removes {removed}");
        Ok(())
    }

    /// I8: after the night nobody protected is at the receiver, whatever became of the night,
    /// unless the markings, or what the receiver holds, are in doubt.
    fn protected_are_gone(&self, reading: &Reading, before: &Lines, outcome: &str) -> Checked {
        let hidden = &reading.protected.excluded;
        let doubt = ["ProtectedFlood", "BaselineOld", "did not arrive"];
        if doubt.iter().any(|why| outcome.contains(why)) || self.unknown_until.is_some() {
            return Ok(());
        }
        let left = self.receiver.keys().find(|id| is_about(id, hidden));
        let was = left.is_some_and(|id| before.contains_key(id));
        ensure!(left.is_none(), "rule 18: {left:?} is at the receiver (before: {was}): {outcome}");
        let faulty = self.town.faulty();
        let gone = faulty.iter().find(|key| {
            let id = (Kind::Person, (*key).clone());
            before.contains_key(&id) && !self.receiver.contains_key(&id)
        });
        ensure!(gone.is_none(), "rule 10: {gone:?} is removed by a faulty row");
        Ok(())
    }
}

fn may_withdraw(plan: &Plan, paused: bool) -> bool {
    match &plan.verdict {
        Verdict::Hold(breaches) => breaches.iter().all(Breach::permits_withdrawal),
        Verdict::Pass => paused,
    }
}

/// Approved is the list of a window, and nothing else goes with it.
fn only_the_list_went(
    before: &Lines,
    told: &Told,
    waits: &Waits,
    season: &Season,
    rest: Rest,
) -> Checked {
    let of_a_window = |wait: &Wait| !wait.window.is_empty();
    for id in before.keys().filter(|id| matches!(id.0, Kind::Person | Kind::Group)) {
        let listed = waits.get(id).filter(|wait| of_a_window(wait));
        let staged = listed.is_some_and(|wait| {
            season.release(&wait.window).0 == Release::Staged && !(rest && wait.approved)
        });
        let gone = !told.lines.contains_key(id);
        ensure!(!gone || listed.is_some(), "{id:?} goes and was not on the list");
        ensure!(gone || listed.is_none() || staged, "{id:?} was on the list and stays");
    }
    Ok(())
}

fn summary(plan: &Plan) -> String {
    let counts = &plan.feed.counts;
    let of = |tally: rostergate::pipeline::counts::Tally| {
        format!("+{} ~{} -{}", tally.added, tally.changed, tally.removed)
    };
    let waits = plan.pending.len();
    let (persons, groups, links) = (of(counts.persons), of(counts.groups), of(counts.memberships));
    format!(" persons {persons}, groups {groups}, memberships {links}, {waits} wait")
}
