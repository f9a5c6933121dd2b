//! What the demo tells between the program's own words, in Swedish and English.

use std::path::Path;

use super::stage::{LIBRARY, PLATFORM};
use super::town::Town;
use crate::commands::ui::Ui;
use crate::notify::language::Language::{En, Sv};
use crate::notify::night::TargetNight;
use crate::notify::number;

/// Where lines of the tale end.
pub(super) const COLUMNS: usize = 92;

/// Who lives here, and what is about to happen.
pub(super) fn beginning(ui: &Ui, town: &Town, library: &str) {
    let count = |number: usize| number::count(number as u64, ui.language);
    let (schools, pupils, persons) =
        (count(town.schools().len()), count(town.pupils()), count(town.persons()));
    heading(
        ui,
        ui.pick("Rostergate: fem nätter i Exempelby", "Rostergate: five nights in Exempelby"),
    );
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "Exempelby är en påhittad kommun med {schools} skolor och förskolor, {pupils} barn och \
             elever och {persons} personer i allt, med vårdnadshavare och personal. Ingen av dem \
             finns."
            ),
            En => format!(
                "Exempelby is an invented municipality of {schools} schools and preschools, {pupils} \
             children and pupils and {persons} persons in all, with guardians and staff. None of \
             them exists."
            ),
        },
    );
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "Varje natt skriver registret ut allt det vet, och rostergate för det vidare till två \
             mottagare: lärplattformen {PLATFORM} (en fil över SFTP) och lånesystemet {LIBRARY} på \
             {library} (en CSV-fil i en mapp). De tar bort den som inte står i filen. En fil som \
             är för kort är alltså en beställning på att konton ska tas bort."
            ),
            En => format!(
                "Every night the register writes out all it knows, and rostergate carries it on to two \
             receivers: the learning platform {PLATFORM} (a file over SFTP) and the library system \
             {LIBRARY} at {library} (a CSV file in a folder). They remove whoever is not in the \
             file. A file that is too short is an order to remove accounts."
            ),
        },
    );
    paragraph(ui, ui.pick(
        "Det som står efter ett klockslag är det riktiga programmets ord. Bara registret och klockan \
         är på låtsas, och inget lämnar den här datorn.",
        "What stands after a time of day are the real program's words. Only the register and the \
         clock are make-believe, and nothing leaves this computer.",
    ));
}

pub(super) fn first_delivery(ui: &Ui) {
    heading(
        ui,
        ui.pick(
            "Natt 1, måndag 24 augusti: första leveransen",
            "Night 1, Monday 24 August: the first delivery",
        ),
    );
    paragraph(ui, ui.pick(
        "Mottagarna har aldrig fått något härifrån. Då finns inget att jämföra med, och programmet \
         frågar en människa. De som har skyddade personuppgifter är borta redan i första siffran: \
         de utelämnas innan något annat görs.",
        "The receivers have never been sent anything from here. There is nothing to compare with, \
         so the program asks a person. Those with protected identity are gone from the first number \
         on: they are left out before anything else is done.",
    ));
}

pub(super) fn first_delivery_held(ui: &Ui) {
    paragraph(ui, ui.pick(
        "Inget är skickat. På morgonen läser Skol-IT mejlet, ser att antalen stämmer och godkänner \
         de två planerna.",
        "Nothing was sent. In the morning School IT reads the mail, sees that the numbers are right \
         and approves the two plans.",
    ));
}

/// Why the first deliveries are approved.
pub(super) fn reason_first(ui: &Ui) -> &'static str {
    match ui.language {
        Sv => "Antalen stämmer",
        En => "The numbers match",
    }
}

pub(super) fn first_delivery_approved(ui: &Ui) {
    without(ui, ui.pick(
        "hade den första filen blivit konton samma natt, också om den kom från fel register eller \
         gick till en mottagare som redan var full av andra konton.",
        "the first file would have become accounts the same night, even from the wrong register or \
         at a receiver that was full of other accounts already.",
    ));
}

pub(super) fn ordinary(ui: &Ui) {
    heading(
        ui,
        ui.pick(
            "Natt 2, tisdag 25 augusti: en vanlig natt",
            "Night 2, Tuesday 25 August: an ordinary night",
        ),
    );
    paragraph(ui, ui.pick(
        "Några familjer har flyttat in och några ut, en lärare har slutat, elever har bytt grupp.",
        "A few families have moved in and a few away, a teacher has left, pupils have changed groups.",
    ));
}

pub(super) fn ordinary_done(ui: &Ui) {
    without(ui, ui.pick(
        "hade det blivit samma sak. Allt är långt under gränserna, så ingen behövde göra något.",
        "the same would have happened. All is far below the limits, so nobody had to do anything.",
    ));
}

pub(super) fn school_missing(ui: &Ui, school: &str) {
    heading(
        ui,
        ui.pick(
            "Natt 3, onsdag 26 augusti: en skola saknas i exporten",
            "Night 3, Wednesday 26 August: a school is missing from the export",
        ),
    );
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "Någon har gjort ett fel i registret, och exporten har tappat {school}. Filerna är hela, \
             radantalen stämmer och inget ser trasigt ut. Det syns bara i jämförelsen med i går."
            ),
            En => format!(
                "Somebody made a mistake in the register, and the export has lost {school}. The files \
             are whole, the numbers of rows are right and nothing looks broken. It shows only in \
             the comparison with yesterday."
            ),
        },
    );
}

pub(super) fn school_missing_held(ui: &Ui, held: &TargetNight, library: &str) {
    let counts = held.counts.as_ref();
    let removed = |tally: Option<u64>| number::count(tally.unwrap_or(0), ui.language);
    let persons = removed(counts.map(|counts| counts.persons.removed));
    let memberships = removed(counts.map(|counts| counts.memberships.removed));
    without(
        ui,
        &match ui.language {
            Sv => format!(
                "hade {PLATFORM} i natt tagit bort {persons} personer och {memberships} medlemskap i \
             grupper: elever och lärare utan konto när skoldagen börjar, och arbeten som ingen \
             kommer åt."
            ),
            En => format!(
                "{PLATFORM} would have removed {persons} persons and {memberships} memberships of groups \
             tonight: pupils and teachers without accounts when the school day begins, and work \
             that nobody can reach."
            ),
        },
    );
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "Nu ligger gårdagens fil kvar hos {PLATFORM}, byte för byte. {library} berörs inte, så \
             {LIBRARY} fick sin fil som vanligt."
            ),
            En => format!(
                "Instead {PLATFORM} still has yesterday's file, byte for byte. {library} is not \
             concerned, so {LIBRARY} got its file as usual."
            ),
        },
    );
}

pub(super) fn repaired(ui: &Ui) {
    heading(
        ui,
        ui.pick(
            "Natt 4, torsdag 27 augusti: exporten är rättad",
            "Night 4, Thursday 27 August: the export is repaired",
        ),
    );
    paragraph(ui, ui.pick(
        "Mejlet nådde den som sköter registret, som rättade felet samma dag. I rostergate behöver \
         ingen göra något: varje natt prövas för sig, mot det som mottagaren senast fick.",
        "The mail reached whoever keeps the register, who corrected it the same day. In rostergate \
         nobody has to do anything: each night is judged by itself, against what the receiver was \
         last sent.",
    ));
}

pub(super) fn repaired_done(ui: &Ui, school: &str) {
    without(
        ui,
        &match ui.language {
            Sv => format!(
                "hade alla på {school} nu lagts upp på nytt, i bästa fall med sina gamla arbeten kvar. \
             Nu är det en vanlig natt, med två dygns ändringar."
            ),
            En => format!(
                "everybody at {school} would have been added anew, at best with their old work still \
             there. Instead it is an ordinary night, with the changes of two days."
            ),
        },
    );
}

pub(super) fn school_closed(ui: &Ui, school: &str) {
    heading(
        ui,
        ui.pick(
            "Natt 5, fredag 28 augusti: en skola läggs ned på riktigt",
            "Night 5, Friday 28 August: a school really closes",
        ),
    );
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "{school} är nedlagd, och dess elever har flyttat från kommunen. Antalen ligger under \
             gränsen, men en hel skola försvinner aldrig utan att någon har sagt ja."
            ),
            En => format!(
                "{school} has closed, and its pupils have moved away. The numbers are below the limit, \
             but a whole school never vanishes unless somebody has said yes."
            ),
        },
    );
}

pub(super) fn school_closed_held(ui: &Ui, school: &str) {
    paragraph(
        ui,
        &match ui.language {
            Sv => format!(
                "För ett program liknar det natt 3. Skol-IT vet skillnaden: {school} ska bort. Den som \
             godkänner skriver själv hur många som tas bort."
            ),
            En => format!(
                "To a program it looks like night 3. School IT knows the difference: {school} is to go. \
             Whoever approves types the number of removals."
            ),
        },
    );
}

/// Why the closure is approved.
pub(super) fn reason_closed(ui: &Ui, school: &str) -> String {
    match ui.language {
        Sv => format!("{school} är nedlagd"),
        En => format!("{school} has closed"),
    }
}

pub(super) fn school_closed_approved(ui: &Ui) {
    without(
        ui,
        ui.pick(
            "hade nedläggningen gått igenom av sig själv. Men det hade natt 3 också gjort.",
            "the closure would have gone through by itself. But so would night 3.",
        ),
    );
}

/// The subject of a run's mail, after the program's own words.
pub(super) fn mail(ui: &Ui, subject: &str) {
    let mut word = ui.pick("Ämne", "Subject");
    for line in wrapped(subject, COLUMNS - 14) {
        ui.say(format!("  {word:<11} {}", ui.strong(&line)));
        word = "";
    }
}

/// A remark for when the demo stopped.
pub(super) fn left_behind(ui: &Ui, folder: &Path) -> String {
    let what = ui.pick("Det som hann göras ligger i", "What was done until then lies in");
    format!("{what} {}", folder.display())
}

/// What stands over a part of the tale.
pub(super) fn heading(ui: &Ui, text: &str) {
    ui.say("");
    ui.say(ui.strong(text));
    ui.say(ui.strong(&"─".repeat(text.chars().count())));
}

/// What would have happened if nobody had compared anything.
fn without(ui: &Ui, text: &str) {
    paragraph(ui, &format!("{} {text}", ui.pick("Utan filtret", "Without the filter")));
}

/// A part of the tale, after an empty line.
pub(super) fn paragraph(ui: &Ui, text: &str) {
    ui.say("");
    for line in wrapped(text, COLUMNS) {
        ui.say(line);
    }
}

fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
