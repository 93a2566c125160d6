//! Mounts the app, nothing else.

fn main() {
    keruen_app::app::start();
}
