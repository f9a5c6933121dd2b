//! Names that mean harm to whoever reads the file: they arrive, harmless.

use crate::support::export::Export;
use crate::support::gateway::{Gateway, assert_valid};

#[test]
fn characters_and_formulas_in_names_arrive_without_harm() {
    let gateway = Gateway::new().mailing();
    let odd = [
        ("elev-al-1A-1", "An\u{1}na\u{b}", "Bell\u{7f}\u{85}"),
        ("elev-al-1A-2", "]]>", "<script>&amp;"),
        ("elev-al-1A-3", "=HYPERLINK(\"http://x.example\")", "+46"),
        ("elev-al-1A-4", "\u{fffe}Udda\u{feff}", "Rak\u{202e}tkeR"),
        ("elev-al-1A-5", "Zoë 👩‍🎓", "O'Brien"),
    ];
    let mut night = Export::night("night1");
    let text = night.0.get_mut("personer.csv").unwrap();
    let rows = text.lines().map(|line| {
        let mut fields: Vec<String> = line.split(';').map(str::to_owned).collect();
        if let Some((_, given, family)) = odd.iter().find(|odd| odd.0 == fields[0]) {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            (fields[2], fields[3]) = (quoted(given), quoted(family));
        }
        fields.join(";") + "\n"
    });
    *text = rows.collect();
    gateway.night_of(24, &night).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert_valid(&gateway.remote().join("ims.xml"));
    let xml = gateway.xml();
    let illegal = |c: char| (c < ' ' && !"\n\r\t".contains(c)) || "\u{fffe}\u{ffff}".contains(c);
    assert!(!xml.contains(illegal));
    assert!(!xml.contains("]]>") && !xml.contains("<script"));
    assert!(xml.contains("=HYPERLINK("), "a name is what it is, for a machine");
    assert!(xml.contains("Zoë 👩‍🎓") && xml.contains("O'Brien") || xml.contains("O&apos;Brien"));
    let mails = gateway.mails();
    for what in ["otillåtna tecken utbytta", "RG326", "namn som liknar formler", "RG342"] {
        assert!(mails[0].body.contains(what), "no {what} in\n{}", mails[0].body);
    }
}
