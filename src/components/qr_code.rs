//! A QR code (ISO/IEC 18004), drawn as one shape.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, as the standard asks for.
const QUIET_ZONE: usize = 4;

/// A code that a phone's camera reads from a screen or from paper: dark on white in either theme.
/// Nothing where the text is too long for one.
#[component]
pub fn QrCodeView(
    /// What the camera reads.
    text: String,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let side = (code.width() + 2 * QUIET_ZONE).to_string();
    let box_of_view = ["0 0 ", &side, " ", &side].concat();
    let path = path(&code);
    Some(view! {
        <svg class="qr-code" viewBox=box_of_view role="img" aria-label=label>
            <path d=path />
        </svg>
    })
}

/// The dark modules, a rectangle for each run in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    let colors = code.to_colors();
    for (row, modules) in colors.chunks(code.width()).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, other| one == other) {
            if run[0] == Color::Dark {
                let (x, y, length) = (column + QUIET_ZONE, row + QUIET_ZONE, run.len());
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            column += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let code = QrCode::new(b"https://keruen.example/#join=abc").unwrap();
        let dark = code
            .to_colors()
            .iter()
            .filter(|color| **color == Color::Dark)
            .count();
        let drawn: usize = path(&code)
            .split('M')
            .skip(1)
            .map(|run| {
                let length = run
                    .split('h')
                    .nth(1)
                    .and_then(|rest| rest.split('v').next());
                length
                    .and_then(|length| length.parse::<usize>().ok())
                    .unwrap()
            })
            .sum();
        assert_eq!(drawn, dark);
    }
}
