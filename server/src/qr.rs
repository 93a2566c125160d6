//! Links as pictures that a phone reads from a terminal.

use std::io::{IsTerminal as _, stdout};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// The link as a picture of half blocks, the dark modules drawn; `None` if it is too long for one.
pub fn code(link: &str) -> Option<String> {
    let code = QrCode::new(link.as_bytes()).ok()?;
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    Some(picture)
}

/// Prints a link and its picture, in black on white whatever colours the terminal has: not every phone
/// reads a picture the other way round.
pub fn print(link: &str) {
    println!("{link}");
    let is_terminal = stdout().is_terminal();
    for line in code(link).unwrap_or_default().lines() {
        if is_terminal {
            println!("\x1b[30;107m{line}\x1b[0m");
        } else {
            println!("{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_fits_into_a_code_that_a_terminal_shows() {
        let link = format!("https://keruen.example.kz/#join={}", "x".repeat(24));
        let code = code(&link).unwrap();
        assert!(code.lines().count() <= 24, "{} lines", code.lines().count());
        // Four light modules around it, then the dark edge of the mark in its corner.
        let first = code.lines().find(|line| !line.trim().is_empty());
        assert!(first.unwrap().starts_with("    █▀▀▀▀▀█ "));
    }
}
