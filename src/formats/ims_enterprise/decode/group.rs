//! Reads groups, and finds their place in the tree once all of them are known.

use std::collections::HashMap;

use super::super::encode::{SHORT, SHORT_IN_TREE};
use super::arena::{Arena, Span};
use super::pull::Pull;
use super::tags::{Attributes, Tag};
use super::tree::Tree;
use super::{NO_KEY, Shared, number};
use crate::formats::error::FormatError;
use crate::formats::fitting::cut;
use crate::roster::entity::{Group, School};
use crate::roster::issue::Severity;
use crate::roster::roster::Roster;
use crate::roster::words::GroupKind;

/// What a node of the document is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// The root, or another site: no group of ours.
    Site,
    /// A school, by its number in the document.
    School(u32),
    /// The node of a school year at a school: no group of ours.
    Year,
    /// A group, by its number in the document.
    Group(u32),
}

/// A school or group as it was read.
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) key: Span,
    pub(super) name: Span,
    kind: GroupKind,
    pub(super) level: Option<u8>,
    pub(super) node: Node,
    pub(super) term: Span,
    begin: Span,
    end: Span,
    /// Where the keys of the nodes above stand among those of all rows: most often one.
    above: (u32, u32),
}

impl Row {
    pub(super) fn is_school(&self) -> bool {
        matches!(self.node, Node::School(_))
    }

    /// The keys of the nodes above, among those of all rows.
    pub(super) fn above<'a>(&self, all: &'a [Span]) -> &'a [Span] {
        &all[self.above.0 as usize..self.above.1 as usize]
    }
}

/// The group being read, as text.
#[derive(Default)]
struct Texts {
    key: String,
    scheme: String,
    kind: Option<String>,
    level: String,
    short: String,
    long: String,
    term: String,
    begin: String,
    end: String,
    /// Whether the relationship being read names the same group otherwise.
    alias: bool,
}

/// Reads groups.
#[derive(Default)]
pub(super) struct Groups {
    line: u64,
    gone: bool,
    former_key: bool,
    texts: Texts,
    /// Keys of the nodes above all groups, and where those of the group being read begin.
    above: Vec<Span>,
    own_above: usize,
    arena: Arena,
    rows: Vec<Row>,
    schools: u32,
    /// What memberships may name besides groups; filled when the tree is built.
    nodes: HashMap<String, Node>,
    /// Keys of schools by their number.
    pub(super) school_keys: Vec<String>,
}

impl Groups {
    pub(super) fn open(&mut self, line: u64, attributes: &Attributes) {
        self.line = line;
        self.gone = attributes.recstatus == "3";
        self.texts = Texts::default();
        self.own_above = self.above.len();
    }

    pub(super) fn open_part(
        &mut self,
        pull: &Pull<'_>,
        shared: &Shared<'_>,
    ) -> Result<(), FormatError> {
        let relation = &pull.attributes().relation;
        match pull.path()[2..] {
            [Tag::Sourcedid] => {
                let kind = &pull.attributes().sourcedidtype;
                self.former_key = matches!(&kind[..], "Old" | "Duplicate");
            }
            [Tag::Grouptype, Tag::Typevalue] => {
                self.texts.level.clone_from(&pull.attributes().level);
            }
            [Tag::Relationship] if shared.finished && relation != "1" => {
                return Err(pull.altered("what a group hangs on"));
            }
            // 1 names a parent, and some writers say 2 for it; 3 is another name of the same.
            [Tag::Relationship] => self.texts.alias = relation == "3",
            _ => {}
        }
        Ok(())
    }

    pub(super) fn close(
        &mut self,
        pull: &Pull<'_>,
        shared: &mut Shared<'_>,
    ) -> Result<(), FormatError> {
        let text = pull.text();
        let texts = &mut self.texts;
        match pull.path()[2..] {
            [Tag::Sourcedid] if !self.former_key => shared.put_key(&mut texts.key),
            [Tag::Grouptype, Tag::Scheme] => texts.scheme.clone_from(text),
            [Tag::Grouptype, Tag::Typevalue] => {
                texts.kind.get_or_insert_with(|| text.clone());
            }
            [Tag::Description, Tag::Short] => texts.short.clone_from(text),
            [Tag::Description, Tag::Long] => texts.long.clone_from(text),
            [Tag::Timeframe, Tag::Begin] => shared.put_date(&mut texts.begin, pull, "begin"),
            [Tag::Timeframe, Tag::End] => shared.put_date(&mut texts.end, pull, "end"),
            [Tag::Timeframe, Tag::Adminperiod] => texts.term.clone_from(text),
            [Tag::Relationship, Tag::Sourcedid] if !texts.alias => {
                let mut key = String::new();
                shared.put_key(&mut key);
                self.above.push(self.arena.keep(&key));
            }
            [Tag::Relationship, Tag::Label] if shared.finished && !super::tree::is_label(text) => {
                return Err(pull.altered("what a group hangs on"));
            }
            [] => self.finish(pull, shared)?,
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, pull: &Pull<'_>, shared: &mut Shared<'_>) -> Result<(), FormatError> {
        if self.gone {
            return Ok(());
        }
        if self.texts.key.is_empty() {
            shared.note(NO_KEY, Severity::SetAside, self.line, "sourcedid");
            return Ok(());
        }
        let node = self.node();
        if let Some(told) = shared.told {
            self.check(pull, shared, told, node)?;
        }
        let (texts, arena) = (&self.texts, &mut self.arena);
        let name = if texts.long.is_empty() { &texts.short } else { &texts.long };
        let rules = shared.rules;
        self.rows.push(Row {
            line: shared.place(self.line).line,
            key: arena.keep(&texts.key),
            name: arena.keep(name),
            kind: rules.kind_of(texts.kind.as_deref().unwrap_or_default()),
            level: texts.level.parse().ok(),
            node,
            term: arena.keep(if rules.terms { &texts.term } else { "" }),
            begin: arena.keep(if rules.periods { &texts.begin } else { "" }),
            end: arena.keep(if rules.periods { &texts.end } else { "" }),
            above: (number(self.own_above), number(self.above.len())),
        });
        Ok(())
    }

    /// A node that points at itself is the root; a school says that it is one.
    fn node(&mut self) -> Node {
        let kind = self.texts.kind.as_deref().unwrap_or_default();
        let itself =
            self.above[self.own_above..].iter().any(|&key| self.arena.get(key) == self.texts.key);
        if itself || kind.eq_ignore_ascii_case("site") {
            return Node::Site;
        }
        if kind.eq_ignore_ascii_case("school") {
            self.schools += 1;
            return Node::School(self.schools - 1);
        }
        Node::Group(number(self.rows.len()))
    }

    /// Checks what the roster that is read does not hold: the words for the kind of a group,
    /// and both forms of its name.
    fn check(
        &self,
        pull: &Pull<'_>,
        shared: &Shared<'_>,
        told: &Roster,
        node: Node,
    ) -> Result<(), FormatError> {
        let texts = &self.texts;
        let is_tree = shared.rules.is_tree();
        let kind = match node {
            Node::Site => Some("site"),
            Node::School(_) => Some("school"),
            // A group that is not told is a school year, which has no kind, or one too many.
            Node::Year | Node::Group(_) => {
                let at = told.find_group(&texts.key);
                let none = shared.rules.years.then_some("");
                at.map(|at| shared.rules.type_of(told.group_at(at).kind)).or(none)
            }
        };
        let scheme = if is_tree { "itslorganisation" } else { "" };
        if texts.kind.as_deref() != kind || texts.scheme != scheme {
            return Err(pull.altered("the kind of a group"));
        }
        let short = cut(&texts.long, if is_tree { SHORT_IN_TREE } else { SHORT });
        if !texts.long.is_empty() && texts.short != short {
            return Err(pull.altered("the short name of a group"));
        }
        if node == Node::Site { self.check_root(pull, shared) } else { Ok(()) }
    }

    fn check_root(&self, pull: &Pull<'_>, shared: &Shared<'_>) -> Result<(), FormatError> {
        let texts = &self.texts;
        let found = (texts.key.as_str(), texts.short.as_str());
        match &shared.rules.root {
            Some(root) if (root.key, root.name) == found => Ok(()),
            _ => Err(pull.altered("the root")),
        }
    }

    /// Hands schools and groups to the draft, each group with its parent and school.
    pub(super) fn place(
        &mut self,
        pull: &Pull<'_>,
        shared: &mut Shared<'_>,
    ) -> Result<(), FormatError> {
        let mut rows = std::mem::take(&mut self.rows);
        let sites = rows.iter().filter(|row| row.node == Node::Site).count();
        if shared.finished && sites != usize::from(shared.rules.is_tree()) {
            return Err(pull.altered("the root"));
        }
        let tree = Tree::of(&mut rows, &self.above, &self.arena, shared);
        if shared.finished && !tree.years_are_right() {
            return Err(pull.altered("the node of a school year"));
        }
        for (at, row) in tree.rows.iter().enumerate() {
            if shared.finished && !tree.hangs_right(at) {
                return Err(pull.altered("what a group hangs on"));
            }
            self.hand_over(row, at, &tree, shared);
        }
        for row in tree.rows.iter().filter(|row| !matches!(row.node, Node::Group(_))) {
            let key = self.arena.get(row.key).to_owned();
            if row.is_school() {
                self.school_keys.push(key.clone());
            }
            self.nodes.insert(key, row.node);
        }
        (self.arena, self.above) = Default::default();
        Ok(())
    }

    fn hand_over(&self, row: &Row, at: usize, tree: &Tree<'_>, shared: &mut Shared<'_>) {
        let (key, name) = (self.arena.get(row.key), self.arena.get(row.name));
        let place = shared.place(u64::from(row.line));
        match row.node {
            Node::Site | Node::Year => {}
            Node::School(_) => shared.draft.school(place, &School { key, name }),
            Node::Group(_) => {
                let group = Group {
                    key,
                    name,
                    kind: row.kind,
                    school: tree.school(at).map_or("", |at| tree.key(at)),
                    term: tree.year(at).unwrap_or(self.arena.get(row.term)),
                    course: "",
                    parent: tree.parent(at).map_or("", |at| tree.key(at)),
                    begin: self.arena.get(row.begin),
                    end: self.arena.get(row.end),
                };
                shared.draft.group(place, &group);
            }
        }
    }

    /// What a membership's group is, if it is none of ours: a school, a school year or a site.
    pub(super) fn special(&self, key: &str) -> Option<Node> {
        self.nodes.get(key).copied()
    }
}
