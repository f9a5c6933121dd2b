//! Writes a document as plain text, at most 72 columns wide.

use super::command::words;
use super::document::{Block, Document, Receiver, Row, columns, grouped};
use super::language::Language;
use super::number::glued;

/// The widest line that every mail program shows unbroken, also when quoted.
pub(super) const WIDTH: usize = 72;

/// The document as text; lines end in `\n`.
pub(super) fn write(document: &Document) -> String {
    let mut out = String::new();
    for (place, block) in document.blocks.iter().enumerate() {
        let after_heading = place > 0
            && matches!(
                document.blocks[place - 1],
                Block::Heading(_) | Block::Title(_) | Block::Name(_)
            );
        if place > 0 && !after_heading {
            out.push('\n');
        }
        write_block(&mut out, block, document.language);
    }
    out
}

fn write_block(out: &mut String, block: &Block, language: Language) {
    match block {
        Block::Title(text) | Block::Heading(text) => wrap(out, "", "", &text.to_uppercase()),
        Block::Name(text) | Block::Paragraph(text) => wrap(out, "", "", text),
        Block::Bullets(items) => items.iter().for_each(|item| wrap(out, "- ", "  ", item)),
        Block::Steps(steps) => {
            for (place, (text, commands)) in grouped(steps).into_iter().enumerate() {
                wrap(out, &format!("{}. ", place + 1), "   ", text);
                for command in commands {
                    write_command(out, command);
                }
            }
        }
        Block::Receivers(receivers) => {
            for (place, receiver) in receivers.iter().enumerate() {
                if place > 0 {
                    out.push('\n');
                }
                write_receiver(out, receiver, language);
            }
        }
        Block::Foot(lines) => lines.iter().for_each(|line| write_foot(out, line)),
    }
}

/// A command that does not fit beside its words stands below them, so that it can be pasted.
fn write_foot(out: &mut String, line: &str) {
    match line.split_once(": sudo ") {
        Some((words, command)) if width(line) > WIDTH => {
            wrap(out, "", "  ", &format!("{words}:"));
            write_command(out, &format!("sudo {command}"));
        }
        _ => wrap(out, "", "  ", line),
    }
}

/// Writes a command on its own line; one that is too long goes on after a backslash, so that it
/// can still be pasted.
fn write_command(out: &mut String, command: &str) {
    let mut line = "     ".to_owned();
    for word in words(command) {
        if width(&line) + width(word) + 3 > WIDTH && !line.trim().is_empty() {
            out.push_str(line.trim_end_matches(' '));
            out.push_str(" \\\n");
            "       ".clone_into(&mut line);
        }
        if !line.ends_with("  ") {
            line.push(' ');
        }
        line.push_str(word);
    }
    wrap_line(out, &line);
}

fn write_receiver(out: &mut String, receiver: &Receiver, language: Language) {
    wrap(out, "", "  ", &receiver.title);
    receiver.lines.iter().for_each(|line| wrap(out, "  ", "  ", line));
    if !receiver.rows.is_empty() {
        write_table(out, &receiver.rows, language);
    }
}

fn write_table(out: &mut String, rows: &[Row], language: Language) {
    let names = columns(language);
    let widths: Vec<usize> = (0..7)
        .map(|column| {
            let cells = rows.iter().map(|row| match column {
                0 => width(row.label),
                _ => width(&row.cells[column - 1]),
            });
            cells.chain([width(names[column])]).max().unwrap_or(0)
        })
        .collect();
    if widths.iter().sum::<usize>() + 2 * 7 > WIDTH {
        return write_stacked(out, rows, language);
    }
    let texts = names[1..].iter().map(|name| (*name).to_owned());
    write_row(out, "", texts, &widths);
    for row in rows {
        write_row(out, row.label, row.cells.iter().cloned(), &widths);
    }
}

fn write_row(out: &mut String, label: &str, cells: impl Iterator<Item = String>, widths: &[usize]) {
    let mut line = format!("  {label}{}", " ".repeat(widths[0] - width(label)));
    for (cell, wide) in cells.zip(&widths[1..]) {
        line.push_str(&" ".repeat(2 + wide - width(&cell)));
        line.push_str(&cell);
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A table too wide for a mail becomes one sentence a row.
fn write_stacked(out: &mut String, rows: &[Row], language: Language) {
    let names = columns(language);
    for row in rows {
        let [before, now, added, changed, removed, share] = &row.cells;
        let text = format!(
            "{}: {} {before}, {} {now}, {} {added}, {} {changed}, {} {removed}, {share}",
            row.label,
            names[1].to_lowercase(),
            names[2].to_lowercase(),
            names[3].to_lowercase(),
            names[4].to_lowercase(),
            names[5].to_lowercase(),
        );
        wrap(out, "  ", "    ", &text);
    }
}

/// Writes the text wrapped; the first line begins with `first`, the others with `rest`.
fn wrap(out: &mut String, first: &str, rest: &str, text: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in glued(text).split(' ').filter(|word| !word.is_empty()) {
        if !empty && width(&line) + 1 + width(word) > WIDTH {
            wrap_line(out, &line);
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    wrap_line(out, &line);
}

/// Writes one line, broken hard where a single word is wider than a line.
fn wrap_line(out: &mut String, line: &str) {
    let mut wide = 0;
    for c in line.trim_end().chars() {
        if wide + width_of(c) > WIDTH {
            out.push('\n');
            wide = 0;
        }
        wide += width_of(c);
        out.push(if c == '\u{a0}' { ' ' } else { c });
    }
    out.push('\n');
}

/// Columns that a text takes on a screen.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Two for East Asian wide characters, none for marks that combine with the letter before.
fn width_of(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str) -> String {
        let mut out = String::new();
        wrap(&mut out, "- ", "  ", text);
        out
    }

    #[test]
    fn numbers_stay_together() {
        let text = format!("{} 5 822 personer", "x".repeat(66));
        assert_eq!(wrapped(&text), format!("- {}\n  5 822 personer\n", "x".repeat(66)));
    }

    #[test]
    fn a_word_wider_than_a_line_is_broken() {
        let out = wrapped(&"å".repeat(200));
        assert!(out.lines().all(|line| width(line) <= WIDTH), "{out}");
        assert_eq!(out.chars().filter(|c| *c == 'å').count(), 200);
    }

    #[test]
    fn a_command_of_the_foot_is_never_broken_without_a_backslash() {
        let foot = |line: &str| {
            let mut out = String::new();
            write_foot(&mut out, line);
            out
        };
        let short = "Visa mer på servern: sudo rostergate history";
        assert_eq!(foot(short), format!("{short}\n"));
        let file = "/etc/rostergate/sites/upplands-väsby.toml";
        let long = format!("Visa mer på servern: sudo rostergate --config {file} history");
        let expected = format!(
            "Visa mer på servern:\n     sudo rostergate --config \\\n       {file} history\n"
        );
        assert_eq!(foot(&long), expected);
    }

    #[test]
    fn a_long_command_can_still_be_pasted() {
        let mut out = String::new();
        let command = format!("sudo rostergate run --target {} --now", "x".repeat(50));
        write_command(&mut out, &command);
        assert!(out.lines().all(|line| width(line) <= WIDTH), "{out}");
        let pasted = out.replace("\\\n", " ");
        assert_eq!(pasted.split_whitespace().collect::<Vec<_>>().join(" "), command);
    }
}
