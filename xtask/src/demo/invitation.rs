//! What the demo prints: where to go, on this machine and on a phone.

use std::io::{IsTerminal as _, stdout};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// An address of the documentation's range: nothing is sent to it.
const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// A morning of the latest sample programme, at its venue.
const SAMPLE_MORNING: &str = "2025-05-12T10:15";

/// Prints the addresses, and a QR code for phones unless only this machine is answered.
pub(super) fn print(port: u16, token: &str, is_local: bool) {
    println!("\nKeruen is at http://localhost:{port}/");
    println!("As its organiser: http://localhost:{port}/#token={token}");
    println!("On a day of the samples: http://localhost:{port}/?now={SAMPLE_MORNING}");
    if let Some(address) = network_address().filter(|_| !is_local) {
        let link = format!("http://{address}:{port}/");
        println!("\nOn a phone in the same network: {link}");
        if let Some(code) = qr_code(&link) {
            print_code(&code);
        }
        println!(
            "There it works only while this machine is in reach: browsers keep an app for use\n\
             without a network only when it comes by https, or from localhost. To try that on a\n\
             phone, put a server with a certificate in front of this one."
        );
    }
    println!("\nPress Ctrl+C to stop.");
}

/// The address by which this machine would speak to the network; found without sending.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ANYWHERE).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Prints the picture in black on white, whatever colours the terminal has: not every phone reads one the
/// other way round.
fn print_code(code: &str) {
    let is_terminal = stdout().is_terminal();
    for line in code.lines() {
        if is_terminal {
            println!("\x1b[30;107m{line}\x1b[0m");
        } else {
            println!("{line}");
        }
    }
}

/// The link as a picture of half blocks, the dark modules drawn.
fn qr_code(link: &str) -> Option<String> {
    let code = QrCode::new(link.as_bytes()).ok()?;
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::qr_code;

    #[test]
    fn an_address_fits_into_a_code_that_a_terminal_shows() {
        let code = qr_code("http://192.168.100.100:8080/").unwrap();
        assert!(code.lines().count() <= 20, "{} lines", code.lines().count());
        assert!(code.contains('█'));
    }
}
