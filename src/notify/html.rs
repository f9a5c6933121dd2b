//! Writes a document as HTML: readable by screen readers, in dark mode and in old mail programs.
//!
//! No colours, so that dark mode inverts safely; no images, links or style sheets, so that nothing
//! is fetched; one data table with a caption and named rows and columns.

use std::fmt::Write as _;

use super::document::{Block, Document, Receiver, columns, grouped};
use super::language::Language;
use super::number::glued;

/// The document as a whole HTML page.
pub(super) fn write(document: &Document) -> String {
    let tag = document.language.tag();
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{}</title>\n</head>\n\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.4;max-width:44em\">\n",
        escaped(&document.subject)
    );
    for block in &document.blocks {
        write_block(&mut out, block, document.language);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn write_block(out: &mut String, block: &Block, language: Language) {
    match block {
        Block::Title(text) => element(out, "h1", "font-size:22px", text),
        Block::Heading(text) | Block::Name(text) => element(out, "h2", "font-size:18px", text),
        Block::Paragraph(text) => element(out, "p", "", text),
        Block::Bullets(items) => {
            out.push_str("<ul>\n");
            for item in items {
                element(out, "li", "", item);
            }
            out.push_str("</ul>\n");
        }
        Block::Steps(steps) => {
            out.push_str("<ol>\n");
            for (text, commands) in grouped(steps) {
                write_step(out, text, &commands);
            }
            out.push_str("</ol>\n");
        }
        Block::Receivers(receivers) => write_receivers(out, receivers, language),
        Block::Foot(lines) => {
            out.push_str("<hr>\n");
            for line in lines {
                element(out, "p", "font-size:14px;margin:2px 0", line);
            }
        }
    }
}

fn write_step(out: &mut String, text: &str, commands: &[&str]) {
    let _ = write!(out, "<li>{}", escaped(text));
    for command in commands {
        // A command is copied from the mail: its spaces stay ordinary ones.
        let style = "margin:4px 0;white-space:pre-wrap";
        let _ = write!(out, "\n<pre style=\"{style}\">{}</pre>", escaped_only(command));
    }
    out.push_str("</li>\n");
}

fn write_receivers(out: &mut String, receivers: &[Receiver], language: Language) {
    for receiver in receivers {
        element(out, "h2", "font-size:18px", &receiver.title);
        receiver.lines.iter().for_each(|line| element(out, "p", "", line));
    }
    if receivers.iter().any(|receiver| !receiver.rows.is_empty()) {
        write_table(out, receivers, language);
    }
}

fn write_table(out: &mut String, receivers: &[Receiver], language: Language) {
    let caption = language.of("Antal per mottagare", "Numbers per receiver");
    let style = "text-align:left;font-weight:bold;padding:4px 0";
    let _ = writeln!(out, "<table cellpadding=\"4\" style=\"border-collapse:collapse\">");
    let _ = writeln!(out, "<caption style=\"{style}\">{caption}</caption>");
    out.push_str("<thead>\n<tr style=\"text-align:right\">\n<td></td>\n");
    for name in &columns(language)[1..] {
        let _ = writeln!(out, "<th scope=\"col\">{}</th>", escaped(name));
    }
    out.push_str("</tr>\n</thead>\n");
    receivers.iter().filter(|receiver| !receiver.rows.is_empty()).for_each(|r| write_rows(out, r));
    out.push_str("</table>\n");
}

fn write_rows(out: &mut String, receiver: &Receiver) {
    let style = "text-align:left;padding:8px 0 2px 0";
    let title = escaped(&receiver.title);
    out.push_str("<tbody>\n");
    let _ = writeln!(
        out,
        "<tr><th scope=\"rowgroup\" colspan=\"7\" style=\"{style}\">{title}</th></tr>"
    );
    for row in &receiver.rows {
        let style = "text-align:left;font-weight:normal";
        let _ = write!(out, "<tr style=\"text-align:right\">");
        let _ = write!(out, "<th scope=\"row\" style=\"{style}\">{}</th>", row.label);
        for cell in &row.cells {
            let _ = write!(out, "<td>{}</td>", escaped(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n");
}

fn element(out: &mut String, name: &str, style: &str, text: &str) {
    let text = escaped(text);
    let _ = match style {
        "" => writeln!(out, "<{name}>{text}</{name}>"),
        _ => writeln!(out, "<{name} style=\"{style}\">{text}</{name}>"),
    };
}

/// The text for HTML, numbers held together.
fn escaped(text: &str) -> String {
    escaped_only(&glued(text))
}

fn escaped_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
