//! Texts that wait until their turn comes, in one buffer.

use super::number;

/// Where a text lies in its arena.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

/// Texts in one buffer.
#[derive(Default)]
pub(super) struct Arena(String);

impl Arena {
    pub(super) fn keep(&mut self, text: &str) -> Span {
        let span = Span { start: number(self.0.len()), len: number(text.len()) };
        self.0.push_str(text);
        span
    }

    pub(super) fn get(&self, span: Span) -> &str {
        let Span { start, len } = span;
        &self.0[start as usize..(start + len) as usize]
    }
}
