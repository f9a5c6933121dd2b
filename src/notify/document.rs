//! A mail's content before it has a form: the text and the HTML part are written from one document.

use super::catalogue::Step;
use super::command::Here;
use super::language::Language;

/// A mail's content.
pub(super) struct Document {
    pub(super) language: Language,
    pub(super) subject: String,
    pub(super) blocks: Vec<Block>,
}

/// One part of the content, from top to bottom.
pub(super) enum Block {
    /// The result, first.
    Title(String),
    Heading(String),
    /// A receiver that the headings after it are about.
    Name(String),
    Paragraph(String),
    Bullets(Vec<String>),
    /// Numbered; a command belongs to the step before it.
    Steps(Vec<Step>),
    /// Every receiver with its numbers.
    Receivers(Vec<Receiver>),
    /// The last lines.
    Foot(Vec<String>),
}

impl Document {
    /// The same with commands that name what is in use here.
    pub(super) fn naming(mut self, here: &Here) -> Document {
        self.blocks.iter_mut().flat_map(Block::texts).for_each(|text| *text = here.naming(text));
        self
    }
}

impl Block {
    /// Every text that a command may stand in.
    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Block::Title(text)
            | Block::Heading(text)
            | Block::Name(text)
            | Block::Paragraph(text) => vec![text],
            Block::Bullets(texts) | Block::Foot(texts) => texts.iter_mut().collect(),
            Block::Steps(steps) => {
                let mut texts = Vec::new();
                for Step::Say(text) | Step::Type(text) in steps {
                    texts.push(text);
                }
                texts
            }
            Block::Receivers(receivers) => {
                receivers.iter_mut().flat_map(|receiver| &mut receiver.lines).collect()
            }
        }
    }
}

/// One receiver's numbers.
pub(super) struct Receiver {
    /// Its name and how it went.
    pub(super) title: String,
    /// Further lines.
    pub(super) lines: Vec<String>,
    /// Its numbers, if it came so far.
    pub(super) rows: Vec<Row>,
}

/// The numbers of one kind of entity, already written.
pub(super) struct Row {
    pub(super) label: &'static str,
    /// Before, now, new, changed, removed, and the removed as a share with its limit.
    pub(super) cells: [String; 6],
}

/// The names of the columns, the row's label first.
pub(super) fn columns(language: Language) -> [&'static str; 7] {
    language.of(
        ["", "Förut", "Nu", "Nya", "Ändrade", "Borttagna", "Andel (gräns)"],
        ["", "Before", "Now", "New", "Changed", "Removed", "Share (limit)"],
    )
}

/// Steps with the commands that belong to each.
pub(super) fn grouped(steps: &[Step]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for step in steps {
        match (step, groups.last_mut()) {
            (Step::Type(command), Some((_, commands))) => commands.push(command),
            (Step::Type(command), None) => groups.push(("", vec![command])),
            (Step::Say(text), _) => groups.push((text, Vec::new())),
        }
    }
    groups
}
